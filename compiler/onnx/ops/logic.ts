/**
 * Comparisons, logic and selection. Exporters use them to compute shapes, so they are evaluated when
 * compiling; on run-time values they are refused.
 */

import type { Value } from '../../../ir/graph.ts'
import { broadcastShapes, broadcastStrides, stridedOffsets } from '../../../ir/ops/broadcast.ts'
import { fromNumbers, numbers } from '../../../ir/tensor.ts'
import { type DType, type Shape, sizeOf } from '../../../ir/types.ts'
import type { NodeImport } from '../node-import.ts'
import { type ImportRule, type OperatorRules, since } from '../operator.ts'

function compare(version: number, test: (a: number, b: number) => boolean): readonly ImportRule[] {
  return [since(version, 2, (node) => evaluate(node, ([a, b]) => Number(test(a as number, b as number)), 'bool'))]
}

/** Elementwise over all inputs, which must be known and broadcast. */
function evaluate(node: NodeImport, f: (operands: readonly number[]) => number, dtype: DType): Value {
  const tensors = node.inputs.map((v, i) => node.known(v, `input ${i}`))
  const shape: Shape = broadcastShapes(...tensors.map((t) => t.type.shape))
  const columns = tensors.map((t) => {
    const values = numbers(t)
    return Array.from(stridedOffsets(shape, broadcastStrides(t.type.shape, shape)), (offset) => values[offset] as number)
  })
  const results = Array.from({ length: sizeOf(shape) }, (_, i) => f(columns.map((c) => c[i] as number)))
  return node.constant(fromNumbers({ dtype, shape }, results))
}

/** condition ? x : y. A condition that is the same everywhere selects a run-time operand as a whole. */
function where(node: NodeImport): Value {
  const [condition, x, y] = [node.input(0), node.input(1), node.input(2)]
  if (x.type.dtype !== y.type.dtype) throw node.invalid(`operands have types ${x.type.dtype} and ${y.type.dtype}`)
  if (x.kind === 'constant' && y.kind === 'constant') return evaluate(node, ([c, a, b]) => (c ? a : b) as number, x.type.dtype)
  const flags = new Set(Array.from(numbers(node.known(condition, 'condition')), Boolean))
  if (flags.size !== 1)
    throw node.unsupported('selects between run-time values', 'only a condition that is the same everywhere is supported')
  const chosen = flags.has(true) ? x : y
  return node.make('expand', [chosen], { shape: broadcastShapes(condition.type.shape, x.type.shape, y.type.shape) })
}

/** start, start + delta, … before limit. */
function range(node: NodeImport): Value {
  const [start, limit, delta] = node.inputs.map((v, i) => numbers(node.known(v, `input ${i}`))[0]) as [number, number, number]
  const count = Math.max(0, Math.ceil((limit - start) / delta))
  if (!Number.isFinite(count)) throw node.invalid(`a range from ${start} to ${limit} in steps of ${delta} has no end`)
  node.checkExtents('extent', [count])
  const { dtype } = node.input(0).type
  return node.numbers(
    dtype,
    [count],
    Float64Array.from({ length: count }, (_, i) => start + i * delta),
  )
}

export const logicRules: OperatorRules = {
  Equal: compare(7, (a, b) => a === b),
  Greater: compare(7, (a, b) => a > b),
  Less: compare(7, (a, b) => a < b),
  GreaterOrEqual: compare(12, (a, b) => a >= b),
  LessOrEqual: compare(12, (a, b) => a <= b),
  And: compare(7, (a, b) => a !== 0 && b !== 0),
  Or: compare(7, (a, b) => a !== 0 || b !== 0),
  Not: [since(1, 1, (node) => evaluate(node, ([a]) => Number(!a), 'bool'))],
  Where: [since(9, 3, where)],
  Range: [since(11, 3, range)],
}
