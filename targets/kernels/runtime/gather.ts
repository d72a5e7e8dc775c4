/** Slices chosen by constant or run-time indices. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { DTYPE_BYTES, sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'

export const gather: Kernel = {
  name: 'gather',
  cover(node) {
    if (node.op !== 'gather') return null
    const [x, indices] = node.inputs as [Value, Value]
    const { axis } = node.attrs
    const { shape, dtype } = x.type
    const count = sizeOf(indices.type.shape)
    const slices = sizeOf(shape.slice(0, axis)) * count
    if (shape[axis] === 0 && sizeOf(resultOf(node).type.shape) > 0) return null
    return runtimeCover({
      kernel: 'gather',
      node,
      work: elementWork(node, { row: slices }),
      lower(l, y) {
        const fn = indices.type.dtype === 'int64' ? 'gather_i64' : 'gather_i32'
        const [extent, bytes] = [shape[axis] as number, sizeOf(shape.slice(axis + 1)) * DTYPE_BYTES[dtype]]
        const operands = { x: l.address(x), indices: l.address(indices), y, extent, count, bytes }
        callRuntime(l, fn, operands, { extent: slices })
      },
    })
  },
}
