/** Indices of the best elements of rows. */

import type { Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { elementCost, isComputed, runtimeCover, runtimeFunction, TYPE_CODE } from './runtime-call.ts'

/** Nanoseconds per comparison. */
const COMPARISON_TIME = 6

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
      cost: elementCost(node, 0) + COMPARISON_TIME * sizeOf(shape) * Math.log2(k + 2),
      lower(l, y) {
        const operands = [Number(largest), TYPE_CODE[dtype], l.address(x), y, shape[axis] as number, k, inner]
        l.step(runtimeFunction('topk'), operands, { extent: sizeOf(shape.slice(0, axis)) * inner })
      },
    })
  },
}
