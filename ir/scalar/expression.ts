/**
 * Expressions over scalars. The function of every elementwise operator is stated as such an expression.
 *
 * An expression is a graph without cycles whose parts may be shared. Every part has an element type. The
 * operands of an arithmetic primitive all have the same type. Integers wrap.
 */

import type { DType } from '../tensors/types.ts'

/** The primitives, by the number of their operands. */
export const PRIMITIVES = {
  /** Arithmetic. Division of integers truncates toward zero, and division by zero gives 0. */
  neg: 1,
  abs: 1,
  floor: 1,
  ceil: 1,
  sqrt: 1,
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  /** a · b + c. Whether the product is rounded before the addition depends on the target. */
  madd: 3,
  /** NaN where an operand is NaN. */
  min: 2,
  max: 2,
  /** Bounds: a < b ? b : a for `atLeast`, b < a ? b : a for `atMost`. A NaN in `a` stays NaN. */
  atLeast: 2,
  atMost: 2,
  /** An integer to a negative power is 0, except for the bases 1 and −1. */
  pow: 2,
  exp: 1,
  /** exp(x) − 1, for x ≤ 0. */
  expm1: 1,
  log: 1,
  tanh: 1,
  erf: 1,
  /** Comparisons. They give a bool, which is false where an operand is NaN. */
  equal: 2,
  less: 2,
  lessOrEqual: 2,
  /** A bool chooses between two values. */
  select: 3,
  /**
   * Floats are truncated toward zero when they become integers; infinities and NaN become 0. Any value other
   * than zero becomes true.
   */
  cast: 1,
} as const

export type Primitive = keyof typeof PRIMITIVES

export interface OperandExpression {
  readonly kind: 'operand'
  readonly type: DType
  readonly index: number
}

/**
 * A constant that the function takes as a parameter. Expressions that differ only in such constants have the
 * same code.
 */
export interface ConstantExpression {
  readonly kind: 'constant'
  readonly type: DType
  /** The exact value. It is a bigint where the type is a 64-bit integer. */
  readonly value: number | bigint
}

/** A number that is part of the code. */
export interface LiteralExpression {
  readonly kind: 'literal'
  readonly type: DType
  readonly value: number
}

/**
 * A primitive applied to arguments. `P` names the primitives that may occur: those of this file, or also some
 * that only targets have.
 */
export interface Application<P extends string = Primitive> {
  readonly kind: 'apply'
  readonly type: DType
  readonly fn: P
  readonly args: readonly Expression<P>[]
}

export type Expression<P extends string = Primitive> = OperandExpression | ConstantExpression | LiteralExpression | Application<P>

/** Operand `index` of the function, counted from 0, with elements of `type`. */
export function operand(index: number, type: DType): OperandExpression {
  return { kind: 'operand', index, type }
}

/** A constant that the function takes as a parameter. `value` is a bigint where `type` is a 64-bit integer. */
export function constant(value: number | bigint, type: DType): ConstantExpression {
  return { kind: 'constant', value, type }
}

/** Applies `fn` to `args`. The result of a comparison is bool; any other result has the type of the last argument. */
export function apply(fn: Exclude<Primitive, 'cast'>, ...args: readonly Expression[]): Expression {
  const compares = fn === 'equal' || fn === 'less' || fn === 'lessOrEqual'
  return { kind: 'apply', fn, args, type: compares ? 'bool' : (args.at(-1) as Expression).type }
}

/** Converts `x` to `type`, by the rules of the primitive `cast`. */
export function cast(x: Expression, type: DType): Expression {
  return { kind: 'apply', fn: 'cast', args: [x], type }
}

/** Every part of an expression once, each after its arguments. The expression itself is the last. */
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
