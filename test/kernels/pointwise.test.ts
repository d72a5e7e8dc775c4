import { describe, expect, it } from 'vitest'
import { seededInputs } from '../../compiler/running/seeded.ts'
import type { Activation } from '../../ir/ops/conv.ts'
import { pointwise, pointwiseCall } from '../../targets/kernels/convolution/pointwise.ts'
import { epilogueOf } from '../../targets/kernels/convolution/tiles/epilogue.ts'
import { tileHeights } from '../../targets/kernels/convolution/tiles/tile-size.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { type ConvCase, convGraph } from './conv-graph.ts'
import { checkKernel, coverOf } from './harness.ts'

const SIMD = { targets: ['simd128', 'relaxed-simd'] } as const

function check(c: ConvCase): void {
  checkKernel(pointwise, convGraph(c), SIMD)
}

describe('pointwise', () => {
  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 19, 24, 25, 49])('covers %i rows exactly', (m) => {
    check({ x: [1, 1, m, 8], outChannels: 8 })
  })

  it.each([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33])('sums over %i channels', (k) => {
    check({ x: [1, 1, 17, k], outChannels: 8 })
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 21, 24, 31])('makes %i channels', (n) => {
    check({ x: [1, 1, 17, 6], outChannels: n, residual: n % 2 === 1 })
  })

  const acts: Activation[] = [
    { op: 'clamp', min: 0, max: Number.POSITIVE_INFINITY },
    { op: 'clamp', min: Number.NEGATIVE_INFINITY, max: 1 },
    { op: 'clamp', min: 0, max: 6 },
    { op: 'clamp', min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY },
    { op: 'hard-swish' },
    { op: 'hard-sigmoid', alpha: 0.2, beta: 0.5 },
    { op: 'leaky-relu', alpha: 0.1 },
  ]
  it.each(acts)('applies $op', (act) => {
    check({ x: [1, 1, 17, 7], outChannels: 13, attrs: { act } })
    check({ x: [1, 1, 17, 7], outChannels: 13, attrs: { act }, residual: true })
  })

  it('passes over wide products in blocks of panels', () => {
    check({ x: [1, 1, 13, 1030], outChannels: 198, residual: true })
    check({ x: [1, 1, 13, 1030], outChannels: 200 })
    check({ x: [1, 1, 13, 1030], outChannels: 206, residual: true })
    checkKernel(pointwise, convGraph({ x: [1, 1, 7, 8200], outChannels: 20 }), { ...SIMD, tolerance: { rtol: 1e-3, atol: 1e-3 } })
  })

  it('works on a batch', () => {
    check({ x: [3, 5, 5, 12], outChannels: 20, residual: true })
  })

  it('keeps NaN through a clamp', () => {
    const graph = convGraph({ x: [1, 2, 3, 4], outChannels: 8, attrs: { act: { op: 'clamp', min: 0, max: 6 } } })
    const inputs = seededInputs(graph)
    ;(inputs[0]?.data as Float32Array)[0] = Number.NaN
    checkKernel(pointwise, graph, { ...SIMD, inputs })
  })

  it('leaves other convolutions to other kernels', () => {
    const [, simd] = TARGETS
    for (const c of [
      { x: [1, 1, 1, 8], outChannels: 8 },
      { x: [1, 4, 4, 8], outChannels: 8, attrs: { group: 2 } },
      { x: [1, 4, 4, 8], outChannels: 8, kernel: [3, 3] },
      { x: [1, 4, 4, 8], outChannels: 8, attrs: { pads: [1, 1, 1, 1] } },
    ] as ConvCase[]) {
      expect(coverOf(pointwise, convGraph(c), simd as (typeof TARGETS)[number])).toBeNull()
    }
  })

  it('has one function for all extents, tails of columns apart', () => {
    const keyOf = (m: number, k: number, n: number): string =>
      pointwiseCall({
        m,
        k,
        n,
        target: { registers: 16, relaxed: true },
        residual: false,
        epilogue: epilogueOf({ op: 'clamp', min: 0, max: 6 }),
      }).fn.key
    expect(keyOf(49, 1024, 1024)).toBe(keyOf(12544, 16, 96))
    expect(keyOf(49, 1024, 1020)).not.toBe(keyOf(49, 1024, 1024))
    expect(keyOf(7, 1024, 1024)).not.toBe(keyOf(49, 1024, 1024))
  })

  it('splits rows into the fewest tiles of two neighbouring heights', () => {
    expect(tileHeights(49, 6)).toEqual([
      { rows: 6, count: 4 },
      { rows: 5, count: 5 },
    ])
    expect(tileHeights(12, 6)).toEqual([{ rows: 6, count: 2 }])
    expect(tileHeights(7, 6)).toEqual([
      { rows: 4, count: 1 },
      { rows: 3, count: 1 },
    ])
  })
})
