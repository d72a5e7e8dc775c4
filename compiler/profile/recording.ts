/** What a profiling session has measured, before anything is concluded from it. */

import type { ModuleStep } from '../../targets/linking/module.ts'

/** Milliseconds since the session began. */
export interface Span {
  readonly begin: number
  readonly end: number
}

/** One round: the ceilings, a run at once, and a run step by step, one right after the other. */
export interface Round {
  /** Several, spread over the round. */
  readonly calibration: readonly Span[]
  /** One for each of `work.sweeps`. */
  readonly sweeps: readonly Span[]
  readonly whole: Span
  /** When each step began, in order, and last when the last one ended. Milliseconds since the session began. */
  readonly marks: Float64Array
}

export interface Machine {
  readonly cpu: string
  readonly node: string
  readonly v8: string
}

export interface Sweep {
  readonly buffer: number
  readonly read: number
}

export interface Recording {
  /** Name of the bundle, for people. */
  readonly bundle: string
  /** Its name. */
  readonly target: string
  readonly compilerVersion: string
  readonly machine: Machine
  readonly steps: readonly ModuleStep[]
  /** At least one. */
  readonly rounds: readonly Round[]
  /** Milliseconds that reading the clock once takes; part of every step's span. */
  readonly clock: number
  /** What the loops of each round did. */
  readonly work: {
    /** Multiply-adds of the calibration loop. */
    readonly calibrationMacs: number
    /** Bytes of each buffer, ascending, the last as large as the model's memory, and bytes read from it. */
    readonly sweeps: readonly Sweep[]
  }
}
