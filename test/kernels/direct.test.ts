import { describe, expect, it } from 'vitest'
import { direct } from '../../targets/kernels/convolution/direct.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { type ConvCase, convGraph } from './conv-graph.ts'
import { checkKernel, coverOf } from './harness.ts'

/** Both as [N,H,W,C] and, where few channels allow it, as a transposed [N,C,H,W]. */
function check(c: ConvCase): void {
  for (const nchw of c.x[3] <= 4 ? [false, true] : [false]) {
    checkKernel(direct, convGraph({ ...c, nchw }), { targets: ['simd128', 'relaxed-simd'] })
  }
}

describe('direct', () => {
  it.each([1, 2, 3, 5, 6, 7, 12, 13, 25])('3×3 stride 2 on %i²', (size) => {
    check({ x: [1, size, size, 3], outChannels: 8, kernel: [3, 3], attrs: { strides: [2, 2], pads: [1, 1, 1, 1] } })
  })

  it.each([1, 2, 3, 4])('%i channels', (channels) => {
    check({ x: [1, 9, 10, channels], outChannels: 11, kernel: [3, 3], attrs: { pads: [1, 1, 1, 1] }, residual: true })
  })

  it.each([5, 7, 12, 16, 21])('%i channels', (channels) => {
    check({ x: [1, 5, 9, channels], outChannels: 8, kernel: [3, 3], attrs: { pads: [1, 1, 1, 1] } })
  })

  it.each([1, 3, 4, 5, 8, 12, 16, 30])('makes %i channels', (n) => {
    check({ x: [1, 5, 9, 3], outChannels: n, kernel: [3, 3], attrs: { strides: [2, 2], pads: [0, 0, 1, 1] }, residual: n % 2 === 0 })
  })

  it('odd pads, kernels and dilations', () => {
    check({ x: [1, 8, 10, 3], outChannels: 9, kernel: [3, 3], attrs: { pads: [4, 9, 9, 4], strides: [2, 2] } })
    check({ x: [1, 12, 11, 3], outChannels: 9, kernel: [7, 7], attrs: { pads: [3, 3, 3, 3], strides: [2, 2] } })
    check({ x: [1, 9, 9, 2], outChannels: 9, kernel: [3, 3], attrs: { pads: [2, 2, 2, 2], dilations: [2, 2] } })
    check({ x: [1, 5, 5, 2], outChannels: 8, kernel: [3, 3], attrs: { pads: [9, 9, 9, 9], dilations: [9, 9] } })
    check({ x: [1, 9, 9, 2], outChannels: 8, kernel: [2, 5], attrs: { strides: [1, 3] } })
  })

  it('1×1 with a stride', () => {
    check({ x: [2, 7, 8, 12], outChannels: 20, attrs: { strides: [2, 2] } })
    check({ x: [1, 14, 14, 33], outChannels: 8, attrs: { strides: [2, 2], act: { op: 'hard-swish' } } })
  })

  it('works on a batch', () => {
    check({ x: [3, 7, 6, 3], outChannels: 8, kernel: [3, 3], attrs: { strides: [2, 2], pads: [1, 1, 1, 1] }, residual: true })
  })

  it('reads the planes of a transposed input only where it is the only reader and they are few', () => {
    const relaxed = TARGETS[2] as (typeof TARGETS)[number]
    const few = coverOf(direct, convGraph({ x: [1, 4, 4, 3], outChannels: 8, kernel: [3, 3], nchw: true }), relaxed)
    expect(few?.nodes.map((n) => n.op)).toEqual(['conv', 'transpose'])
    const many = coverOf(direct, convGraph({ x: [1, 4, 4, 8], outChannels: 8, kernel: [3, 3], nchw: true }), relaxed)
    expect(many?.nodes.map((n) => n.op)).toEqual(['conv'])
    const graph = convGraph({ x: [1, 4, 4, 3], outChannels: 8, kernel: [3, 3], nchw: true })
    const root = graph.outputs[0]?.value
    const x = root?.kind === 'result' ? root.node.inputs[0] : undefined
    if (!x) throw new Error('no convolution')
    const shared = coverOf(direct, { ...graph, outputs: [...graph.outputs, { name: 'x', value: x }] }, relaxed)
    expect(shared?.nodes.map((n) => n.op)).toEqual(['conv'])
  })
})
