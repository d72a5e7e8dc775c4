/** Nodes that only give memory another type: reshapes, and conversions to the type that a value already has. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { byteSize } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'

export const view: Kernel = {
  name: 'view',
  cover(node) {
    const [x] = node.inputs
    const y = resultOf(node)
    if (!x || !(node.op === 'reshape' || (node.op === 'cast' && x.type.dtype === y.type.dtype))) return null
    if (x.kind === 'constant') return copyOf(node, x)
    return { kernel: 'view', nodes: [node], inputs: [x], outputs: [y], work: {}, view: true, lower() {} }
  },
}

/** A copy of a constant. A constant has no memory of its own that a view could share. */
function copyOf(node: Parameters<Kernel['cover']>[0], x: Value): ReturnType<Kernel['cover']> {
  return runtimeCover({
    kernel: 'view',
    node,
    work: elementWork(node),
    lower: (l, y) => callRuntime(l, 'copy', { x: l.address(x), y }, { extent: byteSize(x.type) }),
  })
}
