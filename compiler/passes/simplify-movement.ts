import { type NodeOf, producer, type Value } from '../../ir/graph/graph.ts'
import { any, op } from '../../ir/graph/pattern.ts'
import type { PadAttrs, SliceAttrs } from '../../ir/ops/movement.ts'
import { compose, movesOnlyUnitAxes } from '../../ir/tensors/axes.ts'
import type { Pass } from '../rewriting/pass.ts'
import type { Rule } from '../rewriting/rewrite.ts'
import { identities } from './remove-identities.ts'
import { sinkReshapes } from './rules/sink-reshapes.ts'

const mergeReshapes: Rule = {
  name: 'merge reshapes',
  pattern: op('reshape', [op('reshape', [any().as('x')])]),
  replace: ({ get, make, root }) => make('reshape', [get('x')], { shape: root.type.shape }),
}

const mergeTransposes: Rule = {
  name: 'merge transposes',
  pattern: op('transpose', [op('transpose', [any().as('x')]).as('inner')]).as('outer'),
  replace({ get, make }) {
    const outer = producer(get('outer'), 'transpose')
    const inner = producer(get('inner'), 'transpose')
    return outer && inner && make('transpose', [get('x')], { perm: compose(outer.attrs.perm, inner.attrs.perm) })
  },
}

const reshapeInsteadOfTranspose: Rule = {
  name: 'reshape instead of a transpose that moves only unit axes',
  pattern: op('transpose', [any().as('x')], (n) => movesOnlyUnitAxes((n.inputs[0] as Value).type.shape, n.attrs.perm)),
  replace: ({ get, make, root }) => make('reshape', [get('x')], { shape: root.type.shape }),
}

const mergeSlices: Rule = {
  name: 'merge slices',
  pattern: op('slice', [op('slice', [any().as('x')]).as('inner')]).as('outer'),
  replace({ get, make }) {
    const outer = producer(get('outer'), 'slice')
    const inner = producer(get('inner'), 'slice')
    return outer && inner && make('slice', [get('x')], sliceOfSlice(outer.attrs, inner.attrs))
  },
}

function sliceOfSlice(outer: SliceAttrs, inner: SliceAttrs): SliceAttrs {
  const step = (axis: number): number => inner.steps[axis] as number
  return {
    starts: outer.starts.map((s, axis) => (inner.starts[axis] as number) + s * step(axis)),
    sizes: outer.sizes,
    steps: outer.steps.map((s, axis) => s * step(axis)),
  }
}

const mergePads: Rule = {
  name: 'merge constant pads',
  pattern: op('pad', [op('pad', [any().as('x')]).as('inner')]).as('outer'),
  replace({ get, make }) {
    const outer = producer(get('outer'), 'pad')?.attrs
    const inner = producer(get('inner'), 'pad')?.attrs
    if (!outer || !inner || outer.mode !== 'constant' || inner.mode !== 'constant' || !Object.is(outer.value, inner.value)) return null
    return make('pad', [get('x')], padOfPad(outer, inner))
  },
}

function padOfPad(outer: PadAttrs, inner: PadAttrs): PadAttrs {
  const sum = (a: readonly number[], b: readonly number[]): number[] => a.map((n, i) => n + (b[i] as number))
  return { ...outer, before: sum(outer.before, inner.before), after: sum(outer.after, inner.after) }
}

const mergeConcats: Rule = {
  name: 'merge concats',
  pattern: op('concat', [], (n) => n.inputs.some((v) => innerConcat(n, v))),
  replace({ node, make }) {
    const outer = node as NodeOf<'concat'>
    const parts = outer.inputs.flatMap((v) => innerConcat(outer, v)?.inputs ?? [v])
    return make('concat', parts, outer.attrs)
  },
}

function innerConcat(outer: NodeOf<'concat'>, v: Value): NodeOf<'concat'> | null {
  const inner = producer(v, 'concat')
  return inner?.attrs.axis === outer.attrs.axis ? inner : null
}

/**
 * Merges operators that move elements, and moves reshapes behind computations, so that computations directly
 * follow each other.
 */
export const simplifyMovement: Pass = {
  name: 'simplify-movement',
  rules: [...identities, mergeReshapes, mergeTransposes, reshapeInsteadOfTranspose, mergeSlices, mergePads, mergeConcats, ...sinkReshapes],
}
