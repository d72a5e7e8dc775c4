/** The result of a measurement: the JSON that `bench` writes, and reads as a baseline. */

import type { EngineInfo } from './engine.ts'
import { BLOCK, type Comparison } from './judge.ts'
import { compareLayers, type LayerChange, type LayerTime, layerTimes } from './layers.ts'
import type { LaunchSample, TargetSample } from './measure.ts'
import { blockMinima, type Interval, median, medianInterval, quantile } from './statistics.ts'
import type { Subject } from './subject.ts'

export const SCHEMA = 'mobilenet-compile/bench/1'

export interface BenchReport {
  readonly schema: typeof SCHEMA
  readonly bundle: BundleInfo
  /** The bundle of `--compare`. */
  readonly base?: BundleInfo
  readonly engine: EngineInfo
  readonly machine: { readonly cpu: string; readonly platform: string }
  /** The tolerated slowdown, as a fraction. It is present if something was compared. */
  readonly maxRegression?: number
  readonly results: readonly TargetResult[]
}

export interface BundleInfo {
  readonly folder: string
  /** SHA-256 of the model, hexadecimal. */
  readonly modelHash: string
  readonly compilerVersion: string
  /** Multiply-adds of one run; null where the bundle does not say. */
  readonly macs: number | null
}

export interface TargetResult extends Timing {
  readonly target: string
  /** Speed of the calibration loop in 10⁹ multiply-adds a second: the median of the same rounds. */
  readonly ceiling: number
  /** The bundle of `--compare`, in the same rounds. */
  readonly base?: Timing
  /** The comparison with the bundle of `--compare`, or else with that of `--baseline`. */
  readonly comparison?: Comparison & { readonly against: 'bundle' | 'baseline' }
  /** Steps that became slower, the worst first, where both bundles were made with `--profile`. */
  readonly slowed?: readonly LayerChange[]
}

export interface Timing {
  /** Rounds and launches of the engine. */
  readonly rounds: number
  readonly launches: number
  /** Milliseconds of one run. `interval` is the confidence interval of the median. */
  readonly milliseconds: { readonly min: number; readonly median: number; readonly p90: number; readonly interval: Interval }
  /** 10⁹ multiply-adds a second at the median. */
  readonly gmacs: number | null
  /**
   * The share of the calibrated ceiling: the median of the speed divided by the median of the ceiling, of the
   * same rounds.
   */
  readonly fraction: number | null
  /** Medians over the launches. */
  readonly loadMilliseconds: number
  readonly firstRunMilliseconds: number
  /** Linear memory, which does not grow. */
  readonly memoryBytes: number
  /**
   * For each launch and block of rounds, the time of one run as 10⁶ multiply-adds that the reference loop does
   * in it. This depends little on the machine and on its other load, so baselines are compared by it.
   */
  readonly costs: readonly (readonly number[])[]
  /** Times of single steps, for a bundle made with `--profile`. */
  readonly layers?: readonly LayerTime[]
}

/** One target's figures, without any comparison. */
export function targetResult(sample: TargetSample, subjects: readonly Subject[]): TargetResult {
  const [timing, base] = subjects.map((subject, s) => timingOf(sample, s, subject))
  return {
    target: sample.target.name,
    ...(timing as Timing),
    ceiling: 1 / median(sample.loop.flat()),
    ...(base && { base }),
  }
}

/** What a report says of a bundle. */
export function bundleInfo({ folder, modelHash, compilerVersion, macs }: Subject): BundleInfo {
  return { folder, modelHash, compilerVersion, macs }
}

function timingOf(sample: TargetSample, index: number, subject: Subject): Timing {
  const launches = sample.subjects[index] as readonly LaunchSample[]
  const times = launches.flatMap((launch) => launch.times)
  const typical = median(times)
  const gmacs = subject.macs === null ? null : subject.macs / typical / 1e6
  const steps = subject.stepsOf(sample.target.name)
  return {
    rounds: times.length,
    launches: launches.length,
    milliseconds: { min: Math.min(...times), median: typical, p90: quantile(times, 0.9), interval: medianInterval(times) },
    gmacs,
    fraction: gmacs === null ? null : gmacs * median(sample.loop.flat()),
    loadMilliseconds: median(launches.map((launch) => launch.loadMilliseconds)),
    firstRunMilliseconds: median(launches.map((launch) => launch.firstRunMilliseconds)),
    memoryBytes: (launches[0] as LaunchSample).memoryBytes,
    costs: launches.map((launch, i) => costsOf(launch.times, sample.reference[i] as readonly number[])),
    ...(steps.length > 0 && { layers: layerTimes(steps, launches, sample.stepReference) }),
  }
}

function costsOf(times: readonly number[], reference: readonly number[]): number[] {
  const references = blockMinima(reference, BLOCK)
  return blockMinima(times, BLOCK).map((time, k) => time / (references[k] as number))
}

/** The steps that explain a slowdown; undefined unless both sides have steps. */
export function slowedLayers(head: Timing, base: Timing | undefined, margin: number): LayerChange[] | undefined {
  return head.layers && base?.layers && compareLayers(head.layers, base.layers, margin)
}
