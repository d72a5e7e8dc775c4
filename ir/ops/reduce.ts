/** Reductions along axes, and softmax. */

import { InferError } from '../diagnostics.ts'
import { without } from '../tensors/axes.ts'
import { fromNumbers, numbers } from '../tensors/tensor.ts'
import { type Shape, sizeOf, stridesOf } from '../tensors/types.ts'
import { stridedOffsets } from './broadcast.ts'
import { defineOp } from './op.ts'

export const REDUCTIONS = ['mean', 'sum', 'max', 'min', 'prod', 'l1', 'l2'] as const
export type Reduction = (typeof REDUCTIONS)[number]

export interface ReduceAttrs {
  readonly fn: Reduction
  /** Axes to reduce, ascending and non-negative. An empty list reduces nothing. */
  readonly axes: readonly number[]
  readonly keepDims: boolean
}

const FOLD: Record<Reduction, { readonly start: number; step(sum: number, x: number): number; end(sum: number, n: number): number }> = {
  mean: { start: 0, step: (s, x) => s + x, end: (s, n) => s / n },
  sum: { start: 0, step: (s, x) => s + x, end: (s) => s },
  max: { start: Number.NEGATIVE_INFINITY, step: Math.max, end: (s) => s },
  min: { start: Number.POSITIVE_INFINITY, step: Math.min, end: (s) => s },
  prod: { start: 1, step: (s, x) => s * x, end: (s) => s },
  l1: { start: 0, step: (s, x) => s + Math.abs(x), end: (s) => s },
  l2: { start: 0, step: (s, x) => s + x * x, end: Math.sqrt },
}

/**
 * Reduces every row along `axes` to one number: mean, sum, extreme, product or norm. The result for an empty
 * row is the value that the reduction starts with.
 */
export const reduce = defineOp<ReduceAttrs, 1>({
  operands: 1,
  traits: {},
  infer([x], { axes, keepDims }) {
    if (x.dtype === 'bool') throw new InferError('not defined on elements of type bool')
    if (axes.some((a, i) => !Number.isInteger(a) || a < 0 || a >= x.shape.length || (i > 0 && a <= (axes[i - 1] as number)))) {
      throw new InferError(`axes [${axes}] of a tensor of rank ${x.shape.length}`)
    }
    const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    return [{ dtype: x.dtype, shape: keepDims ? kept : kept.filter((_, i) => !axes.includes(i)) }]
  },
  evaluate([x], { fn, axes }, [type]) {
    const strides = stridesOf(x.type.shape)
    const pick = (reduced: boolean): [Shape, number[]] => {
      const chosen = x.type.shape.map((_, i) => i).filter((i) => axes.includes(i) === reduced)
      return [chosen.map((i) => x.type.shape[i] as number), chosen.map((i) => strides[i] as number)]
    }
    const inner = stridedOffsets(...pick(true))
    const xs = numbers(x)
    const { start, step, end } = FOLD[fn]
    const out = Float64Array.from(stridedOffsets(...pick(false)), (base) => {
      let sum = start
      for (const offset of inner) sum = step(sum, xs[base + offset] as number)
      return end(sum, inner.length)
    })
    return [fromNumbers(type, out)]
  },
  permute(perm, attrs) {
    const axes = attrs.axes.map((axis) => perm[axis] as number).sort((a, b) => a - b)
    return { attrs: { ...attrs, axes }, perm: attrs.keepDims ? perm : without(perm, axes) }
  },
})

export interface SoftmaxAttrs {
  readonly axis: number
  /** Whether to compute log(softmax(x)) instead. */
  readonly log: boolean
}

/** exp(x − max) / Σ exp(x − max) along one axis. */
export const softmax = defineOp<SoftmaxAttrs, 1>({
  operands: 1,
  traits: {},
  defaults: { log: false },
  infer([x], { axis }) {
    if (axis < 0 || axis >= x.shape.length) throw new InferError(`axis ${axis} of a tensor of rank ${x.shape.length}`)
    return [x]
  },
  evaluate([x], { axis, log }, [type]) {
    const extent = x.type.shape[axis] as number
    const inner = sizeOf(x.type.shape.slice(axis + 1))
    const xs = numbers(x)
    const out = new Float64Array(xs.length)
    for (let row = 0; row < xs.length / extent; row++) {
      const base = Math.floor(row / inner) * extent * inner + (row % inner)
      let max = Number.NEGATIVE_INFINITY
      for (let i = 0; i < extent; i++) max = Math.max(max, xs[base + i * inner] as number)
      let sum = 0
      for (let i = 0; i < extent; i++) sum += Math.exp((xs[base + i * inner] as number) - max)
      for (let i = 0; i < extent; i++) {
        const shifted = (xs[base + i * inner] as number) - max
        out[base + i * inner] = log ? shifted - Math.log(sum) : Math.exp(shifted) / sum
      }
    }
    return [fromNumbers(type, out)]
  },
  permute: (perm, attrs) => ({ attrs: { ...attrs, axis: perm[attrs.axis] as number }, perm }),
})
