/** Maximum and mean over windows. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementCost, runtimeCover } from './runtime-cover.ts'
import { isComputed, TYPE_CODE } from './type-code.ts'
import { windowDescriptor } from './window-descriptor.ts'

/** Nanoseconds per tap and channel. */
const VECTOR_TAP = 0.4
const SINGLE_TAP = 3
const GENERAL_TAP = 5

export const pool: Kernel = {
  name: 'pool',
  cover(node, _graph, target) {
    if (node.op !== 'pool' || !isComputed(resultOf(node).type.dtype)) return null
    const { attrs } = node
    const [x] = node.inputs as [Value]
    const y = resultOf(node)
    const { dtype } = y.type
    const floats = dtype === 'float32'
    const tap = floats ? (target.simd ? VECTOR_TAP : SINGLE_TAP) : GENERAL_TAP
    return runtimeCover({
      kernel: 'pool',
      node,
      cost: elementCost(node, tap * attrs.kernel[0] * attrs.kernel[1]),
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
