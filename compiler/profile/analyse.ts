/**
 * From a recording to a profile, by the roofline model (Williams, Waterman, Patterson, "Roofline: An
 * Insightful Visual Performance Model for Multicore Architectures", 2009): no step can be faster than
 * its multiply-adds at the calibration loop's rate, nor than its bytes at the bandwidth loop's.
 */

import { median, min } from 'simple-statistics'
import type { ModuleStep } from '../../targets/linking/module.ts'
import type { Machine, Recording, Round, Span } from './recording.ts'

export interface Ceilings {
  /** Multiply-adds a second, in 1e9: the calibration loop. */
  readonly gmacPerS: number
  /**
   * Reads of buffers of several sizes, ascending, so from ever farther caches; the last is as large as
   * the model's memory. A larger buffer is not faster.
   */
  readonly bandwidths: readonly Bandwidth[]
}

export interface Bandwidth {
  /** Size of the buffer. */
  readonly bytes: number
  /** In 1e9 bytes a second. */
  readonly gbPerS: number
}

export interface Timing {
  readonly medianUs: number
  readonly minUs: number
}

export interface ProfileLayer extends Timing {
  /** Position among the steps. */
  readonly index: number
  /** Name of the first ONNX node that the step computes; the kernel's where it computes none of the model's. */
  readonly layer: string
  /** Names of all of them. */
  readonly nodes: readonly string[]
  readonly kernel: string
  /** The kernel without its shape: what the report colours by. */
  readonly family: string
  /** Of the sum of all medians, 0 to 1. */
  readonly share: number
  readonly macs: number
  readonly gmacPerS: number
  /** Bytes read and written, each once. */
  readonly bytes: number
  readonly gbPerS: number
  /** Multiply-adds a byte; null where no bytes are known. */
  readonly intensity: number | null
  /** Which of its two least times is longer; null where nothing is known of the step. */
  readonly bound: 'compute' | 'memory' | null
  /** Least time over median time. */
  readonly ofCeiling: number | null
}

export interface Profile {
  readonly bundle: string
  readonly target: string
  readonly compilerVersion: string
  readonly machine: Machine
  readonly runs: number
  readonly ceilings: Ceilings
  readonly totals: {
    readonly macs: number
    readonly bytes: number
    /** Times of whole runs. */
    readonly run: Timing
    /** Sums of all steps of a run. */
    readonly steps: Timing
    /** Multiply-adds over the median of whole runs. */
    readonly gmacPerS: number
    /** Of the calibration loop's rate, 0 to 1. */
    readonly ofPeak: number
    /** Sum of least times over the median of whole runs. */
    readonly ofCeiling: number
  }
  readonly layers: readonly ProfileLayer[]
}

/** What bounds a step. */
export function leastMicroseconds(step: Pick<ModuleStep, 'macs' | 'traffic'>, ceilings: Ceilings): { compute: number; memory: number } {
  return {
    compute: step.macs / ceilings.gmacPerS / 1e3,
    memory: step.traffic / bandwidthFor(step.traffic, ceilings.bandwidths) / 1e3,
  }
}

/** In 1e9 bytes a second: between the measured sizes by a power law, beyond them that of the nearest. */
export function bandwidthFor(bytes: number, bandwidths: readonly Bandwidth[]): number {
  const above = bandwidths.findIndex((b) => b.bytes >= bytes)
  const [low, high] = [bandwidths.at(above < 0 ? -1 : Math.max(0, above - 1)), bandwidths.at(above)] as [Bandwidth, Bandwidth]
  if (low.bytes === high.bytes || bytes <= low.bytes) return low.gbPerS
  const way = Math.log(bytes / low.bytes) / Math.log(high.bytes / low.bytes)
  return low.gbPerS * (high.gbPerS / low.gbPerS) ** way
}

/** Times, rates and shares of every step, from the times that were recorded. */
export function analyse(recording: Recording): Profile {
  const { bundle, target, compilerVersion, machine, rounds, steps } = recording
  const ceilings = ceilingsOf(recording)
  const timings = steps.map((_, i) => timing(rounds.map((r) => stepTime(r, i, recording.clock))))
  const sum = timings.reduce((total, t) => total + t.medianUs, 0)
  const layers = steps.map((step, i) => layerOf(step, i, timings[i] as Timing, sum, ceilings))
  const totals = totalsOf(recording, ceilings)
  return { bundle, target, compilerVersion, machine, runs: rounds.length, ceilings, totals, layers }
}

function ceilingsOf({ rounds, work }: Recording): Ceilings {
  const rate = (amount: number, spans: readonly Span[]): number => amount / median(spans.map(length)) / 1e6
  const measured = work.sweeps.map(({ buffer, read }, i) => ({ bytes: buffer, gbPerS: rate(read, column(rounds, i)) }))
  const fastestFrom = (i: number): number => Math.max(...measured.slice(i).map((b) => b.gbPerS))
  return {
    gmacPerS: rate(
      work.calibrationMacs,
      rounds.flatMap((r) => r.calibration),
    ),
    bandwidths: measured.map(({ bytes }, i) => ({ bytes, gbPerS: fastestFrom(i) })),
  }
}

function column(rounds: readonly Round[], sweep: number): Span[] {
  return rounds.map((r) => r.sweeps[sweep] as Span)
}

function layerOf(step: ModuleStep, index: number, time: Timing, sum: number, ceilings: Ceilings): ProfileLayer {
  const { kernel, origins, macs, traffic } = step
  const least = leastMicroseconds(step, ceilings)
  const known = macs > 0 || traffic > 0
  return {
    index,
    layer: origins[0] ?? kernel,
    nodes: origins,
    kernel,
    family: kernel.split('_', 1)[0] as string,
    ...time,
    share: ratio(time.medianUs, sum),
    macs,
    gmacPerS: ratio(macs, time.medianUs * 1e3),
    bytes: traffic,
    gbPerS: ratio(traffic, time.medianUs * 1e3),
    intensity: traffic > 0 ? macs / traffic : null,
    bound: known ? (least.compute >= least.memory ? 'compute' : 'memory') : null,
    ofCeiling: known && time.medianUs > 0 ? Math.max(least.compute, least.memory) / time.medianUs : null,
  }
}

function totalsOf({ rounds, steps, clock }: Recording, ceilings: Ceilings): Profile['totals'] {
  const macs = steps.reduce((sum, s) => sum + s.macs, 0)
  const run = timing(rounds.map((r) => (length(r.whole) - clock) * 1e3))
  const gmacPerS = ratio(macs, run.medianUs * 1e3)
  const least = steps.map((s) => leastMicroseconds(s, ceilings)).reduce((sum, t) => sum + Math.max(t.compute, t.memory), 0)
  return {
    macs,
    bytes: steps.reduce((sum, s) => sum + s.traffic, 0),
    run,
    steps: timing(rounds.map((r) => steps.reduce((sum, _, i) => sum + stepTime(r, i, clock), 0))),
    gmacPerS,
    ofPeak: ratio(gmacPerS, ceilings.gmacPerS),
    ofCeiling: ratio(least, run.medianUs),
  }
}

/** Microseconds. */
function stepTime({ marks }: Round, i: number, clock: number): number {
  return Math.max(0, (marks[i + 1] as number) - (marks[i] as number) - clock) * 1e3
}

function timing(microseconds: number[]): Timing {
  return { medianUs: median(microseconds), minUs: min(microseconds) }
}

function length({ begin, end }: Span): number {
  return end - begin
}

function ratio(a: number, b: number): number {
  return b > 0 ? a / b : 0
}
