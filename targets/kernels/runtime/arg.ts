/** Positions of extremes along an axis. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import { GREATER, LESS, OR_EQUAL } from '../../../runtime-as/codes.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'
import { isComputed, TYPE_CODE } from './type-code.ts'

export const arg: Kernel = {
  name: 'arg',
  cover(node) {
    if (node.op !== 'arg' || !isComputed((node.inputs[0] as Value).type.dtype)) return null
    const { fn, axis, last } = node.attrs
    const [x] = node.inputs as [Value]
    const { dtype, shape } = x.type
    const reads = sizeOf(shape)
    return runtimeCover({
      kernel: 'arg',
      node,
      work: elementWork(node, dtype === 'float32' ? { moved: reads } : { comparison: reads }),
      lower(l, y) {
        /** `last` lets equal elements win. */
        const how = (fn === 'max' ? GREATER : LESS) + (last ? OR_EQUAL : 0)
        const operands = { how, x: l.address(x), y, extent: shape[axis] as number, inner: sizeOf(shape.slice(axis + 1)) }
        const info = { extent: sizeOf(resultOf(node).type.shape) }
        if (dtype === 'float32') callRuntime(l, 'arg_f32', operands, info)
        else callRuntime(l, 'arg_any', { ...operands, type: TYPE_CODE[dtype] }, info)
      },
    })
  },
}
