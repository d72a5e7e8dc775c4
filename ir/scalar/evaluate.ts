/**
 * Evaluates expressions as JavaScript functions. Floats are computed in float64. Integers are exact; those of
 * 64 bits are bigints.
 */

import { wrapped, wrappedWide } from '../tensors/integers.ts'
import { type DType, isFloat, isWide } from '../tensors/types.ts'
import { type Application, type Expression, operand, type Primitive } from './expression.ts'
import { UNARY, type UnaryAttrs, type UnaryName } from './functions.ts'

/** A number, or a bigint where the type is a 64-bit integer; 0 and 1 for bool. */
export type Scalar = number | bigint

export type ScalarFunction = (operands: readonly Scalar[]) => Scalar

type Meaning = (...args: never[]) => Scalar

/** Primitives that mean the same for every type. */
const ORDER = {
  equal: (a: Scalar, b: Scalar) => Number(a === b),
  less: (a: Scalar, b: Scalar) => Number(a < b),
  lessOrEqual: (a: Scalar, b: Scalar) => Number(a <= b),
  atLeast: (x: Scalar, low: Scalar) => (x < low ? low : x),
  atMost: (x: Scalar, high: Scalar) => (high < x ? high : x),
  select: (condition: Scalar, a: Scalar, b: Scalar) => (condition ? a : b),
}

const FLOAT: Readonly<Partial<Record<Primitive, Meaning>>> = {
  ...ORDER,
  neg: (x: number) => -x,
  abs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  sqrt: Math.sqrt,
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
  madd: (a: number, b: number, c: number) => a * b + c,
  min: Math.min,
  max: Math.max,
  pow: (a: number, b: number) => a ** b,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  tanh: Math.tanh,
  erf,
}

/** Primitives on integers of less than 64 bits, before the result is wrapped. */
const INTEGER: Readonly<Partial<Record<Primitive, Meaning>>> = {
  ...ORDER,
  neg: (x: number) => -x,
  abs: Math.abs,
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: Math.imul,
  div: (a: number, b: number) => (b === 0 ? 0 : Math.trunc(a / b)),
  min: Math.min,
  max: Math.max,
  pow: (a: number, b: number) => Number(BigInt.asIntN(32, power(BigInt(a), BigInt(b)))),
}

const WIDE: Readonly<Partial<Record<Primitive, Meaning>>> = {
  ...ORDER,
  neg: (x: bigint) => -x,
  abs: (x: bigint) => (x < 0n ? -x : x),
  add: (a: bigint, b: bigint) => a + b,
  sub: (a: bigint, b: bigint) => a - b,
  mul: (a: bigint, b: bigint) => a * b,
  div: (a: bigint, b: bigint) => (b === 0n ? 0n : a / b),
  min: (a: bigint, b: bigint) => (a < b ? a : b),
  max: (a: bigint, b: bigint) => (a > b ? a : b),
  pow: power,
}

/** The function that computes an expression from the values of its operands. */
export function evaluator(e: Expression): ScalarFunction {
  if (e.kind === 'operand') return (operands) => operands[e.index] as Scalar
  if (e.kind !== 'apply') return () => e.value
  const f = meaningOf(e) as (...args: Scalar[]) => Scalar
  const [a, b, c] = e.args.map(evaluator) as [ScalarFunction, ScalarFunction?, ScalarFunction?]
  if (c && b) return (x) => f(a(x), b(x), c(x))
  return b ? (x) => f(a(x), b(x)) : (x) => f(a(x))
}

/** A function of one number. */
export function unaryFunction<K extends UnaryName>(name: K, attrs: UnaryAttrs[K]): (x: number) => number {
  const f = evaluator(UNARY[name](operand(0, 'float64'), attrs))
  return (x) => f([x]) as number
}

/** The function of an application. Integer results are wrapped to their type. */
function meaningOf({ fn, args, type }: Application): Meaning {
  const from = (args.at(-1) as Expression).type
  if (fn === 'cast') return conversion(from, type)
  if (isFloat(from)) return FLOAT[fn] as Meaning
  const f = (isWide(from) ? WIDE : INTEGER)[fn] as (...args: Scalar[]) => Scalar
  if (fn in ORDER) return f
  return isWide(from) ? (...args: Scalar[]) => wrappedWide(f(...args) as bigint, type) : (...args) => wrapped(f(...args) as number, type)
}

/** A conversion between types. It does not round to a float type: the code that stores the result does that. */
function conversion(from: DType, to: DType): (x: never) => Scalar {
  if (to === 'bool') return (x: Scalar) => Number(isWide(from) ? x !== 0n : x !== 0)
  if (isFloat(to)) return (x: Scalar) => Number(x)
  if (isWide(to)) return (x: Scalar) => wrappedWide(toBigInt(x), to)
  return (x: Scalar) => wrapped(typeof x === 'bigint' ? Number(BigInt.asIntN(32, x)) : x, to)
}

function toBigInt(x: Scalar): bigint {
  if (typeof x === 'bigint') return x
  return Number.isFinite(x) ? BigInt(Math.trunc(x)) : 0n
}

/** Power of integers modulo 2^64, by repeated squaring. */
function power(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return base === 1n ? 1n : base === -1n ? (exponent % 2n === 0n ? 1n : -1n) : 0n
  let result = 1n
  let factor = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * factor)
    factor = BigInt.asIntN(64, factor * factor)
  }
  return result
}

/**
 * The error function, as 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!! (Abramowitz and Stegun 7.1.6). All terms have
 * the sign of x, so nothing cancels.
 */
function erf(x: number): number {
  if (!(Math.abs(x) < 6)) return Number.isNaN(x) ? x : Math.sign(x)
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}
