/**
 * Pooling of x [N,H,W,C], at output positions begin ≤ i < end of the N·OH·OW. The descriptor is that of
 * window.ts.
 */

import { loadNumber, storeNumber } from './elements'
import { add, loadLanes, max, mul, splat, storeFirst, storeLanes } from './lanes'
import {
  channels, countPads, dilation, endTap, firstTap, origin, outHeight, outWidth, padAfter, windowHeight, windowWidth,
} from './window'

/** The number of taps by which a mean divides, for the window at (top, left). */
@inline function tapCount(d: usize, top: i32, left: i32): i32 {
  const below = countPads(d) ? padAfter(d, 0) : 0
  const beside = countPads(d) ? padAfter(d, 1) : 0
  const rows = endTap(d, 0, top, windowHeight(d) + below) - (countPads(d) ? 0 : firstTap(d, 0, top))
  const columns = endTap(d, 1, left, windowWidth(d) + beside) - (countPads(d) ? 0 : firstTap(d, 1, left))
  return rows > 0 && columns > 0 ? rows * columns : 0
}

@inline function join<V>(isMax: bool, sum: V, x: V): V {
  return isMax ? max<V>(sum, x) : add<V>(sum, x)
}

/**
 * Four neighbouring V of channels of one window. It computes the maximum, or the sum times `scale`, over rows ×
 * columns taps, whose steps are in bytes.
 */
