/** Shape inference of every op: result types, and refusals with their full text. */

import { describe, expect, it } from 'vitest'
import { InferError } from '../../ir/diagnostics.ts'
import { type OpName, opDef } from '../../ir/ops/index.ts'
import type { DType, TensorType } from '../../ir/tensors/types.ts'

/** `1x2x3`, with `:dtype` where it is not float32; a scalar is `[]`. */
function type(text: string): TensorType {
  const [, extents = '', dtype = 'float32'] = /^([\dx]*|\[\])(?::(\w+))?$/.exec(text) ?? []
  const shape = extents === '[]' ? [] : extents.split('x').map(Number)
  return { dtype: dtype as DType, shape }
}

function shown({ dtype, shape, bound }: TensorType): string {
  const extents = shape.length === 0 ? '[]' : shape.map((d, axis) => (axis === bound?.axis ? `≤${d}` : d)).join('x')
  return `${extents}${dtype === 'float32' ? '' : `:${dtype}`}`
}

/** The result's type, or the message of the refusal. */
function inferred(op: OpName, inputs: readonly string[], attrs: object): string {
  const { infer, defaults } = opDef(op)
  try {
    const results = infer(inputs.map(type), { ...defaults, ...attrs })
    return results.map(shown).join(' ')
  } catch (error) {
    if (error instanceof InferError) return `refused: ${error.message}`
    throw error
  }
}

type Row = readonly [inputs: string, attrs: object, result: string]

function table(op: OpName, rows: readonly Row[]): void {
  it.each(rows)(`${op} of (%s) with %j is %s`, (inputs, attrs, result) => {
    expect(
      inferred(
        op,
        inputs.split(' ').filter((s) => s !== ''),
        attrs,
      ),
    ).toBe(result)
  })
}

