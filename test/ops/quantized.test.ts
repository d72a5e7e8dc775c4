/** What operators do to the quantisation of their operands: movement carries it, everything else refuses it. */

import { describe, expect, it } from 'vitest'
import { InferError } from '../../ir/diagnostics.ts'
import { OPS, type OpName, opDef } from '../../ir/ops/index.ts'
import { defineOp } from '../../ir/ops/op.ts'
import { tensor } from '../../ir/tensors/tensor.ts'
import { formatType, type TensorType } from '../../ir/tensors/types.ts'

const whole: TensorType = { dtype: 'int8', shape: [2, 3], quantization: { scale: [0.5], zeroPoint: [1] } }
const byRow: TensorType = { dtype: 'int8', shape: [2, 3], quantization: { scale: [1, 2], zeroPoint: [3, 4], axis: 0 } }
const byColumn: TensorType = { dtype: 'int8', shape: [2, 3], quantization: { scale: [1, 2, 4], zeroPoint: [0, 0, 0], axis: 1 } }
const indices: TensorType = { dtype: 'int64', shape: [4, 5] }

function inferred(op: OpName, inputs: readonly TensorType[], attrs: object): string {
  const def = opDef(op)
  try {
    return def
      .infer(inputs, { ...def.defaults, ...attrs })
      .map(formatType)
      .join(' ')
  } catch (error) {
    if (error instanceof InferError) return error.message
    throw error
  }
}

const slice = (starts: number[], sizes: number[], steps: number[]) => ({ starts, sizes, steps })

