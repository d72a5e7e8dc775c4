/**
 * Operators that move elements but do not compute with them. Their results are quantised in the same way as
 * their operands.
 */

import { InferError } from '../diagnostics.ts'
import { identity, inverse, type Permutation, permuted } from '../tensors/axes.ts'
import { slicesOf, withAxisMoved } from '../tensors/quantization.ts'
import { allocate, fromNumbers, numbers, type Tensor, type TensorData } from '../tensors/tensor.ts'
import {
  formatType,
  type Quantization,
  type Shape,
  sameQuantization,
  sameShape,
  sizeOf,
  stridesOf,
  type TensorType,
  withShape,
} from '../tensors/types.ts'
import { broadcastShapes, broadcastStrides, stridedOffsets } from './broadcast.ts'
import { defineOp } from './op.ts'
import { throughReshape } from './through-reshape.ts'

/** Same elements, same order, another shape. A quantised axis must be an axis of that shape too. */
export const reshape = defineOp<{ readonly shape: Shape }, 1>({
  operands: 1,
  traits: { quantized: true },
  infer([x], { shape }) {
    if (sizeOf(x.shape) !== sizeOf(shape)) throw new InferError(`cannot reshape [${x.shape}] to [${shape}]`)
    return [withAxisMoved(x, shape, (axis) => keptAxis(x.shape, axis, shape))]
  },
  evaluate: ([x], _, [type]) => [{ type, data: x.data }],
  permute(perm, { shape }, [x]) {
    const through = throughReshape(x.shape, shape, perm)
    return through && { attrs: { shape: through.shape }, perm: through.perm }
  },
})

/** The axis of `to` whose slices are those of axis `axis` of `from`. */
function keptAxis(from: Shape, axis: number, to: Shape): number {
  const outer = sizeOf(from.slice(0, axis))
  const kept = to.findIndex((d, i) => d === from[axis] && sizeOf(to.slice(0, i)) === outer)
  if (kept < 0) throw new InferError(`axis ${axis} of [${from}], along which the operand is quantised, is no axis of [${to}]`)
  return kept
}

/** Result axis i is operand axis perm[i]. */
export const transpose = defineOp<{ readonly perm: Permutation }, 1>({
  operands: 1,
  traits: { quantized: true },
  infer([x], { perm }) {
    const rank = x.shape.length
    if (perm.length !== rank || [...perm].sort((a, b) => a - b).some((p, i) => p !== i))
      throw new InferError(`permutation [${perm}] of a tensor of rank ${rank}`)
    return [withAxisMoved(x, permuted(x.shape, perm), (axis) => perm.indexOf(axis))]
  },
  evaluate([x], { perm }, [type]) {
    return [gathered(x, type, stridedOffsets(type.shape, permuted(stridesOf(x.type.shape), perm)))]
  },
})

export interface SliceAttrs {
  /** Per axis: index of the first element taken. */
  readonly starts: readonly number[]
  /** Per axis: how many are taken. */
  readonly sizes: readonly number[]
  /** Per axis: distance between them; may be negative, not 0. */
  readonly steps: readonly number[]
}

/** The elements that `attrs` select; a quantised axis keeps the scales of its slices. */
export const slice = defineOp<SliceAttrs, 1>({
  operands: 1,
  traits: { quantized: true },
  infer([x], { starts, sizes, steps }) {
    const fits = x.shape.every((extent, axis) => {
      const first = starts[axis] as number
      const last = first + ((sizes[axis] as number) - 1) * (steps[axis] as number)
      return sizes[axis] === 0 || (first >= 0 && first < extent && last >= 0 && last < extent)
    })
    if (!fits || sizes.length !== x.shape.length) throw new InferError(`slice [${starts}] + [${sizes}] of [${x.shape}]`)
    const { quantization: q } = x
    if (q?.axis === undefined) return [withShape(x, sizes)]
    const [first, step] = [starts[q.axis] as number, steps[q.axis] as number]
    const chosen = Array.from({ length: sizes[q.axis] as number }, (_, i) => first + i * step)
    return [{ dtype: x.dtype, shape: sizes, quantization: slicesOf(q, chosen, q.axis) }]
  },
  evaluate([x], { starts, steps }, [type]) {
    const strides = stridesOf(x.type.shape)
    const start = starts.reduce((sum, s, axis) => sum + s * (strides[axis] as number), 0)
    const walk = strides.map((s, axis) => s * (steps[axis] as number))
    return [gathered(x, type, stridedOffsets(type.shape, walk, start))]
  },
  permute(perm, { starts, sizes, steps }) {
    const there = inverse(perm)
    return { attrs: { starts: permuted(starts, there), sizes: permuted(sizes, there), steps: permuted(steps, there) }, perm }
  },
})

/**
 * Joins the operands one after the other along `axis`. They must be quantised alike. If they are quantised per
 * slice of `axis`, the scales of their slices may differ.
 */
