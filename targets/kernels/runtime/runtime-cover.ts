/** The covers of runtime kernels, and their work. */

import { type Node, resultOf, type Value } from '../../../ir/graph/graph.ts'
import { mapResults, type Results } from '../../../ir/ops/op.ts'
import { byteSize, sameShape, sizeOf } from '../../../ir/tensors/types.ts'
import type { Address } from '../../schedule/schedule.ts'
import type { Cover, Lowering } from '../../selection/kernel.ts'
import { callOf, movingBytes, type Work } from '../../target/cost.ts'

/**
 * The work of one call that reads the operands of `node` and writes its result. `counted` is the work that it
 * does besides.
 */
export function elementWork(node: Node, counted: Work = {}): Work {
  const bytes = [...node.inputs, ...node.outputs].reduce((sum, v) => sum + byteSize(v.type), 0)
  return callOf(movingBytes(bytes), counted)
}

export interface RuntimeCover {
  readonly kernel: string
  readonly node: Node
  readonly work: Work
  /**
   * Whether the result may overwrite an operand. The kernel must read element i of the operand before it writes
   * element i of the result, and there must be only one result.
   */
  readonly inPlace?: boolean
  /** Takes the addresses of the node's results, in their order. */
  lower(l: Lowering, ...results: Results<Address>): void
}

/** The cover of one node; nothing is executed where all results are empty. */
export function runtimeCover({ kernel, node, work, inPlace, lower }: RuntimeCover): Cover {
  const y = resultOf(node)
  const inputs = [...new Set(node.inputs)].filter((v) => v.kind !== 'constant')
  const overwritable = inPlace ? inputs.flatMap((v, i) => (fits(v, y) ? [i] : [])) : []
  return {
    kernel,
    nodes: [node],
    inputs,
    outputs: node.outputs,
    work,
    ...(overwritable.length > 0 ? { inPlace: overwritable } : {}),
    lower(l) {
      if (node.outputs.some((v) => sizeOf(v.type.shape) > 0)) lower(l, ...mapResults(node.outputs, (v) => l.address(v)))
    },
  }
}

function fits(v: Value, y: Value): boolean {
  return v.type.dtype === y.type.dtype && sameShape(v.type.shape, y.type.shape)
}
