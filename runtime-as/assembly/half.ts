/** float16 weights to float32. */

import { halfToFloat } from './elements'

/**
 * Converts four finite binary16 to f32. Sign and magnitude are moved to their places, which gives the value
 * times 2^−112. Sign extension puts the sign bit at both ends of a gap, and the mask clears the bits in the
 * gap.
 */
@inline function finiteHalves(at: usize): v128 {
  const bits = v128.and(i32x4.shl(v128.load_ext<i16>(at), 13), i32x4.splat(0x8fffe000))
  return f32x4.mul(bits, f32x4.splat(reinterpret<f32>(0x77800000)))
}

/**
 * Converts `count` finite binary16, a multiple of 4, to f32. y may begin before x and overlap it, as long as y
 * does not end after x ends: only values that have been read are then overwritten.
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
