/** Repetition of axes of extent 1. */

import type { Value } from '../../../ir/graph/graph.ts'
import { broadcastStrides } from '../../../ir/ops/broadcast.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { stridedCover } from './strided-copy.ts'

export const expand: Kernel = {
  name: 'expand',
  cover(node) {
    if (node.op !== 'expand') return null
    return stridedCover('expand', node, broadcastStrides((node.inputs[0] as Value).type.shape, node.attrs.shape))
  },
}
