/** Named invariants of a graph. A violation is always a bug of the compiler. */

import { InternalError } from '../diagnostics.ts'
import { unaryOps } from '../ops/elementwise.ts'
import { type OpName, opDef } from '../ops/index.ts'
import { formatType, isFloat, sizeOf } from '../tensors/types.ts'
import { isFoldable } from './fold.ts'
import { type Graph, type Node, nodesOf, producer, type Value } from './graph.ts'

/** What is wrong, or null. */
type Check = (graph: Graph) => string | null

const everyNode =
  (check: (node: Node, graph: Graph) => string | null): Check =>
  (graph) => {
    for (const node of nodesOf(graph)) {
      const problem = check(node, graph)
      if (problem) return `${node.op} (${node.origins[0] ?? 'no origin'}): ${problem}`
    }
    return null
  }

/** Operators of one operand that run in any order of axes. */
const LAYOUT_FREE: ReadonlySet<OpName> = new Set([
  ...(Object.keys(unaryOps) as OpName[]),
  'reduce',
  'softmax',
  'pad',
  'slice',
  'resize',
  'transpose',
])

export const INVARIANTS = {
  /** Every result has the type its op infers. */
  typed: everyNode((node) => {
    const inferred = opDef(node.op).infer(
      node.inputs.map((v) => v.type),
      node.attrs,
    )
    const same =
      inferred.length === node.outputs.length && inferred.every((t, i) => formatType(t) === formatType((node.outputs[i] as Value).type))
    return same ? null : `result is ${node.outputs.map((v) => formatType(v.type))}, op infers ${inferred.map(formatType)}`
  }),
  /** Constants hold as many elements as their type says; results point back at their node. */
  'well-formed': everyNode((node, graph) => {
    for (const v of node.inputs) {
      if (v.kind === 'constant' && v.tensor.data.length !== sizeOf(v.type.shape))
        return `constant ${v.name} has ${v.tensor.data.length} elements`
      if (v.kind === 'input' && !graph.inputs.includes(v)) return `reads ${v.name}, which is no input of this graph`
    }
    return node.outputs.every((v, i) => v.node === node && v.index === i) ? null : 'result does not point back'
  }),
  /** No node could be a constant (`isFoldable`). */
  folded: everyNode((node) => (isFoldable(node) ? 'all operands are constant' : null)),
  /** Nothing computes in float16: it appears only in graph inputs and outputs and the casts beside them. */
  'no-float16': everyNode((node) =>
    node.op !== 'cast' && node.outputs.some((v) => v.type.dtype === 'float16') ? 'computes in float16' : null,
  ),
  /** Every matrix product that is left is of integers, of nothing, or has two run-time operands or more than one batch of weights. */
  'no-constant-matmul': everyNode((node) => {
    const [x, w] = node.inputs
    if (node.op !== 'matmul' || !x || w?.kind !== 'constant' || w.type.shape.length !== 2) return null
    return isFloat(w.type.dtype) && sizeOf(w.type.shape) > 0 && sizeOf(x.type.shape) > 0 ? 'weights are constant' : null
  }),
  /**
   * No transpose to NCHW stands where the computation could go on in NHWC: none feeds another
   * transpose or an operator that can work in its operand's order (elementwise functions of one
   * operand, reductions, softmax, pad, slice, resize).
   */
  nhwc: everyNode((node) => {
    const transposed = node.inputs.length === 1 ? producer(node.inputs[0], 'transpose') : null
    if (!transposed || !LAYOUT_FREE.has(node.op) || String(transposed.attrs.perm) !== '0,3,1,2') return null
    return `reads a transpose to NCHW (${transposed.origins[0] ?? 'no origin'})`
  }),
} satisfies Record<string, Check>

export type Invariant = keyof typeof INVARIANTS

/** What holds of every graph, whatever its stage. */
export const ALWAYS: readonly Invariant[] = ['typed', 'well-formed']

/** Throws `InternalError` naming the first invariant that does not hold, and `where`. */
export function verify(graph: Graph, invariants: readonly Invariant[], where: string): void {
  for (const name of invariants) {
    const problem = INVARIANTS[name](graph)
    if (problem) throw new InternalError(`${where}: invariant "${name}" does not hold: ${problem}`)
  }
}
