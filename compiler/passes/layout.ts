import { applyFolded, folded } from '../../ir/graph/fold.ts'
import { type Graph, makeNode, type Node, namesOf, nodesOf, type Value } from '../../ir/graph/graph.ts'
import { type AttrsOf, type OpName, opDef } from '../../ir/ops/index.ts'
import type { Permuted } from '../../ir/ops/op.ts'
import { compose, identity, inverse, isIdentity, type Permutation } from '../../ir/tensors/axes.ts'
import { sameList, sizeOf } from '../../ir/tensors/types.ts'
import type { Pass } from '../rewriting/pass.ts'
import { rebuild, rewrite } from '../rewriting/rewrite.ts'
import { permuteWeights } from './rules/permute-weights.ts'
import { createReorder, type Reorder } from './rules/reorder.ts'

/**
 * A value of the old graph, represented as transpose(base, perm) of a value of the new graph. The transpose is
 * only built where it is needed.
 */
interface Laid {
  readonly base: Value
  readonly perm: Permutation
}

/** The permutation from NCHW, the order of models, to NHWC, the order of convolutions. The other one goes back. */
const TO_NHWC: Permutation = [0, 2, 3, 1]
const TO_NCHW: Permutation = inverse(TO_NHWC)

/**
 * Lets whole networks run in NHWC, in one walk over the graph, operands first.
 *
 * Transposes are not built but carried along as permutations. Every operator that can do so runs in the order
 * that its operand has in memory. A transpose is built only where an operator or a graph output needs its own
 * order. Image inputs in NCHW are transposed once, where they enter. A transpose that is left before a product
 * with constant weights goes into the weights.
 */
export const layout: Pass = {
  name: 'layout',
  requires: ['folded'],
  ensures: ['nhwc'],
  run: (graph, remarks) => rewrite(carryTransposes(graph), [permuteWeights], 'layout', remarks),
}

function carryTransposes(graph: Graph): Graph {
  const reorder = createReorder()
  const images = imagesIn(graph)
  const laid = new Map<Value, Laid>()
  const enter = (value: Value, plain: Laid): Laid =>
    images.has(value) && isIdentity(plain.perm) ? { base: reorder(plain.base, TO_NHWC), perm: TO_NCHW } : plain
  const laidOf = (v: Value): Laid => laid.get(v) ?? enter(v, inOwnOrder(v))
  for (const node of nodesOf(graph)) {
    layNode(node, node.inputs.map(laidOf), reorder).forEach((result, i) => {
      const value = node.outputs[i] as Value
      laid.set(value, enter(value, result))
    })
  }
  const outputs = graph.outputs.map(({ name, value }) => {
    const { base, perm } = laidOf(value)
    return { name, value: reorder(base, perm) }
  })
  return { ...graph, outputs }
}

/**
 * The values at which images in NCHW enter: graph inputs, or conversions of float16 inputs. Between them and a
 * spatial operator there are only operators that keep the order of their operands.
 */
function imagesIn(graph: Graph): ReadonlySet<Value> {
  const wanted = new Set<Value>()
  for (const node of [...nodesOf(graph)].reverse()) {
    const spatial = node.op === 'transpose' && sameList(node.attrs.perm, TO_NHWC)
    if (!spatial && !(node.outputs.some((v) => wanted.has(v)) && keepsOrder(node))) continue
    for (const v of node.inputs) if (v.type.shape.length === 4) wanted.add(v)
  }
  return new Set([...wanted].filter((v) => v.kind === 'input' || (v.kind === 'result' && isNarrow(v.node))))
}

/** Whether the node can work on images in NHWC, and its results are then images in NHWC. */
function keepsOrder(node: Node): boolean {
  if (isNarrow(node) || !node.inputs.some((v) => v.type.shape.length === 4)) return false
  const there = permutedTo(TO_NCHW, node)
  return there !== null && sameList(there.perm, TO_NCHW)
}

function permutedTo(perm: Permutation, node: Node): Permuted<object> | null {
  const types = node.inputs.map((v) => v.type)
  return opDef(node.op).permute?.(perm, node.attrs, types) ?? null
}

/** Whether the node converts from or to float16. No elements should be moved in that type. */
function isNarrow(node: Node): boolean {
  return node.op === 'cast' && [...node.inputs, ...node.outputs].some((v) => v.type.dtype === 'float16')
}

function inOwnOrder(base: Value): Laid {
  return { base, perm: identity(base.type.shape.length) }
}

function layNode(node: Node, operands: readonly Laid[], reorder: Reorder): readonly Laid[] {
  const moved = operands.some((x) => !isIdentity(x.perm)) || node.op === 'transpose'
  const results = moved && !isNarrow(node) ? layMoved(node, operands, reorder) : null
  if (results) return results
  const inputs = operands.map((x) => reorder(x.base, x.perm))
  return rebuild(node, inputs).map(inOwnOrder)
}

/**
 * The results of the node computed in the order of its operands, or null where the node needs the order it was
 * written for.
 */
function layMoved(node: Node, operands: readonly Laid[], reorder: Reorder): readonly Laid[] | null {
  if (node.op === 'transpose') return operands.map((x) => ({ base: x.base, perm: compose(node.attrs.perm, x.perm) }))
  const rank = Math.max(...operands.map((x) => x.perm.length))
  const perm = commonOrder(operands, rank)
  const there = permutedTo(perm, node)
  if (!there) return null
  const inputs = operands.map((x) => (x.perm.length === 0 ? x.base : inOrder(withRank(x, rank), perm, reorder)))
  const from = { names: namesOf(node), origins: node.origins }
  const results = folded(makeNode<OpName>(node.op, inputs, there.attrs as AttrsOf<OpName>, from))
  return results.map((base) => ({ base, perm: there.perm }))
}

/** The same value with leading axes of extent 1. */
function withRank(x: Laid, rank: number): Laid {
  const lead = rank - x.perm.length
  if (lead === 0) return x
  const shape = [...new Array<number>(lead).fill(1), ...x.base.type.shape]
  return { base: applyFolded('reshape', [x.base], { shape }), perm: wider(x.perm, rank) }
}

/** The permutation that leaves leading axes, up to `rank`, where they are. */
function wider(perm: Permutation, rank: number): Permutation {
  const lead = rank - perm.length
  return [...identity(lead), ...perm.map((p) => p + lead)]
}

/**
 * The order in which the fewest elements move: that of the largest operand that is known only at run time. A
 * permuted operand is preferred to one that is not.
 */
function commonOrder(operands: readonly Laid[], rank: number): Permutation {
  const size = ({ base }: Laid): number => (base.kind === 'constant' ? 0 : sizeOf(base.type.shape))
  const largest = Math.max(...operands.map(size))
  const candidates = operands.filter((x) => size(x) === largest)
  return wider(((candidates.find((x) => !isIdentity(x.perm)) ?? candidates[0]) as Laid).perm, rank)
}

function inOrder(x: Laid, perm: Permutation, reorder: Reorder): Value {
  return reorder(x.base, compose(inverse(perm), x.perm))
}
