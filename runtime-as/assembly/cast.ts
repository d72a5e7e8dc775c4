/** Conversion of element types. */

import { F16, U64 } from '../codes'
import { floatToHalf, halfToFloat, loadFloat, loadInteger, storeFloat, storeInteger, toInteger } from './elements'

export function cast_f16_f32(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f32>(y + (i << 2), halfToFloat(load<u16>(x + (i << 1))))
}

/**
 * Four finite binary16 to f32: sign and magnitude are moved to their places, which gives the value times
 * 2^−112. The sign extension makes the sign bit arrive at both ends of the gap that the mask clears.
 */
@inline function finiteHalves(at: usize): v128 {
  const bits = v128.and(i32x4.shl(v128.load_ext<i16>(at), 13), i32x4.splat(0x8fffe000))
  return f32x4.mul(bits, f32x4.splat(reinterpret<f32>(0x77800000)))
}

/**
 * `count` finite binary16, a multiple of 4, to f32. y may begin in front of x and reach into it as long as it
 * does not end behind it: what is overwritten has been read.
 */
export function expand_f16(x: usize, y: usize, count: i32): void {
  const end = x + ((count as usize) << 1)
  if (ASC_FEATURE_SIMD) {
    for (; x < end; x += 8) {
      v128.store(y, finiteHalves(x))
      y += 16
    }
  } else {
    for (; x < end; x += 2) {
      store<f32>(y, halfToFloat(load<u16>(x)))
      y += 4
    }
  }
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
