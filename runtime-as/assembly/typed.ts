/**
 * Elementwise arithmetic on the other element types: small and general rather than fast. The function is an
 * operand; strides and rows are those of binary.ts. Integers wrap; division truncates toward zero.
 */

import { pow64 } from './math'
import { outerOffset, word } from './rows'

const ADD = 0
const SUB = 1
const MUL = 2
const DIV = 3
const MIN = 4
const MAX = 5
const POW = 6

/** Division by zero gives 0. */
@inline function quotient<T>(a: T, b: T): T {
  if (isFloat<T>()) return a / b
  if (b == 0) return 0 as T
  if (isSigned<T>()) {
    if (b == (-1 as T)) return (0 - a) as T
  }
  return (a / b) as T
}

/** A negative exponent gives 0, except for bases 1 and −1 below 64 bits. */
function integerPower<T>(base: T, exponent: T): T {
  let result = 1 as T
  let factor = base
  let rest = exponent
  if (isSigned<T>()) {
    if (rest < 0) {
      if (sizeof<T>() == 8 || (base != 1 && base != (-1 as T))) return 0 as T
      rest = (0 - rest) as T
    }
  }
  while (rest != 0) {
    if (rest & 1) result = (result * factor) as T
    factor = (factor * factor) as T
    rest = ((rest as u64) >> 1) as T
  }
  return result
}

@inline function power<T>(a: T, b: T): T {
  if (isFloat<T>()) return pow64(a as f64, b as f64) as T
  else return integerPower<T>(a, b)
}

@inline function smaller<T>(a: T, b: T): T {
  if (isFloat<T>()) return min<T>(a, b)
  else return a < b ? a : b
}

@inline function larger<T>(a: T, b: T): T {
  if (isFloat<T>()) return max<T>(a, b)
  else return a > b ? a : b
}

@inline function applyBinary<T>(fn: i32, a: T, b: T): T {
  if (fn == ADD) return (a + b) as T
  if (fn == SUB) return (a - b) as T
  if (fn == MUL) return (a * b) as T
  if (fn == DIV) return quotient<T>(a, b)
  if (fn == MIN) return smaller<T>(a, b)
  if (fn == MAX) return larger<T>(a, b)
  if (fn == POW) return power<T>(a, b)
  return a < (0 as T) ? ((a * b) as T) : a
}

@inline function rows<T>(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  const middle = word(desc, 1)
  const inner = word(desc, 2)
  const innerA = word(desc, 4) * sizeof<T>()
  const innerB = word(desc, 6) * sizeof<T>()
  for (let row = begin; row < end; row++) {
    const outer = row / middle
    const at = row - outer * middle
    let fromA = a + (outerOffset(desc, 0, 2, outer) + at * word(desc, 3)) * sizeof<T>()
    let fromB = b + (outerOffset(desc, 1, 2, outer) + at * word(desc, 5)) * sizeof<T>()
    let to = y + row * inner * sizeof<T>()
    for (let i = 0; i < inner; i++) {
      store<T>(to, applyBinary<T>(fn, load<T>(fromA), load<T>(fromB)))
      fromA += innerA
      fromB += innerB
      to += sizeof<T>()
    }
  }
}

const CLAMP = 0
const ABS = 1

/** `bounds` points to two elements: low and high of a clamp. */
@inline function map<T>(fn: i32, x: usize, y: usize, bounds: usize, begin: i32, end: i32): void {
  const low = load<T>(bounds)
  const high = load<T>(bounds + sizeof<T>())
  for (let i = begin; i < end; i++) {
    const v = load<T>(x + i * sizeof<T>())
    let r: T
    if (fn == CLAMP) {
      const raised = v < low ? low : v
      r = high < raised ? high : raised
    } else if (fn == ABS) r = v < (0 as T) ? ((0 - v) as T) : v
    else r = -v as T
    store<T>(y + i * sizeof<T>(), r)
  }
}

export function binary_i8(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows<i8>(fn, a, b, y, desc, begin, end)
}

export function unary_i8(fn: i32, x: usize, y: usize, bounds: usize, begin: i32, end: i32): void {
  map<i8>(fn, x, y, bounds, begin, end)
}

export function binary_u8(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows<u8>(fn, a, b, y, desc, begin, end)
}

export function unary_u8(fn: i32, x: usize, y: usize, bounds: usize, begin: i32, end: i32): void {
  map<u8>(fn, x, y, bounds, begin, end)
}

export function binary_i16(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows<i16>(fn, a, b, y, desc, begin, end)
}

export function unary_i16(fn: i32, x: usize, y: usize, bounds: usize, begin: i32, end: i32): void {
  map<i16>(fn, x, y, bounds, begin, end)
}

export function binary_u16(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows<u16>(fn, a, b, y, desc, begin, end)
}

export function unary_u16(fn: i32, x: usize, y: usize, bounds: usize, begin: i32, end: i32): void {
  map<u16>(fn, x, y, bounds, begin, end)
}

export function binary_i32(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows<i32>(fn, a, b, y, desc, begin, end)
}

export function unary_i32(fn: i32, x: usize, y: usize, bounds: usize, begin: i32, end: i32): void {
  map<i32>(fn, x, y, bounds, begin, end)
}

export function binary_u32(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows<u32>(fn, a, b, y, desc, begin, end)
}

export function unary_u32(fn: i32, x: usize, y: usize, bounds: usize, begin: i32, end: i32): void {
  map<u32>(fn, x, y, bounds, begin, end)
}

export function binary_i64(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows<i64>(fn, a, b, y, desc, begin, end)
}

export function unary_i64(fn: i32, x: usize, y: usize, bounds: usize, begin: i32, end: i32): void {
  map<i64>(fn, x, y, bounds, begin, end)
}

export function binary_u64(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows<u64>(fn, a, b, y, desc, begin, end)
}

export function unary_u64(fn: i32, x: usize, y: usize, bounds: usize, begin: i32, end: i32): void {
  map<u64>(fn, x, y, bounds, begin, end)
}

export function binary_f64(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows<f64>(fn, a, b, y, desc, begin, end)
}

export function unary_f64(fn: i32, x: usize, y: usize, bounds: usize, begin: i32, end: i32): void {
  map<f64>(fn, x, y, bounds, begin, end)
}
