/** Weight packings. Packed constants are content-addressed, so targets that pack alike store them once. */

import { InternalError } from '../../ir/diagnostics.ts'
import type { Value } from '../../ir/graph/graph.ts'

/** Columns of a panel. */
export const PANEL = 8
const LANES = 4

/** The elements of a float32 constant. */
export function floatsOf(value: Value | undefined): Float32Array {
  if (value?.kind !== 'constant' || !(value.tensor.data instanceof Float32Array)) throw new InternalError('not a float32 constant')
  return value.tensor.data
}

/** Width of the last, narrower panel as stored: 0 (none), 4 or 8. */
export function tailWidth(columns: number): number {
  return Math.ceil((columns % PANEL) / LANES) * LANES
}

/** Floats of a full panel. */
export function panelFloats(depth: number): number {
  return (depth + 1) * PANEL
}

/**
 * A matrix of `depth` × `columns` with a bias per column, as `[columns/8][1 + depth][8]`: each panel
 * of 8 columns is its bias and then its rows. The last panel is 4 wide if at most 4 columns remain
 * and padded with zeros.
 */
export function packPanels(depth: number, bias: Float32Array, weight: (k: number, column: number) => number): Float32Array {
  const columns = bias.length
  const full = Math.floor(columns / PANEL)
  const packed = new Float32Array(full * panelFloats(depth) + tailWidth(columns) * (depth + 1))
  let at = 0
  for (let start = 0; start < columns; start += PANEL) {
    const width = columns - start < PANEL ? tailWidth(columns) : PANEL
    for (let k = -1; k < depth; k++) {
      for (let c = start; c < Math.min(start + width, columns); c++) packed[at + c - start] = k < 0 ? (bias[c] as number) : weight(k, c)
      at += width
    }
  }
  return packed
}

/**
 * Depthwise weights `[channels][taps]` with a bias per channel, as `[channels/4][1 + taps][4]`: for
 * every four channels the bias and then the taps, so that a kernel reads them in one stream.
 */
export function packChannels(taps: number, bias: Float32Array, weights: Float32Array): Float32Array {
  const blocks = Math.ceil(bias.length / LANES)
  const packed = new Float32Array(blocks * (1 + taps) * LANES)
  bias.forEach((b, channel) => {
    const at = Math.floor(channel / LANES) * (1 + taps) * LANES + (channel % LANES)
    packed[at] = b
    for (let tap = 0; tap < taps; tap++) packed[at + (1 + tap) * LANES] = weights[channel * taps + tap] as number
  })
  return packed
}
