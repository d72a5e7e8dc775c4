/**
 * Reductions. The float32 kernels take x [A, reduced, inner] to y [A, inner], and compute outputs begin ≤ i <
 * end of the A·inner. `scale` multiplies a sum; 1/reduced makes it a mean.
 */

import { L1, L2, MAX, MIN, PROD, SUM } from '../codes'
import { loadNumber, storeNumber } from './elements'
import { abs, add, loadLanes, max, min, mul, splat, sqrt, storeFirst } from './lanes'
import { outerOffset, word } from './rows'

@inline function start<V>(fn: i32): V {
  if (fn == MAX) return splat<V>(f32.NEGATIVE_INFINITY)
  if (fn == MIN) return splat<V>(f32.POSITIVE_INFINITY)
  return splat<V>(fn == PROD ? 1 : 0)
}

@inline function step<V>(fn: i32, sum: V, x: V): V {
  if (fn == MAX) return max<V>(sum, x)
  if (fn == MIN) return min<V>(sum, x)
  if (fn == PROD) return mul<V>(sum, x)
  if (fn == L1) return add<V>(sum, abs<V>(x))
  if (fn == L2) return add<V>(sum, mul<V>(x, x))
  return add<V>(sum, x)
}

@inline function finish<V>(fn: i32, sum: V, scale: f32): V {
  if (fn == L2) return sqrt<V>(sum)
  return fn == SUM ? mul<V>(sum, splat<V>(scale)) : sum
}

/** Joins partial results. */
@inline function join<V>(fn: i32, a: V, b: V): V {
  return fn == L1 || fn == L2 ? add<V>(a, b) : step<V>(fn, a, b)
}

@inline function joinLanes(fn: i32, x: v128): f32 {
  const a = join<f32>(fn, f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1))
  return join<f32>(fn, a, join<f32>(fn, f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)))
}

/** Reduces one contiguous run of `n` floats. */
@inline function run(fn: i32, x: usize, n: i32): f32 {
  let i = 0
  let sum = start<f32>(fn)
  if (ASC_FEATURE_SIMD) {
    if (n >= 8) {
      let even = start<v128>(fn)
      let odd = even
      for (; i <= n - 8; i += 8) {
        even = step<v128>(fn, even, v128.load(x + (i << 2)))
        odd = step<v128>(fn, odd, v128.load(x + (i << 2), 16))
      }
      sum = joinLanes(fn, join<v128>(fn, even, odd))
    }
  }
  for (; i < n; i++) sum = step<f32>(fn, sum, load<f32>(x + (i << 2)))
  return sum
}

/** Reduces sixteen neighbouring columns at once, so that whole cache lines are read. */
@inline function columns16(fn: i32, x: usize, y: usize, r: i32, stride: i32, scale: f32): void {
  let s0 = start<v128>(fn)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  for (let j = 0; j < r; j++) {
    s0 = step<v128>(fn, s0, v128.load(x))
    s1 = step<v128>(fn, s1, v128.load(x, 16))
    s2 = step<v128>(fn, s2, v128.load(x, 32))
    s3 = step<v128>(fn, s3, v128.load(x, 48))
    x += stride
  }
  v128.store(y, finish<v128>(fn, s0, scale))
  v128.store(y, finish<v128>(fn, s1, scale), 16)
  v128.store(y, finish<v128>(fn, s2, scale), 32)
  v128.store(y, finish<v128>(fn, s3, scale), 48)
}

@inline function columns<V>(fn: i32, x: usize, r: i32, stride: i32, scale: f32): V {
  let sum = start<V>(fn)
  for (let j = 0; j < r; j++) {
    sum = step<V>(fn, sum, loadLanes<V>(x))
    x += stride
  }
  return finish<V>(fn, sum, scale)
}

