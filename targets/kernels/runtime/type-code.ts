/** Element types as the runtime's kernels take them. */

import type { DType } from '../../../ir/tensors/types.ts'
import { BOOL, F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64 } from '../../../runtime-as/codes.ts'

/** The runtime's type codes. */
export const TYPE_CODE: Readonly<Record<DType, number>> = {
  float32: F32,
  float64: F64,
  float16: F16,
  int8: I8,
  uint8: U8,
  int16: I16,
  uint16: U16,
  int32: I32,
  uint32: U32,
  int64: I64,
  uint64: U64,
  bool: BOOL,
}

/** Whether kernels compute on a type. They only convert float16, because graphs are widened to float32 before. */
export function isComputed(dtype: DType): boolean {
  return dtype !== 'float16'
}
