/** Selection between two operands, element by element. */

import { resultOf } from '../../../ir/graph/graph.ts'
import { DTYPE_BYTES, sizeOf } from '../../../ir/tensors/types.ts'
import type { RuntimeKernelName } from '../../../runtime-as/kernels.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { broadcastRows } from './rows.ts'
import { elementWork, runtimeCover, runtimeFunction } from './runtime-cover.ts'

/** By element size in bytes. */
const FUNCTIONS: Readonly<Record<number, RuntimeKernelName>> = { 1: 'where_8', 2: 'where_16', 4: 'where_32', 8: 'where_64' }

export const where: Kernel = {
  name: 'where',
  cover(node) {
    if (node.op !== 'where') return null
    const { dtype, shape } = resultOf(node).type
    return runtimeCover({
      kernel: 'where',
      node,
      work: elementWork(node, { moved: sizeOf(shape) }),
      lower(l, y) {
        const operands = node.inputs.map((v) => v.type.shape)
        const { descriptor, count } = broadcastRows(shape, operands)
        const fn = runtimeFunction(FUNCTIONS[DTYPE_BYTES[dtype]] as RuntimeKernelName)
        l.step(fn, [...node.inputs.map((v) => l.address(v)), y, l.pack(descriptor)], { extent: count })
      },
    })
  },
}
