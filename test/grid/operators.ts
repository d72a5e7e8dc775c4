/** The grid: for every operator that is read, its attributes and the shapes and types of its operands. */

import type { DType } from '../../ir/tensors/types.ts'
import { constant, type GridCase, gridCase, listed, type Operand, positive, product, values } from './grid.ts'

type Cases = readonly GridCase[]

const UNARY_SHAPES = [[], [7], [2, 3, 4, 5]] as const
const float = (value: number) => ({ float: value })

function unary(
  op: string,
  opsets: readonly number[],
  attrs: readonly Readonly<Record<string, ReturnType<typeof float>>>[] = [{}],
  of: (shape: readonly number[]) => Operand = values,
): Cases {
  return product({ opset: opsets, shape: UNARY_SHAPES, given: attrs }).map(({ opset, shape, given }) =>
    gridCase(op, opset, [of(shape)], given),
  )
}

const PAIRS = [
  [
    [2, 3, 4],
    [2, 3, 4],
  ],
  [[2, 3, 4], [4]],
  [
    [3, 1],
    [1, 4],
  ],
  [
    [2, 4, 3, 3],
    [4, 1, 1],
  ],
  [[], [5]],
] as const

function binary(
  op: string,
  opsets: readonly number[],
  dtypes: readonly DType[],
  second: (shape: readonly number[], dtype: DType) => Operand = (s, d) => values(s, d, 5),
): Cases {
  return product({ opset: opsets, dtype: dtypes, pair: PAIRS }).map(({ opset, dtype, pair: [a, b] }) =>
    gridCase(op, opset, [values(a, dtype), second(b, dtype)]),
  )
}

const ELEMENTWISE: Readonly<Record<string, Cases>> = {
  ...Object.fromEntries(
    ['Abs', 'Ceil', 'Exp', 'Floor', 'Neg', 'Relu', 'Sigmoid', 'Softplus', 'Softsign', 'Tanh', 'Identity'].map((op) => [
      op,
      unary(op, [7, 13]),
    ]),
  ),
  ...Object.fromEntries(['Log', 'Reciprocal', 'Sqrt'].map((op) => [op, unary(op, [7, 13], [{}], positive)])),
  Erf: unary('Erf', [9, 13]),
  Sign: [...unary('Sign', [9, 13]), ...UNARY_SHAPES.map((shape) => gridCase('Sign', 13, [values(shape, 'int32')]))],
  Celu: unary('Celu', [12], [{}, { alpha: float(2) }]),
  ThresholdedRelu: unary('ThresholdedRelu', [10], [{}, { alpha: float(0.5) }]),
  Elu: unary('Elu', [7], [{}, { alpha: float(0.5) }]),
  Selu: unary('Selu', [7], [{}, { alpha: float(1.5), gamma: float(1.1) }]),
  LeakyRelu: unary('LeakyRelu', [7, 16], [{}, { alpha: float(0.2) }]),
  HardSigmoid: unary('HardSigmoid', [7], [{}, { alpha: float(1 / 6) }, { alpha: float(0.3), beta: float(0.4) }]),
  HardSwish: unary('HardSwish', [14]),
  Mish: unary('Mish', [18]),
  Gelu: ['none', 'tanh'].flatMap((approximate) => UNARY_SHAPES.map((shape) => gridCase('Gelu', 20, [values(shape)], { approximate }))),
  Swish: UNARY_SHAPES.map((shape) => gridCase('Swish', 24, [values(shape)])),
  Not: UNARY_SHAPES.map((shape) => gridCase('Not', 9, [values(shape, 'bool')])),
  ...Object.fromEntries(['Add', 'Sub', 'Mul'].map((op) => [op, binary(op, [7, 14], ['float32', 'int32', 'int64'])])),
  Div: binary('Div', [7, 14], ['float32'], (shape) => positive(shape)),
  Pow: PAIRS.map(([a, b]) => gridCase('Pow', 13, [positive(a), values(b)])),
  PRelu: PAIRS.slice(0, 2)
    .concat(PAIRS.slice(3, 4))
    .map(([a, b]) => gridCase('PRelu', 9, [values(a), constant(b)])),
  ...Object.fromEntries(['Min', 'Max'].map((op) => [op, binary(op, [8, 13], ['float32'])])),
  ...Object.fromEntries(
    ['Sum', 'Mean'].map((op) => [
      op,
      PAIRS.flatMap(([a, b]) => [gridCase(op, 8, [values(a), values(b)]), gridCase(op, 13, [values(a), values(b), constant([])])]),
    ]),
  ),
  ...Object.fromEntries(['Equal', 'Greater', 'Less'].map((op) => [op, binary(op, [11], ['float32', 'int64'])])),
  ...Object.fromEntries(['GreaterOrEqual', 'LessOrEqual'].map((op) => [op, binary(op, [12, 16], ['float32', 'int64'])])),
  ...Object.fromEntries(['And', 'Or', 'Xor'].map((op) => [op, binary(op, [7], ['bool'])])),
  Where: PAIRS.map(([a, b]) => gridCase('Where', 9, [values(b, 'bool'), values(a), values(b)])),
  Clip: [
    ...product({ min: [undefined, float(-1)], max: [undefined, float(1)] }).map((attrs) => gridCase('Clip', 9, [values([3, 5])], attrs)),
    ...product({ min: [null, listed([-1], 'float32', [])], max: [null, listed([1], 'float32', [])] }).map(({ min, max }) =>
      gridCase('Clip', 13, [values([3, 5]), min, max]),
    ),
  ],
  Cast: product({ from: ['float32', 'int32', 'int64', 'uint8', 'bool'] as const, to: [1, 6, 7, 9] }).map(({ from, to }) =>
    gridCase('Cast', 13, [values([3, 5], from)], { to }),
  ),
  CastLike: [
    gridCase('CastLike', 15, [values([3, 5]), listed([1], 'int32')]),
    gridCase('CastLike', 19, [values([3, 5], 'int64'), listed([1], 'float32')]),
  ],
  Dropout: [gridCase('Dropout', 7, [values([3, 5])]), gridCase('Dropout', 13, [values([3, 5]), listed([0.5], 'float32', [])])],
}

