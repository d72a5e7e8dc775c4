/** Pooling over spatial windows. */

import { InferError } from '../diagnostics.ts'
import { fromNumbers, numbers, type Tensor } from '../tensors/tensor.ts'
import { type Shape, sizeOf, type TensorType } from '../tensors/types.ts'
import { defineOp } from './op.ts'
import { checkWindow, outputExtents, type Pair, type Window } from './window.ts'

export interface PoolAttrs extends Window {
  readonly fn: 'max' | 'mean'
  /** Count a last partial window (ONNX `ceil_mode`). */
  readonly ceil: boolean
  /** Whether padded positions count as zeros in a mean. Positions beyond the declared pads never count. */
  readonly countPads: boolean
}

/** Pools x [N,H,W,C] to [N,OH,OW,C]. A padded position is never the maximum. */
export const pool = defineOp<PoolAttrs, 1>({
  operands: 1,
  traits: {},
  defaults: { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], ceil: false, countPads: false },
  infer([x], attrs) {
    return [{ dtype: x.dtype, shape: pooledShape(x.shape, attrs, attrs.ceil) }]
  },
  evaluate([x], attrs, [type]) {
    return [evaluatePool(x, attrs, type)]
  },
})

function pooledShape(shape: Shape, window: Window, ceil: boolean): Shape {
  if (shape.length !== 4) throw new InferError('input must have rank 4')
  checkWindow(window)
  const [n, h, w, c] = shape as readonly [number, number, number, number]
  return [n, ...outputExtents([h, w], window, ceil), c]
}

export interface PoolIndexAttrs extends Window {
  readonly ceil: boolean
  /** Whether positions are counted down the columns of a plane instead of along its rows (ONNX `storage_order`). */
  readonly columnMajor: boolean
}

/**
 * The position of the maximum of each window, as int64: x [N,H,W,C] → [N,OH,OW,C] (second output of ONNX
 * MaxPool). Positions are those in x as [N,C,H,W]. Of equal elements the first one counts. A NaN counts only
 * where it is the first element of the window.
 */
export const poolIndex = defineOp<PoolIndexAttrs, 1>({
  operands: 1,
  traits: {},
  defaults: { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], ceil: false, columnMajor: false },
  infer([x], attrs) {
    return [{ dtype: 'int64', shape: pooledShape(x.shape, attrs, attrs.ceil) }]
  },
  evaluate([x], attrs, [type]) {
    return [evaluateIndex(x, attrs, type)]
  },
})

function evaluateIndex(x: Tensor, attrs: PoolIndexAttrs, type: TensorType): Tensor {
  const [, h, w, c] = x.type.shape as [number, number, number, number]
  const windowOf = windowsOver(x, attrs, type)
  const data = new BigInt64Array(sizeOf(type.shape))
  for (let i = 0; i < data.length; i++) {
    const window = windowOf(i)
    const [row, column] = largestTap(window)
    data[i] = BigInt((window.image * c + window.channel) * h * w + (attrs.columnMajor ? column * h + row : row * w + column))
  }
  return { type, data }
}

function largestTap(window: PlacedWindow): Pair {
  let best: Pair = [0, 0]
  let max: number | undefined
  window.visit((row, column, value) => {
    if (value === undefined || (max !== undefined && !(value > max))) return
    best = [row, column]
    max = value
  })
  return best
}

function evaluatePool(x: Tensor, attrs: PoolAttrs, type: TensorType): Tensor {
  const [, h, w] = x.type.shape as [number, number, number, number]
  const windowOf = windowsOver(x, attrs, type)
  const out = Float64Array.from({ length: sizeOf(type.shape) }, (_, i) => poolWindow(windowOf(i), attrs, [h, w]))
  return fromNumbers(type, out)
}

function poolWindow(window: PlacedWindow, attrs: PoolAttrs, [h, w]: Pair): number {
  let sum = 0
  let max = Number.NEGATIVE_INFINITY
  let count = 0
  window.visit((row, column, value) => {
    const padded = row < h + attrs.pads[2] && column < w + attrs.pads[3]
    if (value !== undefined || (attrs.countPads && padded)) count++
    if (value === undefined) return
    sum += value
    max = Math.max(max, value)
  })
  return attrs.fn === 'max' ? max : sum / count
}

/** The window that belongs to one element of the result, placed over x. */
interface PlacedWindow {
  readonly image: number
  readonly channel: number
  /** Calls `tap` for every tap, row by row. `value` is undefined where the tap is outside x. */
  visit(tap: (row: number, column: number, value: number | undefined) => void): void
}

/** The window of each element, by its position in the result, whose type is `type`. */
function windowsOver(x: Tensor, { kernel, strides, dilations, pads }: Window, type: TensorType): (i: number) => PlacedWindow {
  const [, oh, ow, c] = type.shape as [number, number, number, number]
  const [, h, w] = x.type.shape as [number, number, number, number]
  const xs = numbers(x)
  return (i) => {
    const channel = i % c
    const position = Math.floor(i / c)
    const image = Math.floor(position / (oh * ow))
    const top = (Math.floor(position / ow) % oh) * strides[0] - pads[0]
    const left = (position % ow) * strides[1] - pads[1]
    const at = (row: number, column: number): number | undefined => {
      const inside = row >= 0 && row < h && column >= 0 && column < w
      return inside ? xs[((image * h + row) * w + column) * c + channel] : undefined
    }
    const visit: PlacedWindow['visit'] = (tap) => {
      for (let row = top; row < top + kernel[0] * dilations[0]; row += dilations[0])
        for (let column = left; column < left + kernel[1] * dilations[1]; column += dilations[1]) tap(row, column, at(row, column))
    }
    return { image, channel, visit }
  }
}
