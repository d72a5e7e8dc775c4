import { type Graph, type NodeOf, producer, usesOf, type Value } from '../../ir/graph/graph.ts'
import { anyOp, op } from '../../ir/graph/pattern.ts'
import { EPILOGUE_ACTIVATIONS } from '../../ir/ops/conv.ts'
import type { OpName } from '../../ir/ops/index.ts'
import { isFloat, sizeOf } from '../../ir/tensors/types.ts'
import type { Pass } from '../rewriting/pass.ts'
import type { Rule, RuleContext } from '../rewriting/rewrite.ts'
import { type Affine, affineChain, affineOf, isScalar } from './rules/affine.ts'
import { describe } from './rules/describe.ts'
import { scaledInputs, scaledOutputs, scaleShift, vectorConstant } from './rules/scaled-weights.ts'

const once = (graph: Graph, v: Value): boolean => usesOf(graph, v).length === 1

/**
 * The last value of a chain of scales and shifts. It has several readers, or its only reader is not another
 * scale or shift.
 */
const endOfChain = anyOp('add', 'sub', 'mul', 'div', 'neg').where((v, graph) => {
  if (!affineOf(v)) return false
  const [reader, ...others] = usesOf(graph, v)
  const next = reader?.node?.outputs[0]
  return others.length > 0 || !next || affineOf(next)?.x !== v
})

/** The whole chain above `root`. It ends at a value that has another reader. */
function chainOf({ root, graph }: RuleContext): Affine & { readonly steps: number } {
  return affineChain(root, (_, from) => from === root || once(graph, from))
}

const afterConvolution: Rule = {
  name: 'fold scale and shift into the convolution before',
  pattern: endOfChain,
  replace(context) {
    const chain = chainOf(context)
    const conv = producer(chain.x, 'conv')
    const obstacle = conv && foldObstacle(conv, context.graph)
    if (conv && obstacle) context.remark(`${describe(context.root)} not folded into ${describe(chain.x)}: ${obstacle}`)
    return conv && !obstacle ? context.make('conv', scaledOutputs(conv, chain), conv.attrs, [chain.x]) : null
  },
}

function foldObstacle(conv: NodeOf<'conv'>, graph: Graph): string | null {
  const [result] = conv.outputs
  const readers = usesOf(graph, result as Value).length
  if (conv.inputs[1]?.kind !== 'constant' || conv.inputs[2]?.kind !== 'constant') return 'its weights are computed'
  if (conv.attrs.act || conv.inputs[3]) return 'it has an activation or a residual already'
  return readers === 1 ? null : `its result has ${readers} readers`
}

const beforeConvolution: Rule = {
  name: 'fold scale and shift into the convolution after',
  pattern: op('conv', [], (n) => n.inputs[1]?.kind === 'constant' && n.inputs[2]?.kind === 'constant'),
  replace({ node, graph, make, remark }) {
    const conv = node as NodeOf<'conv'>
    const padded = conv.attrs.pads.some((p) => p !== 0)
    const foldable = (step: Affine): boolean => !padded || step.shift.every((t) => t === 0)
    const chain = affineChain(conv.inputs[0] as Value, (step, from) => once(graph, from) && foldable(step))
    const next = affineOf(chain.x)
    if (next && !foldable(next)) remark(`${describe(chain.x)} not folded into ${describe(conv.outputs[0])}: the padding is not shifted`)
    return chain.steps > 0 ? make('conv', scaledInputs(conv, chain), conv.attrs) : null
  },
}

/** Channels in a vector. With fewer channels, a depthwise convolution costs more than arithmetic. */
const VECTOR = 4

/**
 * A chain without a neighbouring convolution becomes one scale, one shift, or a depthwise 1×1 convolution. The
 * convolution can apply an activation too.
 */
const standalone: Rule = {
  name: 'merge scales and shifts',
  pattern: endOfChain,
  replace(context) {
    const { root, make, graph } = context
    const chain = chainOf(context)
    const pure = chain.shift.every((t) => t === 0) ? 'mul' : chain.scale.every((s) => s === 1) ? 'add' : null
    if (chain.steps > 1 && pure)
      return make(pure, [chain.x, vectorConstant(pure === 'mul' ? chain.scale : chain.shift, root.type.dtype)], {})
    const channels = root.type.shape[3] ?? 0
    if (root.type.shape.length !== 4 || channels % VECTOR !== 0 || sizeOf(root.type.shape) === 0) return null
    if (chain.steps === 1 && (isScalar(chain) || !feedsActivation(root, graph))) return null
    const attrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: channels } as const
    return make('conv', scaleShift(chain, channels), attrs)
  },
}

function feedsActivation(value: Value, graph: Graph): boolean {
  const [reader, ...others] = usesOf(graph, value)
  const names: readonly OpName[] = EPILOGUE_ACTIVATIONS
  return others.length === 0 && reader?.node != null && names.includes(reader.node.op) && isFloat(value.type.dtype)
}

/**
 * Moves scales and shifts with constants into the weights of a neighbouring convolution. Such scales and shifts
 * come from batch normalisation, biases and input scaling.
 */
export const foldBatchNorm: Pass = { name: 'fold-batch-norm', rules: [afterConvolution, beforeConvolution, standalone] }