const window = product({ kernel: [1, 3, 5], stride: [1, 2], dilation: [1, 2], pads: [undefined, [1, 1, 1, 1], [0, 1, 2, 0]] })
const pair = (n: number): [number, number] => [n, n]

const SPATIAL: Readonly<Record<string, Cases>> = {
  Conv: [
    ...product({ group: [1, 2, 4], bias: [false, true] }).flatMap(({ group, bias }) =>
      window.map(({ kernel, stride, dilation, pads }) =>
        gridCase('Conv', 11, [values([1, 4, 9, 10]), constant([8, 4 / group, kernel, kernel]), bias ? constant([8]) : null], {
          strides: pair(stride),
          dilations: pair(dilation),
          group,
          pads,
        }),
      ),
    ),
    ...product({ kernel: [2, 3, 4], stride: [1, 2, 3], auto_pad: ['SAME_UPPER', 'SAME_LOWER', 'VALID'] }).map(
      ({ kernel, stride, auto_pad }) =>
        gridCase('Conv', 11, [values([2, 3, 9, 10]), constant([5, 3, kernel, kernel])], { strides: pair(stride), auto_pad }),
    ),
    ...[1, 2].map((stride) => gridCase('Conv', 11, [values([1, 3, 9]), constant([5, 3, 3])], { strides: [stride] })),
  ],
  ConvTranspose: product({
    kernel: [2, 3],
    stride: [1, 2],
    group: [1, 2],
    pads: [undefined, [1, 0, 0, 1]],
    output_padding: [undefined, [0, 1]],
  })
    .filter(({ stride, output_padding }) => stride > 1 || !output_padding)
    .map(({ kernel, stride, ...attrs }) =>
      gridCase('ConvTranspose', 11, [values([1, 4, 5, 6]), constant([4, 3, kernel, kernel])], { strides: pair(stride), ...attrs }),
    ),
  MaxPool: product({ kernel: [2, 3], stride: [1, 2], ceil_mode: [0, 1], pads: [undefined, [1, 1, 1, 1]] }).map(
    ({ kernel, stride, ...attrs }) =>
      gridCase('MaxPool', 12, [values([1, 5, 8, 9])], { kernel_shape: pair(kernel), strides: pair(stride), ...attrs }),
  ),
  AveragePool: product({
    kernel: [2, 3],
    stride: [1, 2],
    ceil_mode: [0, 1],
    count_include_pad: [0, 1],
    pads: [undefined, [1, 1, 1, 1]],
  }).map(({ kernel, stride, ...attrs }) =>
    gridCase('AveragePool', 19, [values([1, 5, 8, 9])], { kernel_shape: pair(kernel), strides: pair(stride), ...attrs }),
  ),
  GlobalAveragePool: [
    [1, 5, 4, 7],
    [2, 3, 1, 1],
    [1, 3, 6],
  ].map((shape) => gridCase('GlobalAveragePool', 7, [values(shape)])),
  GlobalMaxPool: [
    [1, 5, 4, 7],
    [2, 3, 1, 1],
    [1, 3, 6],
  ].map((shape) => gridCase('GlobalMaxPool', 7, [values(shape)])),
  BatchNormalization: product({
    opset: [7, 9, 14, 15],
    shape: [
      [2, 5],
      [1, 5, 4, 3],
    ],
    epsilon: [undefined, float(1e-3)],
  }).map(({ opset, shape, epsilon }) =>
    gridCase(
      'BatchNormalization',
      opset,
      [values(shape), constant([5]), constant([5], 4), constant([5], 5), { ...positive([5]), constant: true }],
      { epsilon },
    ),
  ),
  Resize: product({
    mode: ['nearest', 'linear', 'cubic'],
    coordinate_transformation_mode: ['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'],
    scale: [
      [2, 2],
      [1.5, 3],
      [0.5, 0.75],
    ],
  }).map(({ scale, ...attrs }) => gridCase('Resize', 13, [values([1, 3, 4, 6]), null, listed([1, 1, ...scale], 'float32')], attrs)),
  Upsample: ['nearest', 'linear'].map((mode) => gridCase('Upsample', 9, [values([1, 3, 4, 6]), listed([1, 1, 2, 3], 'float32')], { mode })),
  DepthToSpace: ['DCR', 'CRD'].map((mode) => gridCase('DepthToSpace', 13, [values([1, 8, 3, 4])], { blocksize: 2, mode })),
  SpaceToDepth: [gridCase('SpaceToDepth', 13, [values([1, 2, 4, 6])], { blocksize: 2 })],
}

