/** Softmax: exp(x − max) / Σ exp(x − max), or its logarithm. y may be x. */

import { loadNumber, storeNumber } from './elements'
import { max, splat } from './lanes'
import { exp64, log64 } from './math'

/** Stores the maximum of n floats at `to`. */
export function row_max(x: usize, n: i32, to: usize): void {
  let i = 0
  let top = f32.NEGATIVE_INFINITY
  if (ASC_FEATURE_SIMD) {
    let tops = splat<v128>(top)
    for (; i <= n - 4; i += 4) tops = max<v128>(tops, v128.load(x + (i << 2)))
    const low = f32.max(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1))
    top = f32.max(low, f32.max(f32x4.extract_lane(tops, 2), f32x4.extract_lane(tops, 3)))
  }
  for (; i < n; i++) top = f32.max(top, load<f32>(x + (i << 2)))
  store<f32>(to, top)
}

/**
 * Stores the sum of n floats at `to`, or 1 divided by it. The sum is accumulated in f64; the SIMD build adds
 * blocks of four.
 */
export function row_sum(x: usize, n: i32, to: usize, reciprocal: i32): void {
  let sum: f64 = 0
  let i = 0
  if (ASC_FEATURE_SIMD) {
    for (; i <= n - 4; i += 4) sum += (element(x, i) + element(x, i + 1) + (element(x, i + 2) + element(x, i + 3))) as f64
    if (i < n) {
      const second: f32 = i + 1 < n ? element(x, i + 1) : 0
      const third: f32 = i + 2 < n ? element(x, i + 2) : 0
      sum += (element(x, i) + second + third) as f64
    }
  } else {
    for (; i < n; i++) sum += element(x, i) as f64
  }
  store<f32>(to, (reciprocal ? 1.0 / sum : sum) as f32)
}

@inline function element(x: usize, i: i32): f32 {
  return load<f32>(x + (i << 2))
}

/** Any type, in f64, along an axis of `extent` elements that are `inner` apart; slices begin ≤ s < end. */
export function softmax_any(type: i32, x: usize, y: usize, extent: i32, inner: i32, logarithm: i32, begin: i32, end: i32): void {
  for (let s = begin; s < end; s++) {
    const base = (s / inner) * extent * inner + (s % inner)
    let top = -Infinity
    for (let i = 0; i < extent; i++) top = f64.max(top, loadNumber(x, type, base + i * inner))
    let sum: f64 = 0
    for (let i = 0; i < extent; i++) sum += exp64(loadNumber(x, type, base + i * inner) - top)
    const logSum = log64(sum)
    for (let i = 0; i < extent; i++) {
      const shifted = loadNumber(x, type, base + i * inner) - top
      storeNumber(y, type, base + i * inner, logarithm ? shifted - logSum : exp64(shifted) / sum)
    }
  }
}
