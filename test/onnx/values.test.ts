/** What operators compute once imported, by values that ONNX's definitions give; spellings of one operator agree. */

import { describe, expect, it } from 'vitest'
import { nodesOf } from '../../ir/graph/graph.ts'
import { float32, fromNumbers, int64, type Tensor, tensor } from '../../ir/tensors/tensor.ts'
import type { DType } from '../../ir/tensors/types.ts'
import { counting, imported, type Result, run, type TestModel, type TestNode } from './model.ts'

type Given = Readonly<Record<string, Tensor>>

interface Call {
  readonly attrs?: TestNode['attrs']
  readonly constants?: Given
  readonly opset?: number
  readonly outputs?: readonly string[]
}

/** The model of `op` on all inputs, then all constants; a tensor called `_…` is left out. */
function model(op: string, inputs: Given, { attrs = {}, constants = {}, opset, outputs = ['result'] }: Call = {}): TestModel {
  const names = [...Object.keys(inputs), ...Object.keys(constants)].map((n) => (n.startsWith('_') ? '' : n))
  return { opset: opset ?? 17, inputs, constants, nodes: [{ op, in: names, out: outputs, attrs }], outputs }
}

function result(op: string, inputs: Given, call: Call = {}): Result {
  return run(model(op, inputs, call))[0] as Result
}

function values(op: string, inputs: Given, call: Call = {}): number[] {
  return result(op, inputs, call).values.map((v) => Math.round(v * 1e5) / 1e5 + 0)
}

const LN2 = Math.round(Math.LN2 * 1e5) / 1e5
const of = (dtype: DType, ...list: number[]): Tensor => fromNumbers({ dtype, shape: [list.length] }, list)
const float = (...list: number[]): Tensor => of('float32', ...list)
const ints = (...list: number[]): Tensor => int64([list.length], list)

describe('activations', () => {
  const x = float(-2, 0, 3)
  it.each<readonly [string, TestNode['attrs'], number[]]>([
    ['Relu', {}, [0, 0, 3]],
    ['LeakyRelu', { alpha: { float: 0.5 } }, [-1, 0, 3]],
    ['Sigmoid', {}, [0.1192, 0.5, 0.95257]],
    ['HardSigmoid', {}, [0.1, 0.5, 1]],
    ['HardSwish', {}, [-0.33333, 0, 3]],
    ['Tanh', {}, [-0.96403, 0, 0.99505]],
    ['Elu', {}, [-0.86466, 0, 3]],
    ['Selu', {}, [-1.52017, 0, 3.1521]],
    ['Celu', {}, [-0.86466, 0, 3]],
    ['Celu', { alpha: { float: 0.5 } }, [-0.49084, 0, 3]],
    ['ThresholdedRelu', {}, [0, 0, 3]],
    ['Sign', {}, [-1, 0, 1]],
    ['Softplus', {}, [0.12693, LN2, 3.04859]],
    ['Softsign', {}, [-0.66667, 0, 0.75]],
    ['Mish', {}, [-0.2525, 0, 2.98654]],
    ['Gelu', {}, [-0.0455, 0, 2.99595]],
    ['Gelu', { approximate: 'tanh' }, [-0.0454, 0, 2.99636]],
    ['Swish', {}, [-0.23841, 0, 2.85772]],
    ['Swish', { alpha: { float: 2 } }, [-0.03597, 0, 2.99258]],
  ])('%s %j', (op, attrs, want) => {
    expect(values(op, { x }, { attrs, opset: 24 })).toEqual(want)
  })

  it('Clip with run-time bounds on either side', () => {
    expect(values('Clip', { x, min: float(-1) })).toEqual([-1, 0, 3])
    expect(values('Clip', { x, _min: float(0), max: float(1) })).toEqual([-2, 0, 1])
  })

  it('PRelu has slopes per channel', () => {
    expect(values('PRelu', { x: float32([2, 2], [-1, -1, 1, -1]) }, { constants: { s: float(0.5, 0.25) } })).toEqual([
      -0.5, -0.25, 1, -0.25,
    ])
  })
})

