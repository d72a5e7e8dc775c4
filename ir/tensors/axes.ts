/** Computations with lists of axes: permutations, and the correspondence of axes in reshapes. */

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

/** The permutation that undoes `perm`. */
export function inverse(perm: Permutation): number[] {
  const result = new Array<number>(perm.length)
  perm.forEach((p, i) => {
    result[p] = i
  })
  return result
}

/**
 * Brings a list with one element per axis of the operand into the order of the result's axes: element i is
 * list[perm[i]].
 */
export function permuted<T>(list: readonly T[], perm: Permutation): T[] {
  return perm.map((p) => list[p] as T)
}

/** The permutation of the remaining axes when `axes` of the operand are removed. */
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
 * Which axes of a shape correspond to which axes of the shape that it is reshaped to, in groups that are as
 * small as possible. Within a group, the extents on both sides have the same product. Axes of extent 1 belong
 * to no group. The result is null for empty tensors.
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
