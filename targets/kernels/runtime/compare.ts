/** Comparisons. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import type { Comparison } from '../../../ir/scalar/functions.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { broadcastRows } from './rows.ts'
import { elementWork, runtimeCover, runtimeFunction } from './runtime-cover.ts'
import { isComputed, TYPE_CODE } from './type-code.ts'

/** The runtime's function codes. */
const CODES: Readonly<Record<Comparison, number>> = { equal: 0, less: 1, 'less-or-equal': 2 }

export const compare: Kernel = {
  name: 'compare',
  cover(node) {
    if (node.op !== 'compare' || !isComputed((node.inputs[0] as Value).type.dtype)) return null
    const [a, b] = node.inputs as [Value, Value]
    return runtimeCover({
      kernel: 'compare',
      node,
      work: elementWork(node, { anyArithmetic: sizeOf(resultOf(node).type.shape) }),
      lower(l, y) {
        const { descriptor, count } = broadcastRows(resultOf(node).type.shape, [a.type.shape, b.type.shape])
        const operands = [CODES[node.attrs.fn], TYPE_CODE[a.type.dtype], l.address(a), l.address(b), y, l.pack(descriptor)]
        l.step(runtimeFunction('compare'), operands, { extent: count })
      },
    })
  },
}