/** Axes are an input from opset `since` on. */
function reduction(op: string, since: number, of: (shape: readonly number[]) => Operand = values): Cases {
  return product({ opset: [since - 1, since], axes: [undefined, [1], [-1], [0, 2], [2, 3]], keepdims: [undefined, 0, 1] })
    .filter(({ opset, axes }) => opset >= 11 || !axes?.some((a) => a < 0))
    .map(({ opset, axes, keepdims }) =>
      opset < since
        ? gridCase(op, opset, [of([2, 3, 4, 5])], { axes, keepdims })
        : gridCase(op, opset, [of([2, 3, 4, 5]), axes ? listed(axes) : null], { keepdims }),
    )
}

const REDUCTIONS: Readonly<Record<string, Cases>> = {
  ...Object.fromEntries(
    ['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceLogSumExp', 'ReduceSumSquare'].map((op) => [
      op,
      reduction(op, 18),
    ]),
  ),
  ReduceSum: reduction('ReduceSum', 13),
  ReduceLogSum: reduction('ReduceLogSum', 18, positive),
  ...Object.fromEntries(
    ['Softmax', 'LogSoftmax'].map((op) => [
      op,
      product({ opset: [9, 11, 13], axis: [undefined, 0, 1, 3] }).map(({ opset, axis }) =>
        gridCase(op, opset, [values([2, 3, 4, 5])], { axis }),
      ),
    ]),
  ),
  ...Object.fromEntries(
    ['ArgMax', 'ArgMin'].map((op) => [
      op,
      product({ axis: [undefined, 1, -1], keepdims: [0, 1], select_last_index: [0, 1] }).map((attrs) =>
        gridCase(op, 13, [values([2, 3, 4, 5])], attrs),
      ),
    ]),
  ),
  TopK: product({ axis: [-1, 1], largest: [0, 1], k: [1, 3] }).map(({ k, ...attrs }) =>
    gridCase('TopK', 11, [values([2, 3, 4, 5]), listed([k])], attrs, 2),
  ),
  Gemm: product({ transA: [0, 1], transB: [0, 1], alpha: [undefined, float(0.5)], c: [null, [5], [3, 1], [3, 5]] as const }).map(
    ({ c, ...attrs }) =>
      gridCase('Gemm', 13, [values(attrs.transA ? [7, 3] : [3, 7]), constant(attrs.transB ? [5, 7] : [7, 5]), c ? constant(c) : null], {
        ...attrs,
        beta: float(2),
      }),
  ),
  MatMul: [
    [
      [3, 7],
      [7, 5],
    ],
    [
      [2, 3, 7],
      [7, 5],
    ],
    [
      [2, 3, 7],
      [2, 7, 5],
    ],
    [[7], [7, 5]],
    [[3, 7], [7]],
  ].flatMap(([a, b]) => [
    gridCase('MatMul', 13, [values(a as number[]), constant(b as number[])]),
    gridCase('MatMul', 13, [values(a as number[]), values(b as number[], 'float32', 6)]),
  ]),
}

const TYPES = ['float32', 'int64', 'uint8', 'bool'] as const
const x = (dtype: DType = 'float32') => values([2, 3, 4, 5], dtype)