describe('arithmetic', () => {
  it('takes any number of operands where ONNX does', () => {
    const inputs = { a: float(1, 5), b: float(2, 4), c: float(6) }
    expect(['Min', 'Max', 'Sum', 'Mean'].map((op) => values(op, inputs))).toEqual([
      [1, 4],
      [6, 6],
      [9, 15],
      [3, 5],
    ])
    expect(values('Sum', { a: float(1) })).toEqual([1])
  })

  it('Pow converts the exponent, or computes wide and converts the result', () => {
    expect(result('Pow', { x: float(2, 3), y: float(3, 2) })).toMatchObject({ dtype: 'float32', values: [8, 9] })
    expect(result('Pow', { x: float(2, 3), y: of('int32', 3, 2) })).toMatchObject({ dtype: 'float32', values: [8, 9] })
    expect(result('Pow', { x: of('int32', 2, 3), y: ints(3, 2) })).toMatchObject({ dtype: 'int32', values: [8, 9] })
    expect(result('Pow', { x: of('int32', 4, 3), y: float(0.5, 2) })).toMatchObject({ dtype: 'int32', values: [2, 9] })
  })

  it('functions of one operand', () => {
    const x = float(-1.5, 4)
    const of1 = (op: string): number[] => values(op, { x })
    expect(['Abs', 'Neg', 'Reciprocal', 'Floor', 'Ceil'].map(of1)).toEqual([
      [1.5, 4],
      [1.5, -4],
      [-0.66667, 0.25],
      [-2, 4],
      [-1, 4],
    ])
    expect(['Sqrt', 'Exp', 'Log', 'Erf'].map((op) => values(op, { x: float(4) }))).toEqual([[2], [54.59815], [1.38629], [1]])
  })
})

describe('logic', () => {
  const [a, b] = [of('bool', 0, 0, 1, 1), of('bool', 0, 1, 0, 1)]
  it.each([
    ['And', [0, 0, 0, 1]],
    ['Or', [0, 1, 1, 1]],
    ['Xor', [0, 1, 1, 0]],
  ])('%s', (op, want) => {
    expect(result(op, { a, b })).toMatchObject({ dtype: 'bool', values: want })
  })

  it.each([
    ['Equal', [0, 1, 0]],
    ['Less', [1, 0, 0]],
    ['LessOrEqual', [1, 1, 0]],
    ['Greater', [0, 0, 1]],
    ['GreaterOrEqual', [0, 1, 1]],
  ])('%s', (op, want) => {
    expect(result(op, { a: float(1, 2, 3), b: float(2) })).toMatchObject({ dtype: 'bool', values: want })
  })

  it('Not, Where and Range', () => {
    expect(values('Not', { a: of('bool', 0, 1) })).toEqual([1, 0])
    expect(values('Where', { c: of('bool', 1, 0), x: float(1, 2), y: float(3, 4) })).toEqual([1, 4])
    for (const [flag, want] of [
      [1, [5, 5]],
      [0, [1, 2]],
    ] as const) {
      const chosen = { op: 'Where', in: ['c', 'x', 'y'], out: ['z'] }
      expect(run({ inputs: { x: float(5), y: float(1, 2) }, constants: { c: of('bool', flag) }, nodes: [chosen] })[0]?.values).toEqual(want)
    }
    expect(values('Range', {}, { constants: { a: float(1), b: float(2), c: float(0.25) } })).toEqual([1, 1.25, 1.5, 1.75])
    expect(result('Range', {}, { constants: { a: ints(3), b: ints(0), c: ints(-2) } })).toMatchObject({ dtype: 'int64', values: [3, 1] })
  })
})

describe('reductions', () => {
  const x = float32([2, 2], [1, 2, 3, 4])
  it.each([
    ['ReduceMean', [1.5, 3.5]],
    ['ReduceSum', [3, 7]],
    ['ReduceMax', [2, 4]],
    ['ReduceMin', [1, 3]],
    ['ReduceProd', [2, 12]],
    ['ReduceL1', [3, 7]],
    ['ReduceL2', [2.23607, 5]],
    ['ReduceSumSquare', [5, 25]],
    ['ReduceLogSum', [1.09861, 1.94591]],
    ['ReduceLogSumExp', [2.31326, 4.31326]],
  ])('%s by attribute and by input, keeping axes or not', (op, want) => {
    expect(values(op, { x }, { opset: 11, attrs: { axes: [1], keepdims: 0 } })).toEqual(want)
    expect(result(op, { x }, { opset: 18, constants: { a: ints(1) } }).shape).toEqual([2, 1])
    expect(result(op, { x }, { opset: 18 }).shape).toEqual([1, 1])
    expect(result(op, { x }, { opset: 18, attrs: { keepdims: 0 } }).shape).toEqual([])
  })

  it('ReduceLogSumExp does not overflow', () => {
    expect(values('ReduceLogSumExp', { x: float(1000, 1000) })).toEqual([1000.69318])
    expect(values('ReduceLogSumExp', { x: of('float16', 60000, 60000) })).toEqual([60000])
  })
})

