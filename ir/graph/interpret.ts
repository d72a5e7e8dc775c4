/**
 * The reference interpreter. It runs the `evaluate` function of every operator in the graph. It is slow, but
 * its code is simple and it defines what is right.
 */

import { InternalError } from '../diagnostics.ts'
import { opDef } from '../ops/index.ts'
import type { Tensor } from '../tensors/tensor.ts'
import { formatType, sameType } from '../tensors/types.ts'
import { type Graph, type Node, nodesOf, resultTypes, type Value } from './graph.ts'

/** Results of one node from its operands. */
export function evaluateNode(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  return opDef(node.op).evaluate(inputs, node.attrs, resultTypes(node))
}

export interface InterpretOptions {
  /** Called with every node's results, in execution order. */
  readonly onResult?: (value: Value, tensor: Tensor) => void
}

/** Graph outputs by position, from graph inputs by position. */
export function interpret(graph: Graph, inputs: readonly Tensor[], options: InterpretOptions = {}): Tensor[] {
  const known = new Map<Value, Tensor>()
  graph.inputs.forEach((v, i) => {
    const t = inputs[i]
    if (!t || !sameType(t.type, v.type)) {
      throw new InternalError(`input ${i} must be ${formatType(v.type)}, is ${t ? formatType(t.type) : 'missing'}`)
    }
    known.set(v, t)
  })
  const read = (v: Value): Tensor => (v.kind === 'constant' ? v.tensor : (known.get(v) as Tensor))
  const lastReader = lastReaders(graph)
  for (const node of nodesOf(graph)) {
    const results = evaluateNode(node, node.inputs.map(read))
    node.outputs.forEach((v, i) => {
      known.set(v, results[i] as Tensor)
      options.onResult?.(v, results[i] as Tensor)
    })
    for (const v of node.inputs) if (lastReader.get(v) === node) known.delete(v)
  }
  return graph.outputs.map((o) => read(o.value))
}

/** For each value, the last node that reads it. Graph outputs are not listed, because they are kept to the end. */
function lastReaders(graph: Graph): Map<Value, Node> {
  const last = new Map<Value, Node>()
  for (const node of nodesOf(graph)) for (const v of node.inputs) last.set(v, node)
  for (const { value } of graph.outputs) last.delete(value)
  return last
}
