/** Conversion of element types. */

import { F16, floatToHalf, halfToFloat, loadFloat, loadInteger, storeFloat, storeInteger, toInteger, U64 } from './elements'

export function cast_f16_f32(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f32>(y + (i << 2), halfToFloat(load<u16>(x + (i << 1))))
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
