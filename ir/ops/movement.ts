/** Operators that move elements without computing. */

import { InferError } from '../diagnostics.ts'
import { allocate, fromNumbers, numbers, type Tensor, type TensorData, tensor } from '../tensors/tensor.ts'
import { type Layout, type Shape, sizeOf, stridesOf, type TensorType } from '../tensors/types.ts'
import { broadcastShapes, broadcastStrides, stridedOffsets } from './broadcast.ts'
import { defineOp } from './op.ts'

/** Same elements, same order, another shape. */
export const reshape = defineOp<{ readonly shape: Shape }>({
  traits: { movement: true },
  infer([x], { shape }) {
    if (!x || sizeOf(x.shape) !== sizeOf(shape)) throw new InferError(`cannot reshape [${x?.shape}] to [${shape}]`)
    return [{ dtype: x.dtype, shape }]
  },
  evaluate: ([x], { shape }) => [tensor((x as Tensor).type.dtype, shape, (x as Tensor).data)],
})

const PERMUTED_LAYOUT: Record<string, [Layout, Layout]> = { '0,3,1,2': ['nhwc', 'nchw'], '0,2,3,1': ['nchw', 'nhwc'] }

/** Result axis i is operand axis perm[i]. */
export const transpose = defineOp<{ readonly perm: readonly number[] }>({
  traits: { movement: true },
  infer([x], { perm }) {
    const rank = x?.shape.length ?? -1
    if (!x || perm.length !== rank || [...perm].sort((a, b) => a - b).some((p, i) => p !== i)) {
      throw new InferError(`permutation [${perm}] of a tensor of rank ${rank}`)
    }
    const [from, to] = PERMUTED_LAYOUT[String(perm)] ?? []
    const shape = perm.map((p) => x.shape[p] as number)
    return [from && to && (x.layout ?? from) === from ? { dtype: x.dtype, shape, layout: to } : { dtype: x.dtype, shape }]
  },
  evaluate([x], { perm }, [type]) {
    const strides = stridesOf((x as Tensor).type.shape)
    return [
      gathered(
        x as Tensor,
        type as TensorType,
        stridedOffsets(
          (type as TensorType).shape,
          perm.map((p) => strides[p] as number),
        ),
      ),
    ]
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

export const slice = defineOp<SliceAttrs>({
  traits: { movement: true },
  infer([x], { starts, sizes, steps }) {
    const fits = x?.shape.every((extent, axis) => {
      const first = starts[axis] as number
      const last = first + ((sizes[axis] as number) - 1) * (steps[axis] as number)
      return sizes[axis] === 0 || (first >= 0 && first < extent && last >= 0 && last < extent)
    })
    if (!x || !fits || sizes.length !== x.shape.length) throw new InferError(`slice [${starts}] + [${sizes}] of [${x?.shape}]`)
    return [x.layout ? { dtype: x.dtype, shape: sizes, layout: x.layout } : { dtype: x.dtype, shape: sizes }]
  },
  evaluate([x], { starts, steps }, [type]) {
    const strides = stridesOf((x as Tensor).type.shape)
    const start = starts.reduce((sum, s, axis) => sum + s * (strides[axis] as number), 0)
    const walk = strides.map((s, axis) => s * (steps[axis] as number))
    return [gathered(x as Tensor, type as TensorType, stridedOffsets((type as TensorType).shape, walk, start))]
  },
})

export const concat = defineOp<{ readonly axis: number }>({
  traits: { movement: true },
  infer(inputs, { axis }) {
    const [first] = inputs
    if (!first || axis < 0 || axis >= first.shape.length) throw new InferError(`axis ${axis} of a tensor of rank ${first?.shape.length}`)
    for (const t of inputs) {
      const fits =
        t.dtype === first.dtype && t.shape.length === first.shape.length && t.shape.every((d, i) => i === axis || d === first.shape[i])
      if (!fits) throw new InferError(`cannot join [${first.shape}] and [${t.shape}] on axis ${axis}`)
    }
    const extent = inputs.reduce((sum, t) => sum + (t.shape[axis] as number), 0)
    const shape = first.shape.map((d, i) => (i === axis ? extent : d))
    const layout = inputs.every((t) => t.layout === first.layout) ? first.layout : undefined
    return [layout ? { dtype: first.dtype, shape, layout } : { dtype: first.dtype, shape }]
  },
  evaluate(inputs, { axis }, [type]) {
    const { dtype, shape } = type as TensorType
    const data = allocate(dtype, sizeOf(shape))
    const row = sizeOf(shape.slice(axis))
    let at = 0
    for (const t of inputs) {
      const part = sizeOf(t.type.shape.slice(axis))
      for (let i = 0; i * part < t.data.length; i++) data.set(t.data.subarray(i * part, (i + 1) * part) as never, i * row + at)
      at += part
    }
    return [{ type: type as TensorType, data }]
  },
})

export interface PadAttrs {
  /** Elements added before each axis, ≥ 0. */
  readonly before: readonly number[]
  /** Elements added after each axis, ≥ 0. */
  readonly after: readonly number[]
  readonly mode: 'constant' | 'edge' | 'reflect'
  /** What a constant pad holds. */
  readonly value: number
}

export const pad = defineOp<PadAttrs>({
  traits: { movement: true },
  defaults: { mode: 'constant', value: 0 },
  infer([x], { before, after, mode }) {
    if (!x || before.length !== x.shape.length || after.length !== x.shape.length)
      throw new InferError(`pads for a tensor of rank ${x?.shape.length}`)
    if ([...before, ...after].some((p) => p < 0)) throw new InferError('negative pads')
    const reach = Math.max(...x.shape.map((d, i) => Math.max(before[i] as number, after[i] as number) - d))
    if ((mode === 'reflect' && reach >= 0) || (mode === 'edge' && sizeOf(x.shape) === 0))
      throw new InferError(`${mode} pads [${before}], [${after}] exceed [${x.shape}]`)
    const shape = x.shape.map((d, i) => d + (before[i] as number) + (after[i] as number))
    return [x.layout ? { dtype: x.dtype, shape, layout: x.layout } : { dtype: x.dtype, shape }]
  },
  evaluate([x], attrs, [type]) {
    const input = x as Tensor
    const xs = numbers(input)
    const strides = stridesOf(input.type.shape)
    const { shape } = type as TensorType
    const own = stridesOf(shape)
    const out = new Float64Array(sizeOf(shape))
    for (let i = 0; i < out.length; i++) {
      let from = 0
      for (let axis = 0; axis < shape.length; axis++) {
        const index = (Math.floor(i / (own[axis] as number)) % (shape[axis] as number)) - (attrs.before[axis] as number)
        const source = padSource(index, input.type.shape[axis] as number, attrs.mode)
        from = source < 0 ? Number.NaN : from + source * (strides[axis] as number)
      }
      out[i] = Number.isNaN(from) ? attrs.value : (xs[from] as number)
    }
    return [fromNumbers(type as TensorType, out)]
  },
})

/** Index read for a padded position, or −1 for the constant. */
export function padSource(index: number, extent: number, mode: PadAttrs['mode']): number {
  if (index >= 0 && index < extent) return index
  if (mode === 'constant') return -1
  if (mode === 'edge') return index < 0 ? 0 : extent - 1
  return index < 0 ? -index : 2 * (extent - 1) - index
}

/** Repeats axes of extent 1 until the operand has `shape`. */
export const expand = defineOp<{ readonly shape: Shape }>({
  traits: { movement: true },
  infer([x], { shape }) {
    if (!x || String(broadcastShapes(x.shape, shape)) !== String(shape)) throw new InferError(`cannot expand [${x?.shape}] to [${shape}]`)
    return [{ dtype: x.dtype, shape }]
  },
  evaluate([x], { shape }, [type]) {
    return [gathered(x as Tensor, type as TensorType, stridedOffsets(shape, broadcastStrides((x as Tensor).type.shape, shape)))]
  },
})

/** Slices of x along `axis`, chosen by integer indices (negative ones count from the end): x[..., i, ...] with i's shape in place of the axis. */
export const gather = defineOp<{ readonly axis: number }>({
  traits: { movement: true },
  infer([x, indices], { axis }) {
    if (!x || !indices || axis < 0 || axis >= x.shape.length) throw new InferError(`axis ${axis} of a tensor of rank ${x?.shape.length}`)
    if (indices.dtype !== 'int32' && indices.dtype !== 'int64') throw new InferError(`indices of dtype ${indices.dtype}`)
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] }]
  },
  evaluate([x, indices], { axis }, [type]) {
    const input = x as Tensor
    const extent = input.type.shape[axis] as number
    const inner = sizeOf(input.type.shape.slice(axis + 1))
    const outer = sizeOf(input.type.shape.slice(0, axis))
    const chosen = Array.from(numbers(indices as Tensor), (i) => (i < 0 ? i + extent : i))
    if (chosen.some((i) => i < 0 || i >= extent)) throw new InferError(`index out of range for an axis of extent ${extent}`)
    const offsets = new Int32Array(outer * chosen.length * inner)
    for (let o = 0, at = 0; o < outer; o++) {
      for (const i of chosen) for (let k = 0; k < inner; k++) offsets[at++] = (o * extent + i) * inner + k
    }
    return [gathered(input, type as TensorType, offsets)]
  },
})

