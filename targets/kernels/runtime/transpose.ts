/** Permutations of axes. */

import type { Value } from '../../../ir/graph/graph.ts'
import { stridesOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { stridedCover } from './strided-copy.ts'

export const transpose: Kernel = {
  name: 'transpose',
  cover(node) {
    if (node.op !== 'transpose') return null
    const strides = stridesOf((node.inputs[0] as Value).type.shape)
    return stridedCover(
      'transpose',
      node,
      node.attrs.perm.map((p) => strides[p] as number),
    )
  },
}
