/** Conversion of element types. */

import { F16, floatToHalf, halfToFloat, loadFloat, loadInteger, storeFloat, storeInteger, toInteger, U64 } from './elements'

/**
 * binary16 bits in 32-bit lanes to f32, in integers, so that subnormals cost no more than others: the
 * exponent's bias grows by 112, twice for infinity and NaN, and what was subnormal is made normal by a
 * subtraction.
 */
@inline function halvesToFloats(bits: v128): v128 {
  const magnitude = i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13)
  const special = v128.and(i32x4.gt_s(magnitude, i32x4.splat(0x0f7fffff)), i32x4.splat(112 << 23))
  const normal = i32x4.add(i32x4.add(magnitude, i32x4.splat(112 << 23)), special)
  const subnormal = f32x4.sub(i32x4.add(magnitude, i32x4.splat(113 << 23)), f32x4.splat(reinterpret<f32>(113 << 23)))
  const isNormal = i32x4.gt_s(magnitude, i32x4.splat(0x007fffff))
  return v128.or(v128.bitselect(normal, subnormal, isNormal), i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16))
}

/** y may begin in front of x and reach into it as long as it does not end behind it: what is overwritten has been read. */
export function cast_f16_f32(x: usize, y: usize, begin: i32, end: i32): void {
  let i = begin
  if (ASC_FEATURE_SIMD) {
    for (; i + 4 <= end; i += 4) v128.store(y + (i << 2), halvesToFloats(v128.load_ext<u16>(x + (i << 1))))
  }
  for (; i < end; i++) store<f32>(y + (i << 2), halfToFloat(load<u16>(x + (i << 1))))
}

export function cast_f32_f16(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<u16>(y + (i << 1), floatToHalf(load<f32>(x + (i << 2))) as u16)
}

export function cast_u8_f32(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f32>(y + (i << 2), load<u8>(x + i) as f32)
}

/**
 * Any pair of types, by code (elements.ts). Integers wrap; floats truncate toward zero; non-zero becomes true.
 */
export function cast(x: usize, from: i32, y: usize, to: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    if (from <= F16) {
      const v = loadFloat(x, from, i)
      if (to <= F16) storeFloat(y, to, i, v)
      else storeInteger(y, to, i, to > U64 ? (v != 0 ? 1 : 0) : toInteger(v))
    } else {
      const v = loadInteger(x, from, i)
      if (to > F16) storeInteger(y, to, i, v)
      else storeFloat(y, to, i, from == U64 ? ((v as u64) as f64) : (v as f64))
    }
  }
}
