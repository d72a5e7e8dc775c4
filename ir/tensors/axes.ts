/** Arithmetic of permutations and of reshapes, as lists of axes. */

import { type Shape, sizeOf } from './types.ts'

/** Result axis i of a transpose is operand axis perm[i]. */
export type Permutation = readonly number[]

/** Whether every axis stays where it is. */
export function isIdentity(perm: Permutation): boolean {
  return perm.every((p, i) => p === i)
}

/** The permutation of transpose(transpose(x, inner), outer). */
export function compose(outer: Permutation, inner: Permutation): number[] {
  return outer.map((axis) => inner[axis] as number)
}

/** The permutation that takes `perm` back. */
export function inverse(perm: Permutation): number[] {
  const result = new Array<number>(perm.length)
  perm.forEach((p, i) => {
    result[p] = i
  })
  return result
}

/** One element per axis of the operand, as one per axis of the result: list[perm[i]]. */
export function permuted<T>(list: readonly T[], perm: Permutation): T[] {
  return perm.map((p) => list[p] as T)
}

/** The permutation of what is left when `axes` of the operand disappear. */
export function without(perm: Permutation, axes: readonly number[]): number[] {
  return perm.filter((p) => !axes.includes(p)).map((p) => p - axes.filter((axis) => axis < p).length)
}

/** The permutation of a tensor of rank `rank` that changes nothing; also, the list of its axes. */
export function identity(rank: number): number[] {
  return Array.from({ length: rank }, (_, i) => i)
}

/** Whether a transpose of `shape` leaves the elements in order, so that it is a reshape. */
export function movesOnlyUnitAxes(shape: Shape, perm: Permutation): boolean {
  const moved = perm.filter((p) => shape[p] !== 1)
  return moved.every((p, i) => i === 0 || p > (moved[i - 1] as number))
}

export interface AxisGroup {
  /** Axes of the operand, ascending, none of extent 1. */
  readonly from: readonly number[]
  /** Axes of the result that the same elements run along, ascending, none of extent 1. */
  readonly to: readonly number[]
}

/**
 * The finest correspondence of axes between a shape and what it is reshaped to: within a group the
 * extents multiply to the same number. Axes of extent 1 belong to no group. Null for empty tensors.
 */
export function axisGroups(from: Shape, to: Shape): AxisGroup[] | null {
  if (sizeOf(from) === 0) return null
  const left = axesBeyondOne(from)
  const right = axesBeyondOne(to)
  const groups: AxisGroup[] = []
  while (left.length > 0) {
    const group = { from: [left.shift() as number], to: [right.shift() as number] }
    let difference = extent(from, group.from) - extent(to, group.to)
    while (difference !== 0) {
      if (difference < 0) group.from.push(left.shift() as number)
      else group.to.push(right.shift() as number)
      difference = extent(from, group.from) - extent(to, group.to)
    }
    groups.push(group)
  }
  return groups
}

function axesBeyondOne(shape: Shape): number[] {
  return identity(shape.length).filter((axis) => shape[axis] !== 1)
}

function extent(shape: Shape, axes: readonly number[]): number {
  return axes.reduce((n, axis) => n * (shape[axis] as number), 1)
}
