/** Cases of one operator each: the products of listed attributes and operands. */

import type { DType, Shape } from '../../ir/tensors/types.ts'
import type { Fill, FuzzAttr, FuzzCase, TensorSpec } from '../fuzz/case.ts'

export interface Operand extends TensorSpec {
  /** Known when compiling. */
  readonly constant?: boolean
}

export interface GridCase {
  readonly name: string
  readonly case: FuzzCase
}

type Attrs = Readonly<Record<string, FuzzAttr | undefined>>

/** All combinations of one value for each name. */
export function product<T extends Readonly<Record<string, readonly unknown[]>>>(axes: T): { [K in keyof T]: T[K][number] }[] {
  return Object.entries(axes).reduce<Record<string, unknown>[]>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  ) as { [K in keyof T]: T[K][number] }[]
}

/** Elements between −3 and 3, whole ones for integers; none below 0 for unsigned ones. */
export function values(shape: Shape, dtype: DType = 'float32', seed = 1): Operand {
  if (dtype === 'bool') return { dtype, shape, fill: { seed, low: 0, high: 1 } }
  return { dtype, shape, fill: { seed, low: dtype.startsWith('uint') ? 0 : -3, high: 3 } }
}

export function positive(shape: Shape, seed = 2): Operand {
  return { dtype: 'float32', shape, fill: { seed, low: 0.2, high: 4 } }
}

export function constant(shape: Shape, seed = 3): Operand {
  return { ...values(shape, 'float32', seed), constant: true }
}

export function listed(fill: Fill & readonly unknown[], dtype: DType = 'int64', shape: Shape = [fill.length]): Operand {
  return { dtype, shape, fill, constant: true }
}

/** One case; attributes that are undefined, and operands that are null, are left out. */
export function gridCase(op: string, opset: number, operands: readonly (Operand | null)[], attrs: Attrs = {}, outputs = 1): GridCase {
  const given = Object.entries(attrs).filter((entry): entry is [string, FuzzAttr] => entry[1] !== undefined)
  const tables = { inputs: {} as Record<string, TensorSpec>, constants: {} as Record<string, TensorSpec> }
  const names = operands.map((operand, i) => {
    if (!operand) return ''
    const { constant: known, ...spec } = operand
    tables[known ? 'constants' : 'inputs'][`x${i}`] = spec
    return `x${i}`
  })
  const out = Array.from({ length: outputs }, (_, i) => `y${i}`)
  const node = { op, in: names.slice(0, names.findLastIndex(Boolean) + 1), out, attrs: Object.fromEntries(given) }
  const shapes = operands.map((o) => (o ? `${o.constant ? 'constant ' : ''}${o.dtype}[${o.shape}]` : 'none')).join(', ')
  const stated = given.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' ')
  return {
    name: `opset ${opset}: ${shapes} ${stated}`.trimEnd(),
    case: { opset, ...tables, nodes: [node], outputs: out, target: 'simd128' },
  }
}
