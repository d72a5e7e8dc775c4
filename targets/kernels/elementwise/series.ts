/**
 * Transcendental functions of float32, with errors of about 2 units in the last place. The range is reduced
 * first. The function's own series then ends where the next term is below float32 precision.
 */

import type { Application, Expression } from '../../../ir/scalar/expression.ts'
import type { InstructionName, SeriesName } from '../../emitter/arithmetic.ts'

/** An expression whose primitives are all instructions. */
export type MachineExpression = Expression<InstructionName | 'cast'>

type E = MachineExpression

const literal = (value: number): E => ({ kind: 'literal', type: 'float32', value })

function apply(fn: InstructionName, ...args: readonly E[]): E {
  const compares = fn === 'equal' || fn === 'less' || fn === 'lessOrEqual'
  return { kind: 'apply', fn, args, type: compares ? 'bool' : 'float32' }
}

const add = (a: E, b: E): E => apply('add', a, b)
const sub = (a: E, b: E): E => apply('sub', a, b)
const mul = (a: E, b: E): E => apply('mul', a, b)
const div = (a: E, b: E): E => apply('div', a, b)
const ifLess = (a: E, b: E, yes: E, no: E): E => apply('select', apply('less', a, b), yes, no)
const clamp = (x: E, low: number, high: number): E => apply('atMost', apply('atLeast', x, literal(low)), literal(high))

/** ln 2 in two parts. The first has only 9 significant bits, so that its products with exponents are exact. */
const LN2_HIGH = 0.693359375
const LN2_LOW = -2.1219444005469057e-4

/** x − n·ln 2 */
function reduced(x: E, n: E): E {
  return sub(sub(x, mul(n, literal(LN2_HIGH))), mul(n, literal(LN2_LOW)))
}

/** Coefficients from the highest power of x down, by Horner's rule. */
function polynomial(x: E, [first, ...rest]: readonly [number, ...number[]]): E {
  return rest.reduce((sum, c) => add(mul(sum, x), literal(c)), literal(first))
}

/** exp(r) − 1 for |r| ≤ ln 2 / 2: r + r²/2! + … + r⁷/7! */
function expm1Series(r: E): E {
  return add(r, mul(mul(r, r), polynomial(r, [1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5])))
}

/** exp(x). Overflow gives infinity. Underflow gives denormals and finally 0. */
export function exp(x: E): E {
  const c = clamp(x, -104, 89)
  const n = apply('nearest', mul(c, literal(Math.LOG2E)))
  const p = expm1Series(reduced(c, n))
  const half = apply('floor', mul(n, literal(0.5)))
  return mul(mul(add(p, literal(1)), apply('exp2', half)), apply('exp2', sub(n, half)))
}

/** exp(x) − 1 without cancellation, for x ≤ 88. */
function expm1(x: E): E {
  const c = clamp(x, -30, 88)
  const n = apply('nearest', mul(c, literal(Math.LOG2E)))
  const p = expm1Series(reduced(c, n))
  const scale = apply('exp2', n)
  return add(mul(p, scale), sub(scale, literal(1)))
}

function tanh(x: E): E {
  const c = clamp(x, -10, 10)
  const t = expm1(add(c, c))
  return div(t, add(t, literal(2)))
}

/** ln m = 2·artanh((m − 1)/(m + 1)) for m in [√½, √2): 2·(s + s³/3 + … + s⁹/9) */
function logSeries(m: E): E {
  const s = div(sub(m, literal(1)), add(m, literal(1)))
  const z = mul(s, s)
  return add(add(s, s), mul(mul(s, z), polynomial(z, [2 / 9, 2 / 7, 2 / 5, 2 / 3])))
}

const SMALLEST_NORMAL = 1.17549435e-38

/** ln x. It is −∞ at 0 and NaN below 0. */
export function log(x: E): E {
  const smallest = literal(SMALLEST_NORMAL)
  const normal = ifLess(x, smallest, mul(x, literal(2 ** 25)), x)
  const e = add(apply('exponent', normal), ifLess(x, smallest, literal(-25), literal(0)))
  const r = add(logSeries(apply('mantissa', normal)), mul(e, literal(LN2_LOW)))
  const finite = add(mul(e, literal(LN2_HIGH)), r)
  const known = ifLess(x, literal(Number.POSITIVE_INFINITY), finite, x)
  const atZero = apply('select', apply('equal', x, literal(0)), literal(Number.NEGATIVE_INFINITY), known)
  return ifLess(x, literal(0), literal(Number.NaN), atZero)
}

/** (−1)ⁿ / (n! (2n + 1)), from n = 9 down. */
const ERF_COEFFICIENTS = [
  -1 / (362880 * 19),
  1 / (40320 * 17),
  -1 / (5040 * 15),
  1 / (720 * 13),
  -1 / (120 * 11),
  1 / (24 * 9),
  -1 / (6 * 7),
  1 / (2 * 5),
  -1 / 3,
  1,
] as const

/** erf x = 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)), for |x| < 1. */
function erfSeries(x: E): E {
  return mul(mul(x, literal(1.1283791670955126)), polynomial(mul(x, x), ERF_COEFFICIENTS))
}

/** 1 − erf a for a ≥ 1, to 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
function erfcTail(a: E): E {
  const t = div(literal(1), add(literal(1), mul(a, literal(0.3275911))))
  const sum = polynomial(t, [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592])
  return mul(mul(sum, t), exp(sub(literal(0), mul(a, a))))
}

function erf(x: E): E {
  const a = apply('abs', x)
  const large = apply('copySign', sub(literal(1), erfcTail(a)), x)
  return ifLess(a, literal(1), erfSeries(x), large)
}

const SERIES: Readonly<Record<SeriesName, (x: E) => E>> = { exp, expm1, log, tanh, erf }

/** Whether a primitive is computed by a series. */
export function isSeries(fn: string): fn is SeriesName {
  return fn in SERIES
}

/**
 * The expression with series in place of the functions that are not instructions. These functions must be of
 * float32.
 */
export function withSeries(root: Expression): MachineExpression {
  const done = new Map<Expression, MachineExpression>()
  const expanded = (part: Expression): MachineExpression => {
    const known = done.get(part)
    if (known) return known
    const made = part.kind === 'apply' ? application(part, part.args.map(expanded)) : part
    done.set(part, made)
    return made
  }
  return expanded(root)
}

function application({ fn, type }: Application, args: readonly E[]): E {
  return isSeries(fn) ? SERIES[fn](args[0] as E) : { kind: 'apply', fn, args, type }
}