describe('windows', () => {
  table('conv', [
    ['1x8x9x4 6x3x3x4 6', {}, '1x6x7x6'],
    ['2x8x9x4:float16 6x3x2x4:float16 6:float16', { pads: [1, 2, 3, 4], strides: [2, 3] }, '2x5x5x6:float16'],
    ['1x8x9x4 6x3x3x2 6', { group: 2 }, '1x6x7x6'],
    ['1x8x9x4 4x3x3x1 4', { group: 4 }, '1x6x7x4'],
    ['1x9x9x4 6x3x3x4 6', { dilations: [4, 3] }, '1x1x3x6'],
    ['1x8x9x4 6x3x3x4 6 1x6x7x6', {}, '1x6x7x6'],
    ['1x8x9x4 6x3x3x4', {}, 'refused: takes 3 to 4 operands, has 2'],
    ['8x9x4 6x3x3x4 6', {}, 'refused: input and weights must have rank 4'],
    ['1x8x9x4 6x3x4 6', {}, 'refused: input and weights must have rank 4'],
    ['1x8x9x4 6x3x3x3 6', {}, 'refused: 4 input channels for weights of 3 in 1 groups'],
    ['1x8x9x4 6x3x3x4 6', { group: 0 }, 'refused: 4 input channels for weights of 4 in 0 groups'],
    ['1x8x9x0 6x3x3x4 6', { group: 0 }, 'refused: 0 input channels for weights of 4 in 0 groups'],
    ['1x8x9x4 5x3x3x2 5', { group: 2 }, 'refused: 5 output channels do not divide into 2 groups'],
    ['1x8x9x4 6x3x3x4 5', {}, 'refused: bias [5] for 6 output channels'],
    ['1x8x9x4 6x3x3x4 1x6', {}, 'refused: bias [1,6] for 6 output channels'],
    ['1x8x9x4 6x3x3x4 6 1x6x7x5', {}, 'refused: residual [1,6,7,5] for result [1,6,7,6]'],
    ['1x8x9x4 6x3x3x4:float16 6', {}, 'refused: operands differ in dtype'],
    ['1x8x9x4 6x3x3x4 6:float16', {}, 'refused: operands differ in dtype'],
    ['1x8x9x4 6x3x3x4 6 1x6x7x6:float16', {}, 'refused: operands differ in dtype'],
    ['1x8x9x4 6x0x3x4 6', {}, 'refused: kernel, strides and dilations must be at least 1'],
  ])

  const fits = 'does not fit into dimensions'
  table('pool', [
    ['1x8x9x4', { kernel: [2, 3], fn: 'max' }, '1x7x7x4'],
    ['1x8x9x4:int8', { kernel: [8, 9], fn: 'max' }, '1x1x1x4:int8'],
    ['1x8x9x4', { kernel: [9, 9] }, `refused: kernel 9×9 with dilations [1,1] ${fits} 8×9 with pads [0,0,0,0]`],
    ['1x8x9x4', { kernel: [9, 9], pads: [1, 0, 0, 0] }, '1x1x1x4'],
    ['1x8x9x4', { kernel: [9, 9], pads: [0, 0, 1, 0] }, '1x1x1x4'],
    ['1x8x9x4', { kernel: [2, 2], strides: [3, 4] }, '1x3x2x4'],
    ['1x8x9x4', { kernel: [2, 2], strides: [3, 4], ceil: true }, '1x3x3x4'],
    ['1x8x9x4', { kernel: [3, 3], strides: [5, 6], ceil: true }, '1x2x2x4'],
    // A last window that would start in the padding after the image does not count; nor does one right at its end.
    ['1x4x4x1', { kernel: [2, 2], strides: [4, 4], pads: [0, 0, 2, 2], ceil: true }, '1x1x1x1'],
    ['1x5x5x1', { kernel: [2, 2], strides: [4, 4], pads: [0, 0, 2, 2], ceil: true }, '1x2x2x1'],
    ['1x4x4x1', { kernel: [2, 2], strides: [4, 4], pads: [1, 1, 2, 2], ceil: true }, '1x2x2x1'],
    ['8x9x4', { kernel: [1, 1] }, 'refused: input must have rank 4'],
    ['', { kernel: [1, 1] }, 'refused: takes one operand, has 0'],
    ...['kernel', 'strides', 'dilations'].flatMap((name): Row[] => [
      ['1x8x9x4', { kernel: [1, 1], [name]: [0, 1] }, 'refused: kernel, strides and dilations must be at least 1'],
      ['1x8x9x4', { kernel: [1, 1], [name]: [1, 1.5] }, 'refused: kernel, strides and dilations must be at least 1'],
    ]),
    ['1x8x9x4', { kernel: [1, 1], pads: [0, -1, 0, 0] }, 'refused: negative pads [0,-1,0,0]'],
    ['1x8x9x4', { kernel: [1, 1], pads: [0, 0.5, 0, 0] }, 'refused: negative pads [0,0.5,0,0]'],
  ])
})

