/** One operator with operands and attributes, at random. */

import type { DType, Shape } from '../../../ir/tensors/types.ts'
import type { Fill, FuzzAttr, TensorSpec } from '../case.ts'
import type { Picker } from '../pick.ts'

/** Those that are undefined are left out. */
export type Attributes = Readonly<Record<string, FuzzAttr | undefined>>

export interface Operand extends TensorSpec {
  /** Known when compiling. */
  readonly constant: boolean
}

export interface Draft {
  /** null for one that is left out. */
  readonly operands: readonly (Operand | null)[]
  readonly attrs?: Attributes | undefined
  /** Default: one. */
  readonly outputs?: number
  /** Operators that may read the result: its element type is a float. */
  readonly float?: boolean
}

export interface Generator {
  /** The first opset version that has the operator as it is drafted. */
  readonly since: number
  /** The last one, where it has ended. */
  readonly until: number
  readonly draft: (pick: Picker, opset: number) => Draft
}

export type Generators = Readonly<Record<string, Generator>>

export function from(since: number, draft: Generator['draft'], until = Number.POSITIVE_INFINITY): Generator {
  return { since, draft, until }
}

/** `least` … `most` axes; small extents, some that fill vectors and some that do not. */
export function anyShape(pick: Picker, least = 0, most = 5): number[] {
  const rank = pick.between(least, Math.min(most, pick.choose([2, 3, 4, 4, most])))
  return Array.from({ length: Math.max(least, rank) }, () => anyExtent(pick))
}

export function anyExtent(pick: Picker): number {
  return pick.chance(0.005) ? 0 : pick.choose([1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 13, 16, 17])
}

/** An image [N, C, H, W]. */
export function imageShape(pick: Picker, channels?: number): [number, number, number, number] {
  const side = (): number => pick.choose([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16])
  return [pick.choose([1, 1, 1, 2]), channels ?? anyChannels(pick), side(), side()]
}

export function anyChannels(pick: Picker): number {
  return pick.choose([1, 2, 3, 4, 5, 7, 8, 8, 9, 12, 16, 17, 24])
}

/** Elements without surprises: a few units around 0, or above it. */
export function fillOf(pick: Picker, dtype: DType, positive = false): Fill {
  const seed = pick.seed()
  if (dtype === 'bool') return { seed, low: 0, high: 1 }
  if (dtype.startsWith('float')) return positive ? { seed, low: 0.1, high: 4 } : { seed, low: -3, high: 3 }
  return { seed, low: positive ? 1 : dtype.startsWith('uint') ? 0 : -9, high: 9 }
}

/** A value that is known only when running. */
export function runtime(pick: Picker, shape: Shape, dtype: DType = 'float32', positive = false): Operand {
  return { dtype, shape, fill: fillOf(pick, dtype, positive), constant: false }
}

export function constant(pick: Picker, shape: Shape, dtype: DType = 'float32', positive = false): Operand {
  return { ...runtime(pick, shape, dtype, positive), constant: true }
}

/** Known with probability `p`. */
export function either(pick: Picker, p: number, shape: Shape, dtype: DType = 'float32', positive = false): Operand {
  return { ...runtime(pick, shape, dtype, positive), constant: pick.chance(p) }
}

export function listed(values: readonly number[], dtype: DType = 'int64', shape: Shape = [values.length]): Operand {
  return { dtype, shape, fill: values, constant: true }
}

/** An axis, counted from either end. */
export function anyAxis(pick: Picker, rank: number): number {
  return pick.between(-rank, rank - 1)
}

/** Some distinct axes, counted from either end. */
export function anyAxes(pick: Picker, rank: number): number[] {
  const chosen = pick.some([...Array(rank).keys()], 0.5)
  return pick.shuffled(chosen).map((a) => (pick.chance(0.3) ? a - rank : a))
}

/** A shape that broadcasts to `shape`. */
export function broadcastable(pick: Picker, shape: Shape): number[] {
  if (pick.chance(0.4)) return [...shape]
  const dropped = pick.chance(0.5) ? pick.between(0, shape.length) : 0
  return shape.slice(dropped).map((d) => (pick.chance(0.35) ? 1 : d))
}

/** Types that move but are not computed with. */
export const MOVED: readonly DType[] = [
  'float32',
  'float32',
  'float32',
  'int32',
  'int64',
  'uint8',
  'int8',
  'bool',
  'float64',
  'uint64',
  'float16',
]

/** Mostly floats; integers where arithmetic has them. */
export function arithmeticType(pick: Picker): DType {
  return pick.chance(0.75) ? 'float32' : pick.choose(['int32', 'int64'])
}
