/**
 * Copies through tables of indices, which padding and nearest resampling use. Every element of the result is an
 * element of the operand or a fixed value.
 */

import { type Node, resultOf, type Value } from '../../../ir/graph/graph.ts'
import { bytesOf, fromNumbers } from '../../../ir/tensors/tensor.ts'
import { DTYPE_BYTES, sizeOf } from '../../../ir/tensors/types.ts'
import type { Cover } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'

export interface IndexedCopy {
  readonly kernel: string
  readonly node: Node
  /**
   * One table for each of the leading axes of the result, at least one. Entry i says what index i adds to the
   * place in the operand, or is −1 for a place outside. The remaining axes form a block, and places are counted
   * in blocks.
   */
  readonly offsets: readonly Int32Array[]
  /** The element for places outside the operand. */
  readonly value: number
}

/** The cover of a node by a copy through tables. */
export function indexedCopyCover({ kernel, node, offsets, value }: IndexedCopy): Cover {
  const { dtype, shape } = resultOf(node).type
  const size = DTYPE_BYTES[dtype]
  const rows = sizeOf(offsets.slice(0, -1).map((axis) => axis.length))
  const columns = offsets.at(-1) as Int32Array
  return runtimeCover({
    kernel,
    node,
    work: elementWork(node, { row: rows * stretchesOf(columns) }),
    lower(l, y) {
      const operands = {
        x: l.address(node.inputs[0] as Value),
        y,
        tables: l.pack(Int32Array.from([offsets.length, ...offsets.map((axis) => axis.length), ...offsets.flatMap((axis) => [...axis])])),
        bytes: (sizeOf(shape) / (rows * columns.length)) * size,
        value: l.pack(bytesOf(fromNumbers({ dtype, shape: [1] }, [value]))),
        size,
      }
      callRuntime(l, 'copy_indexed', operands, { extent: rows })
    },
  })
}

/** The number of pieces in which a row is copied or filled. Neighbouring places are one piece. */
function stretchesOf(offsets: Int32Array): number {
  const continues = (offset: number, before: number): boolean => (offset < 0 ? before < 0 : before >= 0 && offset === before + 1)
  return offsets.reduce((n, offset, i) => (i > 0 && continues(offset, offsets[i - 1] as number) ? n : n + 1), 0)
}