@inline function reduceColumns(fn: i32, x: usize, y: usize, r: i32, b: i32, scale: f32, begin: i32, end: i32): void {
  for (let i = begin; i < end; ) {
    const a = i / b
    const left = (a + 1) * b < end ? (a + 1) * b - i : end - i
    const from = x + ((a * r * b + i - a * b) << 2)
    const to = y + (i << 2)
    if (ASC_FEATURE_SIMD) {
      if (left >= 16) {
        columns16(fn, from, to, r, b << 2, scale)
        i += 16
      } else {
        const result = columns<v128>(fn, from, r, b << 2, scale)
        if (left >= 4) v128.store(to, result)
        else storeFirst(to, result, left)
        i += left < 4 ? left : 4
      }
    } else {
      store<f32>(to, columns<f32>(fn, from, r, b << 2, scale))
      i++
    }
  }
}

@inline function reduce(fn: i32, x: usize, y: usize, reduced: i32, inner: i32, scale: f32, begin: i32, end: i32): void {
  if (inner == 1) {
    for (let i = begin; i < end; i++) store<f32>(y + (i << 2), finish<f32>(fn, run(fn, x + ((i * reduced) << 2), reduced), scale))
  } else reduceColumns(fn, x, y, reduced, inner, scale, begin, end)
}

/** y = scale · Σ x */
export function reduce_sum_f32(x: usize, y: usize, reduced: i32, inner: i32, scale: f32, begin: i32, end: i32): void {
  reduce(SUM, x, y, reduced, inner, scale, begin, end)
}

/** y = max x; NaN wins. */
export function reduce_max_f32(x: usize, y: usize, reduced: i32, inner: i32, scale: f32, begin: i32, end: i32): void {
  reduce(MAX, x, y, reduced, inner, scale, begin, end)
}

/** y = min x; NaN wins. */
export function reduce_min_f32(x: usize, y: usize, reduced: i32, inner: i32, scale: f32, begin: i32, end: i32): void {
  reduce(MIN, x, y, reduced, inner, scale, begin, end)
}

/** y = Π x */
export function reduce_prod_f32(x: usize, y: usize, reduced: i32, inner: i32, scale: f32, begin: i32, end: i32): void {
  reduce(PROD, x, y, reduced, inner, scale, begin, end)
}

/** y = Σ |x| */
export function reduce_l1_f32(x: usize, y: usize, reduced: i32, inner: i32, scale: f32, begin: i32, end: i32): void {
  reduce(L1, x, y, reduced, inner, scale, begin, end)
}

/** y = √(Σ x²) */
export function reduce_l2_f32(x: usize, y: usize, reduced: i32, inner: i32, scale: f32, begin: i32, end: i32): void {
  reduce(L2, x, y, reduced, inner, scale, begin, end)
}

@inline function startNumber(fn: i32): f64 {
  if (fn == MAX) return -Infinity
  if (fn == MIN) return Infinity
  return fn == PROD ? 1 : 0
}

@inline function stepNumber(fn: i32, sum: f64, v: f64): f64 {
  if (fn == MAX) return f64.max(sum, v)
  if (fn == MIN) return f64.min(sum, v)
  if (fn == PROD) return sum * v
  if (fn == L1) return sum + f64.abs(v)
  return fn == L2 ? sum + v * v : sum + v
}

/**
 * Reduces any axes of any type (elements.ts), in f64, for outputs begin ≤ i < end. `kept` and `reduced` are
 * walks over x (rows.ts, one operand), whose inner extents are 1. Each output has `count` elements, by which a
 * mean divides.
 */
export function reduce_any(
  fn: i32, mean: i32, type: i32, x: usize, y: usize, kept: usize, reduced: usize, count: i32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const base = outerOffset(kept, 0, 1, i)
    let sum = startNumber(fn)
    for (let j = 0; j < count; j++) sum = stepNumber(fn, sum, loadNumber(x, type, base + outerOffset(reduced, 0, 1, j)))
    const result = fn == L2 ? f64.sqrt(sum) : mean ? sum / (count as f64) : sum
    storeNumber(y, type, i, result)
  }
}
