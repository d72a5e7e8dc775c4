/**
 * Images as inputs: reads rows of RGBA and writes the input tensor of a network. It resamples as Pillow's
 * `Image.resize` does: first horizontally, then vertically, with filters that become wider when they shrink an
 * image. The arithmetic is fixed-point, and the results are rounded to bytes after each direction. So every
 * byte equals Pillow's.
 *
 * A plan says how each output position of one axis is computed. For each of `count` positions it has the first
 * input position (i32), the number of taps (i32) and the address of its weights (i32). The weights (i32) follow
 * after all positions.
 */

import { BILINEAR } from '../codes'

/** Bytes of a plan for each position, without its weights. */
const ENTRY: usize = 12

/** Binary places of a weight. With these, a weighted sum of bytes fits in 32 bits, even with negative weights. */
const PLACES: i32 = 22
const HALF: i32 = 1 << (PLACES - 1)

/** The filter of a radius: a triangle, or the cubic of Keys with a = −0.5. */
@inline function filterAt(radius: i32, distance: f64): f64 {
  const x = Math.abs(distance)
  if (radius == BILINEAR) return x < 1 ? 1 - x : 0
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
}

/** Plans positions [first, first + count) of an axis of `size` resized to `resized`. */
export function image_plan(plan: usize, size: i32, resized: i32, first: i32, count: i32, radius: i32): void {
  const scale = (size as f64) / (resized as f64)
  const stretch = Math.max(scale, 1)
  const support = (radius as f64) * stretch
  let weights = plan + (count as usize) * ENTRY
  for (let i = 0; i < count; i++) {
    const center = ((first + i) as f64 + 0.5) * scale
    const begin = max(0, (center - support + 0.5) as i32)
    const taps = min(size, (center + support + 0.5) as i32) - begin
    let sum: f64 = 0
    for (let t = 0; t < taps; t++) sum += filterAt(radius, ((begin + t) as f64 - center + 0.5) / stretch)
    for (let t = 0; t < taps; t++) {
      const weight = filterAt(radius, ((begin + t) as f64 - center + 0.5) / stretch) / sum
      store<i32>(weights + (t << 2), Math.floor(weight * ((1 << PLACES) as f64) + 0.5) as i32)
    }
    const entry = plan + (i as usize) * ENTRY
    store<i32>(entry, begin)
    store<i32>(entry, taps, 4)
    store<i32>(entry, weights as i32, 8)
    weights += (taps as usize) << 2
  }
}

/** Sets the sums y[0, n) and the two words at `state` to 0. */
export function image_clear(y: usize, n: i32, state: usize): void {
  memory.fill(y, 0, (n as usize) << 2)
  store<i64>(state, 0)
}

/** The byte that a weighted sum stands for. */
@inline function byteOf(sum: i32): i32 {
  return max(0, min(255, (sum + HALF) >> PLACES))
}

/**
 * Resizes one line of RGBA pixels to `width` pixels. Channel c of pixel i goes to word c · plane + i · step of
 * `row`.
 */
@inline function resizeLine(line: usize, columns: usize, width: i32, row: usize, plane: usize, step: usize): void {
  for (let i = 0; i < width; i++) {
    const entry = columns + (i as usize) * ENTRY
    const taps = load<i32>(entry, 4)
    const weights = load<u32>(entry, 8) as usize
    const pixels = line + ((load<i32>(entry) as usize) << 2)
    const to = row + (((i as usize) * step) << 2)
    if (ASC_FEATURE_SIMD) {
      let sum = i32x4.splat(HALF)
      for (let t = 0; t < taps; t++) {
        const pixel = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(pixels + (t << 2))))
        sum = i32x4.add(sum, i32x4.mul(pixel, v128.load32_splat(weights + (t << 2))))
      }
      sum = i32x4.min_s(i32x4.max_s(i32x4.shr_s(sum, PLACES), i32x4.splat(0)), i32x4.splat(255))
      store<i32>(to, i32x4.extract_lane(sum, 0))
      store<i32>(to + (plane << 2), i32x4.extract_lane(sum, 1))
      store<i32>(to + (plane << 3), i32x4.extract_lane(sum, 2))
    } else {
      let red = 0
      let green = 0
      let blue = 0
      for (let t = 0; t < taps; t++) {
        const weight = load<i32>(weights + (t << 2))
        const pixel = pixels + (t << 2)
        red += weight * (load<u8>(pixel) as i32)
        green += weight * (load<u8>(pixel, 1) as i32)
        blue += weight * (load<u8>(pixel, 2) as i32)
      }
      store<i32>(to, byteOf(red))
      store<i32>(to + (plane << 2), byteOf(green))
      store<i32>(to + (plane << 3), byteOf(blue))
    }
  }
}

