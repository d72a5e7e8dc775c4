/** Elementwise arithmetic. */

import type { Value } from '../../ir/graph/graph.ts'
import type { BinaryName } from '../../ir/scalar/functions.ts'
import { isFloat } from '../../ir/tensors/types.ts'
import type { NodeImport } from './node-import.ts'
import { type ImportRule, type OperatorRules, since } from './operator.ts'

const MANY = [1, Number.POSITIVE_INFINITY] as const

/** The rules of a binary operator. From opset 7 on, operands broadcast as in NumPy. */
function binary(op: BinaryName): readonly ImportRule[] {
  return [since(7, 2, (node) => node.make(op, [node.input(0), node.input(1)], {}))]
}

function unary(op: 'abs' | 'neg' | 'sqrt' | 'exp' | 'log' | 'reciprocal' | 'floor' | 'ceil' | 'erf', version = 6): readonly ImportRule[] {
  return [since(version, 1, (node) => node.make(op, [node.input(0)], {}))]
}

function fold(node: NodeImport, op: BinaryName): Value {
  return node.inputs.reduce((a, b) => node.make(op, [a, b], {}))
}

function mean(node: NodeImport): Value {
  const sum = fold(node, 'add')
  node.requireFloat(sum)
  return node.make('div', [sum, node.scalar(sum.type.dtype, node.inputs.length)], {})
}

/** Pow. From opset 12 on, the exponent may have another type than the base. The result has the type of the base. */
function pow(node: NodeImport): Value {
  const [x, y] = [node.input(0), node.input(1)]
  const { dtype } = x.type
  if (y.type.dtype === dtype) return node.make('pow', [x, y], {})
  if (node.opset < 12) throw node.invalid(`operands have types ${dtype} and ${y.type.dtype}`)
  if (isFloat(dtype) || !isFloat(y.type.dtype)) return node.make('pow', [x, node.make('cast', [y], { to: dtype })], {})
  const wide = [x, y].map((v) => node.make('cast', [v], { to: 'float64' }))
  return node.make('cast', [node.make('pow', wide, {})], { to: dtype })
}

/** −1, 0 or 1; NaN stays NaN. */
function sign(node: NodeImport): Value {
  const x = node.input(0)
  const [zero, one] = [0, 1].map((n) => node.scalar(x.type.dtype, n)) as [Value, Value]
  const less = (a: Value, b: Value): Value => node.make('compare', [a, b], { fn: 'less' })
  const positive = node.make('where', [less(zero, x), one, x], {})
  return node.make('where', [less(x, zero), node.scalar(x.type.dtype, -1), positive], {})
}

export const arithmeticRules: OperatorRules = {
  Add: binary('add'),
  Sub: binary('sub'),
  Mul: binary('mul'),
  Div: binary('div'),
  Pow: [since(7, 2, pow)],
  Min: [since(6, MANY, (node) => fold(node, 'min'))],
  Max: [since(6, MANY, (node) => fold(node, 'max'))],
  Sum: [since(6, MANY, (node) => fold(node, 'add'))],
  Mean: [since(6, MANY, mean)],
  Abs: unary('abs'),
  Neg: unary('neg'),
  Sqrt: unary('sqrt'),
  Exp: unary('exp'),
  Log: unary('log'),
  Reciprocal: unary('reciprocal'),
  Floor: unary('floor'),
  Ceil: unary('ceil'),
  Sign: [since(9, 1, sign)],
  Erf: unary('erf', 9),
}
