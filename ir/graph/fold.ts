/** Evaluation of nodes whose operands are all constant. */

import type { AttrsOf, OpName } from '../ops/index.ts'
import { mapResults, type Results } from '../ops/op.ts'
import type { Tensor } from '../tensors/tensor.ts'
import { byteSize } from '../tensors/types.ts'
import { constantValue, makeNode, type Node, type Provenance, type Value } from './graph.ts'
import { evaluateNode } from './interpret.ts'

const MAX_GROWTH = 4
const FREE_BYTES = 1 << 20

/**
 * Whether the node may become constants. All its operands must be constant, and its results must be either
 * small (at most 1 MiB) or at most four times as large as the operands. This keeps an `expand` from making the
 * model much larger. A node with a bounded result stays, because the result needs a node that counts it.
 */
export function isFoldable(node: Node): boolean {
  if (node.inputs.length === 0 || node.inputs.some((v) => v.kind !== 'constant')) return false
  if (node.outputs.some((v) => v.type.bound)) return false
  const bytes = (values: readonly Value[]): number => values.reduce((sum, v) => sum + byteSize(v.type), 0)
  const after = bytes(node.outputs)
  return after <= FREE_BYTES || after <= MAX_GROWTH * bytes(node.inputs)
}

/**
 * The results of a foldable node, as constants of the same names. The results of any other node are returned
 * unchanged.
 */
export function folded(node: Node): Results<Value> {
  return isFoldable(node) ? evaluated(node) : node.outputs
}

/** The results of a node, all of whose operands are constant, as constants of the same names. */
export function evaluated(node: Node): Results<Value> {
  const tensors = evaluateNode(
    node,
    node.inputs.map((v) => (v as { tensor: Tensor }).tensor),
  )
  return mapResults(node.outputs, (v) => constantValue(tensors[v.index] as Tensor, v.name))
}

/** Like `apply`, but gives a constant at once where all operands are constant. */
export function applyFolded<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, from: Provenance = {}): Value {
  return folded(makeNode(op, inputs, attrs, from))[0]
}
