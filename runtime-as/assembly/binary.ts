/**
 * y = f(a, b) on float32 with broadcasting. y may be the memory of an operand that is not repeated.
 *
 * `…_flat_f32`: y[i] = f(a[i·sa], b[i·sb]) for begin ≤ i < end, with sa and sb in {0, 1}.
 * `…_rows_f32`: rows begin ≤ r < end of a walk over both operands (rows.ts); y is contiguous.
 */

import { add, div, ifLess, loadLanes, max, min, mul, splat, storeFirst, sub } from './lanes'
import { pow64 } from './math'
import { outerOffset, word } from './rows'

const ADD = 0
const SUB = 1
const MUL = 2
const DIV = 3
const MIN = 4
const MAX = 5
const POW = 6
const PRELU = 7

/** `fn` is a literal at every call, so one branch remains. */
@inline function applyBinary<V>(fn: i32, a: V, b: V): V {
  if (fn == ADD) return add<V>(a, b)
  if (fn == SUB) return sub<V>(a, b)
  if (fn == MUL) return mul<V>(a, b)
  if (fn == DIV) return div<V>(a, b)
  if (fn == MIN) return min<V>(a, b)
  if (fn == MAX) return max<V>(a, b)
  return ifLess<V>(a, splat<V>(0), mul<V>(a, b), a)
}

/** V values at element `i`: consecutive, or one value in all lanes. */
@inline function operand<V>(at: usize, i: i32, stride: i32, repeated: V): V {
  return stride ? loadLanes<V>(at + ((i as usize) << 2)) : repeated
}

@inline function flatLanes(fn: i32, a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  const as = v128.load32_splat(a)
  const bs = v128.load32_splat(b)
  for (let i = begin; i < end; i += 4) {
    const r = applyBinary<v128>(fn, operand<v128>(a, i, sa, as), operand<v128>(b, i, sb, bs))
    const at = y + ((i as usize) << 2)
    if (end - i >= 4) v128.store(at, r)
    else storeFirst(at, r, end - i)
  }
}

@inline function flatSingle(fn: i32, a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  const as = load<f32>(a)
  const bs = load<f32>(b)
  for (let i = begin; i < end; i++) {
    const r = applyBinary<f32>(fn, operand<f32>(a, i, sa, as), operand<f32>(b, i, sb, bs))
    store<f32>(y + ((i as usize) << 2), r)
  }
}

@inline function flat(fn: i32, a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  if (ASC_FEATURE_SIMD) flatLanes(fn, a, sa, b, sb, y, begin, end)
  else flatSingle(fn, a, sa, b, sb, y, begin, end)
}

@inline function callFlat(fn: i32, a: usize, sa: i32, b: usize, sb: i32, y: usize, n: i32): void {
  if (fn == ADD) add_flat_f32(a, sa, b, sb, y, 0, n)
  else if (fn == SUB) sub_flat_f32(a, sa, b, sb, y, 0, n)
  else if (fn == MUL) mul_flat_f32(a, sa, b, sb, y, 0, n)
  else if (fn == DIV) div_flat_f32(a, sa, b, sb, y, 0, n)
  else if (fn == MIN) min_flat_f32(a, sa, b, sb, y, 0, n)
  else if (fn == MAX) max_flat_f32(a, sa, b, sb, y, 0, n)
  else if (fn == POW) pow_flat_f32(a, sa, b, sb, y, 0, n)
  else prelu_flat_f32(a, sa, b, sb, y, 0, n)
}

@inline function rows(fn: i32, a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  const middle = word(desc, 1)
  const inner = word(desc, 2)
  for (let row = begin; row < end; ) {
    const outer = row / middle
    const baseA = outerOffset(desc, 0, 2, outer)
    const baseB = outerOffset(desc, 1, 2, outer)
    const stop = min32((outer + 1) * middle, end)
    for (; row < stop; row++) {
      const at = row - outer * middle
      const fromA = a + ((baseA + at * word(desc, 3)) << 2)
      const fromB = b + ((baseB + at * word(desc, 5)) << 2)
      callFlat(fn, fromA, word(desc, 4), fromB, word(desc, 6), y + ((row * inner) << 2), inner)
    }
  }
}

@inline function min32(a: i32, b: i32): i32 {
  return a < b ? a : b
}

export function add_flat_f32(a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  flat(ADD, a, sa, b, sb, y, begin, end)
}

export function add_rows_f32(a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows(ADD, a, b, y, desc, begin, end)
}

export function sub_flat_f32(a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  flat(SUB, a, sa, b, sb, y, begin, end)
}

export function sub_rows_f32(a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows(SUB, a, b, y, desc, begin, end)
}

export function mul_flat_f32(a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  flat(MUL, a, sa, b, sb, y, begin, end)
}

export function mul_rows_f32(a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows(MUL, a, b, y, desc, begin, end)
}

export function div_flat_f32(a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  flat(DIV, a, sa, b, sb, y, begin, end)
}

export function div_rows_f32(a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows(DIV, a, b, y, desc, begin, end)
}

export function min_flat_f32(a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  flat(MIN, a, sa, b, sb, y, begin, end)
}

export function min_rows_f32(a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows(MIN, a, b, y, desc, begin, end)
}

export function max_flat_f32(a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  flat(MAX, a, sa, b, sb, y, begin, end)
}

export function max_rows_f32(a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows(MAX, a, b, y, desc, begin, end)
}

export function prelu_flat_f32(a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  flat(PRELU, a, sa, b, sb, y, begin, end)
}

export function prelu_rows_f32(a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows(PRELU, a, b, y, desc, begin, end)
}

export function pow_flat_f32(a: usize, sa: i32, b: usize, sb: i32, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const base = load<f32>(a + ((i * sa) << 2))
    const exponent = load<f32>(b + ((i * sb) << 2))
    store<f32>(y + ((i as usize) << 2), pow64(base as f64, exponent as f64) as f32)
  }
}

export function pow_rows_f32(a: usize, b: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  rows(POW, a, b, y, desc, begin, end)
}
