/**
 * Expressions over scalars: the language in which the function of every elementwise operator is stated.
 *
 * An expression is an acyclic net that may share parts. Every part has an element type, and the operands of
 * an arithmetic primitive have the same one. Integers wrap.
 */

import type { DType } from '../tensors/types.ts'

/** The primitives, by the number of their operands. */
export const PRIMITIVES = {
  /** Exact functions; division of integers truncates toward zero, and by zero gives 0. */
  neg: 1,
  abs: 1,
  floor: 1,
  ceil: 1,
  sqrt: 1,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  /** a · b + c, rounded once or twice. */
  madd: 3,
  /** NaN where an operand is NaN. */
  min: 2,
  max: 2,
  /** a < b ? b : a, and b < a ? b : a: bounds, which keep a NaN in `a`. */
  atLeast: 2,
  atMost: 2,
  /** A negative power of an integer is 0, except of 1 and −1. */
  pow: 2,
  exp: 1,
  /** exp(x) − 1, for x ≤ 0. */
  expm1: 1,
  log: 1,
  tanh: 1,
  erf: 1,
  /** As bool; false where an operand is NaN. */
  equal: 2,
  less: 2,
  lessOrEqual: 2,
  /** A bool chooses between two values. */
  select: 3,
  /** Into integers floats truncate toward zero, and what is not finite is 0; into bool, non-zero is true. */
  cast: 1,
} as const

export type Primitive = keyof typeof PRIMITIVES

export interface OperandExpression {
  readonly kind: 'operand'
  readonly type: DType
  readonly index: number
}

/** A parameter of the function: expressions that differ in nothing else have the same code. */
export interface ConstantExpression {
  readonly kind: 'constant'
  readonly type: DType
  /** Exact: a bigint where the type is a 64-bit integer. */
  readonly value: number | bigint
}

/** A number that is part of the code. */
export interface LiteralExpression {
  readonly kind: 'literal'
  readonly type: DType
  readonly value: number
}

/** `P` names the primitives: those of this file, or also some that only targets have. */
export interface Application<P extends string = Primitive> {
  readonly kind: 'apply'
  readonly type: DType
  readonly fn: P
  readonly args: readonly Expression<P>[]
}

export type Expression<P extends string = Primitive> = OperandExpression | ConstantExpression | LiteralExpression | Application<P>

export function operand(index: number, type: DType): OperandExpression {
  return { kind: 'operand', index, type }
}

export function constant(value: number | bigint, type: DType): ConstantExpression {
  return { kind: 'constant', value, type }
}

/** `fn` of `args`; comparisons give bool, everything else the type of its last argument. */
export function apply(fn: Exclude<Primitive, 'cast'>, ...args: readonly Expression[]): Expression {
  const compares = fn === 'equal' || fn === 'less' || fn === 'lessOrEqual'
  return { kind: 'apply', fn, args, type: compares ? 'bool' : (args.at(-1) as Expression).type }
}

export function cast(x: Expression, type: DType): Expression {
  return { kind: 'apply', fn: 'cast', args: [x], type }
}

/** Every part of an expression once, arguments before what reads them; the expression itself is the last. */
export function partsOf<P extends string>(root: Expression<P>): Expression<P>[] {
  const parts = new Set<Expression<P>>()
  const visit = (part: Expression<P>): void => {
    if (parts.has(part)) return
    if (part.kind === 'apply') part.args.forEach(visit)
    parts.add(part)
  }
  visit(root)
  return [...parts]
}
