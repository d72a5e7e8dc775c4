/** Multidirectional broadcasting (ONNX "Broadcasting in ONNX"; the rule of NumPy). */

import { InferError } from '../diagnostics.ts'
import { type DType, type Shape, sizeOf, stridesOf, type TensorType } from '../tensors/types.ts'

/** The shape that all of them broadcast to. Throws `InferError` where extents differ and neither is 1. */
export function broadcastShapes(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length))
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((s) => s[axis - rank + s.length] ?? 1)
    const extent = extents.find((d) => d !== 1) ?? 1
    if (extents.some((d) => d !== 1 && d !== extent)) {
      throw new InferError(`shapes ${shapes.map((s) => `[${s}]`).join(' and ')} do not broadcast`)
    }
    return extent
  })
}

/** A tensor of `dtype` and of the operands' common shape. */
export function broadcastType(dtype: DType, operands: readonly TensorType[]): TensorType {
  return { dtype, shape: broadcastShapes(...operands.map((t) => t.shape)) }
}

/**
 * Strides, in elements, with which a tensor of shape `shape` is read as if it had shape `to`. They are 0 along
 * the axes that are repeated.
 */
export function broadcastStrides(shape: Shape, to: Shape): number[] {
  const own = stridesOf(shape)
  const lead = to.length - shape.length
  return to.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : (own[axis - lead] as number)))
}

/** Element offsets of a strided walk over `shape`, in row-major order. */
export function stridedOffsets(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  const offsets = new Int32Array(sizeOf(shape))
  const row = shape.at(-1) ?? 1
  const step = strides.at(-1) ?? 0
  const index = new Array<number>(shape.length).fill(0)
  let offset = start
  for (let i = 0; i < offsets.length; i += row) {
    for (let k = 0; k < row; k++) offsets[i + k] = offset + k * step
    for (let axis = shape.length - 2; axis >= 0; axis--) {
      offset += strides[axis] as number
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (shape[axis] as number)) break
      offset -= (strides[axis] as number) * (shape[axis] as number)
      index[axis] = 0
    }
  }
  return offsets
}
