import { describe, expect, it } from 'vitest'
import { nodesOf } from '../../ir/graph/graph.ts'
import { float32, int64, tensor } from '../../ir/tensors/tensor.ts'
import { counting, imported, refusal, run, type TestModel, type TestNode } from './model.ts'

const node = (op: string, ins: string, outs: string, attrs: TestNode['attrs'] = {}): TestNode => ({
  op,
  in: ins.split(' ').map((n) => (n === '_' ? '' : n)),
  out: outs.split(' '),
  attrs,
})

const one = (model: TestModel) => {
  const [first] = run(model)
  if (!first) throw new Error('no output')
  return first
}

describe('convolution', () => {
  const x = counting([1, 1, 4, 4])
  const box = { w: float32([1, 1, 2, 2], [1, 1, 1, 1]) }

  it.each([
    ['SAME_UPPER', [14, 18, 22, 12, 30, 34, 38, 20, 46, 50, 54, 28, 27, 29, 31, 16]],
    ['SAME_LOWER', [1, 3, 5, 7, 6, 14, 18, 22, 14, 30, 34, 38, 22, 46, 50, 54]],
  ])('auto_pad %s', (auto_pad, values) => {
    expect(one({ inputs: { x }, constants: box, nodes: [node('Conv', 'x w', 'y', { auto_pad })] })).toEqual({
      dtype: 'float32',
      shape: [1, 1, 4, 4],
      values,
    })
  })

  it('auto_pad VALID, strides, asymmetric pads', () => {
    const valid = node('Conv', 'x w', 'y', { auto_pad: 'VALID', strides: [2, 2] })
    expect(one({ inputs: { x }, constants: box, nodes: [valid] }).values).toEqual([14, 22, 46, 54])
    const padded = node('Conv', 'x w', 'y', { pads: [0, 0, 1, 1], strides: [3, 3] })
    expect(one({ inputs: { x }, constants: box, nodes: [padded] }).values).toEqual([14, 12, 27, 16])
  })

  it('one-dimensional, grouped, with bias', () => {
    const model: TestModel = {
      inputs: { x: counting([1, 2, 4]) },
      constants: { w: float32([2, 1, 3], [1, 1, 1, 1, 0, -1]), b: float32([2], [10, 20]) },
      nodes: [node('Conv', 'x w b', 'y', { group: 2, pads: [1, 1], kernel_shape: [3] })],
    }
    expect(one(model)).toEqual({ dtype: 'float32', shape: [1, 2, 4], values: [13, 16, 19, 17, 14, 18, 18, 27] })
  })

  it('weights that are computed', () => {
    const nodes = [node('Mul', 'x x', 'ww'), node('Slice', 'ww s e', 'w'), node('Conv', 'x w', 'y')]
    const constants = { s: int64([4], [0, 0, 0, 0]), e: int64([4], [1, 1, 1, 1]) }
    expect(one({ inputs: { x: counting([1, 1, 2, 2]) }, constants, nodes }).values).toEqual([1, 2, 3, 4])
  })

  it.each([
    ['three spatial axes', { inputs: { x: counting([1, 1, 2, 2, 2]) }, w: [1, 1, 1, 1, 1] }, {}, /rank 5/],
    ['another kernel_shape', { inputs: { x }, w: [1, 1, 2, 2] }, { kernel_shape: [3, 3] }, /kernel_shape \[3,3\] differs/],
    ['an unknown attribute', { inputs: { x }, w: [1, 1, 2, 2] }, { fused: 1 }, /attribute fused = 1 is not supported/],
    ['a float for an int', { inputs: { x }, w: [1, 1, 2, 2] }, { group: { float: 1 } }, /group must be of type int, is float/],
    ['pads with auto_pad', { inputs: { x }, w: [1, 1, 2, 2] }, { pads: [1, 1, 1, 1], auto_pad: 'VALID' }, /together with auto_pad/],
  ] as const)('refuses %s', (_, { inputs, w }, attrs, message) => {
    expect(refusal({ inputs, constants: { w: counting(w) }, nodes: [node('Conv', 'x w', 'y', attrs)] })).toMatch(message)
  })
})

