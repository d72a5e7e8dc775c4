/** How a reshape changes when its operand is stored with its axes in another order. */

import { type AxisGroup, axisGroups, identity, type Permutation } from '../tensors/axes.ts'
import type { Shape } from '../tensors/types.ts'

export interface ThroughReshape {
  /** What to reshape the base to. */
  readonly shape: Shape
  /** The transpose that makes the old result from the reshaped base. */
  readonly perm: Permutation
}

/**
 * Given value = transpose(base, perm) of shape `from`, finds a shape and a permutation perm' such that
 * reshape(value, to) = transpose(reshape(base, shape), perm'). The result is null where the reshape merges or
 * splits axes that are not neighbours in the base, in the same order.
 */
export function throughReshape(from: Shape, to: Shape, perm: Permutation): ThroughReshape | null {
  const groups = axisGroups(from, to)
  if (!groups?.every((group) => runsInBase(group, from, perm))) return null
  const byBase = [...groups].sort((a, b) => (perm[a.from[0] as number] as number) - (perm[b.from[0] as number] as number))
  const order = withUnitAxes(
    byBase.flatMap((group) => group.to),
    to,
  )
  return { shape: order.map((axis) => to[axis] as number), perm: identity(to.length).map((axis) => order.indexOf(axis)) }
}

/** Whether the axes of the group are neighbours in the base, in the same order. Axes of extent 1 do not matter. */
function runsInBase(group: AxisGroup, from: Shape, perm: Permutation): boolean {
  const positions = identity(from.length)
    .filter((axis) => from[axis] !== 1)
    .map((axis) => perm[axis] as number)
    .sort((a, b) => a - b)
  const own = group.from.map((axis) => positions.indexOf(perm[axis] as number))
  return own.every((p, i) => i === 0 || p === (own[i - 1] as number) + 1)
}

/**
 * `order` with the axes of extent 1 added. Leading ones come first; each other one follows the axis that it
 * follows in `shape`.
 */
function withUnitAxes(order: readonly number[], shape: Shape): number[] {
  const first = shape.findIndex((d) => d !== 1)
  const lead = identity(first < 0 ? shape.length : first)
  return [...lead, ...order.flatMap((axis) => [axis, ...unitAxesAfter(axis, shape)])]
}

function unitAxesAfter(axis: number, shape: Shape): number[] {
  const next = shape.findIndex((d, i) => i > axis && d !== 1)
  return identity(shape.length).filter((i) => i > axis && (next < 0 || i < next))
}
