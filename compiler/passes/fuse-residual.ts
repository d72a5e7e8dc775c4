import { type Graph, type NodeOf, nodesOf, producer, usesOf, type Value } from '../../ir/graph/graph.ts'
import { any, op } from '../../ir/graph/pattern.ts'
import { sameShape } from '../../ir/tensors/types.ts'
import type { Pass } from '../rewriting/pass.ts'
import type { Rule } from '../rewriting/rewrite.ts'
import { describe, otherReaders } from './rules/describe.ts'

const residual: Rule = {
  name: 'fuse a residual into the convolution',
  pattern: op('add', [any().as('a'), any().as('b')]),
  replace({ get, make, root, graph, remark }) {
    const operands = [get('a'), get('b')]
    if (operands.some((v) => v.kind === 'constant' || !sameShape(v.type.shape, root.type.shape))) return null
    const convolutions = operands.flatMap((v) => producer(v, 'conv') ?? [])
    const free = convolutions.filter((conv) => !obstacle(conv, root, graph))
    const conv = latest(free, graph)
    if (!conv) {
      for (const c of convolutions) remark(`${describe(root)} not fused into ${describe(c.outputs[0])}: ${obstacle(c, root, graph)}`)
      return null
    }
    const other = operands[0] === conv.outputs[0] ? operands[1] : operands[0]
    return make('conv', [...conv.inputs.slice(0, 3), other as Value], conv.attrs)
  },
}

/** The reason why the convolution cannot take the residual; null where it can. */
function obstacle(conv: NodeOf<'conv'>, add: Value, graph: Graph): string | null {
  const [result] = conv.outputs
  if (!result || conv.inputs[3]) return 'it has a residual already'
  if (conv.attrs.act) return `it applies ${conv.attrs.act.op} first`
  return usesOf(graph, result).length === 1 ? null : `its result is ${otherReaders(result, add, graph)}`
}

/** The convolution that is computed last. The other operand exists by then, and its memory can be reused. */
function latest(convolutions: readonly NodeOf<'conv'>[], graph: Graph): NodeOf<'conv'> | undefined {
  const order = nodesOf(graph) as readonly unknown[]
  return [...convolutions].sort((a, b) => order.indexOf(b) - order.indexOf(a))[0]
}

/** Makes an addition the fourth operand of the convolution before it: act(conv + bias + residual). */
export const fuseResidual: Pass = { name: 'fuse-residual', rules: [residual] }
