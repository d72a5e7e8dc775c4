/** Slices, with any steps. */

import type { Value } from '../../../ir/graph/graph.ts'
import { stridesOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { stridedCover } from './strided-copy.ts'

export const slice: Kernel = {
  name: 'slice',
  cover(node) {
    if (node.op !== 'slice') return null
    const strides = stridesOf((node.inputs[0] as Value).type.shape)
    const start = strides.reduce((sum, s, axis) => sum + s * (node.attrs.starts[axis] as number), 0)
    return stridedCover(
      'slice',
      node,
      strides.map((s, axis) => s * (node.attrs.steps[axis] as number)),
      start,
    )
  },
}
