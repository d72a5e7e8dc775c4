/** Named invariants of a graph. A violation is always a bug of the compiler. */

import { InferError, InternalError } from '../diagnostics.ts'
import { opDef } from '../ops/index.ts'
import type { Permutation } from '../tensors/axes.ts'
import { boundProblem } from '../tensors/bound.ts'
import { quantizationProblem } from '../tensors/quantization.ts'
import { formatType, isFloat, sameList, sameType, sizeOf, type TensorType } from '../tensors/types.ts'
import { isFoldable } from './fold.ts'
import { type Graph, type Node, nodesOf, producer, resultTypes } from './graph.ts'

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

/** Of a transpose from NHWC to NCHW. */
const TO_NCHW: Permutation = [0, 3, 1, 2]

export const INVARIANTS = {
  /**
   * Every node has as many operands as its operator takes. Its results have the types that the operator infers,
   * and these types are valid.
   */
  typed: everyNode((node) => {
    const inferred = inferredTypes(node)
    if (typeof inferred === 'string') return inferred
    const types = resultTypes(node)
    if (types.length !== inferred.length || !types.every((t, i) => sameType(t, inferred[i] as TensorType)))
      return `result is ${types.map(formatType)}, op infers ${inferred.map(formatType)}`
    return problemOf([...node.inputs, ...node.outputs].map((v) => v.type)) ?? boundProblem(types)
  }),
  /** Every constant holds as many elements as its type says. Every result refers back to the node that lists it. */
  'well-formed': everyNode((node, graph) => {
    for (const v of node.inputs) {
      if (v.kind === 'constant' && v.tensor.data.length !== sizeOf(v.type.shape))
        return `constant ${v.name} has ${v.tensor.data.length} elements`
      if (v.kind === 'constant' && !sameType(v.type, v.tensor.type)) return `constant ${v.name} is not of its tensor's type`
      if (v.kind !== 'result' && v.type.bound) return `${v.name} has a bound, but no node to count it`
      if (v.kind === 'input' && !graph.inputs.includes(v)) return `reads ${v.name}, which is no input of this graph`
    }
    return node.outputs.every((v, i) => v.node === node && v.index === i) ? null : 'result does not point back'
  }),
  /** No node could be a constant (`isFoldable`). */
  folded: everyNode((node) => (isFoldable(node) ? 'all operands are constant' : null)),
  /**
   * Nothing computes in float16. This type appears only in graph inputs and outputs and in the casts next to
   * them.
   */
  'no-float16': everyNode((node) =>
    node.op !== 'cast' && node.outputs.some((v) => v.type.dtype === 'float16') ? 'computes in float16' : null,
  ),
  /**
   * Every matrix product left in the graph has integer or empty operands, two operands that are known only at
   * run time, or more than one batch of weights. All others have become convolutions.
   */
  'no-constant-matmul': everyNode((node) => {
    const [x, w] = node.inputs
    if (node.op !== 'matmul' || !x || w?.kind !== 'constant' || w.type.shape.length !== 2) return null
    return isFloat(w.type.dtype) && sizeOf(w.type.shape) > 0 && sizeOf(x.type.shape) > 0 ? 'weights are constant' : null
  }),
  /**
   * No transpose to NCHW stands where the computation could continue in NHWC. So no such transpose feeds
   * another transpose, or an operator of one operand that could also work in NHWC.
   *
   * There are two exceptions. Conversions from and to float16 stand at the beginning and the end of a graph.
   * For reshapes it depends on their shapes whether they could work in NHWC.
   */
  nhwc: everyNode((node) => {
    const [x, ...others] = node.inputs
    const transposed = producer(x, 'transpose')
    if (!x || !transposed || others.length > 0 || !sameList(transposed.attrs.perm, TO_NCHW)) return null
    const excepted = node.op === 'reshape' || [x, ...node.outputs].some((v) => v.type.dtype === 'float16')
    if (excepted || !(node.op === 'transpose' || opDef(node.op).permute?.(TO_NCHW, node.attrs, [x.type]))) return null
    return `reads a transpose to NCHW (${transposed.origins[0] ?? 'no origin'})`
  }),
} satisfies Record<string, Check>

/** What the op infers, or why it does not. */
function inferredTypes(node: Node): readonly TensorType[] | string {
  try {
    return opDef(node.op).infer(
      node.inputs.map((v) => v.type),
      node.attrs,
    )
  } catch (error) {
    if (error instanceof InferError) return error.message
    throw error
  }
}

function problemOf(types: readonly TensorType[]): string | null {
  for (const type of types) {
    const problem = quantizationProblem(type)
    if (problem) return `${formatType(type)} ${problem}`
  }
  return null
}

export type Invariant = keyof typeof INVARIANTS

/** The invariants that hold for every graph, at every stage. */
export const ALWAYS: readonly Invariant[] = ['typed', 'well-formed']

/** Throws `InternalError` naming the first invariant that does not hold, and `where`. */
export function verify(graph: Graph, invariants: readonly Invariant[], where: string): void {
  for (const name of invariants) {
    const problem = INVARIANTS[name](graph)
    if (problem) throw new InternalError(`${where}: invariant "${name}" does not hold: ${problem}`)
  }
}
