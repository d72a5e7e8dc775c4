/** Slices chosen by constant or run-time indices. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { DTYPE_BYTES, sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { elementCost, runtimeCover, runtimeFunction } from './runtime-call.ts'

/** Nanoseconds per slice. */
const SLICE_TIME = 5

export const gather: Kernel = {
  name: 'gather',
  cover(node) {
    if (node.op !== 'gather') return null
    const [x, indices] = node.inputs as [Value, Value]
    const { axis } = node.attrs
    const { shape, dtype } = x.type
    const count = sizeOf(indices.type.shape)
    const elements = sizeOf(shape.slice(axis + 1))
    if (shape[axis] === 0 && sizeOf(resultOf(node).type.shape) > 0) return null
    return runtimeCover({
      kernel: 'gather',
      node,
      cost: elementCost(node, SLICE_TIME / Math.max(1, elements)),
      lower(l, y) {
        const fn = runtimeFunction(indices.type.dtype === 'int64' ? 'gather_i64' : 'gather_i32')
        const operands = [l.address(x), l.address(indices), y, shape[axis] as number, count, elements * DTYPE_BYTES[dtype]]
        l.step(fn, operands, { extent: sizeOf(shape.slice(0, axis)) * count })
      },
    })
  },
}
