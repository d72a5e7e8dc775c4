/** TensorProto.DataType: the element types of ONNX, by number. */

import type { DType } from '../../ir/tensors/types.ts'

const SUPPORTED: readonly (readonly [code: number, dtype: DType])[] = [
  [1, 'float32'],
  [2, 'uint8'],
  [3, 'int8'],
  [4, 'uint16'],
  [5, 'int16'],
  [6, 'int32'],
  [7, 'int64'],
  [9, 'bool'],
  [10, 'float16'],
  [11, 'float64'],
  [12, 'uint32'],
  [13, 'uint64'],
]

/** Names, by number, of types that ONNX has and this compiler does not support. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'undefined',
  8: 'string',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
}

const BY_CODE = new Map(SUPPORTED)
const BY_DTYPE = new Map(SUPPORTED.map(([code, dtype]) => [dtype, code]))

/** The element type with this number, or null where this compiler does not support it. */
export function dtypeOf(dataType: number): DType | null {
  return BY_CODE.get(dataType) ?? null
}

/** The number of an element type in `TensorProto.DataType`. */
export function dataTypeOf(dtype: DType): number {
  return BY_DTYPE.get(dtype) as number
}

/** The name of an element type, for messages. */
export function dataTypeName(dataType: number): string {
  return BY_CODE.get(dataType) ?? NAMES[dataType] ?? `number ${dataType}`
}
