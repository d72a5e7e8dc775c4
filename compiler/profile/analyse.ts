/**
 * Turns a recording into a profile, by the roofline model (Williams, Waterman, Patterson, "Roofline: An
 * Insightful Visual Performance Model for Multicore Architectures", 2009). A step cannot be faster than its
 * multiply-adds take at the rate of the calibration loop. It cannot be faster than its bytes take at the rate
 * of the bandwidth loop either.
 */

import { median, min } from 'simple-statistics'
import type { ModuleStep } from '../../targets/linking/module.ts'
import type { Machine, Recording, Round, Span } from './recording.ts'

export interface Ceilings {
  /** Multiply-adds a second, in 1e9: the calibration loop. */
  readonly gmacPerS: number
  /**
   * Bandwidths for reading buffers of several sizes, ascending. Larger buffers are in caches that are further
   * away, and a larger buffer is never faster. The last one is as large as the model's memory.
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
  /**
   * Name of the first ONNX node that the step computes. If it computes no node of the model, it is the kernel's
   * name.
   */
  readonly layer: string
  /** Names of all of them. */
  readonly nodes: readonly string[]
  readonly kernel: string
  /** The kind of the kernel, without its shape. The report gives each family a colour. */
  readonly family: string
  /** The share of the sum of all medians, 0 to 1. */
  readonly share: number
  readonly macs: number
  readonly gmacPerS: number
  /** Bytes read and written, each once. */
  readonly bytes: number
  readonly gbPerS: number
  /** Multiply-adds per byte; null where the number of bytes is unknown. */
  readonly intensity: number | null
  /**
   * Which of the two least times is longer: that of the multiply-adds or that of the bytes. It is null where
   * nothing is known about the step.
   */
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
    /** The share of the calibration loop's rate, 0 to 1. */
    readonly ofPeak: number
    /** Sum of least times over the median of whole runs. */
    readonly ofCeiling: number
  }
  readonly layers: readonly ProfileLayer[]
}

/** The least times of a step, in microseconds: that of its multiply-adds and that of its bytes. */
export function leastMicroseconds(step: Pick<ModuleStep, 'macs' | 'traffic'>, ceilings: Ceilings): { compute: number; memory: number } {
  return {
    compute: step.macs / ceilings.gmacPerS / 1e3,
    memory: step.traffic / bandwidthFor(step.traffic, ceilings.bandwidths) / 1e3,
  }
}

/**
 * The bandwidth for a number of bytes, in 1e9 bytes a second. Between the measured sizes, it follows a power
 * law. Outside of them, it is that of the nearest size.
 */
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
