/** The exports of the runtime, with one row per kernel. The assembly states what each kernel computes. */

/** An address in bytes; `ptr?` is an address, or null for what is absent. */
export type OperandType = 'ptr' | 'ptr?' | 'i32' | 'f32'

export interface RuntimeKernelRow {
  /** Operands by name, in the order of the call. */
  readonly params: Readonly<Record<string, OperandType>>
  /** Whether two more operands follow, `begin` and `end`, both i32. They are the range to compute. */
  readonly range: boolean
}

function ranged<const P extends RuntimeKernelRow['params']>(params: P) {
  return { params, range: true } as const
}

function whole<const P extends RuntimeKernelRow['params']>(params: P) {
  return { params, range: false } as const
}

const strided = ranged({ x: 'ptr', y: 'ptr', rows: 'ptr' })
const gather = ranged({ x: 'ptr', indices: 'ptr', y: 'ptr', extent: 'i32', count: 'i32', bytes: 'i32' })
const reduction = ranged({ x: 'ptr', y: 'ptr', reduced: 'i32', inner: 'i32', scale: 'f32' })
const pooling = ranged({ x: 'ptr', y: 'ptr', window: 'ptr' })
const convolution = ranged({
  x: 'ptr',
  panels: 'ptr',
  residual: 'ptr?',
  y: 'ptr',
  window: 'ptr',
})

export const RUNTIME_KERNELS = {
  widen_f16: whole({ x: 'ptr', y: 'ptr', count: 'i32' }),
  copy: ranged({ x: 'ptr', y: 'ptr' }),
  copy_rows: ranged({ x: 'ptr', y: 'ptr', bytes: 'i32', fromStride: 'i32', toStride: 'i32' }),
  copy_strided_8: strided,
  copy_strided_16: strided,
  copy_strided_32: strided,
  copy_strided_64: strided,
  copy_indexed: ranged({ x: 'ptr', y: 'ptr', tables: 'ptr', bytes: 'i32', value: 'ptr', size: 'i32' }),
  transpose_32: ranged({ x: 'ptr', y: 'ptr', rows: 'i32', columns: 'i32' }),
  gather_i32: gather,
  gather_i64: gather,
  gather_elements: ranged({
    x: 'ptr',
    indices: 'ptr',
    wide: 'i32',
    y: 'ptr',
    places: 'ptr',
    extent: 'i32',
    stride: 'i32',
    count: 'i32',
    inner: 'i32',
    size: 'i32',
  }),
  arg_f32: ranged({ how: 'i32', x: 'ptr', y: 'ptr', extent: 'i32', inner: 'i32' }),
  arg_any: ranged({ how: 'i32', type: 'i32', x: 'ptr', y: 'ptr', extent: 'i32', inner: 'i32' }),
  topk: ranged({
    how: 'i32',
    type: 'i32',
    x: 'ptr',
    y: 'ptr',
    indices: 'ptr',
    extent: 'i32',
    k: 'i32',
    inner: 'i32',
    size: 'i32',
  }),
  nonzero: ranged({ type: 'i32', x: 'ptr', y: 'ptr', count: 'ptr', axes: 'ptr', n: 'i32' }),
  reduce_sum_f32: reduction,
  reduce_max_f32: reduction,
  reduce_min_f32: reduction,
  reduce_prod_f32: reduction,
  reduce_l1_f32: reduction,
  reduce_l2_f32: reduction,
  reduce_any: ranged({
    fn: 'i32',
    mean: 'i32',
    type: 'i32',
    x: 'ptr',
    y: 'ptr',
    kept: 'ptr',
    reduced: 'ptr',
    count: 'i32',
  }),
  resize_f32: ranged({ x: 'ptr', y: 'ptr', taps: 'ptr', count: 'i32', from: 'i32', to: 'i32', inner: 'i32', value: 'f32' }),
  resize_any: ranged({
    type: 'i32',
    x: 'ptr',
    y: 'ptr',
    taps: 'ptr',
    count: 'i32',
    from: 'i32',
    to: 'i32',
    inner: 'i32',
    value: 'ptr',
  }),
  row_max: whole({ x: 'ptr', n: 'i32', to: 'ptr' }),
  row_sum: whole({ x: 'ptr', n: 'i32', to: 'ptr', reciprocal: 'i32' }),
  softmax_any: ranged({ type: 'i32', x: 'ptr', y: 'ptr', extent: 'i32', inner: 'i32', logarithm: 'i32' }),
  pool_max_f32: pooling,
  pool_mean_f32: pooling,
  pool_index: ranged({ columnMajor: 'i32', type: 'i32', x: 'ptr', y: 'ptr', window: 'ptr' }),
  pool_any: ranged({ isMax: 'i32', type: 'i32', x: 'ptr', y: 'ptr', window: 'ptr' }),
  conv_f32: convolution,
  depthwise_f32: convolution,
  pointwise_f32: ranged({
    x: 'ptr',
    panels: 'ptr',
    residual: 'ptr?',
    y: 'ptr',
    k: 'i32',
    n: 'i32',
  }),
  pack_panels: ranged({ weights: 'ptr', bias: 'ptr', y: 'ptr', wide: 'i32', depth: 'i32' }),
  matmul_f32: ranged({ a: 'ptr', b: 'ptr', y: 'ptr', m: 'i32', k: 'i32', n: 'i32', batches: 'ptr' }),
  matmul_any: ranged({ type: 'i32', a: 'ptr', b: 'ptr', y: 'ptr', m: 'i32', k: 'i32', n: 'i32', batches: 'ptr' }),
  image_plan: whole({ plan: 'ptr', size: 'i32', resized: 'i32', first: 'i32', count: 'i32', radius: 'i32' }),
  image_clear: whole({ y: 'ptr', n: 'i32', state: 'ptr' }),
  image_rows: whole({
    strip: 'ptr',
    count: 'i32',
    stride: 'i32',
    columns: 'ptr',
    rows: 'ptr',
    width: 'i32',
    height: 'i32',
    row: 'ptr',
    y: 'ptr',
    planar: 'i32',
    state: 'ptr',
  }),
  image_finish: whole({
    y: 'ptr',
    n: 'i32',
    planar: 'i32',
    reversed: 'i32',
    factor0: 'f32',
    factor1: 'f32',
    factor2: 'f32',
    offset0: 'f32',
    offset1: 'f32',
    offset2: 'f32',
  }),
} as const satisfies Record<string, RuntimeKernelRow>

export type RuntimeKernelName = keyof typeof RUNTIME_KERNELS

/** Operand types by name, of one kernel. */
export type ParamsOf<N extends RuntimeKernelName> = (typeof RUNTIME_KERNELS)[N]['params']

/** The values of a kernel's operands, in the order of the call. */
export function inOrder<N extends RuntimeKernelName, T>(name: N, values: Readonly<Record<keyof ParamsOf<N>, T>>): T[] {
  return Object.keys(RUNTIME_KERNELS[name].params).map((param) => values[param as keyof ParamsOf<N>])
}

/**
 * Functions that emitted code calls for one element or one row, with the types of their parameters and of their
 * result.
 */
export const ELEMENT_FUNCTIONS = {
  pow_f64: { params: ['f64', 'f64'], result: 'f64' },
  power_i64: { params: ['i64', 'i64', 'i32'], result: 'i64' },
  half_to_float: { params: ['i32'], result: 'f32' },
  float_to_half: { params: ['f32'], result: 'i32' },
  row_offset: { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
} as const

export type ElementFunctionName = keyof typeof ELEMENT_FUNCTIONS
