/** Pooling of x [N,H,W,C] at output positions begin ≤ i < end of the N·OH·OW; descriptor in window.ts. */

import { loadNumber, storeNumber } from './elements'
import { add, loadLanes, max, mul, splat, storeFirst } from './lanes'
import {
  channels, countPads, dilation, endTap, firstTap, origin, outHeight, outWidth, padAfter, windowHeight, windowWidth,
} from './window'

/** How many taps of the window at (top, left) a mean divides by. */
@inline function tapCount(d: usize, top: i32, left: i32): i32 {
  const below = countPads(d) ? padAfter(d, 0) : 0
  const beside = countPads(d) ? padAfter(d, 1) : 0
  const rows = endTap(d, 0, top, windowHeight(d) + below) - (countPads(d) ? 0 : firstTap(d, 0, top))
  const columns = endTap(d, 1, left, windowWidth(d) + beside) - (countPads(d) ? 0 : firstTap(d, 1, left))
  return rows > 0 && columns > 0 ? rows * columns : 0
}

/** Maximum or scaled sum of V channels at x, whose rows and columns of taps are `rowStep` and `columnStep` bytes apart. */
@inline function poolWindow<V>(isMax: bool, x: usize, rows: i32, rowStep: i32, columns: i32, columnStep: i32, scale: f32): V {
  let sum = splat<V>(isMax ? f32.NEGATIVE_INFINITY : 0)
  for (let ky = 0; ky < rows; ky++) {
    let from = x + ky * rowStep
    for (let kx = 0; kx < columns; kx++) {
      sum = isMax ? max<V>(sum, loadLanes<V>(from)) : add<V>(sum, loadLanes<V>(from))
      from += columnStep
    }
  }
  return isMax ? sum : mul<V>(sum, splat<V>(scale))
}

@inline function pool(isMax: bool, x: usize, y: usize, d: usize, begin: i32, end: i32): void {
  const c = channels(d)
  const w = windowWidth(d)
  const h = windowHeight(d)
  for (let i = begin; i < end; i++) {
    const row = i / outWidth(d)
    const image = row / outHeight(d)
    const top = origin(d, 0, row - image * outHeight(d))
    const left = origin(d, 1, i - row * outWidth(d))
    const ky = firstTap(d, 0, top)
    const kx = firstTap(d, 1, left)
    const rows = endTap(d, 0, top, h) - ky
    const columns = endTap(d, 1, left, w) - kx
    const scale: f32 = isMax ? 1 : 1 / (tapCount(d, top, left) as f32)
    const from = x + ((((image * h + top + ky * dilation(d, 0)) * w + left + kx * dilation(d, 1)) * c) << 2)
    const rowStep = (dilation(d, 0) * w * c) << 2
    const columnStep = (dilation(d, 1) * c) << 2
    const to = y + ((i * c) << 2)
    if (ASC_FEATURE_SIMD) {
      for (let k = 0; k < c; k += 4) {
        const v = poolWindow<v128>(isMax, from + (k << 2), rows, rowStep, columns, columnStep, scale)
        if (c - k >= 4) v128.store(to + (k << 2), v)
        else storeFirst(to + (k << 2), v, c - k)
      }
    } else {
      for (let k = 0; k < c; k++) {
        store<f32>(to + (k << 2), poolWindow<f32>(isMax, from + (k << 2), rows, rowStep, columns, columnStep, scale))
      }
    }
  }
}

export function pool_max_f32(x: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  pool(true, x, y, desc, begin, end)
}

export function pool_mean_f32(x: usize, y: usize, desc: usize, begin: i32, end: i32): void {
  pool(false, x, y, desc, begin, end)
}

/** Any type (elements.ts), in f64. */
export function pool_any(isMax: i32, type: i32, x: usize, y: usize, d: usize, begin: i32, end: i32): void {
  const c = channels(d)
  for (let i = begin * c; i < end * c; i++) {
    const row = i / c / outWidth(d)
    const image = row / outHeight(d)
    const top = origin(d, 0, row - image * outHeight(d))
    const left = origin(d, 1, i / c - row * outWidth(d))
    let sum: f64 = isMax ? -Infinity : 0
    for (let ky = firstTap(d, 0, top); ky < endTap(d, 0, top, windowHeight(d)); ky++) {
      for (let kx = firstTap(d, 1, left); kx < endTap(d, 1, left, windowWidth(d)); kx++) {
        const pixel = (image * windowHeight(d) + top + ky * dilation(d, 0)) * windowWidth(d) + left + kx * dilation(d, 1)
        const v = loadNumber(x, type, pixel * c + (i % c))
        sum = isMax ? f64.max(sum, v) : sum + v
      }
    }
    storeNumber(y, type, i, isMax ? sum : sum / (tapCount(d, top, left) as f64))
  }
}
