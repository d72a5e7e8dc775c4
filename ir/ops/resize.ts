/** Resampling to another size along any axes. */

import { InferError } from '../diagnostics.ts'
import { inverse, permuted } from '../tensors/axes.ts'
import { fromNumbers, numbers } from '../tensors/tensor.ts'
import { isFloat, type Shape, sizeOf } from '../tensors/types.ts'
import { defineOp } from './op.ts'
import { type ResampledAxis, type Resampling, type Taps, tapsOf } from './resampling.ts'

export interface ResizeAttrs extends Resampling {
  /** The extent of the result along each axis. */
  readonly sizes: Shape
  /** For each axis, the extent of the result over that of the operand. It is 1 where an axis stays as it is. */
  readonly scales: readonly number[]
  /** For each axis, where the crop of tf_crop_and_resize begins. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** What stands outside the crop. */
  readonly extrapolation: number
}

/**
 * Resamples one axis after the other (ONNX Resize; `resampling.ts` says what a position reads). The filters are
 * separable, so the order of axes does not change the result. `resizeOrder` gives an order that keeps
 * intermediate tensors small.
 */
export const resize = defineOp<ResizeAttrs, 1>({
  operands: 1,
  traits: {},
  defaults: {
    rounding: 'round_prefer_floor',
    cubicA: -0.75,
    antialias: false,
    excludeOutside: false,
    extrapolation: 0,
  },
  infer([x], attrs) {
    if ([attrs.sizes, attrs.scales, attrs.starts, attrs.ends].some((list) => list.length !== x.shape.length))
      throw new InferError(`sizes [${attrs.sizes}] for a tensor of rank ${x.shape.length}`)
    if (attrs.sizes.some((n) => !Number.isInteger(n) || n < 0))
      throw new InferError(`sizes [${attrs.sizes}] must be integers of at least 0`)
    if (attrs.scales.some((s) => !(s > 0 && s < Number.POSITIVE_INFINITY)))
      throw new InferError(`scales [${attrs.scales}] must be positive`)
    if (sizeOf(x.shape) === 0 && sizeOf(attrs.sizes) > 0) throw new InferError(`cannot resize [${x.shape}] to [${attrs.sizes}]`)
    if (attrs.mode !== 'nearest' && !isFloat(x.dtype)) throw new InferError(`no ${attrs.mode} interpolation on ${x.dtype}`)
    return [{ dtype: x.dtype, shape: attrs.sizes }]
  },
  evaluate([x], attrs, [type]) {
    const { shape } = x.type
    let values = Float64Array.from(numbers(x))
    if (sizeOf(attrs.sizes) > 0) for (const step of resizeOrder(shape, attrs)) values = resample(values, step, attrs.extrapolation)
    return [fromNumbers(type, values)]
  },
  permute(perm, attrs) {
    const there = inverse(perm)
    const { sizes, scales, starts, ends } = attrs
    const lists = {
      sizes: permuted(sizes, there),
      scales: permuted(scales, there),
      starts: permuted(starts, there),
      ends: permuted(ends, there),
    }
    return { attrs: { ...attrs, ...lists }, perm }
  },
})

/** One axis of a resize: x [outer, from, inner] → [outer, to, inner]. */
export interface ResizeStep {
  readonly axis: number
  readonly outer: number
  readonly from: number
  readonly to: number
  readonly inner: number
  readonly taps: Taps
}

/**
 * One step for each axis that changes. Shrinking axes come first, and inner axes before outer ones, so that
 * most of the work is done on long rows.
 */
export function resizeOrder(shape: Shape, attrs: ResizeAttrs): ResizeStep[] {
  const extents = [...shape]
  const growth = (axis: number): number => (attrs.sizes[axis] as number) / (shape[axis] as number)
  const axes = resizedAxes(shape, attrs).sort((a, b) => growth(a) - growth(b) || b - a)
  return axes.map((axis) => {
    const outer = sizeOf(extents.slice(0, axis))
    const inner = sizeOf(extents.slice(axis + 1))
    extents[axis] = attrs.sizes[axis] as number
    const resampled = resampledAxis(shape, attrs, axis)
    return { axis, outer, from: resampled.from, to: resampled.to, inner, taps: tapsOf(resampled, attrs) }
  })
}

/** The axes along which at least one result reads an element at another position than its own. */
export function resizedAxes(shape: Shape, attrs: ResizeAttrs): number[] {
  return shape.map((_, axis) => axis).filter((axis) => !isUnchanged(resampledAxis(shape, attrs, axis), attrs))
}

/**
 * Whether an axis stays as it is. As in onnxruntime, an axis that keeps its extent at a scale of 1 is not
 * cropped either.
 */
function isUnchanged({ from, to, scale }: ResampledAxis, { coordinates, antialias }: ResizeAttrs): boolean {
  return from === to && (scale === 1 || antialias || coordinates === 'align_corners')
}

function resampledAxis(shape: Shape, attrs: ResizeAttrs, axis: number): ResampledAxis {
  const at = <T>(list: readonly T[]): T => list[axis] as T
  return { from: at(shape), to: at(attrs.sizes), scale: at(attrs.scales), start: at(attrs.starts), end: at(attrs.ends) }
}

function resample(x: Float64Array, { outer, from, to, inner, taps }: ResizeStep, extrapolation: number): Float64Array<ArrayBuffer> {
  const y = new Float64Array(outer * to * inner)
  for (let i = 0; i < y.length; i++) {
    const position = Math.floor(i / inner) % to
    const base = Math.floor(i / (to * inner)) * from * inner + (i % inner)
    const first = position * taps.count
    if ((taps.indices[first] as number) < 0) {
      y[i] = extrapolation
      continue
    }
    let sum = 0
    for (let t = first; t < first + taps.count; t++) {
      sum += (taps.weights[t] as number) * (x[base + (taps.indices[t] as number) * inner] as number)
    }
    y[i] = sum
  }
  return y
}