/**
 * Per element its own index along `axis` (negative ones count from the end; ONNX GatherElements): the result
 * has the shape of the indices, which exceeds x along no other axis.
 */
export const gatherElements = defineOp<{ readonly axis: number }>({
  traits: { movement: true },
  infer([x, indices], { axis }) {
    if (!x || !indices || axis < 0 || axis >= x.shape.length) throw new InferError(`axis ${axis} of a tensor of rank ${x?.shape.length}`)
    if (indices.dtype !== 'int32' && indices.dtype !== 'int64') throw new InferError(`indices of dtype ${indices.dtype}`)
    const fits = indices.shape.length === x.shape.length && indices.shape.every((d, i) => i === axis || d <= (x.shape[i] as number))
    if (!fits) throw new InferError(`indices [${indices.shape}] into [${x.shape}] along axis ${axis}`)
    return [{ dtype: x.dtype, shape: indices.shape }]
  },
  evaluate([x, indices], { axis }, [type]) {
    const { shape } = (x as Tensor).type
    const [extent, strides] = [shape[axis] as number, stridesOf(shape)]
    const bases = stridedOffsets((indices as Tensor).type.shape, strides.with(axis, 0))
    const offsets = Int32Array.from(numbers(indices as Tensor), (i, at) => {
      const index = i < 0 ? i + extent : i
      if (index < 0 || index >= extent) throw new InferError(`index out of range for an axis of extent ${extent}`)
      return (bases[at] as number) + index * (strides[axis] as number)
    })
    return [gathered(x as Tensor, type as TensorType, offsets)]
  },
})

function gathered(x: Tensor, type: TensorType, offsets: Int32Array): Tensor {
  const data = allocate(type.dtype, offsets.length)
  const from = x.data as Float32Array
  for (let i = 0; i < offsets.length; i++) (data as Float32Array)[i] = from[offsets[i] as number] as number
  return { type, data: data as TensorData }
}
