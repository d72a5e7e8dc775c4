/**
 * Convolutions that are not specialised by shape. Each computes conv(x, weights) + bias [+ residual]. A
 * residual address of 0 means that there is none. `panels` holds weights and biases together. `window` is a
 * descriptor (window.ts).
 */

import { tile1, tile4 } from './tile'
import {
  channels, dilation, endTap, firstTap, groups, kernel, origin, outChannels, outHeight, outWidth, stride, windowHeight, windowWidth,
} from './window'

/** Output columns first ≤ o < end have the whole width of the kernel inside the input. */
@inline function firstInterior(d: usize): i32 {
  const reach = -origin(d, 1, 0)
  const o = (reach + stride(d, 1) - 1) / stride(d, 1)
  return o < outWidth(d) ? o : outWidth(d)
}

@inline function endInterior(d: usize): i32 {
  const last = windowWidth(d) - 1 - (kernel(d, 1) - 1) * dilation(d, 1) - origin(d, 1, 0)
  if (last < 0) return 0
  const o = last / stride(d, 1) + 1
  return o < outWidth(d) ? o : outWidth(d)
}

/** Floats between the rows of a panel when `left` columns remain: 8, or 4 in a narrow last panel. */
@inline function panelWidth(left: i32): i32 {
  return left > 4 ? 8 : 4
}

/**
 * Any grouped convolution, for output rows begin ≤ r < end of the N·OH.
 *
 * The weights of a group are panels of 8 output channels, [⌈channels of the group / 8⌉][1 + taps · input
 * channels of the group][8]: first the bias, then the weights of each value. The last panel of a group is 4
 * wide where at most 4 channels remain.
 */
export function conv_f32(
  x: usize, panels: usize, residual: usize, y: usize, window: usize, begin: i32, end: i32,
): void {
  const depth = channels(window) / groups(window)
  const wide = outChannels(window) / groups(window)
  const panelRows = 1 + kernel(window, 0) * kernel(window, 1) * depth
  for (let row = begin; row < end; row++) {
    let panel = panels
    for (let g = 0; g < groups(window); g++) {
      for (let o = 0; o < wide; o += 8) {
        convRow(x, panel, residual, y, window, row, g * depth, g * wide + o, wide - o < 8 ? wide - o : 8)
        panel += (panelRows * panelWidth(wide - o)) << 2
      }
    }
  }
}

/** Computes `count` output channels from `channel` on, in one output row. It reads input channels from `from` on. */
function convRow(
  x: usize, w: usize, residual: usize, y: usize, d: usize,
  row: i32, from: i32, channel: i32, count: i32,
): void {
  const c = channels(d)
  const depth = c / groups(d)
  const image = row / outHeight(d)
  const top = origin(d, 0, row - image * outHeight(d))
  const ky = firstTap(d, 0, top)
  const kh = endTap(d, 0, top, windowHeight(d)) - ky
  const wStep = panelWidth(count) << 2
  const tapBytes = depth * wStep
  const tapStep = (dilation(d, 1) * c) << 2
  const rowStep = (dilation(d, 0) * windowWidth(d) * c) << 2
  const xStride = (stride(d, 1) * c) << 2
  const yStride = outChannels(d) << 2
  const source = x + (((image * windowHeight(d) + top + ky * dilation(d, 0)) * windowWidth(d) * c + from) << 2)
  const weights = w + wStep + ky * kernel(d, 1) * tapBytes
  const first = firstInterior(d)
  const last = endInterior(d)
  for (let o = 0; o < outWidth(d); ) {
    const at = ((row * outWidth(d) + o) * outChannels(d) + channel) << 2
    const r = residual ? residual + at : 0
    const left = origin(d, 1, o)
    if (o >= first && o + 4 <= last) {
      const tap = source + ((left * c) << 2)
      tile4(tap, xStride, kh, rowStep, kernel(d, 1), tapStep, depth, weights, wStep, 0, w, r, y + at, yStride, count)
      o += 4
    } else {
      const kx = firstTap(d, 1, left)
      const taps = endTap(d, 1, left, windowWidth(d)) - kx
      const kw = taps > 0 ? taps : 0
      const tap = source + (((left + kx * dilation(d, 1)) * c) << 2)
      const skip = (kernel(d, 1) - kw) * tapBytes
      tile1(tap, kh, rowStep, kw, tapStep, depth, weights + kx * tapBytes, wStep, skip, w, r, y + at, count)
      o++
    }
  }
}

/**
 * Packs weights [groups · wide][depth], with a bias per row, as the panels of `conv_f32`, for groups begin ≤ g
 * < end.
 */
export function pack_panels(weights: usize, bias: usize, y: usize, wide: i32, depth: i32, begin: i32, end: i32): void {
  const last = wide & 7
  const groupFloats = ((wide & ~7) + (last ? panelWidth(last) : 0)) * (depth + 1)
  for (let g = begin; g < end; g++) {
    let to = y + ((g * groupFloats) << 2)
    for (let o = 0; o < wide; o += 8) {
      const width = panelWidth(wide - o)
      for (let k = -1; k < depth; k++) {
        for (let c = 0; c < width; c++) {
          const row = g * wide + o + c
          let v: f32 = 0
          if (o + c < wide) v = k < 0 ? load<f32>(bias + (row << 2)) : load<f32>(weights + ((row * depth + k) << 2))
          store<f32>(to, v)
          to += 4
        }
      }
    }
  }
}

