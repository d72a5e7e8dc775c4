/** float16 weights to float32. */

import { halfToFloat } from './elements'

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
export function widen_f16(x: usize, y: usize, count: i32): void {
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
