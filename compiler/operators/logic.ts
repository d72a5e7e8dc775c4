/**
 * Comparisons, logic and selection. Exporters compute shapes with them, so their results are known where their
 * operands are.
 */

import type { Value } from '../../ir/graph/graph.ts'
import { broadcastShapes } from '../../ir/ops/broadcast.ts'
import type { Comparison } from '../../ir/scalar/functions.ts'
import { numbers } from '../../ir/tensors/tensor.ts'
import type { NodeImport } from './node-import.ts'
import { type ImportRule, type OperatorRules, since } from './operator.ts'

/** fn(a, b), or fn(b, a) where `swapped`. */
function compare(version: number, fn: Comparison, swapped = false): readonly ImportRule[] {
  return [
    since(version, 2, (node) => node.make('compare', swapped ? [node.input(1), node.input(0)] : [node.input(0), node.input(1)], { fn })),
  ]
}

/** A truth table by the first operand. It gives the result where that operand is true, and where it is false. */
type Table = (node: NodeImport, b: Value) => readonly [whenTrue: Value, whenFalse: Value]

function logic(version: number, table: Table): readonly ImportRule[] {
  return [since(version, 2, (node) => node.make('where', [node.input(0), ...table(node, requireBool(node, node.input(1)))], {}))]
}

function requireBool(node: NodeImport, x: Value): Value {
  if (x.type.dtype !== 'bool') throw node.invalid(`operand of type ${x.type.dtype} must be bool`)
  return x
}

const constant = (node: NodeImport, value: boolean): Value => node.scalar('bool', Number(value))
const not = (node: NodeImport, x: Value): Value => node.make('where', [x, constant(node, false), constant(node, true)], {})

/** condition ? x : y. If the condition is the same everywhere, the result is one of the operands as a whole. */
function where(node: NodeImport): Value {
  const [condition, x, y] = [node.input(0), node.input(1), node.input(2)]
  if (x.type.dtype !== y.type.dtype) throw node.invalid(`operands have types ${x.type.dtype} and ${y.type.dtype}`)
  const flags = condition.kind === 'constant' ? new Set(Array.from(numbers(condition.tensor), Boolean)) : new Set()
  if (flags.size !== 1) return node.make('where', [requireBool(node, condition), x, y], {})
  const chosen = flags.has(true) ? x : y
  return node.make('expand', [chosen], { shape: broadcastShapes(condition.type.shape, x.type.shape, y.type.shape) })
}

/** The numbers start, start + delta, and so on, before limit. */
function range(node: NodeImport): Value {
  const [start, limit, delta] = node.inputs.map((v, i) => numbers(node.known(v, `input ${i}`))[0]) as [number, number, number]
  const count = Math.max(0, Math.ceil((limit - start) / delta))
  if (!Number.isFinite(count)) throw node.invalid(`a range from ${start} to ${limit} in steps of ${delta} has no end`)
  node.checkExtents('extents', [count])
  node.spend(count)
  const { dtype } = node.input(0).type
  return node.numbers(
    dtype,
    [count],
    Float64Array.from({ length: count }, (_, i) => start + i * delta),
  )
}

export const logicRules: OperatorRules = {
  Equal: compare(7, 'equal'),
  Greater: compare(7, 'less', true),
  Less: compare(7, 'less'),
  GreaterOrEqual: compare(12, 'less-or-equal', true),
  LessOrEqual: compare(12, 'less-or-equal'),
  And: logic(7, (node, b) => [b, constant(node, false)]),
  Or: logic(7, (node, b) => [constant(node, true), b]),
  Xor: logic(7, (node, b) => [not(node, b), b]),
  Not: [since(1, 1, (node) => not(node, requireBool(node, node.input(0))))],
  Where: [since(9, 3, where)],
  Range: [since(11, 3, range)],
}
