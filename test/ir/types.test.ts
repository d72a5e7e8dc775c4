/** Equality of types, their text, and which quantisations are possible. */

import { describe, expect, it } from 'vitest'
import { boundProblem } from '../../ir/tensors/bound.ts'
import { quantizationProblem } from '../../ir/tensors/quantization.ts'
import { type DType, formatType, type Quantization, sameList, sameType, type TensorType } from '../../ir/tensors/types.ts'

const float: TensorType = { dtype: 'float32', shape: [2, 3] }
const quantized = (q: Partial<Quantization> = {}, dtype: DType = 'int8'): TensorType => ({
  dtype,
  shape: [2, 3],
  quantization: { scale: [0.5], zeroPoint: [3], ...q },
})
const perAxis = (q: Partial<Quantization> = {}): TensorType => quantized({ scale: [0.5, 0.25], zeroPoint: [0, 1], axis: 0, ...q })
const bounded = (axis: number, count: number): TensorType => ({ dtype: 'int64', shape: [2, 12], bound: { axis, count } })

describe('sameType', () => {
  it('holds of equal types, whoever made them', () => {
    expect(sameType(float, { shape: [2, 3], dtype: 'float32' })).toBe(true)
    expect(sameType(perAxis(), perAxis())).toBe(true)
    expect(sameType(bounded(1, 1), bounded(1, 1))).toBe(true)
  })

  it.each<[string, TensorType, TensorType]>([
    ['element type', float, { ...float, dtype: 'int32' }],
    ['extent', float, { ...float, shape: [3, 2] }],
    ['rank', float, { ...float, shape: [2, 3, 1] }],
    ['being quantised', { ...float, dtype: 'int8' }, quantized()],
    ['scale', quantized(), quantized({ scale: [0.25] })],
    ['zero point', quantized(), quantized({ zeroPoint: [4] })],
    ['scale of a slice', perAxis(), perAxis({ scale: [0.5, 0.5] })],
    ['axis', { ...perAxis(), shape: [2, 2] }, { ...perAxis({ axis: 1 }), shape: [2, 2] }],
    ['having an axis', perAxis({ scale: [0.5], zeroPoint: [3] }), quantized()],
    ['being bounded', bounded(1, 1), { dtype: 'int64', shape: [2, 12] }],
    ['axis of the bound', bounded(1, 1), bounded(0, 1)],
    ['count', bounded(1, 1), bounded(1, 2)],
  ])('does not hold of types that differ in %s', (_, a, b) => {
    expect([sameType(a, b), sameType(b, a), sameType(a, a), sameType(b, b)]).toEqual([false, false, true, true])
  })
})

it('lists are the same where length and elements are', () => {
  expect([sameList([1, 2], [1, 2]), sameList([], []), sameList([1], [1, 2]), sameList([1, 2], [2, 1])]).toEqual([true, true, false, false])
})

it('types have a text that says what is known', () => {
  expect([float, quantized({ scale: [0.023456], zeroPoint: [-128] }), perAxis(), bounded(1, 1)].map(formatType)).toEqual([
    'f32[2,3]',
    'i8[2,3]{s=0.02346,z=-128}',
    'i8[2,3]{axis=0,s=0.25..0.5,z=0..1}',
    'i64[2,≤12]{count=1}',
  ])
})

describe('quantizationProblem', () => {
  it.each([
    ['none', { ...float }],
    ['one scale', quantized()],
    ['a scale per slice', perAxis()],
    ['the ends of the range', quantized({ zeroPoint: [255] }, 'uint8')],
    ['32-bit sums', perAxis({ scale: [1e-9, 2], zeroPoint: [0, 0] })],
  ])('is none with %s', (_, type) => {
    expect(quantizationProblem(type)).toBeNull()
  })

  it.each<[TensorType, string]>([
    [quantized({}, 'float32'), 'float32 is quantised'],
    [quantized({}, 'int64'), 'int64 is quantised'],
    [quantized({}, 'bool'), 'bool is quantised'],
    [quantized({ axis: 2 }), 'is quantised along axis 2 of [2,3]'],
    [quantized({ axis: -1 }), 'is quantised along axis -1 of [2,3]'],
    [quantized({ axis: 1 }), 'has 1 scales and 1 zero points for 3 slices'],
    [perAxis({ zeroPoint: [0] }), 'has 2 scales and 1 zero points for 2 slices'],
    [quantized({ scale: [] }), 'has 0 scales and 1 zero points for 1 slices'],
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((s): [TensorType, string] => [
      quantized({ scale: [s] }),
      'has a scale that is not positive and finite',
    ]),
    ...[128, -129, 0.5].map((z): [TensorType, string] => [quantized({ zeroPoint: [z] }), 'has a zero point that is no int8']),
    [quantized({ zeroPoint: [-1] }, 'uint8'), 'has a zero point that is no uint8'],
  ])('of %j is: %s', (type, problem) => {
    expect(quantizationProblem(type)).toBe(problem)
  })
})

describe('boundProblem', () => {
  const count: TensorType = { dtype: 'int64', shape: [] }
  it('is none where another result, an int64 scalar, counts an axis', () => {
    expect([boundProblem([bounded(1, 1), count]), boundProblem([count, bounded(0, 0)]), boundProblem([float])]).toEqual([null, null, null])
  })

  it.each<[TensorType[], string]>([
    [[bounded(2, 1), count], 'result 0 is bounded along axis 2 of [2,12]'],
    [[bounded(1, 0), count], 'result 0 is counted by result 0, which is no int64 scalar'],
    [[bounded(1, 2), count], 'result 0 is counted by result 2, which is no int64 scalar'],
    [[count, bounded(1, 2), float], 'result 1 is counted by result 2, which is no int64 scalar'],
    [[bounded(1, 1), { dtype: 'int64', shape: [1] }], 'result 0 is counted by result 1, which is no int64 scalar'],
    [[bounded(1, 1), { dtype: 'int32', shape: [] }], 'result 0 is counted by result 1, which is no int64 scalar'],
  ])('of %j is: %s', (types, problem) => {
    expect(boundProblem(types)).toBe(problem)
  })
})
