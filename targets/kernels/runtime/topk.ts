/** The best elements of rows, and their indices. */

import type { Value } from '../../../ir/graph/graph.ts'
import { DTYPE_BYTES, sizeOf } from '../../../ir/tensors/types.ts'
import { GREATER, LESS } from '../../../runtime-as/codes.ts'
import type { Address } from '../../schedule/schedule.ts'
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
    const n = shape[axis] as number
    const inner = sizeOf(shape.slice(axis + 1))
    const rows = sizeOf(shape.slice(0, axis)) * inner
    return runtimeCover({
      kernel: 'topk',
      node,
      work: elementWork(node, { comparison: rows * comparisons(n, k), row: rows * k }),
      lower(l, y, indices) {
        const size = DTYPE_BYTES[dtype]
        const operands = {
          how: largest ? GREATER : LESS,
          type: TYPE_CODE[dtype],
          x: l.address(x),
          y,
          indices: indices as Address,
          extent: n,
          k,
          inner,
          size,
        }
        callRuntime(l, 'topk', operands, { extent: rows })
      },
    })
  },
}

/**
 * The expected number of comparisons for a row of n elements in random order. Each of the first k elements is
 * compared with half of those before it. Each later element is compared with the last of the best k. With
 * probability k in j, element j belongs among the best, and it is then compared with half of them.
 */
export function comparisons(n: number, k: number): number {
  if (k === 0) return 0
  return k ** 2 / 4 + (n - k) + (k ** 2 / 2) * Math.log(n / k)
}
