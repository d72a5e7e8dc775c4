/** Which bounds the results of a node may have. */

import type { TensorType } from './types.ts'

/**
 * The reason why the results of one node, of these types, cannot have the bounds that the types state; null
 * where they can.
 */
export function boundProblem(types: readonly TensorType[]): string | null {
  for (const [index, { bound, shape }] of types.entries()) {
    if (!bound) continue
    const count = types[bound.count]
    if (!(bound.axis in shape)) return `result ${index} is bounded along axis ${bound.axis} of [${shape}]`
    if (bound.count === index || count?.dtype !== 'int64' || count.shape.length > 0)
      return `result ${index} is counted by result ${bound.count}, which is no int64 scalar`
  }
  return null
}
