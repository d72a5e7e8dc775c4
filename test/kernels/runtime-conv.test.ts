import { describe, expect, it } from 'vitest'
import { apply, type Graph, inputValue, type Value } from '../../ir/graph/graph.ts'
import type { Activation } from '../../ir/ops/conv.ts'
import { convGeneral } from '../../targets/kernels/convolution/conv-general.ts'
import { depthwiseScalar } from '../../targets/kernels/convolution/depthwise-scalar.ts'
import { pointwiseScalar } from '../../targets/kernels/convolution/pointwise-scalar.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { type ConvCase, convGraph } from './conv-graph.ts'
import { checkKernel, coverOf } from './harness.ts'

const SCALAR = { targets: ['scalar'] } as const

const ACTS: Activation[] = [
  { op: 'clamp', min: 0, max: 6 },
  { op: 'hard-swish' },
  { op: 'hard-sigmoid', alpha: 0.2, beta: 0.5 },
  { op: 'leaky-relu', alpha: 0.1 },
]

const WINDOWS: [string, Partial<ConvCase>][] = [
  ['3×3', { kernel: [3, 3], attrs: { pads: [1, 1, 1, 1] } }],
  ['3×3 stride 2', { kernel: [3, 3], attrs: { pads: [1, 1, 1, 1], strides: [2, 2] } }],
  ['3×3 stride 2, asymmetric pads', { kernel: [3, 3], attrs: { pads: [0, 0, 1, 1], strides: [2, 2] } }],
  ['5×5 without pads', { kernel: [5, 5] }],
  ['1×7', { kernel: [1, 7], attrs: { pads: [0, 3, 0, 3] } }],
  ['7×1, strides differ', { kernel: [7, 1], attrs: { pads: [3, 0, 3, 0], strides: [1, 3] } }],
  ['dilated', { kernel: [3, 3], attrs: { pads: [2, 3, 2, 3], dilations: [2, 3] } }],
  ['more pads than kernel', { kernel: [2, 2], attrs: { pads: [3, 3, 2, 4] } }],
  ['kernel wider than the image', { kernel: [3, 9], attrs: { pads: [1, 6, 1, 6], dilations: [1, 2] } }],
  ['1×1 stride 2', { kernel: [1, 1], attrs: { strides: [2, 2] } }],
]

function withWindow(x: ConvCase['x'], outChannels: number, window: Partial<ConvCase>, group = 1): ConvCase {
  return { x, outChannels, ...window, attrs: { ...window.attrs, group } }
}

describe('conv-general', () => {
  it.each(WINDOWS)('%s', (_, window) => {
    checkKernel(convGeneral, convGraph(withWindow([2, 9, 11, 3], 10, window)))
    checkKernel(convGeneral, convGraph(withWindow([1, 9, 11, 6], 6, window, 6)))
    checkKernel(convGeneral, convGraph({ ...withWindow([1, 9, 11, 4], 12, window, 2), residual: true }))
  })

  it.each([1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17])('makes %i channels', (outChannels) => {
    checkKernel(convGeneral, convGraph({ x: [1, 5, 6, 3], outChannels, kernel: [3, 3], attrs: { pads: [1, 1, 1, 1] } }))
    checkKernel(convGeneral, convGraph({ x: [1, 5, 6, 3], outChannels: outChannels * 3, kernel: [3, 3], attrs: { group: 3 } }))
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('covers rows of %i', (width) => {
    checkKernel(convGeneral, convGraph({ x: [1, 2, width, 2], outChannels: 8, kernel: [1, 3], attrs: { pads: [0, 1, 0, 1] } }))
  })

  it.each(ACTS)('applies $op', (act) => {
    checkKernel(convGeneral, convGraph({ x: [1, 4, 7, 5], outChannels: 11, kernel: [3, 3], attrs: { act }, residual: true }))
  })

  it('packs weights that come at run time', () => {
    for (const [group, channels] of [
      [1, 13],
      [3, 9],
      [2, 24],
    ] as const) {
      checkKernel(convGeneral, runtimeWeights(group, channels))
    }
  })

  it('leaves other types uncovered', () => {
    const value = (shape: number[]): Value => inputValue('x', { dtype: 'float64', shape })
    const inputs = [value([1, 3, 3, 1]), value([1, 1, 1, 1]), value([1])]
    const y = apply('conv', inputs, { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 })
    const graph = { name: 'conv', inputs: [], outputs: [{ name: 'y', value: y }] }
    for (const target of TARGETS) expect(coverOf(convGeneral, graph, target)).toBeNull()
  })
})

function runtimeWeights(group: number, channels: number): Graph {
  const input = (name: string, shape: number[]) => inputValue(name, { dtype: 'float32', shape })
  const inputs = [
    input('x', [1, 5, 5, 6]),
    input('w', [channels + (channels % group), 3, 3, 6 / group]),
    input('b', [channels + (channels % group)]),
  ]
  const y = apply('conv', inputs, { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], group })
  return { name: 'conv', inputs, outputs: [{ name: 'y', value: y }] }
}

describe('pointwise-scalar', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 17])('makes %i channels', (outChannels) => {
    for (const m of [1, 2, 5]) checkKernel(pointwiseScalar, convGraph({ x: [1, 1, m, 6], outChannels, residual: m === 2 }), SCALAR)
  })

  it.each([1, 2, 3, 8, 31])('sums over %i channels', (k) => {
    checkKernel(pointwiseScalar, convGraph({ x: [2, 3, 3, k], outChannels: 9 }), SCALAR)
  })

  it.each(ACTS)('applies $op', (act) => {
    checkKernel(pointwiseScalar, convGraph({ x: [1, 3, 5, 7], outChannels: 13, attrs: { act }, residual: true }), SCALAR)
  })

  it('is for the scalar target', () => {
    expect(TARGETS.map((t) => coverOf(pointwiseScalar, convGraph({ x: [1, 2, 2, 4], outChannels: 4 }), t) !== null)).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('depthwise-scalar', () => {
  it.each(WINDOWS)('%s', (_, window) => {
    checkKernel(depthwiseScalar, convGraph(withWindow([2, 9, 11, 6], 6, window, 6)), SCALAR)
  })

  it.each([2, 3, 4, 5, 8, 9])('of %i channels', (c) => {
    checkKernel(depthwiseScalar, convGraph({ ...withWindow([1, 5, 5, c], c, { kernel: [3, 3] }, c), residual: true }), SCALAR)
  })

  it.each(ACTS)('applies $op', (act) => {
    checkKernel(depthwiseScalar, convGraph({ x: [1, 4, 7, 5], outChannels: 5, kernel: [3, 3], attrs: { act, group: 5 } }), SCALAR)
  })
})
