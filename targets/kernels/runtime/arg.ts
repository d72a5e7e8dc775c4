/** Positions of extremes along an axis. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { elementCost, isComputed, runtimeCover, runtimeFunction, TYPE_CODE } from './runtime-call.ts'

/** The runtime's codes of comparison (runtime-as/assembly/order.ts); `last` lets equal elements win. */
const LESS = 0
const GREATER = 1
const OR_EQUAL = 2

/** Nanoseconds per element read. */
const SINGLE_TIME = 0.8
const GENERAL_TIME = 6

export const arg: Kernel = {
  name: 'arg',
  cover(node) {
    if (node.op !== 'arg' || !isComputed((node.inputs[0] as Value).type.dtype)) return null
    const { fn, axis, last } = node.attrs
    const [x] = node.inputs as [Value]
    const { dtype, shape } = x.type
    const time = dtype === 'float32' ? SINGLE_TIME : GENERAL_TIME
    return runtimeCover({
      kernel: 'arg',
      node,
      cost: elementCost(node, 0) + time * sizeOf(shape),
      lower(l, y) {
        const how = (fn === 'max' ? GREATER : LESS) + (last ? OR_EQUAL : 0)
        const rows = [l.address(x), y, shape[axis] as number, sizeOf(shape.slice(axis + 1))]
        const info = { extent: sizeOf(resultOf(node).type.shape) }
        if (dtype === 'float32') l.step(runtimeFunction('arg_f32'), [how, ...rows], info)
        else l.step(runtimeFunction('arg_any'), [how, TYPE_CODE[dtype], ...rows], info)
      },
    })
  },
}
