/** Element types as the runtime's kernels take them. */

import type { DType } from '../../../ir/tensors/types.ts'

/** The runtime's type codes. */
export const TYPE_CODE: Readonly<Record<DType, number>> = {
  float32: 0,
  float64: 1,
  float16: 2,
  int8: 3,
  uint8: 4,
  int16: 5,
  uint16: 6,
  int32: 7,
  uint32: 8,
  int64: 9,
  uint64: 10,
  bool: 11,
}

/** Whether kernels compute on a type: float16 is only converted, since graphs are widened to float32 before. */
export function isComputed(dtype: DType): boolean {
  return dtype !== 'float16'
}