describe('pooling', () => {
  const x = counting([1, 1, 3, 3])

  it('ceil_mode takes a partial window that starts inside the image', () => {
    const attrs = { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }
    expect(one({ inputs: { x }, nodes: [node('MaxPool', 'x', 'y', attrs)] }).values).toEqual([5, 6, 8, 9])
    expect(one({ inputs: { x }, nodes: [node('AveragePool', 'x', 'y', attrs)] }).values).toEqual([3, 4.5, 7.5, 9])
  })

  it('count_include_pad', () => {
    const attrs = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] }
    expect(one({ inputs: { x }, nodes: [node('AveragePool', 'x', 'y', attrs)] }).values).toEqual([3, 4, 6, 7])
    const counted = one({ inputs: { x }, nodes: [node('AveragePool', 'x', 'y', { ...attrs, count_include_pad: 1 })] })
    expect(counted.values.map((v) => Math.round(v * 9))).toEqual([12, 16, 24, 28])
  })

  it('dilations', () => {
    expect(one({ inputs: { x }, nodes: [node('MaxPool', 'x', 'y', { kernel_shape: [2, 2], dilations: [2, 2] })] }).values).toEqual([9])
  })

  it('Indices are positions in the input, along rows or down columns', () => {
    const indices = (attrs: TestNode['attrs']) => {
      const pool = node('MaxPool', 'x', 'y i', { kernel_shape: [2, 2], ...attrs })
      return run({ inputs: { x: counting([1, 2, 2, 3]) }, nodes: [pool], outputs: ['y', 'i'] })[1]
    }
    expect(indices({})).toEqual({ dtype: 'int64', shape: [1, 2, 1, 2], values: [4, 5, 10, 11] })
    expect(indices({ storage_order: 1 })?.values).toEqual([3, 5, 9, 11])
  })
})

describe('normalisation', () => {
  const x = counting([1, 2, 1, 2])
  const parameters = { s: float32([2], [2, 3]), b: float32([2], [1, -1]), m: float32([2], [1, 2]), v: float32([2], [4, 9]) }
  const attrs = { epsilon: { float: 0 } }

  it('BatchNormalization is one product and one sum per channel', () => {
    const model: TestModel = { inputs: { x }, constants: parameters, nodes: [node('BatchNormalization', 'x s b m v', 'y', attrs)] }
    expect(one(model).values).toEqual([1, 2, 0, 1])
    expect(nodesOf(imported(model)).map((n) => n.op)).toEqual(['mul', 'add'])
  })

  it('BatchNormalization with computed parameters', () => {
    const inputs = { x, ...parameters }
    expect(one({ inputs, nodes: [node('BatchNormalization', 'x s b m v', 'y', attrs)] }).values).toEqual([1, 2, 0, 1])
  })

  it('refuses training', () => {
    const nodes = [node('BatchNormalization', 'x s b m v', 'y', { training_mode: 1 })]
    expect(refusal({ inputs: { x }, constants: parameters, nodes })).toMatch(/training_mode = 1[\s\S]*hint: export the model in eval mode/)
  })

  it('Softmax flattens before opset 13', () => {
    const ones = float32([1, 2, 2], [1, 1, 1, 1])
    const nodes = [node('Softmax', 'x', 'y', { axis: 1 })]
    expect(one({ opset: 11, inputs: { x: ones }, nodes }).values).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(one({ opset: 13, inputs: { x: ones }, nodes }).values).toEqual([0.5, 0.5, 0.5, 0.5])
  })
})

