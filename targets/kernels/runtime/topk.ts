/** Indices of the best elements of rows. */

import type { Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import { GREATER, LESS } from '../../../runtime-as/codes.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'
import { isComputed, TYPE_CODE } from './type-code.ts'

export const topk: Kernel = {
  name: 'topk',
  cover(node) {
    if (node.op !== 'topk' || !isComputed((node.inputs[0] as Value).type.dtype)) return null
    const { axis, k, largest } = node.attrs
    const [x] = node.inputs as [Value]
    const { dtype, shape } = x.type
    const inner = sizeOf(shape.slice(axis + 1))
    return runtimeCover({
      kernel: 'topk',
      node,
      work: elementWork(node, { comparison: sizeOf(shape) * Math.log2(k + 2) }),
      lower(l, y) {
        const extent = shape[axis] as number
        const operands = { how: largest ? GREATER : LESS, type: TYPE_CODE[dtype], x: l.address(x), y, extent, k, inner }
        callRuntime(l, 'topk', operands, { extent: sizeOf(shape.slice(0, axis)) * inner })
      },
    })
  },
}
