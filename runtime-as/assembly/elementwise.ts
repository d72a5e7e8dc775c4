/** Functions that emitted elementwise code calls for one element or one row. */

import { floatToHalf, halfToFloat } from './elements'
import { pow64 } from './math'
import { outerOffset, word } from './rows'

/** a to the power of b, in f64: see `pow64`. */
export function pow_f64(a: f64, b: f64): f64 {
  return pow64(a, b)
}

/** base to the power of exponent, modulo 2^64. A negative exponent gives 0, except for bases 1 and −1. */
export function power_i64(base: i64, exponent: i64, signed: i32): i64 {
  if (signed && exponent < 0) {
    if (base == -1) return exponent & 1 ? -1 : 1
    return base == 1 ? 1 : 0
  }
  let result: i64 = 1
  let factor = base
  for (let rest = exponent as u64; rest != 0; rest >>= 1) {
    if (rest & 1) result *= factor
    factor *= factor
  }
  return result
}

/** The f32 value of binary16 bits, exactly. */
export function half_to_float(bits: i32): f32 {
  return halfToFloat(bits)
}

/** The binary16 bits of x, rounded to nearest with ties to even. */
export function float_to_half(x: f32): i32 {
  return floatToHalf(x)
}

/**
 * The number of elements before those that row `row` reads of operand `operand`, of `operands` in all. The
 * descriptor is that of rows.ts.
 */
export function row_offset(desc: usize, operand: i32, operands: i32, row: i32): i32 {
  const middle = word(desc, 1)
  const outer = row / middle
  return outerOffset(desc, operand, operands, outer) + (row - outer * middle) * word(desc, 3 + 2 * operand)
}
