/** Softmax: exp(x − max) / Σ exp(x − max), or its logarithm. y may be x. */

import { loadNumber, storeNumber } from './elements'
import { loadLanes, max, mul, splat, storeFirst, sub } from './lanes'
import { exp, exp64, log, log64 } from './math'

/** The first `count` lanes of x, and `other` in the rest. */
@inline function keepFirst(x: v128, count: i32, other: f32): v128 {
  const index = i32x4(0, 1, 2, 3)
  return v128.bitselect(x, f32x4.splat(other), i32x4.lt_s(index, i32x4.splat(count)))
}

@inline function rowMax(x: usize, n: i32): f32 {
  let i = 0
  let top = f32.NEGATIVE_INFINITY
  if (ASC_FEATURE_SIMD) {
    let tops = splat<v128>(top)
    for (; i <= n - 4; i += 4) tops = max<v128>(tops, v128.load(x + (i << 2)))
    const low = f32.max(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1))
    top = f32.max(low, f32.max(f32x4.extract_lane(tops, 2), f32x4.extract_lane(tops, 3)))
  }
  for (; i < n; i++) top = f32.max(top, load<f32>(x + (i << 2)))
  return top
}

/** y = exp(x − top) unless `logarithm`; returns the sum, accumulated in f64 from blocks of four. */
@inline function expRow(x: usize, y: usize, n: i32, top: f32, logarithm: i32): f64 {
  let sum: f64 = 0
  if (ASC_FEATURE_SIMD) {
    const tops = f32x4.splat(top)
    for (let i = 0; i < n; i += 4) {
      const e = keepFirst(exp<v128>(sub<v128>(v128.load(x + (i << 2)), tops)), n - i, 0)
      sum += (f32x4.extract_lane(e, 0) + f32x4.extract_lane(e, 1) + (f32x4.extract_lane(e, 2) + f32x4.extract_lane(e, 3))) as f64
      if (!logarithm) storeUpTo4(y + (i << 2), e, n - i)
    }
  } else {
    for (let i = 0; i < n; i++) {
      const e = exp<f32>(load<f32>(x + (i << 2)) - top)
      sum += e as f64
      if (!logarithm) store<f32>(y + (i << 2), e)
    }
  }
  return sum
}

@inline function storeUpTo4(y: usize, v: v128, count: i32): void {
  if (count >= 4) v128.store(y, v)
  else storeFirst(y, v, count)
}

@inline function scaleRow(y: usize, n: i32, factor: f32): void {
  if (ASC_FEATURE_SIMD) {
    const factors = f32x4.splat(factor)
    for (let i = 0; i < n; i += 4) storeUpTo4(y + (i << 2), mul<v128>(loadLanes<v128>(y + (i << 2)), factors), n - i)
  } else {
    for (let i = 0; i < n; i++) store<f32>(y + (i << 2), load<f32>(y + (i << 2)) * factor)
  }
}

/** On float32: rows begin ≤ r < end of `extent` neighbouring elements. */
export function softmax_f32(x: usize, y: usize, extent: i32, logarithm: i32, begin: i32, end: i32): void {
  for (let r = begin; r < end; r++) {
    const from = x + ((r * extent) << 2)
    const to = y + ((r * extent) << 2)
    const top = rowMax(from, extent)
    const sum = expRow(from, to, extent, top, logarithm)
    if (logarithm) shiftRow(from, to, extent, top, log<f32>(sum as f32))
    else scaleRow(to, extent, (1.0 / sum) as f32)
  }
}

/** y = (x − top) − logSum, in this order, which does not cancel. */
@inline function shiftRow(x: usize, y: usize, n: i32, top: f32, logSum: f32): void {
  for (let i = 0; i < n; i++) store<f32>(y + (i << 2), load<f32>(x + (i << 2)) - top - logSum)
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
