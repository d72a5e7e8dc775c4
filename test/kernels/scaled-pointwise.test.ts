import { describe, expect, it } from 'vitest'
import { seeded, seededTensor } from '../../compiler/running/seeded.ts'
import { apply, constantValue, type Graph, inputValue, type Value } from '../../ir/graph/graph.ts'
import type { Activation } from '../../ir/ops/conv.ts'
import { scaledPointwise } from '../../targets/kernels/convolution/scaled-pointwise.ts'
import { TARGETS, type Target } from '../../targets/target/target.ts'
import { checkKernel, coverOf } from './harness.ts'

interface Case {
  readonly x: readonly [number, number, number, number]
  readonly scale?: readonly number[]
  readonly outChannels: number
  readonly act?: Activation
  readonly residual?: boolean
  /** The factors come first. */
  readonly swapped?: boolean
}

/** conv(x · scale) */
function graphOf({ x, scale, outChannels, act, residual, swapped }: Case): Graph {
  const random = seeded(7)
  const float = (shape: readonly number[]) => ({ dtype: 'float32', shape }) as const
  const constant = (shape: number[]): Value => constantValue(seededTensor(float(shape), random))
  const channels = x[3]
  const inputs = [inputValue('x', float(x)), inputValue('scale', float(scale ?? [1, 1, 1, channels]))]
  const added = residual ? [inputValue('residual', float([...x.slice(0, 3), outChannels]))] : []
  const scaled = apply('mul', swapped ? [...inputs].reverse() : inputs, {})
  const operands = [scaled, constant([outChannels, 1, 1, channels]), constant([outChannels]), ...added]
  const attrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1, ...(act ? { act } : {}) } as const
  return { name: 'scaled', inputs: [...inputs, ...added], outputs: [{ name: 'y', value: apply('conv', operands, attrs) }] }
}

function check(c: Case): void {
  checkKernel(scaledPointwise, graphOf(c), { targets: ['simd128', 'relaxed-simd'] })
}

describe('scaled pointwise', () => {
  it.each([2, 3, 5, 6, 7, 13, 19, 25, 49])('%i rows', (m) => {
    check({ x: [1, 1, m, 8], outChannels: 8 })
  })

  it.each([1, 2, 3, 4, 5, 7, 9, 33])('%i channels to 1 more', (k) => {
    check({ x: [1, 1, 17, k], outChannels: k + 1, residual: k % 2 === 1, act: { op: 'hard-swish' } })
  })

  it('takes the factors from either side, of lower rank too, and passes over wide products in blocks', () => {
    check({ x: [1, 3, 5, 6], outChannels: 9, swapped: true })
    check({ x: [1, 3, 5, 6], scale: [6], outChannels: 9 })
    check({ x: [1, 1, 13, 1030], outChannels: 198, residual: true })
  })

  it('leaves other products alone', () => {
    const covered = (c: Case): boolean => coverOf(scaledPointwise, graphOf(c), TARGETS[2] as Target) !== null
    expect(covered({ x: [2, 3, 5, 6], scale: [2, 1, 1, 6], outChannels: 9 })).toBe(false)
    expect(covered({ x: [1, 3, 5, 6], scale: [1, 3, 5, 6], outChannels: 9 })).toBe(false)
    expect(covered({ x: [1, 3, 5, 6], scale: [1], outChannels: 9 })).toBe(false)
    expect(covered({ x: [1, 1, 1, 6], outChannels: 9 })).toBe(false)
  })
})