describe('movement', () => {
  it.each<[OpName, TensorType[], object, string]>([
    ['reshape', [whole], { shape: [6] }, 'i8[6]{s=0.5,z=1}'],
    ['reshape', [byRow], { shape: [1, 2, 3, 1] }, 'i8[1,2,3,1]{axis=1,s=1..2,z=3..4}'],
    ['reshape', [byColumn], { shape: [2, 1, 3] }, 'i8[2,1,3]{axis=2,s=1..4,z=0}'],
    ['reshape', [byColumn], { shape: [3, 2] }, 'axis 1 of [2,3], along which the operand is quantised, is no axis of [3,2]'],
    ['reshape', [byRow], { shape: [6] }, 'axis 0 of [2,3], along which the operand is quantised, is no axis of [6]'],
    ['transpose', [whole], { perm: [1, 0] }, 'i8[3,2]{s=0.5,z=1}'],
    ['transpose', [byRow], { perm: [1, 0] }, 'i8[3,2]{axis=1,s=1..2,z=3..4}'],
    ['slice', [whole], slice([0, 1], [2, 2], [1, 1]), 'i8[2,2]{s=0.5,z=1}'],
    ['slice', [byRow], slice([1, 0], [1, 3], [1, 1]), 'i8[1,3]{axis=0,s=2,z=4}'],
    ['slice', [byColumn], slice([0, 2], [2, 2], [1, -2]), 'i8[2,2]{axis=1,s=1..4,z=0}'],
    ['concat', [whole, whole], { axis: 0 }, 'i8[4,3]{s=0.5,z=1}'],
    ['concat', [byRow, byRow], { axis: 0 }, 'i8[4,3]{axis=0,s=1..2,z=3..4}'],
    ['concat', [byRow, byRow], { axis: 1 }, 'i8[2,6]{axis=0,s=1..2,z=3..4}'],
    ['concat', [whole, byRow], { axis: 1 }, 'operands are quantised differently: i8[2,3]{s=0.5,z=1} and i8[2,3]{axis=0,s=1..2,z=3..4}'],
    [
      'concat',
      [whole, { dtype: 'int8', shape: [2, 3] }],
      { axis: 1 },
      'operands are quantised differently: i8[2,3]{s=0.5,z=1} and i8[2,3]',
    ],
    ['pad', [whole], { before: [1, 0], after: [0, 1] }, 'i8[3,4]{s=0.5,z=1}'],
    ['pad', [byRow], { before: [0, 0], after: [0, 1] }, 'i8[2,4]{axis=0,s=1..2,z=3..4}'],
    ['pad', [byRow], { before: [1, 0], after: [0, 0] }, 'axis 0, along which the operand is quantised, cannot grow from 2'],
    ['expand', [whole], { shape: [4, 2, 3] }, 'i8[4,2,3]{s=0.5,z=1}'],
    ['expand', [byRow], { shape: [4, 2, 3] }, 'i8[4,2,3]{axis=1,s=1..2,z=3..4}'],
    ['gather', [whole, indices], { axis: 0 }, 'i8[4,5,3]{s=0.5,z=1}'],
    ['gather', [byColumn, indices], { axis: 0 }, 'i8[4,5,3]{axis=2,s=1..4,z=0}'],
    ['gather', [byRow, indices], { axis: 1 }, 'i8[2,4,5]{axis=0,s=1..2,z=3..4}'],
    ['gather', [byRow, indices], { axis: 0 }, 'axis 0 is quantised: i8[2,3]{axis=0,s=1..2,z=3..4}'],
    [
      'gather',
      [whole, { dtype: 'int32', shape: [4], quantization: { scale: [1], zeroPoint: [0] } }],
      { axis: 0 },
      'indices are quantised: i32[4]{s=1,z=0}',
    ],
    [
      'gather-elements',
      [byRow, { ...indices, shape: [2, 2] }],
      { axis: 1 },
      'not defined on what is quantised along an axis: i8[2,3]{axis=0,s=1..2,z=3..4}',
    ],
    ['gather-elements', [whole, { ...indices, shape: [2, 2] }], { axis: 1 }, 'i8[2,2]{s=0.5,z=1}'],
  ])('%s of %j with %j gives %s', (op, inputs, attrs, result) => {
    expect(inferred(op, inputs, attrs)).toBe(result)
  })

  it('keeps the scales of the slices that are left, in their order', () => {
    const [type] = opDef('slice').infer([byColumn], slice([0, 2], [2, 2], [1, -2]))
    expect(type.quantization).toEqual({ scale: [4, 1], zeroPoint: [0, 0], axis: 1 })
    const [joined] = opDef('concat').infer([byRow, { ...byRow, quantization: { scale: [7, 8], zeroPoint: [5, 6], axis: 0 } }], { axis: 0 })
    expect(joined.quantization).toEqual({ scale: [1, 2, 7, 8], zeroPoint: [3, 4, 5, 6], axis: 0 })
  })

  it('copies stored elements', () => {
    const stored = { ...tensor('int8', [2, 3], Int8Array.of(1, 2, 3, 4, 5, 6)), type: byRow }
    const def = opDef('transpose')
    const types = def.infer([byRow], { perm: [1, 0] })
    expect(def.evaluate([stored], { perm: [1, 0] }, types)).toEqual([{ type: types[0], data: Int8Array.of(1, 4, 2, 5, 3, 6) }])
  })
})

describe('operators that do not say that they take them', () => {
  const others = (Object.keys(OPS) as OpName[]).filter((name) => !opDef(name).traits.quantized)

  it.each(others)('%s refuses quantised operands', (name) => {
    const { operands } = opDef(name)
    const count = typeof operands === 'number' ? operands : operands[0]
    expect(inferred(name, new Array(count).fill(whole), {})).toBe('takes no quantised operand: i8[2,3]{s=0.5,z=1}')
  })

  it.each(Object.keys(OPS) as OpName[])('%s refuses bounded operands', (name) => {
    const { operands } = opDef(name)
    const bounded: TensorType = { dtype: 'int64', shape: [2, 3], bound: { axis: 1, count: 1 } }
    const count = typeof operands === 'number' ? operands : operands[0]
    expect(inferred(name, new Array(count).fill(bounded), {})).toBe('takes no operand of bounded extent: i64[2,≤3]{count=1}')
  })

  it('an operator that says so takes them', () => {
    const both = defineOp<object, 1>({
      operands: 1,
      traits: { quantized: true, bounded: true },
      infer: ([x]) => [x],
      evaluate: ([x]) => [x],
    })
    const type: TensorType = { ...whole, bound: { axis: 1, count: 1 } }
    expect(both.infer([type], {})).toEqual([type])
  })
})
