/** An engine under measurement, as seen from the process that measures. */

import type { EntrySpec, Opened, RoundLimits, Rounds } from './sampler.ts'

export interface EngineInfo {
  readonly name: 'node' | 'chromium'
  readonly version: string
}

/** A fresh instance of the engine, with nothing loaded or compiled. Methods are those of `Sampler`. */
export interface Launch {
  accepts(wasm: string): Promise<boolean>
  open(entries: readonly EntrySpec[]): Promise<readonly Opened[]>
  warmUp(runs: number, milliseconds: number): Promise<void>
  rounds(limits: RoundLimits): Promise<Rounds>
  steps(limits: RoundLimits): Promise<readonly Rounds[]>
  memoryBytes(): Promise<readonly number[]>
  close(): Promise<void>
}

export interface Engine {
  readonly info: EngineInfo
  /**
   * The URL of a file in a bundle's folder. It has a query. Each call gives a new URL, so that engines share
   * nothing between loads.
   */
  urlOf(folder: string, file: string): string
  launch(): Promise<Launch>
  close(): Promise<void>
}

/** Makes a launch of one function that calls a method of the sampler. */
export function launchOf(call: (method: string, args: readonly unknown[]) => Promise<unknown>, close: () => Promise<void>): Launch {
  return {
    accepts: (wasm) => call('accepts', [wasm]) as Promise<boolean>,
    open: (entries) => call('open', [entries]) as Promise<Opened[]>,
    warmUp: (runs, milliseconds) => call('warmUp', [runs, milliseconds]) as Promise<void>,
    rounds: (limits) => call('rounds', [limits]) as Promise<Rounds>,
    steps: (limits) => call('steps', [limits]) as Promise<Rounds[]>,
    memoryBytes: () => call('memoryBytes', []) as Promise<number[]>,
    close,
  }
}
