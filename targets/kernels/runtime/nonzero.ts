/** Positions of what is not zero. */

import type { Value } from '../../../ir/graph/graph.ts'
import { sizeOf, stridesOf } from '../../../ir/tensors/types.ts'
import type { Address } from '../../schedule/schedule.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'
import { isComputed, TYPE_CODE } from './type-code.ts'

export const nonzero: Kernel = {
  name: 'nonzero',
  cover(node) {
    if (node.op !== 'nonzero') return null
    const [x] = node.inputs as [Value]
    const { dtype, shape } = x.type
    if (!isComputed(dtype)) return null
    const n = sizeOf(shape)
    const parts = 1 + shape.length
    return runtimeCover({
      kernel: 'nonzero',
      node,
      work: elementWork(node, { anyRead: parts * n }),
      lower(l, y, count) {
        const strides = stridesOf(shape)
        const axes = l.pack(Int32Array.from(shape.flatMap((extent, axis) => [extent, strides[axis] as number])))
        const operands = { type: TYPE_CODE[dtype], x: l.address(x), y, count: count as Address, axes, n }
        callRuntime(l, 'nonzero', operands, { extent: parts })
      },
    })
  },
}