describe('products and reductions', () => {
  table('matmul', [
    ['2x3 3x4', {}, '2x4'],
    ['7x1x2x3 5x3x4', {}, '7x5x2x4'],
    ['2x3:float16 3x4:float16', {}, '2x4:float16'],
    ['3 3x4', {}, 'refused: operands must have rank 2 or more'],
    ['2x3 3', {}, 'refused: operands must have rank 2 or more'],
    ['2x3', {}, 'refused: takes 2 operands, has 1'],
    ['2x3 3x4:float16', {}, 'refused: operands have dtypes float32 and float16'],
    ['2x3:bool 3x4:bool', {}, 'refused: not defined on elements of type bool'],
    ['2x3 4x3', {}, 'refused: inner extents 3 and 4 differ'],
    ['2x2x3 3x3x4', {}, 'refused: shapes [2] and [3] do not broadcast'],
  ])
  table('reduce', [
    ['2x3x4', { axes: [1], keepDims: true }, '2x1x4'],
    ['2x3x4', { axes: [0, 2], keepDims: false }, '3'],
    ['2x3x4', { axes: [], keepDims: false }, '2x3x4'],
    ['1x2x3x4', { axes: [1, 2], keepDims: true }, '1x1x1x4'],
    ['1x2x3x4', { axes: [1, 2], keepDims: false }, '1x4'],
    ['2x3:int64', { axes: [0, 1], keepDims: false }, '[]:int64'],
    ['2x3x4', { axes: [0, 1, 2], keepDims: true }, '1x1x1'],
    ['', { axes: [] }, 'refused: takes one operand, has 0'],
    ['2x3:bool', { axes: [0] }, 'refused: not defined on elements of type bool'],
    ...[[2], [-1], [0.5], [1, 0], [1, 1]].map((axes): Row => ['2x3', { axes }, `refused: axes [${axes}] of a tensor of rank 2`]),
  ])
  table('softmax', [
    ['2x3', { axis: 1 }, '2x3'],
    ['1x2x3x4', { axis: 0 }, '1x2x3x4'],
    ['2x3', { axis: 2 }, 'refused: axis 2 of a tensor of rank 2'],
    ['2x3', { axis: -1 }, 'refused: axis -1 of a tensor of rank 2'],
    ['', { axis: 0 }, 'refused: takes one operand, has 0'],
  ])
})

