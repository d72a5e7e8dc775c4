import { describe, expect, it } from 'vitest'
import type { Activation, ConvAttrs } from '../../ir/ops/conv.ts'
import { depthwise } from '../../targets/kernels/convolution/depthwise.ts'
import { tileRuns } from '../../targets/kernels/convolution/shape/window-axis.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { convGraph } from './conv-graph.ts'
import { checkKernel, coverOf } from './harness.ts'

type Extents = readonly [number, number, number, number]

function check(x: Extents, kernel: readonly [number, number], attrs: Partial<ConvAttrs>, residual = false): void {
  const graph = convGraph({ x, outChannels: x[3], kernel, attrs: { group: x[3], ...attrs }, residual })
  checkKernel(depthwise, graph, { targets: ['simd128', 'relaxed-simd'] })
}

describe('depthwise', () => {
  for (const k of [3, 5, 7]) {
    const pad = (k - 1) / 2
    for (const stride of [1, 2]) {
      it.each([1, 2, 3, 5, 7, 8, 13, 14, 15, 22])(`${k}×${k} stride ${stride}, same padding, %i²`, (size) => {
        check([1, size, size, 4], [k, k], { pads: [pad, pad, pad, pad], strides: [stride, stride] })
      })
    }
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 10, 24])('%i channels', (channels) => {
    check([1, 4, 9, channels], [3, 3], { pads: [1, 1, 1, 1], act: { op: 'clamp', min: 0, max: 6 } }, channels % 2 === 1)
  })

  const pads: ConvAttrs['pads'][] = [
    [0, 0, 0, 0],
    [0, 0, 1, 1],
    [1, 0, 0, 1],
    [0, 1, 2, 0],
    [2, 3, 1, 2],
    [4, 9, 9, 4],
  ]
  it.each(pads)('pads %i %i %i %i', (...p) => {
    check([1, 8, 10, 4], [3, 3], { pads: p })
    check([1, 8, 10, 4], [3, 3], { pads: p, strides: [2, 2] })
    check([1, 9, 11, 4], [5, 5], { pads: p, strides: [2, 1] })
  })

  it.each([2, 3, 6, 12, 40])('dilation %i, also with every tap but the middle outside', (dilation) => {
    check([1, 7, 17, 8], [3, 3], { pads: [dilation, dilation, dilation, dilation], dilations: [dilation, dilation] })
    check([1, 9, 9, 4], [3, 3], { pads: [dilation, dilation, dilation, dilation], dilations: [dilation, dilation], strides: [2, 2] })
  })

  it('windows of unequal sides, and stride 3', () => {
    check([1, 9, 9, 4], [1, 3], { pads: [0, 1, 0, 1] })
    check([1, 9, 9, 4], [3, 1], { pads: [1, 0, 1, 0] })
    check([1, 9, 9, 4], [11, 2], { pads: [5, 0, 5, 1] })
    check([1, 17, 19, 4], [3, 3], { pads: [1, 1, 1, 1], strides: [3, 3] })
    check([1, 6, 6, 4], [2, 2], { strides: [2, 2] })
    check([1, 7, 7, 12], [7, 7], {})
    check([1, 3, 3, 8], [1, 1], {})
  })

  it('works on a batch', () => {
    check([3, 6, 8, 6], [3, 3], { pads: [1, 1, 1, 1] }, true)
    check([2, 7, 5, 4], [5, 5], { pads: [1, 2, 2, 1], strides: [2, 2] })
  })

  const acts: Activation[] = [
    { op: 'clamp', min: 0, max: Number.POSITIVE_INFINITY },
    { op: 'hard-swish' },
    { op: 'hard-sigmoid', alpha: 0.2, beta: 0.5 },
    { op: 'leaky-relu', alpha: 0.1 },
  ]
  it.each(acts)('applies $op', (act) => {
    check([1, 5, 5, 7], [3, 3], { pads: [1, 1, 1, 1], act })
  })

  it('leaves channel multipliers and wide windows to other kernels', () => {
    const [, simd] = TARGETS
    for (const [outChannels, kernel] of [
      [8, [3, 3]],
      [4, [3, 8]],
    ] as const) {
      const graph = convGraph({ x: [1, 9, 9, 4], outChannels, kernel, attrs: { group: 4 } })
      expect(coverOf(depthwise, graph, simd as (typeof TARGETS)[number])).toBeNull()
    }
  })

  it('joins tiles with equal code', () => {
    const axis = { input: 112, output: 112, kernel: 3, stride: 1, dilation: 1, pad: 1 }
    expect(tileRuns(axis, 7)).toEqual([
      { start: 0, size: 7, count: 1 },
      { start: 7, size: 7, count: 14 },
      { start: 105, size: 7, count: 1 },
    ])
  })
})
