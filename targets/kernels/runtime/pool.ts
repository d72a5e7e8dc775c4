/** Maximum and mean over windows. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'
import { isComputed, TYPE_CODE } from './type-code.ts'
import { windowDescriptor } from './window-descriptor.ts'

export const pool: Kernel = {
  name: 'pool',
  cover(node) {
    if (node.op !== 'pool' || !isComputed(resultOf(node).type.dtype)) return null
    const { attrs } = node
    const [x] = node.inputs as [Value]
    const y = resultOf(node)
    const { dtype } = y.type
    const floats = dtype === 'float32'
    const taps = sizeOf(y.type.shape) * sizeOf(attrs.kernel)
    return runtimeCover({
      kernel: 'pool',
      node,
      work: elementWork(node, floats ? { tap: taps } : { anyRead: taps }),
      lower(l, at) {
        const extent = sizeOf(y.type.shape.slice(0, 3))
        const window = l.pack(windowDescriptor({ input: x.type.shape, output: y.type.shape, window: attrs, countPads: attrs.countPads }))
        const operands = { x: l.address(x), y: at, window }
        if (floats) callRuntime(l, `pool_${attrs.fn}_f32`, operands, { extent })
        else callRuntime(l, 'pool_any', { ...operands, isMax: Number(attrs.fn === 'max'), type: TYPE_CODE[dtype] }, { extent })
      },
    })
  },
}