describe('movement', () => {
  table('reshape', [
    ['2x6', { shape: [3, 4] }, '3x4'],
    ['1x2x3x4:int8', { shape: [24] }, '24:int8'],
    ['[]', { shape: [1, 1] }, '1x1'],
    ['2x6', { shape: [3, 5] }, 'refused: cannot reshape [2,6] to [3,5]'],
    ['', { shape: [1] }, 'refused: takes one operand, has 0'],
  ])
  table('transpose', [
    ['2x3x4', { perm: [2, 0, 1] }, '4x2x3'],
    ['1x2x3x4', { perm: [0, 3, 1, 2] }, '1x4x2x3'],
    ['1x2x3x4', { perm: [0, 2, 3, 1] }, '1x3x4x2'],
    ['1x2x3x4', { perm: [0, 3, 1, 2] }, '1x4x2x3'],
    ['1x2x3x4', { perm: [0, 3, 1, 2] }, '1x4x2x3'],
    ['1x2x3x4', { perm: [0, 2, 3, 1] }, '1x3x4x2'],
    ['1x2x3x4', { perm: [0, 2, 3, 1] }, '1x3x4x2'],
    ['1x2x3x4', { perm: [0, 2, 1, 3] }, '1x3x2x4'],
    ['11x2x2x2x2x2x2x2x2x2x3', { perm: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0] }, '3x2x2x2x2x2x2x2x2x2x11'],
    ['2x3', { perm: [0, 0] }, 'refused: permutation [0,0] of a tensor of rank 2'],
    ['2x3', { perm: [1] }, 'refused: permutation [1] of a tensor of rank 2'],
    ['2x3', { perm: [1, 2] }, 'refused: permutation [1,2] of a tensor of rank 2'],
    ['', { perm: [] }, 'refused: takes one operand, has 0'],
  ])
  table('slice', [
    ['5x6', { starts: [1, 2], sizes: [4, 3], steps: [1, 1] }, '4x3'],
    ['5x6', { starts: [4, 5], sizes: [5, 3], steps: [-1, -2] }, '5x3'],
    ['1x2x3x4', { starts: [0, 0, 0, 1], sizes: [1, 2, 3, 2], steps: [1, 1, 1, 2] }, '1x2x3x2'],
    ['5x6', { starts: [9, 0], sizes: [0, 6], steps: [1, 1] }, '0x6'],
    ...[
      [5, 1, 1],
      [-1, 1, 1],
      [1, 5, 1],
      [0, 3, -1],
      [0, 4, 2],
      [-1, 3, 1],
      [5, 2, -1],
      [6, 2, -2],
    ].map(
      ([start, size, step]): Row => [
        '5',
        { starts: [start], sizes: [size], steps: [step] },
        `refused: slice [${start}] + [${size}] of [5]`,
      ],
    ),
    ['5', { starts: [0, 0], sizes: [5, 1], steps: [1, 1] }, 'refused: slice [0,0] + [5,1] of [5]'],
    ['', { starts: [], sizes: [], steps: [] }, 'refused: takes one operand, has 0'],
  ])
  table('concat', [
    ['2x3 2x4', { axis: 1 }, '2x7'],
    ['1x2x3x4 1x2x3x1', { axis: 3 }, '1x2x3x5'],
    ['1x2x3x4 1x2x3x1', { axis: 3 }, '1x2x3x5'],
    ['2x3:int64 1x3:int64 4x3:int64', { axis: 0 }, '7x3:int64'],
    ['2x3 2x4', { axis: 0 }, 'refused: cannot join [2,3] and [2,4] on axis 0'],
    ['2x3 2x3:int8', { axis: 0 }, 'refused: cannot join [2,3] and [2,3] on axis 0'],
    ['2x3 2x3x1', { axis: 0 }, 'refused: cannot join [2,3] and [2,3,1] on axis 0'],
    ['2x3 2', { axis: 1 }, 'refused: cannot join [2,3] and [2] on axis 1'],
    ['2x3', { axis: 2 }, 'refused: axis 2 of a tensor of rank 2'],
    ['2x3', { axis: -1 }, 'refused: axis -1 of a tensor of rank 2'],
    ['', { axis: 0 }, 'refused: takes 1 or more operands, has 0'],
  ])
  const none = [0, 0]
  table('pad', [
    ['2x3', { before: [1, 0], after: [0, 4] }, '3x7'],
    ['1x2x3x4', { before: [0, 1, 1, 0], after: [0, 1, 1, 0] }, '1x4x5x4'],
    ['2x3', { before: [1, 2], after: none, mode: 'reflect' }, '3x5'],
    ['2x3', { before: none, after: [1, 2], mode: 'reflect' }, '3x5'],
    ['2x3', { before: none, after: [2, 0], mode: 'reflect' }, 'refused: reflect pads [0,0], [2,0] exceed [2,3]'],
    ['2x3', { before: [0, 3], after: none, mode: 'reflect' }, 'refused: reflect pads [0,3], [0,0] exceed [2,3]'],
    ['2x3', { before: [9, 9], after: none, mode: 'edge' }, '11x12'],
    ['2x0', { before: none, after: [0, 1], mode: 'edge' }, 'refused: edge pads [0,0], [0,1] exceed [2,0]'],
    ['2x0', { before: none, after: [0, 1] }, '2x1'],
    ['2x3', { before: [0, -1], after: none }, 'refused: negative pads'],
    ['2x3', { before: none, after: [-1, 0] }, 'refused: negative pads'],
    ['2x3', { before: [0], after: none }, 'refused: pads for a tensor of rank 2'],
    ['2x3', { before: none, after: [0] }, 'refused: pads for a tensor of rank 2'],
    ['', { before: [], after: [] }, 'refused: takes one operand, has 0'],
  ])
  table('expand', [
    ['2x1', { shape: [5, 2, 3] }, '5x2x3'],
    ['[]:int8', { shape: [2] }, '2:int8'],
    ['2x3', { shape: [2, 1] }, 'refused: cannot expand [2,3] to [2,1]'],
    ['2x3', { shape: [2, 4] }, 'refused: shapes [2,3] and [2,4] do not broadcast'],
    ['', { shape: [1] }, 'refused: takes one operand, has 0'],
  ])
  table('gather', [
    ['5x6 2x3:int64', { axis: 0 }, '2x3x6'],
    ['5x6:int8 []:int32', { axis: 1 }, '5:int8'],
    ['5x6 2:int16', { axis: 1 }, 'refused: indices of dtype int16'],
    ['5x6 2:int64', { axis: 2 }, 'refused: axis 2 of a tensor of rank 2'],
    ['5x6 2:int64', { axis: -1 }, 'refused: axis -1 of a tensor of rank 2'],
    ['5x6', { axis: 0 }, 'refused: takes 2 operands, has 1'],
    ['', { axis: 0 }, 'refused: takes 2 operands, has 0'],
  ])
  table('cast', [
    ['2x3', { to: 'int8' }, '2x3:int8'],
    ['1x2x3x4', { to: 'bool' }, '1x2x3x4:bool'],
    ['', { to: 'int8' }, 'refused: takes one operand, has 0'],
  ])
})

