/**
 * Resampling along one axis: x [A, from, inner] → y [A, to, inner], for rows begin ≤ i < end of the A·to.
 *
 * `taps` holds `count` offsets, in elements of x, for each of the `to` positions. From the next multiple of 8
 * bytes on, it holds as many weights, of the type that is computed in. Position j is the sum of the rows of its
 * taps times their weights. Where its first offset is negative, it is `value`.
 */

import { loadNumber, storeNumber } from './elements'
import { add, loadLanes, mul, splat, storeFirst, storeLanes } from './lanes'

/** First address of the weights. */
@inline function weightsOf(taps: usize, entries: i32): usize {
  return taps + (((entries + 1) & ~1) << 2)
}

@inline function fillRow<V>(y: usize, inner: i32, value: f32): void {
  const lanes = isVector<V>() ? 4 : 1
  for (let i = 0; i < inner; i += lanes) storeSome<V>(y + (i << 2), splat<V>(value), inner - i)
}

@inline function storeSome<V>(y: usize, v: V, left: i32): void {
  if (isVector<V>()) {
    if (left < 4) storeFirst(y, v as v128, left)
    else storeLanes<V>(y, v)
  } else storeLanes<V>(y, v)
}

/** Two taps, which is all that linear interpolation needs. */
@inline function blend<V>(a: usize, b: usize, y: usize, inner: i32, wa: f32, wb: f32): void {
  const lanes = isVector<V>() ? 4 : 1
  const va = splat<V>(wa)
  const vb = splat<V>(wb)
  for (let i = 0; i < inner; i += lanes) {
    const at = i << 2
    storeSome<V>(y + at, add<V>(mul<V>(loadLanes<V>(a + at), va), mul<V>(loadLanes<V>(b + at), vb)), inner - i)
  }
}

@inline function blendMany<V>(x: usize, y: usize, taps: usize, weights: usize, count: i32, inner: i32): void {
  const lanes = isVector<V>() ? 4 : 1
  for (let i = 0; i < inner; i += lanes) {
    let sum = splat<V>(0)
    for (let t = 0; t < count; t++) {
      const row = x + ((load<i32>(taps + (t << 2)) + i) << 2)
      sum = add<V>(sum, mul<V>(loadLanes<V>(row), splat<V>(load<f32>(weights + (t << 2)))))
    }
    storeSome<V>(y + (i << 2), sum, inner - i)
  }
}

@inline function resizeRow<V>(x: usize, y: usize, taps: usize, weights: usize, count: i32, inner: i32, value: f32): void {
  const first = load<i32>(taps)
  if (first < 0) fillRow<V>(y, inner, value)
  else if (count == 2) {
    const second = load<i32>(taps, 4)
    blend<V>(x + (first << 2), x + (second << 2), y, inner, load<f32>(weights), load<f32>(weights, 4))
  } else blendMany<V>(x, y, taps, weights, count, inner)
}

/** Resamples float32, with float32 weights. `value` is the result for positions outside. */
export function resize_f32(
  x: usize, y: usize, taps: usize, count: i32, from: i32, to: i32, inner: i32, value: f32, begin: i32, end: i32,
): void {
  const weights = weightsOf(taps, to * count)
  for (let i = begin; i < end; i++) {
    const outer = i / to
    const entry = ((i - outer * to) * count) << 2
    const rows = x + ((outer * from * inner) << 2)
    const row = y + ((i * inner) << 2)
    if (ASC_FEATURE_SIMD) {
      if (inner >= 4) {
        resizeRow<v128>(rows, row, taps + entry, weights + entry, count, inner, value)
        continue
      }
    }
    resizeRow<f32>(rows, row, taps + entry, weights + entry, count, inner, value)
  }
}

/** Any type (elements.ts), in f64; `value` is the address of an f64. */
export function resize_any(
  type: i32, x: usize, y: usize, taps: usize, count: i32, from: i32, to: i32, inner: i32, value: usize, begin: i32, end: i32,
): void {
  const weights = weightsOf(taps, to * count)
  for (let i = begin * inner; i < end * inner; i++) {
    const row = i / inner
    const entry = (row % to) * count
    const base = (row / to) * from * inner + (i - row * inner)
    let sum: f64 = 0
    for (let t = entry; t < entry + count; t++) {
      sum += loadNumber(x, type, base + load<i32>(taps + (t << 2))) * load<f64>(weights + (t << 3))
    }
    storeNumber(y, type, i, load<i32>(taps + (entry << 2)) < 0 ? load<f64>(value) : sum)
  }
}
