/**
 * Walks over tensors in the form that the runtime's kernels take: with few axes, and with the innermost two
 * stated separately.
 */

import type { Shape } from '../../../ir/tensors/types.ts'

/** One walk over several operands at once, with strides in elements of each. */
export interface Walk {
  readonly shape: readonly number[]
  /** Strides of each operand along each axis, in elements. */
  readonly strides: readonly (readonly number[])[]
}

/**
 * The same walk without axes of extent 1. Neighbouring axes are joined where every operand passes through both
 * with one stride.
 */
export function collapse(shape: Shape, strides: readonly (readonly number[])[]): Walk {
  const extents: number[] = []
  const kept: number[][] = strides.map(() => [])
  for (let axis = 0; axis < shape.length; axis++) {
    const extent = shape[axis] as number
    if (extent === 1) continue
    const last = extents.length - 1
    const joins = last >= 0 && strides.every((s, i) => kept[i]?.[last] === (s[axis] as number) * extent)
    if (joins) extents[last] = (extents[last] as number) * extent
    else extents.push(extent)
    strides.forEach((s, i) => {
      const own = kept[i] as number[]
      if (joins) own[last] = s[axis] as number
      else own.push(s[axis] as number)
    })
  }
  return { shape: extents, strides: kept }
}

export interface Rows {
  /** The runtime's descriptor (runtime-as/assembly/rows.ts). */
  readonly descriptor: Int32Array
  /** How many rows of `inner` elements. */
  readonly count: number
  readonly inner: number
}

/** A walk in rows: the last axis is a row, the one before it the middle one. */
export function rowsOf({ shape, strides }: Walk): Rows {
  const rank = Math.max(0, shape.length - 2)
  const middle = shape.at(-2) ?? 1
  const inner = shape.at(-1) ?? 1
  const outer = shape.slice(0, rank)
  const steps = strides.flatMap((s) => [s.at(-2) ?? 0, s.at(-1) ?? 0])
  const descriptor = Int32Array.from([rank, middle, inner, ...steps, ...outer, ...strides.flatMap((s) => s.slice(0, rank))])
  return { descriptor, count: outer.reduce((n, d) => n * d, middle), inner }
}

/** A walk whose every element is a row of its own. */
export function elementRows({ shape, strides }: Walk): Int32Array {
  return rowsOf({ shape: [...shape, 1, 1], strides: strides.map((s) => [...s, 0, 0]) }).descriptor
}
