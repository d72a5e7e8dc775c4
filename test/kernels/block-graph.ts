/** Graphs of a depthwise convolution with a convolution before and a pointwise one after it. */

import { seeded, seededTensor } from '../../compiler/running/seeded.ts'
import { apply, constantValue, type Graph, type InputValue, inputValue, type Value } from '../../ir/graph/graph.ts'
import type { Activation, ConvAttrs } from '../../ir/ops/conv.ts'

export interface BlockCase {
  /** [N,H,W,C] */
  readonly x: readonly [number, number, number, number]
  /** Dense convolution, by default 1×1; or none. */
  readonly source: {
    readonly channels: number
    readonly kernel?: number
    readonly stride?: number
    readonly act?: Activation
    /** The input is [N,C,H,W] and transposed first. */
    readonly nchw?: boolean
  } | null
  /** By default 3×3, padded by 1 all round, stride and dilation 1. */
  readonly kernel?: readonly [number, number]
  readonly pads?: ConvAttrs['pads']
  readonly stride?: number
  readonly dilation?: number
  readonly act?: Activation
  /** Channels of the pointwise convolution; or none. */
  readonly sink: number | null
  readonly sinkAct?: Activation
  /** What the pointwise convolution adds. */
  readonly residual?: 'input' | 'other'
  /** A map that is an output of the graph as well. */
  readonly alsoRead?: 'source' | 'depthwise'
}

export function blockGraph(c: BlockCase): Graph {
  const [n, h, w, channels] = c.x
  const nchw = c.source?.nchw ?? false
  const input = inputValue('x', { dtype: 'float32', shape: nchw ? [n, channels, h, w] : c.x })
  const x = nchw ? apply('transpose', [input], { perm: [0, 2, 3, 1] }) : input
  const conv = convolver()
  const source = c.source ? conv(x, c.source.channels, sourceAttrs(c.source), c.source.kernel ?? 1) : x
  const middle = conv(source, source.type.shape[3] as number, depthwiseAttrs(c, source), ...(c.kernel ?? ([3, 3] as const)))
  const others: InputValue[] = []
  const y = c.sink === null ? middle : sink(c, conv, x, middle, c.sink, others)
  const also = { source, depthwise: middle }
  const outputs = [{ name: 'y', value: y }, ...(c.alsoRead ? [{ name: 'inner', value: also[c.alsoRead] }] : [])]
  return { name: 'block', inputs: [input, ...others], outputs }
}

type Convolver = (x: Value, out: number, attrs: Partial<ConvAttrs>, kh: number, kw?: number, residual?: Value) => Value

function convolver(): Convolver {
  const random = seeded(7)
  const constant = (shape: number[]): Value => constantValue(seededTensor({ dtype: 'float32', shape }, random))
  return (x, out, given, kh, kw = kh, residual) => {
    const attrs: ConvAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1, ...given }
    const weights = constant([out, kh, kw, (x.type.shape[3] as number) / attrs.group])
    return apply('conv', [x, weights, constant([out]), ...(residual ? [residual] : [])], attrs)
  }
}

function sourceAttrs({ kernel = 1, stride = 1, act }: NonNullable<BlockCase['source']>): Partial<ConvAttrs> {
  const pad = (kernel - 1) / 2
  return { strides: [stride, stride], pads: [pad, pad, pad, pad], ...(act ? { act } : {}) }
}

function depthwiseAttrs({ pads = [1, 1, 1, 1], stride = 1, dilation = 1, act }: BlockCase, x: Value): Partial<ConvAttrs> {
  const group = x.type.shape[3] as number
  return { strides: [stride, stride], pads, dilations: [dilation, dilation], group, ...(act ? { act } : {}) }
}

function sink(c: BlockCase, conv: Convolver, x: Value, middle: Value, channels: number, others: InputValue[]): Value {
  const attrs = c.sinkAct ? { act: c.sinkAct } : {}
  if (c.residual === 'other') {
    const [n, h, w] = middle.type.shape as [number, number, number]
    others.push(inputValue('residual', { dtype: 'float32', shape: [n, h, w, channels] }))
  }
  return conv(middle, channels, attrs, 1, 1, c.residual === 'input' ? x : others[0])
}
