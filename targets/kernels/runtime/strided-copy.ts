/**
 * Makes a contiguous result from a strided walk over one operand, which is what transposes, slices and
 * expansions do.
 */

import { type Node, resultOf, type Value } from '../../../ir/graph/graph.ts'
import { DTYPE_BYTES, sizeOf } from '../../../ir/tensors/types.ts'
import { type Address, shifted } from '../../schedule/schedule.ts'
import type { Cover, Lowering } from '../../selection/kernel.ts'
import { collapse, rowsOf, type Walk } from './rows.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'

/** The runtime's copies, by the size of elements in bytes. */
const COPIES = { 1: 'copy_strided_8', 2: 'copy_strided_16', 4: 'copy_strided_32', 8: 'copy_strided_64' } as const

/** The cover of a node whose result reads its operand with `strides` (in elements, per result axis) from element `start` on. */
export function stridedCover(kernel: string, node: Node, strides: readonly number[], start = 0): Cover {
  const [x] = node.inputs as [Value]
  const { shape, dtype } = resultOf(node).type
  const size = DTYPE_BYTES[dtype]
  const walk = collapse(shape, [strides])
  return runtimeCover({
    kernel,
    node,
    work: elementWork(node, isContiguous(walk) ? { row: rowsOf(walk).count } : { moved: sizeOf(shape) }),
    lower: (l, y) => lowerWalk(l, walk, shifted(l.address(x), start * size), y, size),
  })
}

function isContiguous({ strides }: Walk): boolean {
  return (strides[0]?.at(-1) ?? 1) === 1
}

function lowerWalk(l: Lowering, walk: Walk, x: Address, y: Address, size: keyof typeof COPIES): void {
  const matrices = matricesOf(walk)
  if (walk.shape.length <= 1 && isContiguous(walk)) callRuntime(l, 'copy', { x, y }, { extent: (walk.shape[0] ?? 1) * size })
  else if (matrices && size === 4) {
    const { rows, columns, count } = matrices
    callRuntime(l, 'transpose_32', { x, y, rows, columns }, { extent: count })
  } else {
    const { descriptor, count } = rowsOf(walk)
    callRuntime(l, COPIES[size], { x, y, rows: l.pack(descriptor) }, { extent: count })
  }
}

interface Matrices {
  readonly count: number
  readonly rows: number
  readonly columns: number
}

/** The walk as transposes of contiguous matrices [count, rows, columns], if it has this form; otherwise null. */
function matricesOf({ shape, strides }: Walk): Matrices | null {
  if (shape.length < 2 || shape.length > 3) return null
  const [count, columns, rows] = (shape.length === 3 ? shape : [1, ...shape]) as [number, number, number]
  const [matrix, column, row] = (shape.length === 3 ? strides[0] : [rows * columns, ...(strides[0] ?? [])]) as [number, number, number]
  return matrix === rows * columns && column === 1 && row === columns ? { count, rows, columns } : null
}
