/** The function of every elementwise operator, stated once: the interpreter and all targets derive from it. */

import { rangeOf } from '../tensors/integers.ts'
import { type DType, isFloat, isWide } from '../tensors/types.ts'
import { apply, constant, type Expression } from './expression.ts'

/** Attributes of the functions of one operand, for those functions that have attributes. */
export interface UnaryAttrs {
  /** min(max(x, min), max); ReLU is clamp(0, inf), ReLU6 is clamp(0, 6). NaN stays NaN. */
  clamp: { readonly min: number; readonly max: number }
  /** x ≥ 0 ? x : alpha·x */
  'leaky-relu': { readonly alpha: number }
  /** clamp(alpha·x + beta, 0, 1) */
  'hard-sigmoid': { readonly alpha: number; readonly beta: number }
  /** x · clamp(x/6 + 1/2, 0, 1) (Howard et al., "Searching for MobileNetV3", 2019) */
  'hard-swish': Record<never, never>
  sigmoid: Record<never, never>
  tanh: Record<never, never>
  /** x ≥ 0 ? x : alpha·(exp(x) − 1) */
  elu: { readonly alpha: number }
  exp: Record<never, never>
  log: Record<never, never>
  sqrt: Record<never, never>
  abs: Record<never, never>
  neg: Record<never, never>
  reciprocal: Record<never, never>
  floor: Record<never, never>
  ceil: Record<never, never>
  erf: Record<never, never>
}

export type UnaryName = keyof UnaryAttrs

export const UNARY: { readonly [K in UnaryName]: (x: Expression, attrs: UnaryAttrs[K]) => Expression } = {
  clamp: (x, { min, max }) => clamp(x, min, max),
  'leaky-relu': (x, { alpha }) => belowZero(x, apply('mul', x, constant(alpha, x.type))),
  'hard-sigmoid': (x, { alpha, beta }) => hardSigmoid(x, alpha, beta),
  'hard-swish': (x) => apply('mul', x, hardSigmoid(x, 1 / 6, 0.5)),
  sigmoid: (x) => apply('div', one(x), apply('add', one(x), apply('exp', apply('neg', x)))),
  tanh: (x) => apply('tanh', x),
  elu: (x, { alpha }) => belowZero(x, apply('mul', constant(alpha, x.type), apply('expm1', x))),
  exp: (x) => apply('exp', x),
  log: (x) => apply('log', x),
  sqrt: (x) => apply('sqrt', x),
  abs: (x) => apply('abs', x),
  neg: (x) => apply('neg', x),
  reciprocal: (x) => apply('div', one(x), x),
  floor: (x) => apply('floor', x),
  ceil: (x) => apply('ceil', x),
  erf: (x) => apply('erf', x),
}

/** Functions of two operands. */
export const BINARY = {
  add: (a, b) => apply('add', a, b),
  sub: (a, b) => apply('sub', a, b),
  mul: (a, b) => apply('mul', a, b),
  div: (a, b) => apply('div', a, b),
  min: (a, b) => apply('min', a, b),
  max: (a, b) => apply('max', a, b),
  pow: (a, b) => apply('pow', a, b),
  /** The second operand is the slope of the negative half (ONNX PRelu). */
  prelu: (a, b) => belowZero(a, apply('mul', a, b)),
} as const satisfies Record<string, (a: Expression, b: Expression) => Expression>

export type BinaryName = keyof typeof BINARY

export const COMPARISONS = ['equal', 'less', 'less-or-equal'] as const
export type Comparison = (typeof COMPARISONS)[number]

/** The comparison of a and b by `fn`, as bool. It is false where an operand is NaN. */
export function comparison(fn: Comparison, a: Expression, b: Expression): Expression {
  return apply(fn === 'less-or-equal' ? 'lessOrEqual' : fn, a, b)
}

function one(x: Expression): Expression {
  return constant(1, x.type)
}

function belowZero(x: Expression, then: Expression): Expression {
  return apply('select', apply('less', x, constant(isWide(x.type) ? 0n : 0, x.type)), then, x)
}

function hardSigmoid(x: Expression, alpha: number, beta: number): Expression {
  return clamp(apply('madd', x, constant(alpha, x.type), constant(beta, x.type)), 0, 1)
}

/** Limits x to [min, max]. A bound that no element of the type can exceed is left out. */
function clamp(x: Expression, min: number, max: number): Expression {
  const [low, high] = [boundOf(min, x.type), boundOf(max, x.type)]
  const [lowest, highest] = rangeOf(x.type)
  const raised = low > lowest ? apply('atLeast', x, constant(low, x.type)) : x
  return high < highest ? apply('atMost', raised, constant(high, x.type)) : raised
}

/** A bound as an element of the type, limited to the type's range where it is an integer type. */
function boundOf(bound: number, type: DType): number | bigint {
  if (isFloat(type)) return bound
  const [lowest, highest] = rangeOf(type)
  if (bound <= Number(lowest)) return lowest
  if (bound >= Number(highest)) return highest
  return isWide(type) ? BigInt(Math.trunc(bound)) : Math.trunc(bound)
}
