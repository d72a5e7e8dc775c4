/** Constant data: a tensor type together with its elements, row-major. */

import { float16ToNumber, numberToFloat16 } from './float16.ts'
import { type DType, isWide, type Shape, sizeOf, type TensorType } from './types.ts'

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** float16 is stored as bits in a Uint16Array, bool as 0 and 1 in a Uint8Array. */
export interface Tensor {
  readonly type: TensorType
  readonly data: TensorData
}

/** `length` elements of `dtype`, all zero. */
export function allocate(dtype: DType, length: number): TensorData {
  return new ARRAYS[dtype](length)
}

/**
 * Makes a tensor from existing data. Throws where the data is not of `dtype`, or has another number of elements
 * than `shape`.
 */
export function tensor(dtype: DType, shape: Shape, data: TensorData): Tensor {
  if (data.length !== sizeOf(shape)) throw new RangeError(`${data.length} elements for shape [${shape}]`)
  if (!(data instanceof ARRAYS[dtype])) throw new TypeError(`${data.constructor.name} for dtype ${dtype}`)
  return { type: { dtype, shape }, data }
}

/** A float32 tensor; numbers are rounded. */
export function float32(shape: Shape, values: ArrayLike<number>): Tensor {
  return tensor('float32', shape, values instanceof Float32Array ? values : Float32Array.from(values))
}

/** An int64 tensor of safe integers. */
export function int64(shape: Shape, values: readonly number[]): Tensor {
  return tensor('int64', shape, BigInt64Array.from(values, BigInt))
}

/** View `bytes` (little-endian, any alignment) as elements of `dtype`. Copies. */
export function tensorFromBytes(type: TensorType, bytes: Uint8Array): Tensor {
  const aligned = new Uint8Array(bytes)
  const Data = ARRAYS[type.dtype]
  return { type, data: new Data(aligned.buffer, 0, sizeOf(type.shape)) }
}

/** The elements as little-endian bytes, without a copy. */
export function bytesOf(t: Tensor): Uint8Array {
  return new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength)
}

/** Same elements under another shape of equal size. */
export function reshaped(t: Tensor, shape: Shape): Tensor {
  return tensor(t.type.dtype, shape, t.data)
}

/** The elements as numbers. 64-bit integers beyond 2^53 lose their low bits. */
export function numbers(t: Tensor): ArrayLike<number> {
  if (t.type.dtype === 'float16') return Float32Array.from(t.data as Uint16Array, float16ToNumber)
  if (isWide(t.type.dtype)) return Float64Array.from(t.data as BigInt64Array, Number)
  return t.data as Float32Array
}

/** The elements, 64-bit integers exactly. */
export function exactNumbers(t: Tensor): ArrayLike<number | bigint> {
  return isWide(t.type.dtype) ? (t.data as BigInt64Array) : numbers(t)
}

/** Round (floats) or wrap (integers) `values` into a tensor of `type`. Non-finite values become 0 in integer types. */
export function fromNumbers(type: TensorType, values: ArrayLike<number>): Tensor {
  const { dtype, shape } = type
  if (dtype === 'float16') return { type, data: Uint16Array.from(values, numberToFloat16) }
  if (isWide(dtype)) {
    const data = allocate(dtype, sizeOf(shape)) as BigInt64Array
    for (let i = 0; i < data.length; i++) data[i] = toBigInt(values[i] as number)
    return { type, data }
  }
  const data = allocate(dtype, sizeOf(shape)) as Float32Array
  for (let i = 0; i < data.length; i++) data[i] = dtype === 'bool' ? Number(values[i] !== 0) : (values[i] as number)
  return { type, data }
}

/**
 * A tensor of `type` from its elements in order. The elements are bigints where the type is a 64-bit integer.
 * Elsewhere they are numbers, which are rounded or wrapped to the type.
 */
export function fromScalars(type: TensorType, elementAt: (index: number) => number | bigint): Tensor {
  const length = sizeOf(type.shape)
  if (!isWide(type.dtype)) {
    const values = new Float64Array(length)
    for (let i = 0; i < length; i++) values[i] = elementAt(i) as number
    return fromNumbers(type, values)
  }
  const data = allocate(type.dtype, length) as BigInt64Array
  for (let i = 0; i < length; i++) data[i] = elementAt(i) as bigint
  return { type, data }
}

function toBigInt(x: number): bigint {
  return Number.isFinite(x) ? BigInt(Math.trunc(x)) : 0n
}
