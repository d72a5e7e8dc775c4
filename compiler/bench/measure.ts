/**
 * The measurement. It launches an engine several times. In each launch, bundles and calibration loops run in
 * turn.
 */

import type { Target } from '../../targets/target/target.ts'
import { CALIBRATION_MACS, calibrationModule, PLAIN_SIMD, REFERENCE_MACS, referenceModule } from './calibrate.ts'
import type { Engine, Launch } from './engine.ts'
import type { EntrySpec, LoopSpec, Opened, RoundLimits, Rounds } from './sampler.ts'
import type { Subject } from './subject.ts'

export interface MeasureOptions {
  /** Runs of everything, in every launch, before times count. */
  readonly warmupRuns: number
  /** The least number of rounds, unless `maxSecs` ends them earlier. */
  readonly numRuns: number
  readonly minSecs: number
  readonly maxSecs: number
}

/**
 * The number of launches over which rounds are split. Where memory lies and when code is optimised differs
 * between launches, but not within one.
 */
export const LAUNCHES = 6

/** Milliseconds of rounds between two looks at the clock. */
const CHUNK = 250

/** Rounds of step times per launch. */
const STEP_ROUNDS = 30

/** What one launch measures for one module. The lists are parallel, with one element per round. */
export interface LaunchSample extends Opened {
  /** Milliseconds per run. */
  readonly times: readonly number[]
  /** Milliseconds per step and round, of a module with steps. */
  readonly steps: Rounds
}

/**
 * The measurements of all subjects for one target, with its loops. The lists are parallel, with one element per
 * launch.
 */
export interface TargetSample {
  readonly target: Target
  /** Nanoseconds per multiply-add of the calibration loop, by launch and round. */
  readonly loop: readonly (readonly number[])[]
  /** The same of the reference loop. */
  readonly reference: readonly (readonly number[])[]
  /** The same beside the rounds of step times. */
  readonly stepReference: readonly (readonly number[])[]
  /** The samples of each subject, by launch. */
  readonly subjects: readonly (readonly LaunchSample[])[]
}

export class Measurement {
  readonly #engine: Engine
  readonly #subjects: readonly Subject[]
  readonly #options: MeasureOptions
  readonly #targets: readonly Target[]
  readonly #deadline: number
  readonly #launches: (readonly LaunchSample[])[] = []

  /** `targets` must be ones that `runnableTargets` returns. The first subject is the one to be judged. */
  constructor(engine: Engine, subjects: readonly Subject[], targets: readonly Target[], options: MeasureOptions) {
    this.#engine = engine
    this.#subjects = subjects
    this.#targets = targets
    this.#options = options
    this.#deadline = performance.now() + 1000 * options.maxSecs
  }

  get launches(): number {
    return this.#launches.length
  }

  /** Whether there is time for another launch. */
  get mayContinue(): boolean {
    return performance.now() < this.#deadline
  }

  /** One more launch, of an equal part of the rounds. */
  async launch(): Promise<void> {
    const launch = await this.#engine.launch()
    try {
      this.#launches.push(await this.#measure(launch))
    } finally {
      await launch.close()
    }
  }

  samples(): TargetSample[] {
    const perTarget = LOOPS + this.#subjects.length
    return this.#targets.map((target, t) => {
      const at = (k: number): LaunchSample[] => this.#launches.map((entries) => entries[t * perTarget + k] as LaunchSample)
      return {
        target,
        loop: at(0).map(({ times }) => times.map(perMac(CALIBRATION_MACS))),
        reference: at(1).map(({ times }) => times.map(perMac(REFERENCE_MACS))),
        stepReference: at(1).map(({ steps }) => steps.map(([ms]) => ms as number).map(perMac(REFERENCE_MACS))),
        subjects: this.#subjects.map((_, s) => at(LOOPS + s)),
      }
    })
  }

  async #measure(launch: Launch): Promise<LaunchSample[]> {
    const entries = this.#entries()
    const opened = await launch.open(entries)
    const { numRuns, minSecs, warmupRuns } = this.#options
    await launch.warmUp(warmupRuns, Math.min(Math.max(1000, 200 * entries.length), this.#left() / 2))
    const rounds = await this.#rounds((limits) => launch.rounds(limits), Math.ceil(numRuns / LAUNCHES), (1000 * minSecs) / LAUNCHES)
    const stepped = entries.some((entry) => 'url' in entry && entry.steps > 0)
    const steps = stepped ? await this.#rounds((limits) => launch.steps(limits), STEP_ROUNDS, 0) : []
    await this.#checkMemory(launch, opened)
    return opened.map((entry, i) => ({
      ...entry,
      times: rounds.map((round) => round[i] as number),
      steps: steps.map((round) => round[i] as readonly number[]),
    }))
  }

  /**
   * Takes rounds until there are `count` of them and `milliseconds` have passed, or until the time for the
   * measurement is over.
   */
  async #rounds<T>(take: (limits: RoundLimits) => Promise<readonly T[]>, count: number, milliseconds: number): Promise<T[]> {
    const start = performance.now()
    const all: T[] = []
    do {
      const slice = Math.min(CHUNK, Math.max(1, this.#left()))
      all.push(...(await take({ rounds: Math.max(1, count), milliseconds: slice })))
    } while (this.mayContinue && (all.length < count || performance.now() - start < milliseconds))
    return all
  }

  #left(): number {
    return this.#deadline - performance.now()
  }

  /** What one target measures: first the loops, then the subjects. */
  #entries(): EntrySpec[] {
    return this.#targets.flatMap((target) => [
      ...loopsOf(target),
      ...this.#subjects.map((subject) => ({
        url: this.#engine.urlOf(subject.folder, 'index.js'),
        target: target.name,
        steps: subject.stepsOf(target.name).length,
      })),
    ])
  }

  async #checkMemory(launch: Launch, opened: readonly Opened[]): Promise<void> {
    const after = await launch.memoryBytes()
    const grown = opened.findIndex(({ memoryBytes }, i) => after[i] !== memoryBytes)
    if (grown >= 0) throw new Error(`memory grew from ${opened[grown]?.memoryBytes} to ${after[grown]} bytes during the measurement`)
  }
}

/** Those of `targets` that the engine accepts, in the same order. */
export async function runnableTargets(engine: Engine, targets: readonly Target[]): Promise<Target[]> {
  const launch = await engine.launch()
  try {
    const accepted = await Promise.all(targets.map((target) => launch.accepts(base64(target.probe))))
    return targets.filter((_, i) => accepted[i])
  } finally {
    await launch.close()
  }
}

/** Converts milliseconds per round of a loop to nanoseconds per multiply-add. */
function perMac(macs: number): (milliseconds: number) => number {
  return (milliseconds) => (1e6 * milliseconds) / macs
}

/** How many loops there are per target. */
const LOOPS = 2

const loops = new Map<Target, readonly LoopSpec[]>()

/**
 * The calibration loop and the reference loop. Scalar code is compared with SIMD loops, because they show what
 * the core could do.
 */
function loopsOf(target: Target): readonly LoopSpec[] {
  const known = loops.get(target)
  if (known) return known
  const vectors = target.simd ? target : PLAIN_SIMD
  const made = [
    { wasm: base64(calibrationModule(vectors)), long: false },
    { wasm: base64(referenceModule(vectors)), long: true },
  ]
  loops.set(target, made)
  return made
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
