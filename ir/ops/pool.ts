/** Pooling over spatial windows. */

import { InferError } from '../diagnostics.ts'
import { defineOp } from '../op.ts'
import { fromNumbers, numbers, type Tensor } from '../tensor.ts'
import { sizeOf, type TensorType } from '../types.ts'
import { checkWindow, outputExtents, type Window } from './window.ts'

export interface PoolAttrs extends Window {
  readonly fn: 'max' | 'mean'
  /** Count a last partial window (ONNX `ceil_mode`). */
  readonly ceil: boolean
  /** Let padded positions count as zeros in a mean; positions beyond the declared pads never count. */
  readonly countPads: boolean
}

/** x [N,H,W,C] → [N,OH,OW,C]. Padding never wins a maximum. */
export const pool = defineOp<PoolAttrs>({
  traits: {},
  defaults: { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], ceil: false, countPads: false },
  infer([x], attrs) {
    if (x?.shape.length !== 4) throw new InferError('input must have rank 4')
    checkWindow(attrs)
    const [n, h, w, c] = x.shape as readonly [number, number, number, number]
    return [{ dtype: x.dtype, shape: [n, ...outputExtents([h, w], attrs, attrs.ceil), c], layout: 'nhwc' }]
  },
  evaluate([x], attrs, [type]) {
    return [evaluatePool(x as Tensor, attrs, type as TensorType)]
  },
})

export interface PoolIndexAttrs extends Window {
  readonly ceil: boolean
  /** Positions count down the columns of a plane, not along its rows (ONNX `storage_order`). */
  readonly columnMajor: boolean
}

/**
 * Where the maximum of each window is: x [N,H,W,C] → [N,OH,OW,C] of int64, positions in x as [N,C,H,W] (the second
 * output of ONNX MaxPool). The first of equal ones counts, and NaN only where it comes first.
 */
export const poolIndex = defineOp<PoolIndexAttrs>({
  traits: {},
  defaults: { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], ceil: false, columnMajor: false },
  infer([x], attrs) {
    const [pooled] = pool.infer(x ? [x] : [], { ...attrs, fn: 'max', countPads: false }) as [TensorType]
    return [{ ...pooled, dtype: 'int64' }]
  },
  evaluate([x], attrs, [type]) {
    return [evaluateIndex(x as Tensor, attrs, type as TensorType)]
  },
})

function evaluateIndex(x: Tensor, attrs: PoolIndexAttrs, type: TensorType): Tensor {
  const [, oh, ow, c] = type.shape as [number, number, number, number]
  const [, h, w] = x.type.shape as [number, number, number, number]
  const xs = numbers(x)
  const data = new BigInt64Array(sizeOf(type.shape))
  for (let i = 0; i < data.length; i++) {
    const position = Math.floor(i / c)
    const image = Math.floor(position / (oh * ow))
    const top = (Math.floor(position / ow) % oh) * attrs.strides[0] - attrs.pads[0]
    const left = (position % ow) * attrs.strides[1] - attrs.pads[1]
    const [row, column] = largestTap(attrs, top, left, h, w, (r, k) => xs[((image * h + r) * w + k) * c + (i % c)] as number)
    data[i] = BigInt((image * c + (i % c)) * h * w + (attrs.columnMajor ? column * h + row : row * w + column))
  }
  return { type, data }
}

function largestTap(
  attrs: Window,
  top: number,
  left: number,
  h: number,
  w: number,
  at: (row: number, column: number) => number,
): readonly [row: number, column: number] {
  let best: readonly [number, number] | null = null
  for (let tap = 0; tap < attrs.kernel[0] * attrs.kernel[1]; tap++) {
    const row = top + Math.floor(tap / attrs.kernel[1]) * attrs.dilations[0]
    const column = left + (tap % attrs.kernel[1]) * attrs.dilations[1]
    if (row < 0 || row >= h || column < 0 || column >= w) continue
    if (!best || at(row, column) > at(...best)) best = [row, column]
  }
  return best ?? [0, 0]
}

function evaluatePool(x: Tensor, attrs: PoolAttrs, type: TensorType): Tensor {
  const [, oh, ow, c] = type.shape as [number, number, number, number]
  const [, h, w] = x.type.shape as [number, number, number, number]
  const xs = numbers(x)
  const out = new Float64Array(sizeOf(type.shape))
  for (let i = 0; i < out.length; i++) {
    const position = Math.floor(i / c)
    const image = Math.floor(position / (oh * ow))
    const top = (Math.floor(position / ow) % oh) * attrs.strides[0] - attrs.pads[0]
    const left = (position % ow) * attrs.strides[1] - attrs.pads[1]
    out[i] = poolWindow(attrs, top, left, h, w, (row, column) => xs[((image * h + row) * w + column) * c + (i % c)] as number)
  }
  return fromNumbers(type, out)
}

function poolWindow(
  attrs: PoolAttrs,
  top: number,
  left: number,
  h: number,
  w: number,
  at: (row: number, column: number) => number,
): number {
  let sum = 0
  let max = Number.NEGATIVE_INFINITY
  let count = 0
  for (let ky = 0; ky < attrs.kernel[0]; ky++) {
    for (let kx = 0; kx < attrs.kernel[1]; kx++) {
      const row = top + ky * attrs.dilations[0]
      const column = left + kx * attrs.dilations[1]
      const inside = row >= 0 && row < h && column >= 0 && column < w
      const padded = row < h + attrs.pads[2] && column < w + attrs.pads[3]
      if (inside || (attrs.countPads && padded)) count++
      if (!inside) continue
      sum += at(row, column)
      max = Math.max(max, at(row, column))
    }
  }
  return attrs.fn === 'max' ? max : sum / count
}
