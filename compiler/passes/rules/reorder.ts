/**
 * The transposes that the layout pass builds. Equal ones are built once, and none is built where no elements
 * move.
 */

import { applyFolded } from '../../../ir/graph/fold.ts'
import { producer, type Value } from '../../../ir/graph/graph.ts'
import { compose, isIdentity, movesOnlyUnitAxes, type Permutation, permuted } from '../../../ir/tensors/axes.ts'

/** Gives a value equal to transpose(base, perm), as simple as possible. */
export type Reorder = (base: Value, perm: Permutation) => Value

/** A `Reorder` that makes each transpose once. */
export function createReorder(): Reorder {
  const known = new Map<Value, Map<string, Value>>()
  return (base, perm) => {
    const ofBase = known.get(base) ?? new Map<string, Value>()
    known.set(base, ofBase)
    const value = ofBase.get(String(perm)) ?? build(base, perm)
    ofBase.set(String(perm), value)
    return value
  }
}

function build(base: Value, perm: Permutation): Value {
  if (isIdentity(perm)) return base
  const inner = producer(base, 'transpose')
  if (inner) return build(inner.inputs[0] as Value, compose(perm, inner.attrs.perm))
  const { shape } = base.type
  if (movesOnlyUnitAxes(shape, perm)) return applyFolded('reshape', [base], { shape: permuted(shape, perm) }, { name: base.name })
  return applyFolded('transpose', [base], { perm: [...perm] }, { name: base.name })
}