describe('clipping', () => {
  const x = float32([4], [-2, -1, 1, 8])
  const bounds = { lo: float32([], [-1]), hi: float32([], [6]) }

  it.each([
    ['attributes', 6, node('Clip', 'x', 'y', { min: { float: -1 }, max: { float: 6 } }), [-1, -1, 1, 6]],
    ['inputs', 13, node('Clip', 'x lo hi', 'y'), [-1, -1, 1, 6]],
    ['no minimum', 13, node('Clip', 'x _ hi', 'y'), [-2, -1, 1, 6]],
    ['no maximum', 13, node('Clip', 'x lo', 'y'), [-1, -1, 1, 8]],
  ] as const)('by %s is one clamp', (_, opset, clip, values) => {
    const model: TestModel = { opset: Math.max(7, opset), inputs: { x }, constants: opset === 6 ? {} : bounds, nodes: [clip] }
    expect(one(model).values).toEqual(values)
    expect(nodesOf(imported(model)).map((n) => n.op)).toEqual(['clamp'])
  })

  it('by run-time bounds', () => {
    expect(one({ inputs: { x, ...bounds }, nodes: [node('Clip', 'x lo hi', 'y')] }).values).toEqual([-1, -1, 1, 6])
  })
})

describe('matrix products', () => {
  it('Gemm with all its attributes', () => {
    const model: TestModel = {
      inputs: { a: counting([2, 3]) },
      constants: { b: counting([2, 2]), c: float32([2, 1], [10, 20]) },
      nodes: [node('Gemm', 'a b c', 'y', { transA: 1, transB: 1, alpha: { float: 2 }, beta: { float: 0.5 } })],
    }
    expect(refusal(model)).toMatch(/C of shape|do not broadcast/)
    const fitting = { ...model, constants: { ...model.constants, c: float32([2], [10, 20]) } }
    expect(one(fitting)).toEqual({ dtype: 'float32', shape: [3, 2], values: [23, 48, 29, 62, 35, 76] })
  })

  it('MatMul drops the axis of a vector', () => {
    const constants = { v: float32([3], [1, 0, -1]) }
    expect(one({ inputs: { a: counting([2, 3]) }, constants, nodes: [node('MatMul', 'a v', 'y')] })).toMatchObject({
      shape: [2],
      values: [-2, -2],
    })
    expect(one({ inputs: { a: counting([3, 2]) }, constants, nodes: [node('MatMul', 'v a', 'y')] })).toMatchObject({
      shape: [2],
      values: [-4, -4],
    })
    expect(one({ inputs: { a: counting([3]) }, constants, nodes: [node('MatMul', 'v a', 'y')] })).toMatchObject({ shape: [], values: [-2] })
  })
})

