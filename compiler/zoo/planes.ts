/**
 * The few operators calibration needs, fast enough for whole networks: plain loops in f64 over
 * planes. The inner loops run over all positions of a channel, of all images at once.
 */

import type { ConvLayer } from './layers.ts'

/** Feature maps of several images, [channels, images, height, width]. */
export interface Planes {
  readonly channels: number
  readonly images: number
  readonly height: number
  readonly width: number
  readonly values: Float64Array
}

export function planes(channels: number, images: number, height: number, width: number): Planes {
  return { channels, images, height, width, values: new Float64Array(channels * images * height * width) }
}

/** Positions of one channel: images · height · width. */
export function positionsOf(x: Planes): number {
  return x.images * x.height * x.width
}

/** A convolution without bias; `weight` is [outputs, inputs / group, kernel, kernel]. */
export function convolve(x: Planes, weight: Float32Array, layer: ConvLayer): Planes {
  if (layer.kernel === 1 && layer.stride === 1 && layer.group === 1) return pointwise(x, weight, layer.outputs)
  const pad = (layer.kernel - 1) / 2
  const extent = (n: number): number => Math.floor((n + 2 * pad - layer.kernel) / layer.stride) + 1
  const y = planes(layer.outputs, x.images, extent(x.height), extent(x.width))
  const depth = layer.inputs / layer.group
  const perGroup = layer.outputs / layer.group
  let at = 0
  for (let o = 0; o < layer.outputs; o++) {
    const first = Math.floor(o / perGroup) * depth
    for (let c = 0; c < depth; c++) {
      for (let ky = 0; ky < layer.kernel; ky++) {
        for (let kx = 0; kx < layer.kernel; kx++) {
          addTap(x, first + c, y, o, layer.stride, ky - pad, kx - pad, weight[at++] as number)
        }
      }
    }
  }
  return y
}

/** y[o] += weight · x[c] shifted by (dy, dx), where the shift stays inside. */
function addTap(x: Planes, c: number, y: Planes, o: number, stride: number, dy: number, dx: number, weight: number): void {
  const xs = x.values
  const ys = y.values
  const left = Math.max(0, Math.ceil(-dx / stride))
  const right = Math.min(y.width, Math.floor((x.width - 1 - dx) / stride) + 1)
  for (let row = 0; row < y.images * y.height; row++) {
    const image = Math.floor(row / y.height)
    const source = (row % y.height) * stride + dy
    if (source < 0 || source >= x.height) continue
    const from = ((c * x.images + image) * x.height + source) * x.width + dx
    const to = (o * y.images * y.height + row) * y.width
    for (let i = left; i < right; i++) ys[to + i] = (ys[to + i] as number) + weight * (xs[from + i * stride] as number)
  }
}

/** Matrix product [outputs, channels] · [channels, positions], in register tiles of two outputs by four positions. */
export function pointwise(x: Planes, weight: Float32Array, outputs: number): Planes {
  const y = planes(outputs, x.images, x.height, x.width)
  const n = positionsOf(x)
  const columns = new Float64Array(4 * x.channels)
  // An odd last output is computed beside a row of zeros.
  const sums = new Float64Array(4 * (outputs + 1))
  const rows = new Float64Array((outputs + 1) * x.channels)
  rows.set(weight)
  for (let begin = 0; begin < n; begin += 4) {
    const count = Math.min(4, n - begin)
    for (let c = 0; c < x.channels; c++) {
      for (let i = 0; i < count; i++) columns[4 * c + i] = x.values[c * n + begin + i] as number
    }
    for (let o = 0; o < outputs; o += 2) multiplyTile(rows, o * x.channels, columns, sums, 4 * o)
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < count; i++) y.values[o * n + begin + i] = sums[4 * o + i] as number
    }
  }
  return y
}

/** sums[at …] = the row at `row` and the next one, times four columns that are stored in turns. */
function multiplyTile(rows: Float64Array, row: number, columns: Float64Array, sums: Float64Array, at: number): void {
  const length = columns.length
  let upper = row
  let lower = row + length / 4
  let a0 = 0
  let a1 = 0
  let a2 = 0
  let a3 = 0
  let b0 = 0
  let b1 = 0
  let b2 = 0
  let b3 = 0
  for (let i = 0; i < length; i += 4) {
    const a = rows[upper++] as number
    const b = rows[lower++] as number
    const x0 = columns[i] as number
    const x1 = columns[i + 1] as number
    const x2 = columns[i + 2] as number
    const x3 = columns[i + 3] as number
    a0 += a * x0
    a1 += a * x1
    a2 += a * x2
    a3 += a * x3
    b0 += b * x0
    b1 += b * x1
    b2 += b * x2
    b3 += b * x3
  }
  sums[at] = a0
  sums[at + 1] = a1
  sums[at + 2] = a2
  sums[at + 3] = a3
  sums[at + 4] = b0
  sums[at + 5] = b1
  sums[at + 6] = b2
  sums[at + 7] = b3
}

/** Each image's mean of each channel, as a 1×1 map. */
export function globalMean(x: Planes): Planes {
  const y = planes(x.channels, x.images, 1, 1)
  const n = x.height * x.width
  for (let i = 0; i < y.values.length; i++) {
    let sum = 0
    for (let p = 0; p < n; p++) sum += x.values[i * n + p] as number
    y.values[i] = sum / n
  }
  return y
}

/** x[channel, image, …] · gates[channel, image]. */
export function scaleMaps(x: Planes, gates: Planes): Planes {
  const n = x.height * x.width
  return { ...x, values: x.values.map((v, i) => v * (gates.values[Math.floor(i / n)] as number)) }
}

/** x · scale[channel] + shift[channel], in place. */
export function affine(x: Planes, scale: ArrayLike<number>, shift: ArrayLike<number>): void {
  const n = positionsOf(x)
  for (let c = 0; c < x.channels; c++) {
    const a = scale[c] as number
    const b = shift[c] as number
    for (let i = c * n; i < (c + 1) * n; i++) x.values[i] = (x.values[i] as number) * a + b
  }
}

export function applyTo(x: Planes, f: (value: number) => number): void {
  for (let i = 0; i < x.values.length; i++) x.values[i] = f(x.values[i] as number)
}

export interface Moments {
  readonly mean: number
  readonly variance: number
}

/** Mean and (biased) variance of each channel over images and positions. */
export function momentsOf(x: Planes): Moments[] {
  const n = positionsOf(x)
  return Array.from({ length: x.channels }, (_, c) => moments(x.values, c * n, n))
}

function moments(values: Float64Array, begin: number, count: number): Moments {
  let sum = 0
  let squares = 0
  for (let i = begin; i < begin + count; i++) {
    const v = values[i] as number
    sum += v
    squares += v * v
  }
  const mean = sum / count
  return { mean, variance: Math.max(0, squares / count - mean * mean) }
}
