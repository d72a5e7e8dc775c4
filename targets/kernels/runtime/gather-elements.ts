/** Elements chosen by an index each. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { stridedOffsets } from '../../../ir/ops/broadcast.ts'
import { DTYPE_BYTES, sizeOf, stridesOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { elementCost, runtimeCover, runtimeFunction } from './runtime-call.ts'

/** Nanoseconds per element. */
const ELEMENT_TIME = 5

export const gatherElements: Kernel = {
  name: 'gather-elements',
  cover(node) {
    if (node.op !== 'gather-elements') return null
    const { axis } = node.attrs
    const [x, indices] = node.inputs as [Value, Value]
    const { shape, dtype } = resultOf(node).type
    const strides = stridesOf(x.type.shape)
    const [extent, count] = [x.type.shape[axis] as number, shape[axis] as number]
    if (extent === 0 && sizeOf(shape) > 0) return null
    return runtimeCover({
      kernel: 'gather-elements',
      node,
      cost: elementCost(node, ELEMENT_TIME),
      lower(l, y) {
        const places = l.pack(stridedOffsets(shape.toSpliced(axis, 1), strides.toSpliced(axis, 1)))
        const wide = Number(indices.type.dtype === 'int64')
        const walk = [extent, strides[axis] as number, count, sizeOf(shape.slice(axis + 1)), DTYPE_BYTES[dtype]]
        l.step(runtimeFunction('gather_elements'), [l.address(x), l.address(indices), wide, y, places, ...walk], { extent: sizeOf(shape) })
      },
    })
  },
}
