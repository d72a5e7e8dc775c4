/** Two-dimensional convolution with its epilogue. */

import { InferError } from '../diagnostics.ts'
import { unaryFunction } from '../scalar/evaluate.ts'
import type { UnaryAttrs } from '../scalar/functions.ts'
import { fromNumbers, numbers, type Tensor } from '../tensors/tensor.ts'
import { sameShape, sizeOf, type TensorType } from '../tensors/types.ts'
import { defineOp } from './op.ts'
import { checkWindow, outputExtents, type Pads, type Pair, type Window } from './window.ts'

/** Activations that a convolution can apply to its results. */
export const EPILOGUE_ACTIVATIONS = ['clamp', 'hard-swish', 'hard-sigmoid', 'leaky-relu'] as const
export type EpilogueName = (typeof EPILOGUE_ACTIVATIONS)[number]
export type Activation = { [K in EpilogueName]: { readonly op: K } & UnaryAttrs[K] }[EpilogueName]

export interface ConvAttrs {
  readonly strides: Pair
  readonly pads: Pads
  readonly dilations: Pair
  readonly group: number
  readonly act?: Activation
}

/**
 * Computes act(conv(x, w) + bias [+ residual]) with zero padding.
 *
 * x is [N,H,W,C], w is [O,kh,kw,C/group] and bias is [O]. The optional residual and the result are [N,OH,OW,O].
 * All are floats.
 */
export const conv = defineOp<ConvAttrs, readonly [3, 4]>({
  operands: [3, 4],
  traits: {},
  defaults: { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 },
  infer([x, w, bias, residual], attrs) {
    if (x.shape.length !== 4 || w.shape.length !== 4) throw new InferError('input and weights must have rank 4')
    const [n, h, width, c] = x.shape as readonly [number, number, number, number]
    const [o, kh, kw, i] = w.shape as readonly [number, number, number, number]
    if (attrs.group < 1 || c !== i * attrs.group) throw new InferError(`${c} input channels for weights of ${i} in ${attrs.group} groups`)
    if (o % attrs.group !== 0) throw new InferError(`${o} output channels do not divide into ${attrs.group} groups`)
    if (!sameShape(bias.shape, [o])) throw new InferError(`bias [${bias.shape}] for ${o} output channels`)
    const window = windowOf(attrs, kh, kw)
    checkWindow(window)
    const result: TensorType = { dtype: x.dtype, shape: [n, ...outputExtents([h, width], window), o] }
    if (residual && !sameShape(residual.shape, result.shape))
      throw new InferError(`residual [${residual.shape}] for result [${result.shape}]`)
    if ([w, bias, residual].some((t) => t && t.dtype !== x.dtype)) throw new InferError('operands differ in dtype')
    return [result]
  },
  evaluate(inputs, attrs, [type]) {
    return [evaluateConv(inputs, attrs, type)]
  },
  macs([, w], [y]) {
    return sizeOf(w.shape.slice(1)) * sizeOf(y.shape)
  },
})

function windowOf(attrs: ConvAttrs, kh: number, kw: number): Window {
  return { kernel: [kh, kw], strides: attrs.strides, dilations: attrs.dilations, pads: attrs.pads }
}

function evaluateConv([x, w, bias, residual]: readonly Tensor[], attrs: ConvAttrs, type: TensorType): Tensor {
  const out = new Float64Array(sizeOf(type.shape))
  const b = numbers(bias as Tensor)
  for (let i = 0; i < out.length; i++) out[i] = b[i % b.length] as number
  accumulate(out, type.shape, x as Tensor, w as Tensor, attrs)
  if (residual) {
    const r = numbers(residual)
    for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + (r[i] as number)
  }
  return fromNumbers(type, attrs.act ? out.map(unaryFunction(attrs.act.op, attrs.act)) : out)
}

function accumulate(out: Float64Array, shape: readonly number[], x: Tensor, w: Tensor, attrs: ConvAttrs): void {
  const [n, oh, ow, o] = shape as [number, number, number, number]
  const [, h, width, c] = x.type.shape as [number, number, number, number]
  const [, kh, kw, depth] = w.type.shape as [number, number, number, number]
  const xs = numbers(x)
  const ws = numbers(w)
  const perGroup = o / attrs.group
  for (let position = 0; position < n * oh * ow; position++) {
    const image = Math.floor(position / (oh * ow))
    const top = (Math.floor(position / ow) % oh) * attrs.strides[0] - attrs.pads[0]
    const left = (position % ow) * attrs.strides[1] - attrs.pads[1]
    for (let tap = 0; tap < kh * kw; tap++) {
      const row = top + Math.floor(tap / kw) * attrs.dilations[0]
      const column = left + (tap % kw) * attrs.dilations[1]
      if (row < 0 || row >= h || column < 0 || column >= width) continue
      const pixel = ((image * h + row) * width + column) * c
      for (let channel = 0; channel < o; channel++) {
        const from = pixel + Math.floor(channel / perGroup) * depth
        const weights = (channel * kh * kw + tap) * depth
        let sum = 0
        for (let k = 0; k < depth; k++) sum += (xs[from + k] as number) * (ws[weights + k] as number)
        const at = position * o + channel
        out[at] = (out[at] as number) + sum
      }
    }
  }
}
