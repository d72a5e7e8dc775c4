import { applyFolded } from '../../ir/graph/fold.ts'
import { type Graph, type Node, nodesOf, type Value } from '../../ir/graph/graph.ts'
import type { AttrsOf, OpName } from '../../ir/ops/index.ts'
import { opDef } from '../../ir/ops/index.ts'
import type { Pass } from '../rewriting/pass.ts'
import { rebuild, rewrite } from '../rewriting/rewrite.ts'
import { compose, identity, inverse, isIdentity, type Permutation, permuted } from './rules/axes.ts'
import { permuteWeights } from './rules/permute-weights.ts'
import { createReorder, type Reorder } from './rules/reorder.ts'
import { throughReshape } from './rules/through-reshape.ts'

/** A value of the old graph as transpose(base, perm) of a value of the new one; the transpose does not exist yet. */
interface Laid {
  readonly base: Value
  readonly perm: Permutation
}

/** What the operand of a convolution was transposed from, and back. */
const TO_NHWC: Permutation = [0, 2, 3, 1]
const TO_NCHW: Permutation = inverse(TO_NHWC)

/**
 * Lets whole networks run in NHWC. One walk, operands first: transposes are not built but carried
 * along as permutations, every operator that can runs in the order its operand has in memory, and
 * a transpose appears only where an operator, or a graph output, insists on its own order. Image
 * inputs in NCHW are transposed once, at the entry. What is left before a product with constant
 * weights goes into the weights.
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
 * Where images in NCHW enter: graph inputs, or conversions of float16 ones, that reach a spatial
 * operator through nothing but operators that work in any order.
 */
function imagesIn(graph: Graph): ReadonlySet<Value> {
  const wanted = new Set<Value>()
  for (const node of [...nodesOf(graph)].reverse()) {
    const spatial = node.op === 'transpose' && String(node.attrs.perm) === String(TO_NHWC)
    const [result] = node.outputs
    if (!spatial && !(result && wanted.has(result) && carries(node))) continue
    for (const v of node.inputs) if (v.type.shape.length === 4) wanted.add(v)
  }
  return new Set([...wanted].filter((v) => v.kind === 'input' || (v.kind === 'result' && isNarrow(v.node))))
}

function carries(node: Node): boolean {
  if (isNarrow(node)) return false
  const { elementwise } = opDef(node.op).traits
  return elementwise === true || ['pad', 'slice', 'concat', 'softmax', 'resize'].includes(node.op)
}

/** A conversion from or to float16, in which nothing is to be moved. */
function isNarrow(node: Node): boolean {
  return node.op === 'cast' && [...node.inputs, ...node.outputs].some((v) => v.type.dtype === 'float16')
}

function inOwnOrder(base: Value): Laid {
  return { base, perm: identity(base.type.shape.length) }
}

function layNode(node: Node, operands: readonly Laid[], reorder: Reorder): readonly Laid[] {
  const moved = operands.some((x) => !isIdentity(x.perm)) || node.op === 'transpose'
  const result = moved && !isNarrow(node) ? layMoved(node, operands, reorder) : null
  if (result) return [result]
  const inputs = operands.map((x) => reorder(x.base, x.perm))
  return rebuild(node, inputs).map(inOwnOrder)
}

/** The node in its operands' own order, or null where it needs the order it was written for. */
function layMoved(node: Node, operands: readonly Laid[], reorder: Reorder): Laid | null {
  const [x] = operands
  if (!x) return null
  switch (node.op) {
    case 'transpose':
      return { base: x.base, perm: compose(node.attrs.perm, x.perm) }
    case 'reshape':
      return layReshape(node, x, node.attrs.shape)
    case 'reduce':
      return layReduce(node, x, node.attrs)
    case 'arg':
      return layArg(node, x, node.attrs)
    case 'topk':
      return emit(node, [x.base], x.perm, { ...node.attrs, axis: x.perm[node.attrs.axis] as number })
    case 'gather-elements': {
      const inputs = operands.map((operand) => inOrder(operand, x.perm, reorder))
      return emit(node, inputs, x.perm, { axis: x.perm[node.attrs.axis] as number })
    }
    case 'softmax':
      return emit(node, [x.base], x.perm, { ...node.attrs, axis: x.perm[node.attrs.axis] as number })
    case 'concat':
      return layConcat(node, operands, node.attrs.axis, reorder)
    case 'pad': {
      const { before, after, ...rest } = node.attrs
      const back = inverse(x.perm)
      return emit(node, [x.base], x.perm, { ...rest, before: permuted(before, back), after: permuted(after, back) })
    }
    case 'slice': {
      const { starts, sizes, steps } = node.attrs
      const back = inverse(x.perm)
      return emit(node, [x.base], x.perm, { starts: permuted(starts, back), sizes: permuted(sizes, back), steps: permuted(steps, back) })
    }
    case 'resize': {
      const inBase = <T>(list: readonly T[]): T[] => permuted(list, inverse(x.perm))
      const { sizes, scales, starts, ends } = node.attrs
      const moved = { sizes: inBase(sizes), scales: inBase(scales), starts: inBase(starts), ends: inBase(ends) }
      return emit(node, [x.base], x.perm, { ...node.attrs, ...moved })
    }
    case 'expand': {
      const wide = withRank(x, node.attrs.shape.length)
      return emit(node, [wide.base], wide.perm, { shape: permuted(node.attrs.shape, inverse(wide.perm)) })
    }
    default:
      return opDef(node.op).traits.elementwise ? layElementwise(node, operands, reorder) : null
  }
}

