/** Elements of any type, by the type's code (codes.ts). */

import { F16, F32, I16, I32, I64, I8, U16, U32, U64, U8 } from '../codes'

/** The f32 value of binary16 bits, exactly. Moving the bits to their places gives the value times 2^−112. */
@inline export function halfToFloat(bits: u32): f32 {
  const magnitude = reinterpret<f32>((bits & 0x7fff) << 13) * reinterpret<f32>(0x77800000)
  const special = (bits & 0x7c00) == 0x7c00 ? ((bits & 0x7fff) << 13) | 0x7f800000 : reinterpret<u32>(magnitude)
  return reinterpret<f32>(special | ((bits & 0x8000) << 16))
}

/** The binary16 bits of x, rounded to nearest with ties to even. Overflow gives infinity. */
@inline export function floatToHalf(x: f32): u32 {
  const bits = reinterpret<u32>(x)
  const sign = (bits >> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x47800000) return sign | 0x7c00
  if (magnitude < 0x38800000) return sign | (f32.nearest(reinterpret<f32>(magnitude) * 16777216) as u32)
  const rebased = magnitude - 0x38000000
  return sign | ((rebased + 0xfff + ((rebased >> 13) & 1)) >> 13)
}

/** Truncates toward zero. Values within ±2^64 are taken modulo 2^64. Values that are not finite give 0. */
@inline export function toInteger(v: f64): i64 {
  if (v >= 9223372036854775808.0 && v < 18446744073709551616.0) return (v as u64) as i64
  return f64.abs(v) <= 9223372036854775808.0 ? (v as i64) : 0
}

/** Element i of an integer type; unsigned types are zero-extended. */
@inline export function loadInteger(x: usize, type: i32, i: i32): i64 {
  if (type == I8) return load<i8>(x + i) as i64
  if (type == U8 || type > U64) return load<u8>(x + i) as i64
  if (type == I16) return load<i16>(x + (i << 1)) as i64
  if (type == U16) return load<u16>(x + (i << 1)) as i64
  if (type == I32) return load<i32>(x + (i << 2)) as i64
  if (type == U32) return load<u32>(x + (i << 2)) as i64
  return load<i64>(x + (i << 3))
}

/** Element i of a float type. */
@inline export function loadFloat(x: usize, type: i32, i: i32): f64 {
  if (type == F32) return load<f32>(x + (i << 2)) as f64
  return load<f64>(x + (i << 3))
}

/** Stores v as element i of an integer type: the low bits, or 1 for a bool that is not 0. */
@inline export function storeInteger(y: usize, type: i32, i: i32, v: i64): void {
  if (type == I8 || type == U8) store<u8>(y + i, v as u8)
  else if (type == I16 || type == U16) store<u16>(y + (i << 1), v as u16)
  else if (type == I32 || type == U32) store<u32>(y + (i << 2), v as u32)
  else if (type == I64 || type == U64) store<i64>(y + (i << 3), v)
  else store<u8>(y + i, v != 0 ? 1 : 0)
}

/** Stores v as element i of a float type, rounded to nearest. */
@inline export function storeFloat(y: usize, type: i32, i: i32, v: f64): void {
  if (type == F32) store<f32>(y + (i << 2), v as f32)
  else store<f64>(y + (i << 3), v)
}

/** Element i of any type as f64. 64-bit integers are rounded. */
export function loadNumber(x: usize, type: i32, i: i32): f64 {
  if (type <= F16) return loadFloat(x, type, i)
  const v = loadInteger(x, type, i)
  return type == U64 ? ((v as u64) as f64) : (v as f64)
}

/** Stores v as element i of any type. Floats are rounded; integers are truncated and wrapped. */
export function storeNumber(y: usize, type: i32, i: i32, v: f64): void {
  if (type <= F16) storeFloat(y, type, i, v)
  else storeInteger(y, type, i, toInteger(v))
}
