/** The op table. `OpName` and the `Node` union derive from it. */

import { conv } from './conv.ts'
import { elementwiseOps } from './elementwise.ts'
import { matmul } from './matmul.ts'
import { concat, expand, gather, gatherElements, pad, reshape, slice, transpose } from './movement.ts'
import type { OpDef } from './op.ts'
import { arg, nonzero, topk } from './order.ts'
import { pool, poolIndex } from './pool.ts'
import { reduce, softmax } from './reduce.ts'
import { resize } from './resize.ts'

export const OPS = {
  conv,
  matmul,
  pool,
  'pool-index': poolIndex,
  reduce,
  softmax,
  resize,
  reshape,
  transpose,
  slice,
  concat,
  pad,
  expand,
  gather,
  'gather-elements': gatherElements,
  arg,
  topk,
  nonzero,
  ...elementwiseOps,
} as const

export type OpName = keyof typeof OPS
/** The attributes of op `K`. */
export type AttrsOf<K extends OpName> = (typeof OPS)[K] extends OpDef<infer A> ? A : never

/** The definition of an op, with its attribute type erased. */
export function opDef(name: OpName): OpDef<object> {
  return OPS[name] as unknown as OpDef<object>
}