export const concat = defineOp<{ readonly axis: number }, readonly [1, number]>({
  operands: [1, Number.POSITIVE_INFINITY],
  traits: { quantized: true },
  infer(inputs, { axis }) {
    const [first] = inputs
    if (axis < 0 || axis >= first.shape.length) throw new InferError(`axis ${axis} of a tensor of rank ${first.shape.length}`)
    for (const t of inputs) {
      const fits =
        t.dtype === first.dtype && t.shape.length === first.shape.length && t.shape.every((d, i) => i === axis || d === first.shape[i])
      if (!fits) throw new InferError(`cannot join [${first.shape}] and [${t.shape}] on axis ${axis}`)
    }
    const extent = inputs.reduce((sum, t) => sum + (t.shape[axis] as number), 0)
    const quantization = joinedQuantization(inputs, axis)
    const shape = first.shape.with(axis, extent)
    return [quantization ? { dtype: first.dtype, shape, quantization } : { dtype: first.dtype, shape }]
  },
  evaluate(inputs, { axis }, [type]) {
    const { dtype, shape } = type
    const data = allocate(dtype, sizeOf(shape))
    const row = sizeOf(shape.slice(axis))
    let at = 0
    for (const t of inputs) {
      const part = sizeOf(t.type.shape.slice(axis))
      for (let i = 0; i * part < t.data.length; i++) data.set(t.data.subarray(i * part, (i + 1) * part) as never, i * row + at)
      at += part
    }
    return [{ type, data }]
  },
  permute: (perm, { axis }) => ({ attrs: { axis: perm[axis] as number }, perm }),
})

function joinedQuantization(types: readonly TensorType[], axis: number): Quantization | undefined {
  const list = types.map((t) => t.quantization)
  const [first] = list
  if (list.every((q) => q?.axis === axis)) {
    return { scale: list.flatMap((q) => q?.scale ?? []), zeroPoint: list.flatMap((q) => q?.zeroPoint ?? []), axis }
  }
  if (list.every((q) => sameQuantization(q, first))) return first
  throw new InferError(`operands are quantised differently: ${types.map(formatType).join(' and ')}`)
}

export interface PadAttrs {
  /** Elements added before each axis, ≥ 0. */
  readonly before: readonly number[]
  /** Elements added after each axis, ≥ 0. */
  readonly after: readonly number[]
  readonly mode: 'constant' | 'edge' | 'reflect'
  /** The stored element that fills a constant pad. In a quantised tensor, the zero point stands for zero. */
  readonly value: number
}

/**
 * Puts elements around those of the operand. A quantised axis cannot grow, because its new slices would have no
 * scale.
 */
export const pad = defineOp<PadAttrs, 1>({
  operands: 1,
  traits: { quantized: true },
  defaults: { mode: 'constant', value: 0 },
  infer([x], { before, after, mode }) {
    if (before.length !== x.shape.length || after.length !== x.shape.length)
      throw new InferError(`pads for a tensor of rank ${x.shape.length}`)
    if ([...before, ...after].some((p) => p < 0)) throw new InferError('negative pads')
    const reach = Math.max(...x.shape.map((d, i) => Math.max(before[i] as number, after[i] as number) - d))
    if ((mode === 'reflect' && reach >= 0) || (mode === 'edge' && sizeOf(x.shape) === 0))
      throw new InferError(`${mode} pads [${before}], [${after}] exceed [${x.shape}]`)
    const shape = x.shape.map((d, i) => d + (before[i] as number) + (after[i] as number))
    refuseGrowth(x, shape)
    return [withShape(x, shape)]
  },
  evaluate([x], attrs, [type]) {
    const xs = numbers(x)
    const strides = stridesOf(x.type.shape)
    const { shape } = type
    const own = stridesOf(shape)
    const out = new Float64Array(sizeOf(shape))
    for (let i = 0; i < out.length; i++) {
      let from = 0
      for (let axis = 0; axis < shape.length; axis++) {
        const index = (Math.floor(i / (own[axis] as number)) % (shape[axis] as number)) - (attrs.before[axis] as number)
        const source = padSource(index, x.type.shape[axis] as number, attrs.mode)
        from = source < 0 ? Number.NaN : from + source * (strides[axis] as number)
      }
      out[i] = Number.isNaN(from) ? attrs.value : (xs[from] as number)
    }
    return [fromNumbers(type, out)]
  },
  permute(perm, { before, after, ...rest }) {
    const there = inverse(perm)
    return { attrs: { ...rest, before: permuted(before, there), after: permuted(after, there) }, perm }
  },
})

function refuseGrowth({ shape, quantization }: TensorType, to: Shape): void {
  const axis = quantization?.axis
  if (axis !== undefined && shape[axis] !== to[axis + to.length - shape.length])
    throw new InferError(`axis ${axis}, along which the operand is quantised, cannot grow from ${shape[axis]}`)
}