describe('movement', () => {
  it('Transpose reverses where nothing is said', () => {
    expect(result('Transpose', { x: counting([2, 3]) })).toMatchObject({ shape: [3, 2], values: [1, 4, 2, 5, 3, 6] })
  })

  it('Concat of one operand is that operand', () => {
    expect(nodesOf(imported(model('Concat', { x: counting([2]) }, { attrs: { axis: 0 } })))).toEqual([])
  })

  it('Split along an inner axis', () => {
    const parts = run(model('Split', { x: counting([2, 3]) }, { constants: { s: ints(1, 2) }, attrs: { axis: 1 }, outputs: ['a', 'b'] }))
    expect(parts.map((p) => p.values)).toEqual([
      [1, 4],
      [2, 3, 5, 6],
    ])
    expect(
      run(model('Split', { x: counting([2]) }, { opset: 18, attrs: { num_outputs: 3 }, outputs: ['a', 'b', 'c'] })).map((p) => p.shape),
    ).toEqual([[1], [1], [0]])
  })

  it('Slice by attributes and by inputs agree', () => {
    const x = counting([2, 4])
    expect(values('Slice', { x }, { opset: 9, attrs: { starts: [1], ends: [3], axes: [1] } })).toEqual([2, 3, 6, 7])
    expect(values('Slice', { x }, { opset: 9, attrs: { starts: [1, 2], ends: [9, 9] } })).toEqual([7, 8])
    expect(values('Slice', { x }, { constants: { s: ints(1, 2), e: ints(9, 9) } })).toEqual([7, 8])
  })

  it('SpaceToDepth and DepthToSpace', () => {
    const x = counting([1, 1, 2, 4])
    const deep = result('SpaceToDepth', { x }, { attrs: { blocksize: 2 } })
    expect(deep).toMatchObject({ shape: [1, 4, 1, 2], values: [1, 3, 2, 4, 5, 7, 6, 8] })
    const channels = counting([1, 8, 1, 1])
    expect(values('DepthToSpace', { x: channels }, { attrs: { blocksize: 2 } })).toEqual([1, 3, 5, 7, 2, 4, 6, 8])
    expect(values('DepthToSpace', { x: channels }, { attrs: { blocksize: 2, mode: 'CRD' } })).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('Gather, Cast and CastLike', () => {
    expect(values('Gather', { x: counting([3]), i: ints(-1, 0) })).toEqual([3, 1])
    expect(values('GatherElements', { x: counting([3]), i: ints(-1, 0) })).toEqual([3, 1])
    expect(result('Cast', { x: float(1.5) }, { attrs: { to: 7 } })).toMatchObject({ dtype: 'int64', values: [1] })
    expect(nodesOf(imported(model('CastLike', { x: float(1.5), t: float(1) })))).toEqual([])
  })

  it('Pad wraps on either side, crops, and does nothing', () => {
    const pad = (opset: number, pads: number[], call: Call = {}): number[] =>
      values('Pad', { x: counting([3]) }, { opset, constants: { p: ints(...pads) }, ...call })
    expect(pad(19, [1, 0], { attrs: { mode: 'wrap' } })).toEqual([3, 1, 2, 3])
    expect(pad(19, [0, 2], { attrs: { mode: 'wrap' } })).toEqual([1, 2, 3, 1, 2])
    expect(pad(17, [-1, -1])).toEqual([2])
    expect(pad(17, [0, 0])).toEqual([1, 2, 3])
    expect(pad(17, [1, 0], { constants: { p: ints(1, 0), v: float(9) } })).toEqual([9, 1, 2, 3])
    expect(values('Pad', { x: counting([2]) }, { opset: 10, attrs: { pads: [1, 1], value: { float: 5 } } })).toEqual([5, 1, 2, 5])
    const last = { p: ints(1, 0), _v: float(0), a: ints(-1) }
    expect(result('Pad', { x: counting([2, 1]) }, { opset: 18, constants: last }).values).toEqual([0, 1, 0, 2])
    expect(
      result('Pad', { x: counting([2, 2]) }, { opset: 19, constants: { p: ints(0, 1, 0, 1) }, attrs: { mode: 'wrap' } }).shape,
    ).toEqual([2, 4])
  })
})

describe('shapes', () => {
  const x = counting([2, 1, 3])
  const shapeOf = (op: string, call: Call = {}): readonly number[] => result(op, { x }, call).shape

  it('Flatten, Squeeze, Unsqueeze', () => {
    expect([0, 1, 3, -1].map((axis) => shapeOf('Flatten', { attrs: { axis } }))).toEqual([
      [1, 6],
      [2, 3],
      [6, 1],
      [2, 3],
    ])
    expect([shapeOf('Squeeze'), shapeOf('Squeeze', { constants: { a: ints(1) } })]).toEqual([
      [2, 3],
      [2, 3],
    ])
    expect(shapeOf('Squeeze', { opset: 11, attrs: { axes: [-2] } })).toEqual([2, 3])
    expect(shapeOf('Unsqueeze', { constants: { a: ints(0, -1) } })).toEqual([1, 2, 1, 3, 1])
    expect(shapeOf('Unsqueeze', { opset: 11, attrs: { axes: [1] } })).toEqual([2, 1, 1, 3])
  })

  it('Shape and Size', () => {
    expect(values('Shape', { x }, { opset: 13 })).toEqual([2, 1, 3])
    expect(values('Shape', { x }, { attrs: { start: -2 } })).toEqual([1, 3])
    expect(values('Shape', { x }, { attrs: { start: 0, end: -1 } })).toEqual([2, 1])
    expect(result('Size', { x })).toEqual({ dtype: 'int64', shape: [], values: [6] })
  })

  it('Expand, Tile, ConstantOfShape', () => {
    expect(shapeOf('Expand', { constants: { s: ints(4, 2, 5, 1) } })).toEqual([4, 2, 5, 3])
    expect(values('Tile', { x: counting([1, 2]) }, { constants: { r: ints(2, 2) } })).toEqual([1, 2, 1, 2, 1, 2, 1, 2])
    expect(result('ConstantOfShape', {}, { constants: { s: ints(2) } })).toEqual({ dtype: 'float32', shape: [2], values: [0, 0] })
    const value = { tensor: tensor('int64', [1], BigInt64Array.of(7n)) }
    expect(result('ConstantOfShape', {}, { constants: { s: ints(2) }, attrs: { value } })).toEqual({
      dtype: 'int64',
      shape: [2],
      values: [7, 7],
    })
  })

  it.each<readonly [TestNode['attrs'], Result]>([
    [{ value: { tensor: float32([1, 2], [1, 2]) } }, { dtype: 'float32', shape: [1, 2], values: [1, 2] }],
    [{ value_float: { float: 0.5 } }, { dtype: 'float32', shape: [], values: [0.5] }],
    [{ value_floats: { floats: [1, 2] } }, { dtype: 'float32', shape: [2], values: [1, 2] }],
    [{ value_int: 3 }, { dtype: 'int64', shape: [], values: [3] }],
    [{ value_ints: [3, 4] }, { dtype: 'int64', shape: [2], values: [3, 4] }],
  ])('Constant %j', (attrs, want) => {
    expect(result('Constant', {}, { attrs })).toEqual(want)
  })

  it('Dropout gives its input, and a mask that keeps everything', () => {
    const y = { x: float(1, 2) }
    expect(run(model('Dropout', y, { outputs: ['y', 'mask'] })).map((r) => [r.dtype, r.values])).toEqual([
      ['float32', [1, 2]],
      ['bool', [1, 1]],
    ])
    expect(run(model('Dropout', y, { opset: 7, outputs: ['y', 'mask'] }))[1]?.dtype).toBe('float32')
    const off = { r: float32([], [0.5]), t: tensor('bool', [], Uint8Array.of(0)) }
    expect(nodesOf(imported(model('Dropout', y, { constants: off })))).toEqual([])
  })

  it('Identity is nothing, also in a domain called ai.onnx', () => {
    const nodes = [{ op: 'Identity', in: ['x'], out: ['y'], domain: 'ai.onnx' }]
    expect(nodesOf(imported({ inputs: { x }, nodes }))).toEqual([])
  })
})

describe('layers', () => {
  const half = (shape: number[], ...list: number[]): Tensor => fromNumbers({ dtype: 'float16', shape }, list)
  const unit = { s: float(2, 2), b: float(1, 1), m: float(0, 0), v: float(1, 1) }

  it('BatchNormalization per channel, per activation, of vectors, and with wider parameters', () => {
    const attrs = { epsilon: { float: 0 } }
    expect(values('BatchNormalization', { x: float32([1, 2], [1, 2]) }, { constants: unit, attrs })).toEqual([3, 5])
    expect(
      values('BatchNormalization', { x: float32([1, 2], [1, 2]) }, { constants: unit, attrs: { ...attrs, spatial: 0 }, opset: 7 }),
    ).toEqual([3, 5])
    const nodes = [{ op: 'BatchNormalization', in: ['x', 's', 'b', 'm', 'v'], out: ['y', 'mean', 'var'], attrs }]
    expect(run({ opset: 9, inputs: { x: float32([1, 2], [1, 2]) }, constants: unit, nodes })[0]?.values).toEqual([3, 5])
    const single = { s: float(2), b: float(1), m: float(0), v: float(1) }
    expect(values('BatchNormalization', { x: float(1, 2) }, { constants: single, attrs })).toEqual([3, 5])
    expect(result('BatchNormalization', { x: half([1, 2], 1, 2), ...unit }, { attrs })).toMatchObject({ dtype: 'float16', values: [3, 5] })
  })

  it('Softmax over the last axis, in any opset', () => {
    for (const opset of [11, 13]) expect(values('Softmax', { x: float32([1, 2], [0, 0]) }, { opset })).toEqual([0.5, 0.5])
    expect(values('LogSoftmax', { x: float32([1, 1, 2], [0, 0]) }, { opset: 11 })).toEqual([-LN2, -LN2])
  })

  it('Gemm of run-time operands, with a scale, and without C', () => {
    const inputs = { a: counting([1, 2]), b: counting([2, 1]) }
    expect(values('Gemm', inputs)).toEqual([5])
    expect(values('Gemm', inputs, { attrs: { alpha: { float: 2 } } })).toEqual([10])
  })

  it('MaxPool of opset 8', () => {
    expect(values('MaxPool', { x: counting([1, 1, 3]) }, { opset: 8, attrs: { kernel_shape: [2] } })).toEqual([2, 3])
    expect(values('GlobalMaxPool', { x: counting([1, 2, 2]) })).toEqual([2, 4])
    expect(values('AveragePool', { x: counting([1, 1, 5]) }, { opset: 19, attrs: { kernel_shape: [2], dilations: [2] } })).toEqual([
      2, 3, 4,
    ])
  })

  it('weights that are pooled when compiling', () => {
    const nodes = [
      { op: 'MaxPool', in: ['c'], out: ['d'], attrs: { kernel_shape: [2] } },
      { op: 'Add', in: ['x', 'd'], out: ['y'] },
    ]
    const graph = { inputs: { x: float(0) }, constants: { c: counting([1, 1, 3]) }, nodes }
    expect(nodesOf(imported(graph)).map((n) => n.op)).toEqual(['add'])
    expect(run(graph)[0]?.values).toEqual([2, 3])
  })

  it('Resize of older opsets, and where no scale is meant', () => {
    const sizes = (opset: number, list: number[], attrs: TestNode['attrs'] = {}): number[] =>
      values('Resize', { x: counting([1, 3]) }, { opset, constants: { _roi: float(0), _scales: float(0), s: ints(...list) }, attrs })
    expect(sizes(13, [1, 6])).toEqual([1, 1, 2, 2, 3, 3])
    expect(sizes(12, [1, 6], { coordinate_transformation_mode: 'tf_half_pixel_for_nn', nearest_mode: 'floor' })).toEqual([1, 1, 2, 2, 3, 3])
    expect(sizes(13, [1, 0])).toEqual([])
    expect(values('Resize', { x: counting([1, 2]) }, { opset: 10, constants: { s: float(1, 2) } })).toEqual([1, 1, 2, 2])
  })
})