const MOVEMENT: Readonly<Record<string, Cases>> = {
  Transpose: product({ dtype: TYPES, perm: [undefined, [0, 2, 3, 1], [0, 3, 1, 2], [3, 1, 0, 2]] }).map(({ dtype, perm }) =>
    gridCase('Transpose', 13, [x(dtype)], { perm }),
  ),
  Concat: product({ dtype: TYPES, axis: [0, 1, -1] }).map(({ dtype, axis }) =>
    gridCase('Concat', 13, [x(dtype), values([2, 3, 4, 5], dtype, 8)], { axis }),
  ),
  Split: product({ dtype: TYPES, opset: [11, 13] }).map(({ dtype, opset }) =>
    opset < 13
      ? gridCase('Split', opset, [x(dtype)], { axis: 2, split: [1, 3] }, 2)
      : gridCase('Split', opset, [x(dtype), listed([1, 3])], { axis: 2 }, 2),
  ),
  Slice: product({
    dtype: TYPES,
    starts: [
      [1, 0],
      [-1, 4],
    ],
    steps: [
      [1, 1],
      [-1, -2],
    ],
  }).map(({ dtype, starts, steps }) =>
    gridCase('Slice', 13, [x(dtype), listed(starts), listed(steps[0] === 1 ? [3, 5] : [-5, -9]), listed([1, 3]), listed(steps)]),
  ),
  Gather: product({ axis: [0, 1, -1], indices: [listed([1], 'int64', []), listed([0, 1, -1]), values([2, 2], 'uint8')] }).map(
    ({ axis, indices }) => gridCase('Gather', 13, [x(), indices.constant ? indices : listed([1, 0, 0, 1], 'int64', [2, 2])], { axis }),
  ),
  GatherElements: [0, 1, 3].map((axis) =>
    gridCase('GatherElements', 13, [x(), { dtype: 'int64', shape: [2, 3, 4, 5], fill: { seed: 1, low: -2, high: 1 } }], { axis }),
  ),
  Pad: product({
    mode: ['constant', 'reflect', 'edge'],
    pads: [
      [0, 0, 1, 1, 0, 0, 2, 1],
      [0, 1, 0, 0, 0, 0, 0, 3],
    ],
  }).map(({ mode, pads }) => gridCase('Pad', 13, [x(), listed(pads), listed([0.5], 'float32', [])], { mode })),
  Reshape: [[6, 20], [0, -1], [2, 0, 20], [-1]].map((shape) => gridCase('Reshape', 13, [x(), listed(shape)])),
  Flatten: [0, 1, 2, -1, undefined].map((axis) => gridCase('Flatten', 13, [x()], { axis })),
  Squeeze: [[0], [0, 2], [-2]].map((axes) => gridCase('Squeeze', 13, [values([1, 3, 1, 5]), listed(axes)])),
  Unsqueeze: [[0], [0, 3], [-1]].map((axes) => gridCase('Unsqueeze', 13, [values([3, 5]), listed(axes)])),
  Expand: [
    [2, 3, 5],
    [3, 1],
    [1, 3, 5],
  ].map((shape) => gridCase('Expand', 13, [values([3, 1]), listed(shape)])),
  Tile: [
    [1, 2],
    [3, 1],
    [2, 2],
  ].map((repeats) => gridCase('Tile', 13, [values([3, 5]), listed(repeats)])),
  Shape: product({ start: [undefined, 1, -1], end: [undefined, 2, -1] }).map((attrs) => gridCase('Shape', 15, [x()], attrs)),
  Size: [gridCase('Size', 13, [x()])],
  ConstantOfShape: [undefined, { tensor: { dtype: 'int64' as const, shape: [1], fill: [7] } }].map((value) =>
    gridCase('ConstantOfShape', 9, [listed([2, 3])], { value }),
  ),
  Range: [
    [0, 5, 1],
    [7, -2, -3],
  ].map((bounds) =>
    gridCase(
      'Range',
      11,
      bounds.map((b) => listed([b], 'int64', [])),
    ),
  ),
}

export const GRID: Readonly<Record<string, Cases>> = { ...ELEMENTWISE, ...SPATIAL, ...REDUCTIONS, ...MOVEMENT }

/** What is refused, by the code of its diagnostic. */
export const REFUSED: readonly (readonly [code: string, GridCase])[] = [
  ['unsupported-node', gridCase('Conv', 13, [values([1, 2, 4, 4, 4]), constant([3, 2, 2, 2, 2])])],
  ['unsupported-node', gridCase('MaxPool', 13, [values([1, 2, 4, 4, 4])], { kernel_shape: [2, 2, 2] })],
  ['unsupported-node', gridCase('Reshape', 13, [values([2, 3]), values([2], 'int64')])],
  ['unsupported-node', gridCase('TopK', 13, [values([2, 3]), values([1], 'int64')], {}, 2)],
]
