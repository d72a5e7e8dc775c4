/** Comparison and selection, element by element; walks as in rows.ts. */

import { I64, U64 } from '../codes'
import { loadNumber } from './elements'
import { outerOffset, word } from './rows'

/** 0 equal, 1 less, 2 less or equal. */
@inline function holds<T>(fn: i32, a: T, b: T): bool {
  if (fn == 0) return a == b
  return fn == 1 ? a < b : a <= b
}

@inline function compareElements(fn: i32, type: i32, a: usize, i: i32, b: usize, j: i32): bool {
  if (type == U64) return holds<u64>(fn, load<u64>(a + (i << 3)), load<u64>(b + (j << 3)))
  if (type == I64) return holds<i64>(fn, load<i64>(a + (i << 3)), load<i64>(b + (j << 3)))
  return holds<f64>(fn, loadNumber(a, type, i), loadNumber(b, type, j))
}

/** y (bool) = fn(a, b) on any type (elements.ts), for rows begin ≤ r < end of a walk over two operands. */
export function compare(fn: i32, type: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  const middle = word(desc, 1)
  const inner = word(desc, 2)
  for (let row = begin; row < end; row++) {
    const outer = row / middle
    const at = row - outer * middle
    const fromA = outerOffset(desc, 0, 2, outer) + at * word(desc, 3)
    const fromB = outerOffset(desc, 1, 2, outer) + at * word(desc, 5)
    for (let i = 0; i < inner; i++) {
      store<u8>(y + row * inner + i, compareElements(fn, type, a, fromA + i * word(desc, 4), b, fromB + i * word(desc, 6)) ? 1 : 0)
    }
  }
}

@inline function select<T>(condition: usize, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  const middle = word(desc, 1)
  const inner = word(desc, 2)
  const steps = word(desc, 4)
  const stepA = word(desc, 6) * sizeof<T>()
  const stepB = word(desc, 8) * sizeof<T>()
  for (let row = begin; row < end; row++) {
    const outer = row / middle
    const at = row - outer * middle
    const flags = condition + outerOffset(desc, 0, 3, outer) + at * word(desc, 3)
    const fromA = a + (outerOffset(desc, 1, 3, outer) + at * word(desc, 5)) * sizeof<T>()
    const fromB = b + (outerOffset(desc, 2, 3, outer) + at * word(desc, 7)) * sizeof<T>()
    const to = y + row * inner * sizeof<T>()
    for (let i = 0; i < inner; i++) {
      store<T>(to + i * sizeof<T>(), load<u8>(flags + i * steps) ? load<T>(fromA + i * stepA) : load<T>(fromB + i * stepB))
    }
  }
}

/** y = condition ? a : b by element size in bits, for rows begin ≤ r < end of a walk over three operands. */
export function where_8(condition: usize, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  select<u8>(condition, a, b, y, desc, begin, end)
}

export function where_16(condition: usize, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  select<u16>(condition, a, b, y, desc, begin, end)
}

export function where_32(condition: usize, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  select<u32>(condition, a, b, y, desc, begin, end)
}

export function where_64(condition: usize, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  select<u64>(condition, a, b, y, desc, begin, end)
}
