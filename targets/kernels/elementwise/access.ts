/** Finds out how the operands of an elementwise pass are read, from the walk over them. */

import type { Value } from '../../../ir/graph/graph.ts'
import { stridesOf } from '../../../ir/tensors/types.ts'
import { floatsOf } from '../../packing/pack.ts'
import { rowsOf, type Walk } from '../runtime/rows.ts'
import type { Access } from './elementwise-function.ts'

/** How each operand of a walk is read. A row is the last axis of the walk. */
export function accessesOf({ shape, strides }: Walk): Access[] {
  const whole = stridesOf(shape)
  return strides.map((steps) => {
    const [last = 1, ...outer] = steps.toReversed()
    if (steps.every((step, axis) => step === whole[axis])) return 'each'
    if (outer.every((step) => step === 0)) return last === 0 ? 'one' : 'row'
    return last === 0 ? 'cell' : 'placed'
  })
}

export interface Places {
  /** The runtime's descriptor of the walk over placed operands (runtime-as/assembly/rows.ts); null where there are none. */
  readonly descriptor: Int32Array | null
  readonly count: number
  readonly inner: number
}

/** The rows of a walk, and a descriptor of where they read the operands whose access is `placed` or `cell`. */
export function placesOf({ shape, strides }: Walk, accesses: readonly Access[]): Places {
  const placed = strides.filter((_, i) => accesses[i] === 'placed' || accesses[i] === 'cell')
  const { descriptor, count, inner } = rowsOf({ shape, strides: placed })
  return { descriptor: placed.length > 0 ? descriptor : null, count, inner }
}

/** Elements that a row should have. The start of a shorter row takes longer than its work. */
const ROW = 64

export interface TiledWalk {
  readonly walk: Walk
  /** By position of the operand: the longer row that replaces a constant operand. */
  readonly replaced: readonly (Float32Array | undefined)[]
}

/**
 * Joins short rows. Several rows that use the same constant row, such as pixels of three channels, are
 * processed as one longer row.
 */
export function tiledRows(walk: Walk, operands: readonly Value[]): TiledWalk {
  const accesses = accessesOf(walk)
  const [rows = 1, inner = 1] = walk.shape
  const times = Array.from({ length: Math.floor(ROW / inner) }, (_, i) => i + 1).findLast((n) => rows % n === 0) ?? 1
  const fits = operands.every((v, i) => accesses[i] === 'each' || accesses[i] === 'one' || (accesses[i] === 'row' && isFloatConstant(v)))
  if (walk.shape.length !== 2 || times === 1 || !fits || !accesses.includes('row')) return { walk, replaced: [] }
  const replaced = operands.map((v, i) => (accesses[i] === 'row' ? repeated(floatsOf(v), times) : undefined))
  const strides = walk.strides.map((steps, i) => (accesses[i] === 'each' ? [inner * times, 1] : steps))
  return { walk: { shape: [rows / times, inner * times], strides }, replaced }
}

function isFloatConstant(v: Value): boolean {
  return v.kind === 'constant' && v.type.dtype === 'float32'
}

function repeated(row: Float32Array, times: number): Float32Array {
  return Float32Array.from({ length: row.length * times }, (_, i) => row[i % row.length] as number)
}
