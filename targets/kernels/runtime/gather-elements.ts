/** Elements chosen by an index each. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { stridedOffsets } from '../../../ir/ops/broadcast.ts'
import { DTYPE_BYTES, sizeOf, stridesOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'

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
      work: elementWork(node, { row: sizeOf(shape) }),
      lower(l, y) {
        const places = l.pack(stridedOffsets(shape.toSpliced(axis, 1), strides.toSpliced(axis, 1)))
        const operands = {
          x: l.address(x),
          indices: l.address(indices),
          wide: Number(indices.type.dtype === 'int64'),
          y,
          places,
          extent,
          stride: strides[axis] as number,
          count,
          inner: sizeOf(shape.slice(axis + 1)),
          size: DTYPE_BYTES[dtype],
        }
        callRuntime(l, 'gather_elements', operands, { extent: sizeOf(shape) })
      },
    })
  },
}