/** y += weight · x for n integers. */
@inline function addScaled(x: usize, y: usize, n: i32, weight: i32): void {
  let i = 0
  if (ASC_FEATURE_SIMD)
    for (; i <= n - 4; i += 4)
      v128.store(y + (i << 2), i32x4.add(v128.load(y + (i << 2)), i32x4.mul(v128.load(x + (i << 2)), i32x4.splat(weight))))
  for (; i < n; i++) store<i32>(y + (i << 2), load<i32>(y + (i << 2)) + load<i32>(x + (i << 2)) * weight)
}

/**
 * Adds the next `count` lines of `stride` pixels at `strip` to the tensor y, which has `height` by `width`
 * pixels in three planes (`planar`) or interleaved. `state` holds the number of lines seen and of output rows
 * that are complete. `row` has room for one output row.
 */
export function image_rows(
  strip: usize, count: i32, stride: i32, columns: usize, rows: usize, width: i32, height: i32,
  row: usize, y: usize, planar: i32, state: usize,
): void {
  const plane: usize = planar ? (width as usize) : 1
  const step: usize = planar ? 1 : 3
  const seen = load<i32>(state)
  let done = load<i32>(state, 4)
  for (let r = 0; r < count; r++) {
    const line = seen + r
    while (done < height && load<i32>(rows + (done as usize) * ENTRY) + load<i32>(rows + (done as usize) * ENTRY, 4) <= line) done++
    if (done == height || load<i32>(rows + (done as usize) * ENTRY) > line) continue
    resizeLine(strip + (((r * stride) as usize) << 2), columns, width, row, plane, step)
    for (let to = done; to < height; to++) {
      const entry = rows + (to as usize) * ENTRY
      const tap = line - load<i32>(entry)
      if (tap < 0) break
      if (tap >= load<i32>(entry, 4)) continue
      const weight = load<i32>((load<u32>(entry, 8) as usize) + (tap << 2))
      if (planar) {
        for (let c = 0; c < 3; c++) addScaled(row + ((c * width) << 2), y + (((c * height + to) * width) << 2), width, weight)
      } else addScaled(row, y + ((to * width * 3) << 2), width * 3, weight)
    }
  }
  store<i32>(state, seen + count)
  store<i32>(state, done, 4)
}

/**
 * Turns the sums of n pixels into floats: byte · factor + offset for each channel. With `reversed`, blue comes
 * before red.
 */
export function image_finish(
  y: usize, n: i32, planar: i32, reversed: i32,
  factor0: f32, factor1: f32, factor2: f32, offset0: f32, offset1: f32, offset2: f32,
): void {
  const plane: usize = planar ? (n as usize) : 1
  const step: usize = planar ? 1 : 3
  for (let i = 0; i < n; i++) {
    const at = y + (((i as usize) * step) << 2)
    const red = byteOf(load<i32>(at)) as f32
    const green = byteOf(load<i32>(at + (plane << 2))) as f32
    const blue = byteOf(load<i32>(at + (plane << 3))) as f32
    store<f32>(at, (reversed ? blue : red) * factor0 + offset0)
    store<f32>(at + (plane << 2), green * factor1 + offset1)
    store<f32>(at + (plane << 3), (reversed ? red : blue) * factor2 + offset2)
  }
}
