/**
 * Removes a transpose that only changes the order of the elements over which a product with constant weights
 * sums.
 */

import { producer, type Value } from '../../../ir/graph/graph.ts'
import { any, constant, oneOf, op } from '../../../ir/graph/pattern.ts'
import { axisGroups, identity, type Permutation } from '../../../ir/tensors/axes.ts'
import type { Shape } from '../../../ir/tensors/types.ts'
import type { Rule, RuleContext } from '../../rewriting/rewrite.ts'

/**
 * Matches matmul(reshape(transpose(x)), W), or the same with a 1×1 convolution. The transpose must only move
 * axes that the reshape merges into the inner axis. The weights are then permuted instead.
 */
export const permuteWeights: Rule = {
  name: 'permute weights instead of their operand',
  pattern: oneOf(
    op('matmul', [any().as('x'), constant().as('w')], (n) => n.inputs[1]?.type.shape.length === 2),
    op(
      'conv',
      [any().as('x'), constant().as('w')],
      (n) => n.attrs.group === 1 && n.inputs[1]?.type.shape[1] === 1 && n.inputs[1].type.shape[2] === 1,
    ),
  ),
  replace(context) {
    const flat = context.get('x')
    const transposed = producer(beneathReshapes(flat), 'transpose')
    if (!transposed || flat === transposed.outputs[0]) return null
    const { shape } = (transposed.outputs[0] as Value).type
    const merged = mergedInto(shape, flat.type.shape)
    if (!merged || !keepsRest(shape, merged, transposed.attrs.perm)) return null
    const x = context.make('reshape', [transposed.inputs[0] as Value], { shape: flat.type.shape })
    const w = reordered(context, shape, merged, transposed.attrs.perm)
    return context.make(context.node.op, [x, w, ...context.node.inputs.slice(2)], context.node.attrs)
  },
}

function beneathReshapes(value: Value): Value {
  const node = producer(value, 'reshape')
  return node ? beneathReshapes(node.inputs[0] as Value) : value
}

/**
 * The axes of `from` that the reshape merges into the last axis of `to`, which must contain no other axes;
 * otherwise null.
 */
function mergedInto(from: Shape, to: Shape): readonly number[] | null {
  const last = to.length - 1
  const group = axisGroups(from, to)?.find((g) => g.to.includes(last))
  return group && group.to.length === 1 ? group.from : null
}

/** Whether the transpose leaves all axes except the merged ones where they were, in front of the merged ones. */
function keepsRest(shape: Shape, merged: readonly number[], perm: Permutation): boolean {
  const rest = identity(shape.length).filter((axis) => shape[axis] !== 1 && !merged.includes(axis))
  const inBase = [...rest.map((axis) => perm[axis] as number), ...merged.map((axis) => perm[axis] as number).sort((a, b) => a - b)]
  return inBase.every((p, i) => i === 0 || p > (inBase[i - 1] as number))
}

/** The weights, with the axis that is summed over in the order that the elements have before the transpose. */
function reordered(context: RuleContext, shape: Shape, merged: readonly number[], perm: Permutation): Value {
  const w = context.get('w')
  const axis = context.node.op === 'matmul' ? 0 : 3
  const extents = merged.map((m) => shape[m] as number)
  const order = identity(merged.length).sort((a, b) => (perm[merged[a] as number] as number) - (perm[merged[b] as number] as number))
  const before = w.type.shape.slice(0, axis)
  const after = w.type.shape.slice(axis + 1)
  const split = context.make('reshape', [w], { shape: [...before, ...extents, ...after] })
  const around = [...identity(axis), ...order.map((i) => i + axis), ...after.map((_, i) => i + axis + merged.length)]
  const moved = context.make('transpose', [split], { perm: around })
  return context.make('reshape', [moved], { shape: w.type.shape })
}