@inline function windowBlock<V>(
  isMax: bool, x: usize, y: usize, rows: i32, rowStep: i32, columns: i32, columnStep: i32, scale: f32,
): void {
  const bytes = isVector<V>() ? 16 : 4
  let s0 = splat<V>(isMax ? f32.NEGATIVE_INFINITY : 0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  for (let ky = 0; ky < rows; ky++) {
    let from = x
    for (let kx = 0; kx < columns; kx++) {
      s0 = join<V>(isMax, s0, loadLanes<V>(from))
      s1 = join<V>(isMax, s1, loadLanes<V>(from + bytes))
      s2 = join<V>(isMax, s2, loadLanes<V>(from + 2 * bytes))
      s3 = join<V>(isMax, s3, loadLanes<V>(from + 3 * bytes))
      from += columnStep
    }
    x += rowStep
  }
  storeLanes<V>(y, isMax ? s0 : mul<V>(s0, splat<V>(scale)))
  storeLanes<V>(y + bytes, isMax ? s1 : mul<V>(s1, splat<V>(scale)))
  storeLanes<V>(y + 2 * bytes, isMax ? s2 : mul<V>(s2, splat<V>(scale)))
  storeLanes<V>(y + 3 * bytes, isMax ? s3 : mul<V>(s3, splat<V>(scale)))
}

/** One V of channels of one window. */
@inline function windowOne<V>(isMax: bool, x: usize, rows: i32, rowStep: i32, columns: i32, columnStep: i32, scale: f32): V {
  let sum = splat<V>(isMax ? f32.NEGATIVE_INFINITY : 0)
  for (let ky = 0; ky < rows; ky++) {
    let from = x
    for (let kx = 0; kx < columns; kx++) {
      sum = join<V>(isMax, sum, loadLanes<V>(from))
      from += columnStep
    }
    x += rowStep
  }
  return isMax ? sum : mul<V>(sum, splat<V>(scale))
}

/** All channels of one window, V at a time. */
@inline function windowChannels<V>(
  isMax: bool, x: usize, y: usize, c: i32, rows: i32, rowStep: i32, columns: i32, columnStep: i32, scale: f32,
): void {
  const lanes = isVector<V>() ? 4 : 1
  let k = 0
  for (; k <= c - 4 * lanes; k += 4 * lanes) windowBlock<V>(isMax, x + (k << 2), y + (k << 2), rows, rowStep, columns, columnStep, scale)
  for (; k < c; k += lanes) {
    const v = windowOne<V>(isMax, x + (k << 2), rows, rowStep, columns, columnStep, scale)
    if (isVector<V>()) {
      if (c - k < 4) storeFirst(y + (k << 2), v, c - k)
      else storeLanes<V>(y + (k << 2), v)
    } else storeLanes<V>(y + (k << 2), v)
  }
}

@inline function pool(isMax: bool, x: usize, y: usize, window: usize, begin: i32, end: i32): void {
  const c = channels(window)
  const w = windowWidth(window)
  const h = windowHeight(window)
  const rowStep = (dilation(window, 0) * w * c) << 2
  const columnStep = (dilation(window, 1) * c) << 2
  for (let i = begin; i < end; i++) {
    const row = i / outWidth(window)
    const image = row / outHeight(window)
    const top = origin(window, 0, row - image * outHeight(window))
    const left = origin(window, 1, i - row * outWidth(window))
    const ky = firstTap(window, 0, top)
    const kx = firstTap(window, 1, left)
    const rows = endTap(window, 0, top, h) - ky
    const columns = endTap(window, 1, left, w) - kx
    const scale: f32 = isMax ? 1 : 1 / (tapCount(window, top, left) as f32)
    const from = x + ((((image * h + top + ky * dilation(window, 0)) * w + left + kx * dilation(window, 1)) * c) << 2)
    const to = y + ((i * c) << 2)
    if (ASC_FEATURE_SIMD) windowChannels<v128>(isMax, from, to, c, rows, rowStep, columns, columnStep, scale)
    else windowChannels<f32>(isMax, from, to, c, rows, rowStep, columns, columnStep, scale)
  }
}

/** Maxima of float32. A window without taps gives −∞. */
export function pool_max_f32(x: usize, y: usize, window: usize, begin: i32, end: i32): void {
  pool(true, x, y, window, begin, end)
}

/** Means of float32. They include the taps inside x and, where the descriptor counts pads, those in the padding. */
export function pool_mean_f32(x: usize, y: usize, window: usize, begin: i32, end: i32): void {
  pool(false, x, y, window, begin, end)
}

/** Any type (elements.ts), in f64. */
export function pool_any(isMax: i32, type: i32, x: usize, y: usize, window: usize, begin: i32, end: i32): void {
  const c = channels(window)
  for (let i = begin * c; i < end * c; i++) {
    const row = i / c / outWidth(window)
    const image = row / outHeight(window)
    const top = origin(window, 0, row - image * outHeight(window))
    const left = origin(window, 1, i / c - row * outWidth(window))
    let sum: f64 = isMax ? -Infinity : 0
    for (let ky = firstTap(window, 0, top); ky < endTap(window, 0, top, windowHeight(window)); ky++) {
      for (let kx = firstTap(window, 1, left); kx < endTap(window, 1, left, windowWidth(window)); kx++) {
        const pixel = (image * windowHeight(window) + top + ky * dilation(window, 0)) * windowWidth(window) + left + kx * dilation(window, 1)
        const v = loadNumber(x, type, pixel * c + (i % c))
        sum = isMax ? f64.max(sum, v) : sum + v
      }
    }
    storeNumber(y, type, i, isMax ? sum : sum / (tapCount(window, top, left) as f64))
  }
}

/**
 * The position of the maximum of each window, for any type (elements.ts). y is i64, with positions in x as
 * [N,C,H,W]. They are counted along the rows of a plane or, where `columnMajor`, down its columns. Of equal
 * elements the first one counts.
 */
export function pool_index(columnMajor: i32, type: i32, x: usize, y: usize, window: usize, begin: i32, end: i32): void {
  const c = channels(window)
  const w = windowWidth(window)
  const h = windowHeight(window)
  for (let i = begin * c; i < end * c; i++) {
    const row = i / c / outWidth(window)
    const image = row / outHeight(window)
    const top = origin(window, 0, row - image * outHeight(window))
    const left = origin(window, 1, i / c - row * outWidth(window))
    let best: f64 = 0
    let place = -1
    for (let ky = firstTap(window, 0, top); ky < endTap(window, 0, top, h); ky++) {
      for (let kx = firstTap(window, 1, left); kx < endTap(window, 1, left, w); kx++) {
        const y0 = top + ky * dilation(window, 0)
        const x0 = left + kx * dilation(window, 1)
        const v = loadNumber(x, type, ((image * h + y0) * w + x0) * c + (i % c))
        if (place >= 0 && !(v > best)) continue
        best = v
        place = columnMajor ? x0 * h + y0 : y0 * w + x0
      }
    }
    store<i64>(y + (i << 3), ((image * c + (i % c)) * h * w + (place < 0 ? 0 : place)) as i64)
  }
}