describe('resampling', () => {
  const all = { mode: 'nearest', coordinates: 'half_pixel', starts: [0, 0], ends: [1, 1], scales: [2, 1] }
  table('resize', [
    ['2x3', { ...all, sizes: [4, 3] }, '4x3'],
    ['2x3:int8', { ...all, sizes: [4, 3] }, '4x3:int8'],
    ['1x2x3x4', { ...all, sizes: [1, 4, 3, 4], scales: [1, 2, 1, 1], starts: [0, 0, 0, 0], ends: [1, 1, 1, 1] }, '1x4x3x4'],
    ['2x3', { ...all, sizes: [4] }, 'refused: sizes [4] for a tensor of rank 2'],
    ['2x3', { ...all, sizes: [4, 3], scales: [1] }, 'refused: sizes [4,3] for a tensor of rank 2'],
    ['', { ...all, sizes: [4] }, 'refused: takes one operand, has 0'],
    ['2x3', { ...all, sizes: [4, -3] }, 'refused: sizes [4,-3] must be integers of at least 0'],
    ['2x3', { ...all, sizes: [4, 0.5] }, 'refused: sizes [4,0.5] must be integers of at least 0'],
    ['2x3', { ...all, sizes: [4, 3], scales: [0, 1] }, 'refused: scales [0,1] must be positive'],
    ['2x3', { ...all, sizes: [4, 3], scales: [Number.POSITIVE_INFINITY, 1] }, 'refused: scales [Infinity,1] must be positive'],
    ['0x3', { ...all, sizes: [4, 3] }, 'refused: cannot resize [0,3] to [4,3]'],
    ['0x3', { ...all, sizes: [0, 4] }, '0x4'],
    ['2x3:int8', { ...all, mode: 'linear', sizes: [4, 3] }, 'refused: no linear interpolation on int8'],
  ])
})

