import { type Node, type NodeOf, producer, usesOf } from '../../ir/graph/graph.ts'
import { oneOf, op } from '../../ir/graph/pattern.ts'
import { type Activation, EPILOGUE_ACTIVATIONS } from '../../ir/ops/conv.ts'
import type { Pass } from '../rewriting/pass.ts'
import type { Rule } from '../rewriting/rewrite.ts'
import { clampOfClamp } from './rules/clamp-of-clamp.ts'
import { describe, otherReaders } from './rules/describe.ts'

const activation: Rule = {
  name: 'fuse an activation into the convolution',
  pattern: oneOf(...EPILOGUE_ACTIVATIONS.map((name) => op(name, [op('conv').as('conv')]))),
  replace({ get, make, node, root, graph, remark }) {
    const conv = producer(get('conv'), 'conv') as NodeOf<'conv'>
    const act = joined(node, conv)
    const shared = usesOf(graph, get('conv')).length > 1
    if (!act || shared) {
      const reason = shared ? `its result is ${otherReaders(get('conv'), root, graph)}` : `it applies ${conv.attrs.act?.op} already`
      remark(`${describe(root)} not fused into ${describe(get('conv'))}: ${reason}`)
      return null
    }
    return make('conv', conv.inputs, { ...conv.attrs, act })
  },
}

/**
 * The activation of the convolution after the node's function has become part of it, or null where this is not
 * one function.
 */
function joined(node: Node, conv: NodeOf<'conv'>): Activation | null {
  const { act } = conv.attrs
  if (!act) return { op: node.op, ...node.attrs } as Activation
  return act.op === 'clamp' && node.op === 'clamp' ? { op: 'clamp', ...clampOfClamp(node.attrs, act) } : null
}

/** Makes an activation part of the convolution before it. */
export const fuseActivation: Pass = { name: 'fuse-activation', rules: [activation] }
