/** Joins along an axis: every operand's rows are copied to their places. */

import { resultOf } from '../../../ir/graph/graph.ts'
import { DTYPE_BYTES, sizeOf } from '../../../ir/tensors/types.ts'
import { shifted } from '../../schedule/schedule.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'

export const concat: Kernel = {
  name: 'concat',
  cover(node) {
    if (node.op !== 'concat') return null
    const { shape, dtype } = resultOf(node).type
    const { axis } = node.attrs
    const rows = sizeOf(shape.slice(0, axis))
    const rowBytes = sizeOf(shape.slice(axis)) * DTYPE_BYTES[dtype]
    return runtimeCover({
      kernel: 'concat',
      node,
      work: elementWork(node, { row: rows * node.inputs.length, call: node.inputs.length - 1 }),
      lower(l, y) {
        let at = 0
        for (const x of node.inputs) {
          const bytes = sizeOf(x.type.shape.slice(axis)) * DTYPE_BYTES[dtype]
          const operands = { x: l.address(x), y: shifted(y, at) }
          if (bytes > 0 && rows === 1) callRuntime(l, 'copy', operands, { extent: bytes })
          else if (bytes > 0) callRuntime(l, 'copy_rows', { ...operands, bytes, fromStride: bytes, toStride: rowBytes }, { extent: rows })
          at += bytes
        }
      },
    })
  },
}
