import { describe, expect, it } from 'vitest'
import { gemv } from '../../targets/kernels/convolution/gemv.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { type ConvCase, convGraph } from './conv-graph.ts'
import { checkKernel, coverOf } from './harness.ts'

function check(c: ConvCase): void {
  checkKernel(gemv, convGraph(c), { targets: ['simd128', 'relaxed-simd'] })
}

describe('gemv', () => {
  it.each([1, 3, 4, 5, 7, 8, 9, 16, 24, 25, 31, 32, 33, 40, 56, 64, 70, 100])('makes %i channels', (n) => {
    check({ x: [1, 1, 1, 9], outChannels: n, residual: n % 2 === 1, attrs: { act: { op: 'clamp', min: 0, max: 6 } } })
  })

  it.each([1, 2, 3, 4, 5, 7, 8, 33])('sums over %i channels', (k) => {
    check({ x: [1, 1, 1, k], outChannels: 44, attrs: { act: { op: 'hard-sigmoid', alpha: 1 / 6, beta: 0.5 } } })
  })

  it('leaves more than one position to pointwise', () => {
    const [, simd] = TARGETS
    expect(coverOf(gemv, convGraph({ x: [1, 2, 1, 8], outChannels: 8 }), simd as (typeof TARGETS)[number])).toBeNull()
  })
})
