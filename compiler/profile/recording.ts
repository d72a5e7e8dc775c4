/** The measurements of a profiling session, before anything is computed from them. */

import type { ModuleStep } from '../../targets/linking/module.ts'

/** Milliseconds since the session began. */
export interface Span {
  readonly begin: number
  readonly end: number
}

/**
 * One round: the loops for the ceilings, then a whole run, and then a run step by step, directly after each
 * other.
 */
export interface Round {
  /** Several, spread over the round. */
  readonly calibration: readonly Span[]
  /** One for each of `work.sweeps`. */
  readonly sweeps: readonly Span[]
  readonly whole: Span
  /**
   * The times at which each step began, in order, and at the end the time at which the last one ended. They are
   * milliseconds since the session began.
   */
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
  /** Milliseconds that one reading of the clock takes. It is part of the time of every step. */
  readonly clock: number
  /** What the loops of each round did. */
  readonly work: {
    /** Multiply-adds of the calibration loop. */
    readonly calibrationMacs: number
    /**
     * For each buffer, its size and the bytes read from it. Sizes are ascending, and the last buffer is as
     * large as the model's memory.
     */
    readonly sweeps: readonly Sweep[]
  }
}
