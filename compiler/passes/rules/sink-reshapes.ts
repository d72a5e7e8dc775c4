/** Moves reshapes from the operands of elementwise operators to their results. */

import { producer, type Value } from '../../../ir/graph/graph.ts'
import { elementwise } from '../../../ir/graph/pattern.ts'
import { axisGroups } from '../../../ir/tensors/axes.ts'
import { type Shape, sameShape, sizeOf } from '../../../ir/tensors/types.ts'
import type { Rule, RuleContext } from '../../rewriting/rewrite.ts'

/**
 * Moves a reshape behind a function of one operand. A conversion to float16 stays where it is, at the end of
 * the graph.
 */
const throughFunction: Rule = {
  name: 'sink a reshape through a function',
  pattern: elementwise(1),
  replace({ node, make, root }) {
    const viewed = producer(node.inputs[0], 'reshape')
    if (!viewed || root.type.dtype === 'float16') return null
    return make('reshape', [make(node.op, viewed.inputs, node.attrs)], { shape: root.type.shape })
  },
}

/**
 * Moves reshapes behind arithmetic. Both operands must have as many elements as the result, and the same shape
 * before they are reshaped.
 */
const throughArithmetic: Rule = {
  name: 'sink reshapes through arithmetic',
  pattern: elementwise(2),
  replace(context) {
    const { node, make, root } = context
    const [a, b] = node.inputs as readonly [Value, Value]
    if (!producer(a, 'reshape') && !producer(b, 'reshape')) return null
    const operands = a.kind === 'constant' || b.kind === 'constant' ? withConstant(context, a, b) : viewedAlike(a, b, root.type.shape)
    return operands && make('reshape', [make(node.op, operands, node.attrs)], { shape: root.type.shape })
  },
}

export const sinkReshapes: readonly Rule[] = [throughFunction, throughArithmetic]

function beforeReshape(value: Value): Value {
  return producer(value, 'reshape')?.inputs[0] ?? value
}

function viewedAlike(a: Value, b: Value, shape: Shape): readonly Value[] | null {
  if (sizeOf(a.type.shape) !== sizeOf(shape) || sizeOf(b.type.shape) !== sizeOf(shape)) return null
  const operands = [a, b].map(beforeReshape)
  return sameShape((operands[0] as Value).type.shape, (operands[1] as Value).type.shape) ? operands : null
}

/** The operands before the reshape. The constant gets the shape that means the same there. */
function withConstant({ make, root }: RuleContext, a: Value, b: Value): readonly Value[] | null {
  const [viewed, c] = a.kind === 'constant' ? [b, a] : [a, b]
  if (sizeOf(viewed.type.shape) !== sizeOf(root.type.shape)) return null
  const x = beforeReshape(viewed)
  const shape = constantShape(c.type.shape, viewed.type.shape, x.type.shape)
  if (!shape) return null
  const moved = make('reshape', [c], { shape })
  return a.kind === 'constant' ? [moved, x] : [x, moved]
}

/** The shape with which a constant broadcasts to `before` in the same way as it broadcast to `after`, or null. */
function constantShape(constant: Shape, after: Shape, before: Shape): Shape | null {
  if (sizeOf(constant) === 1) return []
  if (sizeOf(constant) === sizeOf(after)) return before
  const [inner] = constant.slice(-1) as [number]
  if (sizeOf(constant) !== inner) return null
  const last = axisGroups(before, after)?.at(-1)
  const kept = last?.from.length === 1 && last.to.length === 1 && last.from[0] === before.length - 1 && last.to[0] === after.length - 1
  return kept ? [inner] : null
}
