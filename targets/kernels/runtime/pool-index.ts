/** Positions of maxima over windows. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'
import { isComputed, TYPE_CODE } from './type-code.ts'
import { windowDescriptor } from './window-descriptor.ts'

export const poolIndex: Kernel = {
  name: 'pool-index',
  cover(node) {
    if (node.op !== 'pool-index' || !isComputed((node.inputs[0] as Value).type.dtype)) return null
    const { attrs } = node
    const [x] = node.inputs as [Value]
    const { shape } = resultOf(node).type
    return runtimeCover({
      kernel: 'pool-index',
      node,
      work: elementWork(node, { anyRead: sizeOf(shape) * sizeOf(attrs.kernel) }),
      lower(l, y) {
        const window = l.pack(windowDescriptor({ input: x.type.shape, output: shape, window: attrs }))
        const operands = { columnMajor: Number(attrs.columnMajor), type: TYPE_CODE[x.type.dtype], x: l.address(x), y, window }
        callRuntime(l, 'pool_index', operands, { extent: sizeOf(shape.slice(0, 3)) })
      },
    })
  },
}
