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