describe('selection and order', () => {
  table('compare', [
    ['2x1 3', {}, '2x3:bool'],
    ['1x2x3x4 4', {}, '1x2x3x4:bool'],
    ['2:bool 2:bool', {}, '2:bool'],
    ['2', {}, 'refused: takes 2 operands, has 1'],
    ['2 2:int8', {}, 'refused: operands have dtypes float32 and int8'],
  ])
  table('where', [
    ['2x1:bool 3:int64 []:int64', {}, '2x3:int64'],
    ['4:bool 1x2x3x4 4', {}, '1x2x3x4'],
    ['2:bool 2', {}, 'refused: takes 3 operands, has 2'],
    ['2 2 2', {}, 'refused: condition of dtype float32'],
    ['2:bool 2 2:int8', {}, 'refused: operands have dtypes float32 and int8'],
  ])
  table('arg', [
    ['2x3', { axis: 1, keepDims: true }, '2x1:int64'],
    ['2x3', { axis: 0, keepDims: false }, '3:int64'],
    ['1x2x3x4', { axis: 3, keepDims: true }, '1x2x3x1:int64'],
    ['1x2x3x4', { axis: 3, keepDims: false }, '1x2x3:int64'],
    ['2x0', { axis: 1, keepDims: true }, 'refused: axis 1 of [2,0] is empty'],
    ['2:bool', { axis: 0, keepDims: true }, 'refused: not defined on elements of type bool'],
    ...[2, -1].map((axis): Row => ['2x3', { axis }, `refused: axis ${axis} of a tensor of rank 2`]),
    ['', { axis: 0 }, 'refused: takes one operand, has 0'],
  ])
  table('nonzero', [
    ['2x3', {}, '2x≤6:int64 []:int64'],
    ['1x2x0:bool', {}, '3x≤0:int64 []:int64'],
    ['[]:uint8', {}, '0x≤1:int64 []:int64'],
    ['', {}, 'refused: takes one operand, has 0'],
  ])
  table('topk', [
    ['2x3', { axis: 1, k: 2, largest: true }, '2x2 2x2:int64'],
    ['1x2x3x4:int8', { axis: 3, k: 0, largest: true }, '1x2x3x0:int8 1x2x3x0:int64'],
    ...[4, -1, 0.5].map((k): Row => ['2x3', { axis: 1, k }, `refused: ${k} of 3 elements`]),
    ['2:bool', { axis: 0, k: 1 }, 'refused: not defined on elements of type bool'],
    ...[2, -1].map((axis): Row => ['2x3', { axis, k: 1 }, `refused: axis ${axis} of a tensor of rank 2`]),
    ['', { axis: 0, k: 1 }, 'refused: takes one operand, has 0'],
  ])
  table('gather-elements', [
    ['2x3 2x5:int64', { axis: 1 }, '2x5'],
    ['2x3:int8 1x1:int32', { axis: 0 }, '1x1:int8'],
    ['2x3 2x3', { axis: 1 }, 'refused: indices of dtype float32'],
    ['2x3 3x1:int64', { axis: 1 }, 'refused: indices [3,1] into [2,3] along axis 1'],
    ['2x3 3:int64', { axis: 1 }, 'refused: indices [3] into [2,3] along axis 1'],
    ...[2, -1].map((axis): Row => ['2x3 2x3:int64', { axis }, `refused: axis ${axis} of a tensor of rank 2`]),
    ['2x3', { axis: 0 }, 'refused: takes 2 operands, has 1'],
    ['', { axis: 0 }, 'refused: takes 2 operands, has 0'],
  ])
})

describe('elementwise', () => {
  table('add', [
    ['2x3 2x3', {}, '2x3'],
    ['2x1 3', {}, '2x3'],
    ['[] 2x3', {}, '2x3'],
    ['5x1x1 1x7x1', {}, '5x7x1'],
    ['1x2x3x4 4', {}, '1x2x3x4'],
    ['4 1x2x3x4', {}, '1x2x3x4'],
    ['1x1x1x4 5x1x2x3x4', {}, '5x1x2x3x4'],
    ['2x3:int64 2x3:int64', {}, '2x3:int64'],
    ['2x3 2x3:float16', {}, 'refused: operands have dtypes float32 and float16'],
    ['2:bool 2:bool', {}, 'refused: not defined on elements of type bool'],
    ['2x3 2x4', {}, 'refused: shapes [2,3] and [2,4] do not broadcast'],
    ['2x3 2', {}, 'refused: shapes [2,3] and [2] do not broadcast'],
    ['2x0 2x3', {}, 'refused: shapes [2,0] and [2,3] do not broadcast'],
    ['2x0 2x1', {}, '2x0'],
    ['2x3', {}, 'refused: takes 2 operands, has 1'],
  ])
  table('abs', [
    ['2x3:int32', {}, '2x3:int32'],
    ['2x3:bool', {}, 'refused: not defined on elements of type bool'],
    ['', {}, 'refused: takes one operand, has 0'],
  ])
  table('tanh', [
    ['1x2x3x4:float16', {}, '1x2x3x4:float16'],
    ['2x3:int32', {}, 'refused: not defined on elements of type int32'],
  ])
})
