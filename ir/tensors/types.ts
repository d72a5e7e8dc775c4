/** Element types, shapes and tensor types, which together say what a value in a graph can be. */

export const DTYPE_BYTES = {
  float32: 4,
  float64: 8,
  float16: 2,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
} as const

export type DType = keyof typeof DTYPE_BYTES

/** Extents, outermost first. A scalar has shape `[]`. Every extent is a known integer ≥ 0. */
export type Shape = readonly number[]

/**
 * Affine quantisation: real = scale · (stored − zeroPoint). Without an `axis`, both lists have one element.
 * With an `axis`, they have one element per slice of that axis. `quantizationProblem` says what is allowed.
 */
export interface Quantization {
  readonly scale: readonly number[]
  readonly zeroPoint: readonly number[]
  readonly axis?: number
}

/**
 * The size of a result is only known when the network runs. `shape` has the largest possible extent along
 * `axis`. Another result of the same node, an int64 scalar, says how many slices there are; `count` is its
 * index. The slices after those hold zeros.
 *
 * A bound belongs to the node that states it. An operator that takes a bounded operand also takes the count as
 * an operand and states a bound of its own. In memory, and as an output of a graph, a bounded value has its
 * largest shape.
 */
export interface Bound {
  readonly axis: number
  /** Which result of the node is the count. */
  readonly count: number
}

/** What is known of a value when compiling. Two types are the same where `sameType` says so. */
export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
  readonly quantization?: Quantization
  readonly bound?: Bound
}

/** The one equality of types: element type, shape, quantisation and bound. */
export function sameType(a: TensorType, b: TensorType): boolean {
  const sameBound = a.bound?.axis === b.bound?.axis && a.bound?.count === b.bound?.count
  return a.dtype === b.dtype && sameShape(a.shape, b.shape) && sameQuantization(a.quantization, b.quantization) && sameBound
}

/** Whether both are absent, or have the same scales, zero points and axis. */
export function sameQuantization(a: Quantization | undefined, b: Quantization | undefined): boolean {
  if (!a || !b) return a === b
  return a.axis === b.axis && sameList(a.scale, b.scale) && sameList(a.zeroPoint, b.zeroPoint)
}

/** Whether two lists have equal elements in the same order. */
export function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i])
}

/** Whether two shapes have the same rank and extents. */
export function sameShape(a: Shape, b: Shape): boolean {
  return sameList(a, b)
}

/**
 * `type` with another shape. A quantisation for all elements stays. There must be no quantisation per slice of
 * an axis, and no bound.
 */
export function withShape({ dtype, quantization }: TensorType, shape: Shape): TensorType {
  return quantization ? { dtype, shape, quantization } : { dtype, shape }
}

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((n, d) => n * d, 1)
}

/** Bytes that the elements take. */
export function byteSize(type: TensorType): number {
  return sizeOf(type.shape) * DTYPE_BYTES[type.dtype]
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] as number) * (shape[i + 1] as number)
  return strides
}

/** Whether elements are floating-point numbers. */
export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16'
}

/** Whether elements are 64-bit integers, which a JavaScript number cannot hold exactly. */
export function isWide(dtype: DType): boolean {
  return dtype === 'int64' || dtype === 'uint64'
}

/**
 * The type as text, for printed IR and diagnostics. Scales are rounded.
 *
 * Examples: `f32[1,224,224,3]` is not quantised. `i8[1,14,14,96]{s=0.0235,z=-128}` is quantised.
 * `i8[96,3,3,1]{axis=0,s=0.001..0.04,z=0}` is quantised per slice, with the least and the largest scale. In
 * `i64[2,≤100]{count=1}`, result 1 of the node counts the columns.
 */
export function formatType({ dtype, shape, quantization, bound }: TensorType): string {
  const short = dtype.replace('float', 'f').replace('uint', 'u').replace('int', 'i')
  const extents = shape.map((d, axis) => (axis === bound?.axis ? `≤${d}` : d))
  const facts = [...(quantization ? formatQuantization(quantization) : []), ...(bound ? [`count=${bound.count}`] : [])]
  return `${short}[${extents}]${facts.length > 0 ? `{${facts}}` : ''}`
}

function formatQuantization({ scale, zeroPoint, axis }: Quantization): string[] {
  const facts = [`s=${formatRange(scale)}`, `z=${formatRange(zeroPoint)}`]
  return axis === undefined ? facts : [`axis=${axis}`, ...facts]
}

function formatRange(list: readonly number[]): string {
  const [least, most] = [Math.min(...list), Math.max(...list)].map((x) => Number(x.toPrecision(4)))
  return least === most ? `${least}` : `${least}..${most}`
}