/** Index read for a padded position, or −1 for the constant. */
export function padSource(index: number, extent: number, mode: PadAttrs['mode']): number {
  if (index >= 0 && index < extent) return index
  if (mode === 'constant') return -1
  if (mode === 'edge') return index < 0 ? 0 : extent - 1
  return index < 0 ? -index : 2 * (extent - 1) - index
}

/** Repeats axes of extent 1 so that the result has `shape`. A quantised axis cannot be repeated. */
export const expand = defineOp<{ readonly shape: Shape }, 1>({
  operands: 1,
  traits: { quantized: true },
  infer([x], { shape }) {
    if (!sameShape(broadcastShapes(x.shape, shape), shape)) throw new InferError(`cannot expand [${x.shape}] to [${shape}]`)
    refuseGrowth(x, shape)
    return [withAxisMoved(x, shape, (axis) => axis + shape.length - x.shape.length)]
  },
  evaluate: ([x], { shape }, [type]) => [gathered(x, type, stridedOffsets(shape, broadcastStrides(x.type.shape, shape)))],
  permute(perm, { shape }) {
    const lead = shape.length - perm.length
    const wide = [...identity(lead), ...perm.map((p) => p + lead)]
    return { attrs: { shape: permuted(shape, inverse(wide)) }, perm: wide }
  },
})

/**
 * Picks slices of x along `axis` by integer indices; negative indices count from the end. The result has the
 * shape of x, with the shape of the indices in place of the axis. The axis must not be quantised, because
 * scales would then be chosen at run time.
 */
export const gather = defineOp<{ readonly axis: number }, 2>({
  operands: 2,
  traits: { quantized: true },
  infer([x, indices], { axis }) {
    checkIndices(x, indices, axis)
    if (x.quantization?.axis === axis) throw new InferError(`axis ${axis} is quantised: ${formatType(x)}`)
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]
    return [withAxisMoved(x, shape, (a) => (a < axis ? a : a + indices.shape.length - 1))]
  },
  evaluate([x, indices], { axis }, [type]) {
    const extent = x.type.shape[axis] as number
    const inner = sizeOf(x.type.shape.slice(axis + 1))
    const outer = sizeOf(x.type.shape.slice(0, axis))
    const chosen = Array.from(numbers(indices), (i) => (i < 0 ? i + extent : i))
    if (chosen.some((i) => i < 0 || i >= extent)) throw new InferError(`index out of range for an axis of extent ${extent}`)
    const offsets = new Int32Array(outer * chosen.length * inner)
    for (let o = 0, at = 0; o < outer; o++) {
      for (const i of chosen) for (let k = 0; k < inner; k++) offsets[at++] = (o * extent + i) * inner + k
    }
    return [gathered(x, type, offsets)]
  },
})

function checkIndices(x: TensorType, indices: TensorType, axis: number): void {
  if (axis < 0 || axis >= x.shape.length) throw new InferError(`axis ${axis} of a tensor of rank ${x.shape.length}`)
  if (indices.dtype !== 'int32' && indices.dtype !== 'int64') throw new InferError(`indices of dtype ${indices.dtype}`)
  if (indices.quantization) throw new InferError(`indices are quantised: ${formatType(indices)}`)
}

/**
 * Picks every element of the result by its own index along `axis`, as ONNX GatherElements does. Negative
 * indices count from the end. The result has the shape of the indices, which must not exceed x along any other
 * axis. x must not be quantised along an axis.
 */
export const gatherElements = defineOp<{ readonly axis: number }, 2>({
  operands: 2,
  traits: { quantized: true },
  infer([x, indices], { axis }) {
    checkIndices(x, indices, axis)
    const fits = indices.shape.length === x.shape.length && indices.shape.every((d, i) => i === axis || d <= (x.shape[i] as number))
    if (!fits) throw new InferError(`indices [${indices.shape}] into [${x.shape}] along axis ${axis}`)
    if (x.quantization?.axis !== undefined) throw new InferError(`not defined on what is quantised along an axis: ${formatType(x)}`)
    return [withShape(x, indices.shape)]
  },
  evaluate([x, indices], { axis }, [type]) {
    const { shape } = x.type
    const [extent, strides] = [shape[axis] as number, stridesOf(shape)]
    const bases = stridedOffsets(indices.type.shape, strides.with(axis, 0))
    const offsets = Int32Array.from(numbers(indices), (i, at) => {
      const index = i < 0 ? i + extent : i
      if (index < 0 || index >= extent) throw new InferError(`index out of range for an axis of extent ${extent}`)
      return (bases[at] as number) + index * (strides[axis] as number)
    })
    return [gathered(x, type, offsets)]
  },
  permute: (perm, { axis }) => ({ attrs: { axis: perm[axis] as number }, perm }),
})

function gathered(x: Tensor, type: TensorType, offsets: Int32Array): Tensor {
  const data = allocate(type.dtype, offsets.length)
  const from = x.data as Float32Array
  for (let i = 0; i < offsets.length; i++) (data as Float32Array)[i] = from[offsets[i] as number] as number
  return { type, data: data as TensorData }
}