describe('shapes', () => {
  it('a chain from Shape to Reshape is resolved', () => {
    const model: TestModel = {
      opset: 11,
      inputs: { x: counting([2, 3, 1, 1]) },
      shapes: { x: ['N', 3, 1, 1] },
      constants: { zero: int64([], [0]), rest: int64([1], [-1]) },
      nodes: [
        node('Shape', 'x', 's'),
        node('Gather', 's zero', 'n', { axis: 0 }),
        node('Unsqueeze', 'n', 'n1', { axes: [0] }),
        node('Concat', 'n1 rest', 'shape', { axis: 0 }),
        node('Reshape', 'x shape', 'y'),
      ],
      options: { dims: { N: 2 } },
    }
    expect(one(model).shape).toEqual([2, 3])
    expect(nodesOf(imported(model)).map((n) => n.op)).toEqual(['reshape'])
  })

  it('Reshape copies with 0 unless allowzero', () => {
    const constants = { s: int64([2], [0, -1]) }
    expect(one({ inputs: { x: counting([2, 3, 2]) }, constants, nodes: [node('Reshape', 'x s', 'y')] }).shape).toEqual([2, 6])
    expect(refusal({ inputs: { x: counting([2, 3, 2]) }, constants, nodes: [node('Reshape', 'x s', 'y', { allowzero: 1 })] })).toMatch(
      /cannot reshape/,
    )
  })

  it.each([
    [[-1], [Number.MIN_SAFE_INTEGER], [0], [-1], [5, 4, 3, 2, 1]],
    [[-2], [2 ** 62], [0], [1], [4, 5]],
    [[3], [0], [-1], [-2], [4, 2]],
    [[9], [-9], [0], [-4], [5, 1]],
    [[2], [1], [0], [1], []],
  ])('Slice from %j to %j', (starts, ends, axes, steps, values) => {
    const ints = (list: readonly number[]) => int64([list.length], list)
    const constants = { s: ints(starts), e: ints(ends), a: ints(axes), t: ints(steps) }
    expect(one({ inputs: { x: counting([5]) }, constants, nodes: [node('Slice', 'x s e a t', 'y')] }).values).toEqual(values)
  })

  it('Pad removes where pads are negative, and wraps', () => {
    const x = counting([4])
    const pad = (pads: number[], mode: string) =>
      one({ opset: 19, inputs: { x }, constants: { p: int64([2], pads) }, nodes: [node('Pad', 'x p', 'y', { mode })] }).values
    expect(pad([-1, 2], 'constant')).toEqual([2, 3, 4, 0, 0])
    expect(pad([-1, 2], 'reflect')).toEqual([2, 3, 4, 3, 2])
    expect(pad([2, 1], 'wrap')).toEqual([3, 4, 1, 2, 3, 4, 1])
  })

  it('Split into uneven parts from opset 18 on', () => {
    const split = node('Split', 'x', 'a b', { axis: 0 })
    const model = { inputs: { x: counting([5]) }, nodes: [split], outputs: ['a', 'b'] }
    expect(run({ ...model, opset: 18 }).map((r) => r.values)).toEqual([
      [1, 2, 3],
      [4, 5],
    ])
    expect(refusal({ ...model, opset: 13 })).toMatch(/does not split into 2 equal parts/)
  })

  it('a shape that depends on run-time values is refused', () => {
    const nodes = [node('Reshape', 'x s', 'y')]
    expect(refusal({ inputs: { x: counting([4]), s: int64([1], [4]) }, nodes })).toMatch(/shape is not known when compiling/)
  })
})

describe('reductions', () => {
  const x = counting([2, 3])

  it('axes as attribute, as input, absent, empty', () => {
    const axes = { a: int64([1], [-1]), none: int64([0], []) }
    expect(one({ inputs: { x }, nodes: [node('ReduceMean', 'x', 'y', { axes: [1], keepdims: 0 })] })).toMatchObject({
      shape: [2],
      values: [2, 5],
    })
    expect(one({ opset: 18, inputs: { x }, constants: axes, nodes: [node('ReduceMean', 'x a', 'y')] })).toMatchObject({ shape: [2, 1] })
    expect(one({ opset: 18, inputs: { x }, nodes: [node('ReduceMean', 'x', 'y')] })).toMatchObject({ shape: [1, 1], values: [3.5] })
    const noop = node('ReduceSum', 'x none', 'y', { noop_with_empty_axes: 1 })
    expect(one({ inputs: { x }, constants: axes, nodes: [noop] }).values).toEqual([1, 2, 3, 4, 5, 6])
  })
})

describe('element types', () => {
  it('int8 data as int32_data, bool and float16 constants', () => {
    const constants = { h: tensor('float16', [2], Uint16Array.from([0x3c00, 0xc000])) }
    const nodes = [node('Cast', 'h', 'f', { to: 1 }), node('Add', 'x f', 'y')]
    expect(one({ inputs: { x: float32([2], [1, 1]) }, constants, nodes }).values).toEqual([2, -1])
  })

  it('operands of different types are refused', () => {
    const constants = { i: int64([2], [1, 2]) }
    expect(refusal({ inputs: { x: float32([2], [1, 1]) }, constants, nodes: [node('Add', 'x i', 'y')] })).toMatch(
      /dtypes float32 and int64/,
    )
  })
})
