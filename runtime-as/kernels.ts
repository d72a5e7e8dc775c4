/** The runtime's exports: one row per kernel. The assembly states what each computes. */

export interface RuntimeKernelRow {
  /** `type name` in order; a `ptr` is an address. A range (begin and end, both i32) follows where `range` is set. */
  readonly params: string
  readonly range: boolean
}

const ranged = (params: string): RuntimeKernelRow => ({ params, range: true })

const map = ranged('ptr x, ptr y')
const mapWith = (...params: readonly string[]): RuntimeKernelRow => ranged(`ptr x, ptr y, ${params.map((p) => `f32 ${p}`).join(', ')}`)
const flat = ranged('ptr a, i32 stepA, ptr b, i32 stepB, ptr y')
const rows = ranged('ptr a, ptr b, ptr y, ptr rows')
const typedUnary = ranged('i32 function, ptr x, ptr y, ptr bounds')
const typedBinary = ranged('i32 function, ptr a, ptr b, ptr y, ptr rows')
const strided = ranged('ptr x, ptr y, ptr rows')
const selection = ranged('ptr condition, ptr a, ptr b, ptr y, ptr rows')
const gather = ranged('ptr x, ptr indices, ptr y, i32 extent, i32 count, i32 bytes')
const reduction = ranged('ptr x, ptr y, i32 reduced, i32 inner, f32 scale')
const window = ranged('ptr x, ptr y, ptr window')
const convolution = ranged('ptr x, ptr panels, ptr residual, ptr y, ptr window, i32 activation, f32 p, f32 q')

export const RUNTIME_KERNELS = {
  clamp_f32: mapWith('low', 'high'),
  leaky_relu_f32: mapWith('alpha'),
  hard_sigmoid_f32: mapWith('alpha', 'beta'),
  hard_swish_f32: map,
  sigmoid_f32: map,
  tanh_f32: map,
  elu_f32: mapWith('alpha'),
  exp_f32: map,
  log_f32: map,
  sqrt_f32: map,
  abs_f32: map,
  neg_f32: map,
  reciprocal_f32: map,
  floor_f32: map,
  ceil_f32: map,
  erf_f32: map,
  unary_i8: typedUnary,
  unary_u8: typedUnary,
  unary_i16: typedUnary,
  unary_u16: typedUnary,
  unary_i32: typedUnary,
  unary_u32: typedUnary,
  unary_i64: typedUnary,
  unary_u64: typedUnary,
  unary_f64: typedUnary,
  add_flat_f32: flat,
  sub_flat_f32: flat,
  mul_flat_f32: flat,
  div_flat_f32: flat,
  min_flat_f32: flat,
  max_flat_f32: flat,
  pow_flat_f32: flat,
  prelu_flat_f32: flat,
  add_rows_f32: rows,
  sub_rows_f32: rows,
  mul_rows_f32: rows,
  div_rows_f32: rows,
  min_rows_f32: rows,
  max_rows_f32: rows,
  pow_rows_f32: rows,
  prelu_rows_f32: rows,
  binary_i8: typedBinary,
  binary_u8: typedBinary,
  binary_i16: typedBinary,
  binary_u16: typedBinary,
  binary_i32: typedBinary,
  binary_u32: typedBinary,
  binary_i64: typedBinary,
  binary_u64: typedBinary,
  binary_f64: typedBinary,
  cast: ranged('ptr x, i32 from, ptr y, i32 to'),
  cast_f16_f32: map,
  cast_f32_f16: map,
  cast_u8_f32: map,
  expand_f16: { params: 'ptr x, ptr y, i32 count', range: false },
  copy: { params: 'ptr y, ptr x, i32 bytes', range: false },
  copy_rows: ranged('ptr x, ptr y, i32 bytes, i32 fromStride, i32 toStride'),
  copy_strided_8: strided,
  copy_strided_16: strided,
  copy_strided_32: strided,
  copy_strided_64: strided,
  copy_indexed: ranged('ptr x, ptr y, ptr tables, i32 bytes, ptr value, i32 size'),
  transpose_32: ranged('ptr x, ptr y, i32 rows, i32 columns'),
  gather_i32: gather,
  gather_i64: gather,
  gather_elements: ranged('ptr x, ptr indices, i32 wide, ptr y, ptr places, i32 extent, i32 stride, i32 count, i32 inner, i32 bytes'),
  arg_f32: ranged('i32 how, ptr x, ptr y, i32 extent, i32 inner'),
  arg_any: ranged('i32 how, i32 type, ptr x, ptr y, i32 extent, i32 inner'),
  topk: ranged('i32 how, i32 type, ptr x, ptr y, i32 extent, i32 k, i32 inner'),
  compare: ranged('i32 function, i32 type, ptr a, ptr b, ptr y, ptr rows'),
  where_8: selection,
  where_16: selection,
  where_32: selection,
  where_64: selection,
  reduce_sum_f32: reduction,
  reduce_max_f32: reduction,
  reduce_min_f32: reduction,
  reduce_prod_f32: reduction,
  reduce_l1_f32: reduction,
  reduce_l2_f32: reduction,
  reduce_any: ranged('i32 function, i32 mean, i32 type, ptr x, ptr y, ptr kept, ptr reduced, i32 count'),
  resize_f32: ranged('ptr x, ptr y, ptr taps, i32 count, i32 from, i32 to, i32 inner, f32 value'),
  resize_any: ranged('i32 type, ptr x, ptr y, ptr taps, i32 count, i32 from, i32 to, i32 inner, ptr value'),
  softmax_f32: ranged('ptr x, ptr y, i32 extent, i32 logarithm'),
  softmax_any: ranged('i32 type, ptr x, ptr y, i32 extent, i32 inner, i32 logarithm'),
  pool_max_f32: window,
  pool_mean_f32: window,
  pool_index: ranged('i32 columnMajor, i32 type, ptr x, ptr y, ptr window'),
  pool_any: ranged('i32 isMax, i32 type, ptr x, ptr y, ptr window'),
  conv_f32: convolution,
  depthwise_f32: convolution,
  pointwise_f32: ranged('ptr x, ptr panels, ptr residual, ptr y, i32 k, i32 n, i32 activation, f32 p, f32 q'),
  pack_panels: ranged('ptr weights, ptr bias, ptr y, i32 wide, i32 depth'),
  matmul_f32: ranged('ptr a, ptr b, ptr y, i32 m, i32 k, i32 n, ptr batches'),
  matmul_any: ranged('i32 type, ptr a, ptr b, ptr y, i32 m, i32 k, i32 n, ptr batches'),
  image_plan: { params: 'ptr plan, i32 size, i32 resized, i32 first, i32 count, i32 radius', range: false },
  image_clear: { params: 'ptr y, i32 n, ptr state', range: false },
  image_rows: {
    params: 'ptr strip, i32 count, i32 stride, ptr columns, ptr rows, i32 width, i32 height, ptr row, ptr y, i32 planar, ptr state',
    range: false,
  },
  image_finish: {
    params: 'ptr y, i32 n, i32 planar, i32 reversed, f32 factor0, f32 factor1, f32 factor2, f32 offset0, f32 offset1, f32 offset2',
    range: false,
  },
} as const satisfies Record<string, RuntimeKernelRow>

export type RuntimeKernelName = keyof typeof RUNTIME_KERNELS
