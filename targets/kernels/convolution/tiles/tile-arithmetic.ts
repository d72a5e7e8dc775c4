/**
 * The arithmetic of register tiles: element types, the vectors that hold them and the instructions that
 * multiply them.
 */

import type { Emitter, I32, V128 } from '../../../emitter/emitter.ts'
import { FLOAT32_PANELS, type PanelFormat } from '../../../packing/pack.ts'

/**
 * In a step, every lane multiplies the weights of one column with the activations of one row and adds the
 * products to its sum. It multiplies as many pairs as the panels group.
 */
export interface TileArithmetic {
  /** The layout of the weights. It says how many columns a vector and a panel have. */
  readonly panels: PanelFormat
  /** Bytes of one row's activations for a step, and of a result. */
  readonly activationBytes: number
  readonly resultBytes: number
  /** The sums of a vector of columns before the first step, from the panel's header. */
  start(e: Emitter, header: I32, offset: number): V128
  /** The weights of a vector of columns for a step. */
  weights(e: Emitter, step: I32, offset: number): V128
  /** One row's activations for a step, in all lanes. */
  activations(e: Emitter, at: I32, offset: number): V128
  /** The new sums: `sums` plus what the step adds to them. */
  multiplyAdd(e: Emitter, activations: V128, weights: V128, sums: V128): V128
}

export const FLOAT32_TILES: TileArithmetic = {
  panels: FLOAT32_PANELS,
  activationBytes: 4,
  resultBytes: 4,
  start: (e, header, offset) => e.load(header, offset),
  weights: (e, step, offset) => e.load(step, offset),
  activations: (e, at, offset) => e.loadSplat(at, offset),
  multiplyAdd: (e, activations, weights, sums) => e.madd(activations, weights, sums),
}
