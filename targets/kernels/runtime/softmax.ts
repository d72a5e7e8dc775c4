/** Softmax and its logarithm. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { isFloat, sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'
import { isComputed, TYPE_CODE } from './type-code.ts'

export const softmax: Kernel = {
  name: 'softmax',
  cover(node) {
    if (node.op !== 'softmax') return null
    const { axis, log } = node.attrs
    const [x] = node.inputs as [Value]
    const y = resultOf(node)
    const { shape, dtype } = y.type
    if (!isFloat(dtype) || !isComputed(dtype)) return null
    const extent = shape[axis] as number
    const inner = sizeOf(shape.slice(axis + 1))
    const slices = sizeOf(shape) / extent
    const rows = inner === 1 && dtype === 'float32'
    return runtimeCover({
      kernel: 'softmax',
      node,
      work: elementWork(node, { series: sizeOf(shape) }),
      inPlace: dtype === 'float32',
      lower(l, at) {
        const operands = { x: l.address(x), y: at, extent, logarithm: Number(log) }
        if (rows) callRuntime(l, 'softmax_f32', operands, { extent: slices })
        else callRuntime(l, 'softmax_any', { ...operands, type: TYPE_CODE[dtype], inner }, { extent: slices })
      },
    })
  },
}
