/** Element types, shapes and tensor types: what a value in a graph may be. */

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
 * What the axes of a rank-4 image tensor mean. Spatial operators read and write `nhwc`;
 * `nchw` appears only where the model's own inputs and outputs use it. Absent = no claim.
 */
export type Layout = 'nhwc' | 'nchw'

/** Affine quantisation, real = scale · (stored − zeroPoint); per tensor, or per slice of `axis`. */
export interface Quantization {
  readonly scale: readonly number[]
  readonly zeroPoint: readonly number[]
  readonly axis?: number
}

export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
  readonly layout?: Layout
  readonly quantization?: Quantization
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((n, d) => n * d, 1)
}

export function byteSize(type: TensorType): number {
  return sizeOf(type.shape) * DTYPE_BYTES[type.dtype]
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] as number) * (shape[i + 1] as number)
  return strides
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i])
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16'
}

export function isWide(dtype: DType): boolean {
  return dtype === 'int64' || dtype === 'uint64'
}

/** `f32[1,224,224,3]`, as in printed IR and diagnostics. */
export function formatType(type: TensorType): string {
  const short = type.dtype.replace('float', 'f').replace('uint', 'u').replace('int', 'i')
  return `${short}[${type.shape.join(',')}]`
}
