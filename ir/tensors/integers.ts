/** Ranges of element types, and integers modulo them. */

import { DTYPE_BYTES, type DType, isFloat, isWide } from './types.ts'

/** Whether a type is a signed integer type. */
export function isSigned(dtype: DType): boolean {
  return dtype.startsWith('int')
}

/** The least and the greatest element of a type: infinities for floats, bigints for 64-bit integers. */
export function rangeOf(dtype: DType): readonly [number | bigint, number | bigint] {
  if (isFloat(dtype)) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  if (dtype === 'bool') return [0, 1]
  const bits = BigInt(DTYPE_BYTES[dtype] * 8)
  const range = isSigned(dtype) ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n]
  const [low, high] = range as [bigint, bigint]
  return isWide(dtype) ? [low, high] : [Number(low), Number(high)]
}

/** Truncates a number and wraps it to the range of an integer type below 64 bits. Infinities and NaN give 0. */
export function wrapped(x: number, dtype: DType): number {
  const unused = 32 - DTYPE_BYTES[dtype] * 8
  return isSigned(dtype) ? (x << unused) >> unused : (x << unused) >>> unused
}

/** Wraps an integer to the range of a 64-bit integer type. */
export function wrappedWide(x: bigint, dtype: DType): bigint {
  return dtype === 'int64' ? BigInt.asIntN(64, x) : BigInt.asUintN(64, x)
}