function emit<K extends OpName>(node: Node & { readonly op: K }, inputs: readonly Value[], perm: Permutation, attrs: AttrsOf<K>): Laid {
  return { base: applyFolded<K>(node.op, inputs, attrs, { name: node.outputs[0]?.name ?? '', origins: node.origins }), perm }
}

function layReshape(node: Node & { readonly op: 'reshape' }, x: Laid, shape: readonly number[]): Laid | null {
  const through = throughReshape(permuted(x.base.type.shape, x.perm), shape, x.perm)
  return through && emit(node, [x.base], through.perm, { shape: through.shape })
}

function layReduce(node: Node & { readonly op: 'reduce' }, x: Laid, attrs: AttrsOf<'reduce'>): Laid {
  const axes = attrs.axes.map((axis) => x.perm[axis] as number).sort((a, b) => a - b)
  return emit(node, [x.base], attrs.keepDims ? x.perm : without(x.perm, axes), { ...attrs, axes })
}

function layArg(node: Node & { readonly op: 'arg' }, x: Laid, attrs: AttrsOf<'arg'>): Laid {
  const axis = x.perm[attrs.axis] as number
  return emit(node, [x.base], attrs.keepDims ? x.perm : without(x.perm, [axis]), { ...attrs, axis })
}

/** The permutation of what is left when `axes` of the base disappear. */
function without(perm: Permutation, axes: readonly number[]): number[] {
  return perm.filter((p) => !axes.includes(p)).map((p) => p - axes.filter((axis) => axis < p).length)
}

function layConcat(node: Node & { readonly op: 'concat' }, operands: readonly Laid[], axis: number, reorder: Reorder): Laid {
  const perm = commonOrder(operands)
  const inputs = operands.map((x) => inOrder(x, perm, reorder))
  return emit(node, inputs, perm, { axis: perm[axis] as number })
}

function layElementwise(node: Node, operands: readonly Laid[], reorder: Reorder): Laid {
  const rank = node.outputs[0]?.type.shape.length ?? 0
  const wide = operands.map((x) => withRank(x, rank))
  const perm = commonOrder(wide)
  const inputs = operands.map((x, i) => (x.base.type.shape.length === 0 ? x.base : inOrder(wide[i] as Laid, perm, reorder)))
  return emit(node, inputs, perm, node.attrs as AttrsOf<OpName>)
}

/** The same value with leading axes of extent 1. */
function withRank(x: Laid, rank: number): Laid {
  const lead = rank - x.perm.length
  if (lead === 0) return x
  const shape = [...new Array<number>(lead).fill(1), ...x.base.type.shape]
  return { base: applyFolded('reshape', [x.base], { shape }), perm: [...identity(lead), ...x.perm.map((p) => p + lead)] }
}

/** The order that moves least: the largest run-time operand's, a permuted one before one that is not. */
function commonOrder(operands: readonly Laid[]): Permutation {
  const size = ({ base }: Laid): number => (base.kind === 'constant' ? 0 : base.type.shape.reduce((n, d) => n * d, 1))
  const largest = Math.max(...operands.map(size))
  const candidates = operands.filter((x) => size(x) === largest)
  return ((candidates.find((x) => !isIdentity(x.perm)) ?? candidates[0]) as Laid).perm
}

function inOrder(x: Laid, perm: Permutation, reorder: Reorder): Value {
  return reorder(x.base, compose(inverse(perm), x.perm))
}