/**
 * Two rows of x [M, k] times four columns of a panel. With `second` = 0 it computes one row only. `w` points to
 * the biases.
 */
@inline function pointwise2x4(
  x: usize, w: usize, wStep: i32, k: i32, residual: usize, y: usize, second: usize, rest: usize, count: i32,
): void {
  let a0 = load<f32>(w)
  let a1 = load<f32>(w, 4)
  let a2 = load<f32>(w, 8)
  let a3 = load<f32>(w, 12)
  let b0 = a0
  let b1 = a1
  let b2 = a2
  let b3 = a3
  for (let i = k; i > 0; i--) {
    w += wStep
    const u = load<f32>(x)
    const v = load<f32>(x + second)
    const w0 = load<f32>(w)
    a0 += u * w0
    b0 += v * w0
    const w1 = load<f32>(w, 4)
    a1 += u * w1
    b1 += v * w1
    const w2 = load<f32>(w, 8)
    a2 += u * w2
    b2 += v * w2
    const w3 = load<f32>(w, 12)
    a3 += u * w3
    b3 += v * w3
    x += 4
  }
  storeRow(y, residual, a0, a1, a2, a3, count)
  if (second) storeRow(y + rest, residual ? residual + rest : 0, b0, b1, b2, b3, count)
}

function storeRow(y: usize, residual: usize, s0: f32, s1: f32, s2: f32, s3: f32, count: i32): void {
  for (let i = 0; i < count; i++) {
    const r: f32 = residual ? load<f32>(residual + (i << 2)) : 0
    store<f32>(y + (i << 2), s0 + r)
    s0 = s1
    s1 = s2
    s2 = s3
  }
}

/** y [M, n] = x [M, k] · panels of weights (as of one group in `conv_f32`), for rows begin ≤ m < end, without vectors. */
export function pointwise_f32(
  x: usize, panels: usize, residual: usize, y: usize, k: i32, n: i32, begin: i32, end: i32,
): void {
  for (let m = begin; m < end; m += 2) {
    const second = m + 1 < end ? k << 2 : 0
    for (let o = 0; o < n; o += 4) {
      const at = (m * n + o) << 2
      const first = o & ~7
      const panel = panels + ((first * (k + 1) + (o & 4)) << 2)
      const r = residual ? residual + at : 0
      const count = n - o < 4 ? n - o : 4
      pointwise2x4(x + ((m * k) << 2), panel, panelWidth(n - first) << 2, k, r, y + at, second, n << 2, count)
    }
  }
}

/**
 * Depthwise convolution without vectors, for output rows begin ≤ r < end of the N·OH. There are as many output
 * as input channels. They are in blocks of four, with weights [⌈C/4⌉][1 + taps][4], the bias first.
 */
export function depthwise_f32(
  x: usize, panels: usize, residual: usize, y: usize, window: usize, begin: i32, end: i32,
): void {
  const c = channels(window)
  const blockBytes = (1 + kernel(window, 0) * kernel(window, 1)) << 4
  for (let row = begin; row < end; row++) {
    const image = row / outHeight(window)
    const top = origin(window, 0, row - image * outHeight(window))
    const ky = firstTap(window, 0, top)
    const kh = endTap(window, 0, top, windowHeight(window)) - ky
    for (let o = 0; o < outWidth(window); o++) {
      const left = origin(window, 1, o)
      const kx = firstTap(window, 1, left)
      const kw = endTap(window, 1, left, windowWidth(window)) - kx
      const pixel = (image * windowHeight(window) + top + ky * dilation(window, 0)) * windowWidth(window) + left + kx * dilation(window, 1)
      const firstWeights = (1 + ky * kernel(window, 1) + kx) << 4
      const at = ((row * outWidth(window) + o) * c) << 2
      let block = panels
      for (let k = 0; k < c; k += 4) {
        const by = k << 2
        const r = residual ? residual + at + by : 0
        const count = c - k < 4 ? c - k : 4
        depthwise4(x + ((pixel * c) << 2) + by, block + firstWeights, kh, kw, window, c, block, r, y + at + by, count)
        block += blockBytes
      }
    }
  }
}

/** Four channels of one position. */
@inline function depthwise4(
  x: usize, w: usize, kh: i32, kw: i32, d: usize, c: i32, bias: usize, residual: usize, y: usize, count: i32,
): void {
  let s0 = load<f32>(bias)
  let s1 = load<f32>(bias, 4)
  let s2 = load<f32>(bias, 8)
  let s3 = load<f32>(bias, 12)
  const rowStep = (dilation(d, 0) * windowWidth(d) * c) << 2
  const tapStep = (dilation(d, 1) * c) << 2
  const wRow = kernel(d, 1) << 4
  for (let ky = 0; ky < kh; ky++) {
    let tap = x
    let weight = w
    for (let kx = 0; kx < kw; kx++) {
      s0 += load<f32>(tap) * load<f32>(weight)
      s1 += load<f32>(tap, 4) * load<f32>(weight, 4)
      s2 += load<f32>(tap, 8) * load<f32>(weight, 8)
      s3 += load<f32>(tap, 12) * load<f32>(weight, 12)
      tap += tapStep
      weight += 16
    }
    x += rowStep
    w += wRow
  }
  storeRow(y, residual, s0, s1, s2, s3, count)
}
