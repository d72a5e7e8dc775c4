import { apply, constantValue, type Graph, makeNode, type Node, nodesOf, resultOf, type Value } from '../../ir/graph/graph.ts'
import { fromNumbers, numbers } from '../../ir/tensors/tensor.ts'
import type { Pass } from '../rewriting/pass.ts'
import { rebuild, transform } from '../rewriting/rewrite.ts'

/**
 * Makes float16 graphs compute in float32. Constants are widened. Graph inputs and outputs keep their type by
 * means of casts. Conversions to float16 in between are dropped, so they do not round.
 */
export const widenFloat16: Pass = {
  name: 'widen-float16',
  ensures: ['no-float16'],
  run: (graph) => (mentionsFloat16(graph) ? narrowOutputs(graph, transform(graph, widenNode, widenLeaf)) : graph),
}

function isFloat16(value: Value): boolean {
  return value.type.dtype === 'float16'
}

function mentionsFloat16(graph: Graph): boolean {
  const values = [...graph.inputs, ...graph.outputs.map((o) => o.value), ...nodesOf(graph).flatMap((n) => [...n.inputs, ...n.outputs])]
  return values.some(isFloat16)
}

function widenLeaf(value: Value): Value {
  if (!isFloat16(value)) return value
  if (value.kind !== 'constant') return apply('cast', [value], { to: 'float32' }, { name: value.name })
  const type = { ...value.type, dtype: 'float32' } as const
  return constantValue(fromNumbers(type, numbers(value.tensor)), value.name)
}

function widenNode(node: Node, inputs: readonly Value[]): readonly Value[] {
  if (node.op !== 'cast' || node.attrs.to !== 'float16') return rebuild(node, inputs)
  const [x] = inputs as readonly [Value]
  if (x.type.dtype === 'float32') return [x]
  return makeNode('cast', [x], { to: 'float32' }, { name: resultOf(node).name, origins: node.origins }).outputs
}

/** `widened` with the outputs of `graph` cast back to float16 where they were. */
function narrowOutputs(graph: Graph, widened: Graph): Graph {
  const outputs = widened.outputs.map(({ name, value }, i) => {
    const before = graph.outputs[i]?.value
    if (!before || !isFloat16(before)) return { name, value }
    if (before.kind !== 'result') return { name, value: before }
    return { name, value: apply('cast', [value], { to: 'float16' }, { name: before.name }) }
  })
  return { ...widened, outputs }
}
