/**
 * The inner product tiles of the general convolution and the matrix product: 8 output channels of 1 or 4
 * positions, accumulated over kh × kw taps of `depth` values each, then residual and store.
 *
 * x: the first tap's values at the first position; `xStride` bytes to the next position, `rowStep` and
 * `tapStep` bytes to the next row and tap. w: 8 weights for the first value; `wStep` bytes to the next
 * value's, `wSkip` more after each row of taps. bias (0: none): 8 values. residual (0: none) and y: `yStride`
 * bytes between positions. `count` of the 8 channels are stored; what else is read may be anything.
 */

import { storeFirst } from './lanes'

@inline function store8(y: usize, residual: usize, low: v128, high: v128, count: i32): void {
  if (residual) {
    low = f32x4.add(low, v128.load(residual))
    high = f32x4.add(high, v128.load(residual, 16))
  }
  if (count >= 8) {
    v128.store(y, low)
    v128.store(y, high, 16)
  } else if (count > 4) {
    v128.store(y, low)
    storeFirst(y + 16, high, count - 4)
  } else if (count == 4) v128.store(y, low)
  else storeFirst(y, low, count)
}

@inline function mulAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b))
}

@inline function tile4Lanes(
  x: usize, xStride: usize, kh: i32, rowStep: usize, kw: i32, tapStep: usize, depth: i32, w: usize, wStep: usize, wSkip: usize,
  bias: usize, residual: usize, y: usize, yStride: usize, count: i32,
): void {
  let a0 = bias ? v128.load(bias) : f32x4.splat(0)
  let b0 = bias ? v128.load(bias, 16) : f32x4.splat(0)
  let a1 = a0
  let b1 = b0
  let a2 = a0
  let b2 = b0
  let a3 = a0
  let b3 = b0
  for (let ky = 0; ky < kh; ky++) {
    let tap = x
    for (let kx = 0; kx < kw; kx++) {
      let x0 = tap
      let x1 = x0 + xStride
      let x2 = x1 + xStride
      let x3 = x2 + xStride
      for (let k = depth; k > 0; k--) {
        const low = v128.load(w)
        const high = v128.load(w, 16)
        let v = v128.load32_splat(x0)
        a0 = mulAdd(a0, v, low)
        b0 = mulAdd(b0, v, high)
        v = v128.load32_splat(x1)
        a1 = mulAdd(a1, v, low)
        b1 = mulAdd(b1, v, high)
        v = v128.load32_splat(x2)
        a2 = mulAdd(a2, v, low)
        b2 = mulAdd(b2, v, high)
        v = v128.load32_splat(x3)
        a3 = mulAdd(a3, v, low)
        b3 = mulAdd(b3, v, high)
        x0 += 4
        x1 += 4
        x2 += 4
        x3 += 4
        w += wStep
      }
      tap += tapStep
    }
    w += wSkip
    x += rowStep
  }
  for (let row = 0; row < 4; row++) {
    store8(y, residual, a0, b0, count)
    a0 = a1
    b0 = b1
    a1 = a2
    b1 = b2
    a2 = a3
    b2 = b3
    y += yStride
    if (residual) residual += yStride
  }
}

@inline function tile1Lanes(
  x: usize, kh: i32, rowStep: usize, kw: i32, tapStep: usize, depth: i32, w: usize, wStep: usize, wSkip: usize,
  bias: usize, residual: usize, y: usize, count: i32,
): void {
  let low = bias ? v128.load(bias) : f32x4.splat(0)
  let high = bias ? v128.load(bias, 16) : f32x4.splat(0)
  for (let ky = 0; ky < kh; ky++) {
    for (let kx = 0; kx < kw; kx++) {
      const tap = x + ky * rowStep + kx * tapStep
      for (let k = 0; k < depth; k++) {
        const v = v128.load32_splat(tap + (k << 2))
        low = mulAdd(low, v, v128.load(w))
        high = mulAdd(high, v, v128.load(w, 16))
        w += wStep
      }
    }
    w += wSkip
  }
  store8(y, residual, low, high, count)
}

/** Four of the eight channels, without vectors. */
function half1(
  x: usize, kh: i32, rowStep: usize, kw: i32, tapStep: usize, depth: i32, w: usize, wStep: usize, wSkip: usize,
  bias: usize, residual: usize, y: usize, count: i32,
): void {
  let s0: f32 = bias ? load<f32>(bias) : 0
  let s1: f32 = bias ? load<f32>(bias, 4) : 0
  let s2: f32 = bias ? load<f32>(bias, 8) : 0
  let s3: f32 = bias ? load<f32>(bias, 12) : 0
  for (let ky = 0; ky < kh; ky++) {
    for (let kx = 0; kx < kw; kx++) {
      const tap = x + ky * rowStep + kx * tapStep
      for (let k = 0; k < depth; k++) {
        const v = load<f32>(tap + (k << 2))
        s0 += v * load<f32>(w)
        s1 += v * load<f32>(w, 4)
        s2 += v * load<f32>(w, 8)
        s3 += v * load<f32>(w, 12)
        w += wStep
      }
    }
    w += wSkip
  }
  for (let i = 0; i < count; i++) {
    const r: f32 = residual ? load<f32>(residual + (i << 2)) : 0
    store<f32>(y + (i << 2), s0 + r)
    s0 = s1
    s1 = s2
    s2 = s3
  }
}

/** One position. */
export function tile1(
  x: usize, kh: i32, rowStep: usize, kw: i32, tapStep: usize, depth: i32, w: usize, wStep: usize, wSkip: usize,
  bias: usize, residual: usize, y: usize, count: i32,
): void {
  if (ASC_FEATURE_SIMD) {
    tile1Lanes(x, kh, rowStep, kw, tapStep, depth, w, wStep, wSkip, bias, residual, y, count)
  } else {
    const low = count < 4 ? count : 4
    half1(x, kh, rowStep, kw, tapStep, depth, w, wStep, wSkip, bias, residual, y, low)
    if (count > 4) {
      const bias4 = bias ? bias + 16 : 0
      const residual4 = residual ? residual + 16 : 0
      half1(x, kh, rowStep, kw, tapStep, depth, w + 16, wStep, wSkip, bias4, residual4, y + 16, count - 4)
    }
  }
}

/** Four positions. */
export function tile4(
  x: usize, xStride: usize, kh: i32, rowStep: usize, kw: i32, tapStep: usize, depth: i32, w: usize, wStep: usize, wSkip: usize,
  bias: usize, residual: usize, y: usize, yStride: usize, count: i32,
): void {
  if (ASC_FEATURE_SIMD) {
    tile4Lanes(x, xStride, kh, rowStep, kw, tapStep, depth, w, wStep, wSkip, bias, residual, y, yStride, count)
  } else {
    for (let i = 0; i < 4; i++) {
      tile1(x, kh, rowStep, kw, tapStep, depth, w, wStep, wSkip, bias, residual, y, count)
      x += xStride
      y += yStride
      if (residual) residual += yStride
    }
  }
}
