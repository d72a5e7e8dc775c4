/** Batched matrix products of run-time operands. */

import { macsOf, resultOf, type Value } from '../../../ir/graph/graph.ts'
import { broadcastStrides } from '../../../ir/ops/broadcast.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { collapse, elementRows } from './rows.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'
import { isComputed, TYPE_CODE } from './type-code.ts'

export const matmul: Kernel = {
  name: 'matmul',
  cover(node) {
    if (node.op !== 'matmul' || !isComputed(resultOf(node).type.dtype)) return null
    const [a, b] = node.inputs as [Value, Value]
    const y = resultOf(node)
    const { shape, dtype } = y.type
    const [m, n] = shape.slice(-2) as [number, number]
    const k = a.type.shape.at(-1) as number
    const floats = dtype === 'float32'
    const macs = macsOf(node)
    return runtimeCover({
      kernel: 'matmul',
      node,
      work: elementWork(node, floats ? { general: macs } : { anyMac: macs }),
      lower(l, at) {
        const batches = l.pack(batchWalk(a, b, shape.slice(0, -2)))
        const info = { extent: sizeOf(shape.slice(0, -1)), macs }
        const operands = { a: l.address(a), b: l.address(b), y: at, m, k, n, batches }
        if (floats) callRuntime(l, 'matmul_f32', operands, info)
        else callRuntime(l, 'matmul_any', { ...operands, type: TYPE_CODE[dtype] }, info)
      },
    })
  },
}

/** The walk over the matrices of both operands, in elements. */
function batchWalk(a: Value, b: Value, lead: readonly number[]): Int32Array {
  const strides = [a, b].map(({ type: { shape } }) => {
    const matrix = sizeOf(shape.slice(-2))
    return broadcastStrides(shape.slice(0, -2), lead).map((s) => s * matrix)
  })
  return elementRows(collapse(lead, strides))
}
