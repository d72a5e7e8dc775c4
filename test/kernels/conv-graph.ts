/** Graphs of one convolution. */

import { seeded, seededTensor } from '../../compiler/running/seeded.ts'
import { apply, constantValue, type Graph, inputValue, type Value } from '../../ir/graph/graph.ts'
import type { ConvAttrs } from '../../ir/ops/conv.ts'

export interface ConvCase {
  /** [N,H,W,C] */
  readonly x: readonly [number, number, number, number]
  readonly outChannels: number
  readonly kernel?: readonly [number, number]
  readonly attrs?: Partial<ConvAttrs>
  readonly residual?: boolean
  /** The input is [N,C,H,W] and transposed first. */
  readonly nchw?: boolean
}

/** conv(x) with seeded weights, bias and, if asked for, residual. */
export function convGraph(c: ConvCase): Graph {
  const random = seeded(7)
  const [n, h, w, channels] = c.x
  const attrs: ConvAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1, ...c.attrs }
  const constant = (shape: number[]): Value => constantValue(seededTensor({ dtype: 'float32', shape }, random))
  const input = inputValue('x', { dtype: 'float32', shape: c.nchw ? [n, channels, h, w] : c.x })
  const x = c.nchw ? apply('transpose', [input], { perm: [0, 2, 3, 1] }) : input
  const weights = constant([c.outChannels, ...(c.kernel ?? [1, 1]), channels / attrs.group])
  const bias = constant([c.outChannels])
  const plain = apply('conv', [x, weights, bias], attrs)
  const residual = c.residual ? [inputValue('residual', { dtype: 'float32', shape: plain.type.shape })] : []
  const y = c.residual ? apply('conv', [x, weights, bias, ...residual], attrs) : plain
  return { name: 'conv', inputs: [input, ...residual], outputs: [{ name: 'y', value: y }] }
}
