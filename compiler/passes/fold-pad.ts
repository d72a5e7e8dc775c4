import { type NodeOf, producer, type Value } from '../../ir/graph/graph.ts'
import { any, op } from '../../ir/graph/pattern.ts'
import type { PadAttrs } from '../../ir/ops/movement.ts'
import type { PoolAttrs } from '../../ir/ops/pool.ts'
import type { Pads } from '../../ir/ops/window.ts'
import type { Pass } from '../rewriting/pass.ts'
import type { Rule } from '../rewriting/rewrite.ts'

const padded = op('pad', [any().as('x')]).as('pad')

const intoConvolution: Rule = {
  name: 'fold a zero pad into the convolution',
  pattern: op('conv', [padded]),
  replace({ get, make, node, remark }) {
    const conv = node as NodeOf<'conv'>
    const pads = spatialPads(get('pad'), 0)
    if (!pads) {
      remark(`pad ${nameOf(get('pad'))} stays: it is not of zeros on the spatial axes`)
      return null
    }
    return make('conv', [get('x'), ...conv.inputs.slice(1)], { ...conv.attrs, pads: sum(conv.attrs.pads, pads) })
  },
}

const intoPool: Rule = {
  name: 'fold a pad into the pool',
  pattern: op('pool', [padded]),
  replace({ get, make, node }) {
    const { attrs } = node as NodeOf<'pool'>
    const pads = spatialPads(get('pad'), attrs.fn === 'max' ? Number.NEGATIVE_INFINITY : 0)
    if (!pads || attrs.ceil || !countsAlike(attrs)) return null
    return make('pool', [get('x')], { ...attrs, pads: sum(attrs.pads, pads), countPads: attrs.fn === 'mean' || attrs.countPads })
  },
}

/**
 * Whether the pool may take over a pad. A mean counts the zeros of a pad before it. So the pool's own pads must
 * count too, or there must be none.
 */
function countsAlike(attrs: PoolAttrs): boolean {
  return attrs.fn === 'max' || attrs.countPads || attrs.pads.every((p) => p === 0)
}

/** The pads of a constant pad with `value`, if it pads only the spatial axes of an image; otherwise null. */
function spatialPads(value: Value, fill: number): Pads | null {
  const attrs: PadAttrs | undefined = producer(value, 'pad')?.attrs
  if (attrs?.mode !== 'constant' || attrs.value !== fill || attrs.before.length !== 4) return null
  const { before, after } = attrs
  if ([before[0], before[3], after[0], after[3]].some((p) => p !== 0)) return null
  return [before[1] as number, before[2] as number, after[1] as number, after[2] as number]
}

function sum(a: Pads, b: Pads): Pads {
  return a.map((p, i) => p + (b[i] as number)) as unknown as Pads
}

function nameOf(value: Value): string {
  return (value.kind === 'result' && value.node.origins[0]) || value.name
}

/** Makes separate padding part of the convolution or pool that reads it. */
export const foldPad: Pass = { name: 'fold-pad', rules: [intoConvolution, intoPool] }
