/** Named invariants of a graph. A violation is always a bug of the compiler. */

import { InternalError } from './diagnostics.ts'
import { type Graph, type Node, nodesOf, type Value } from './graph.ts'
import { opDef } from './ops/index.ts'
import { formatType, sizeOf } from './types.ts'

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
  /** No node has only constant operands. */
  folded: everyNode((node) =>
    node.inputs.length > 0 && node.inputs.every((v) => v.kind === 'constant') ? 'all operands are constant' : null,
  ),
  /** Nothing computes in float16: it appears only in graph inputs and outputs and the casts beside them. */
  'no-float16': everyNode((node) =>
    node.op !== 'cast' && node.outputs.some((v) => v.type.dtype === 'float16') ? 'computes in float16' : null,
  ),
  /** Every matrix product that is left has two run-time operands or more than one batch of weights. */
  'no-constant-matmul': everyNode((node) =>
    node.op === 'matmul' && node.inputs[1]?.kind === 'constant' && node.inputs[1].type.shape.length === 2 ? 'weights are constant' : null,
  ),
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
