/** One way in which exporters write a part of a network. */

import type { Feature, Network } from '../fuzz/graphs/network.ts'
import { as, conv } from './parts.ts'

/** Adds nodes behind `x`; gives the names of the outputs. */
export type Build = (net: Network, x: Feature) => string | readonly string[]

export interface Spelling {
  readonly name: string
  readonly opset: number
  readonly build: Build
  /** Maps are NHWC, with transposes around every spatial operator. */
  readonly nhwc?: boolean
  /** [N, C, H, W]. Default: [1, 8, 6, 6]. */
  readonly input?: readonly [number, number, number, number]
  /** The batch is declared as a name, and given when compiling. */
  readonly symbolic?: boolean
  /** Errors are those of many layers. */
  readonly deep?: boolean
}

type Options = Partial<Omit<Spelling, 'name' | 'opset' | 'build'>>

/** One spelling for each of the opsets. */
export function spell(name: string, opsets: readonly number[], build: Build, options: Options = {}): Spelling[] {
  return opsets.map((opset) => ({ name: `${name}, opset ${opset}`, opset, build, ...options }))
}

/** An elementwise function between two convolutions, where networks have it. */
export function between(function_: (net: Network, x: string, like: Feature) => string): Build {
  return (net, x) => {
    const before = conv(net, x, { channels: 12, kernel: 3 })
    const after = function_(net, before.name, before)
    return conv(net, as(before, after), { channels: 5 }).name
  }
}
