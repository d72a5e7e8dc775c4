/**
 * Transcendental functions on V (see lanes.ts), to about 2 units in the last place: range reduction and
 * the functions' own series, cut where the next term falls below f32 precision.
 */

import {
  abs, add, clamp, copySign, div, exp2OfInteger, exponentOf, floor, ifEqual, ifLess, mantissaOf, mul, nearest, splat, sub,
} from './lanes'

/** ln 2 in two parts; the first has 9 significant bits, so that products with exponents are exact. */
const LN2_HIGH: f32 = 0.693359375
const LN2_LOW: f32 = -2.12194440054690583e-4
const LOG2_E: f32 = 1.44269504088896341

/** x − n·ln 2 */
@inline function reduced<V>(x: V, n: V): V {
  return sub<V>(sub<V>(x, mul<V>(n, splat<V>(LN2_HIGH))), mul<V>(n, splat<V>(LN2_LOW)))
}

/** One Horner step. */
@inline function horner<V>(sum: V, x: V, c: f32): V {
  return add<V>(mul<V>(sum, x), splat<V>(c))
}

/** exp(r) − 1 for |r| ≤ ln 2 / 2: r + r²/2! + … + r⁷/7! */
@inline function expm1Series<V>(r: V): V {
  let sum = splat<V>(1.0 / 5040.0)
  sum = horner<V>(sum, r, 1.0 / 720.0)
  sum = horner<V>(sum, r, 1.0 / 120.0)
  sum = horner<V>(sum, r, 1.0 / 24.0)
  sum = horner<V>(sum, r, 1.0 / 6.0)
  sum = horner<V>(sum, r, 0.5)
  return add<V>(r, mul<V>(mul<V>(r, r), sum))
}

/** Overflow gives infinity, underflow denormals and then 0. */
@inline export function exp<V>(x: V): V {
  const c = clamp<V>(x, splat<V>(-104), splat<V>(89))
  const n = nearest<V>(mul<V>(c, splat<V>(LOG2_E)))
  const p = expm1Series<V>(reduced<V>(c, n))
  const half = floor<V>(mul<V>(n, splat<V>(0.5)))
  return mul<V>(mul<V>(add<V>(p, splat<V>(1)), exp2OfInteger<V>(half)), exp2OfInteger<V>(sub<V>(n, half)))
}

/** exp(x) − 1 without cancellation, for x ≤ 88. */
@inline export function expm1<V>(x: V): V {
  const c = clamp<V>(x, splat<V>(-30), splat<V>(88))
  const n = nearest<V>(mul<V>(c, splat<V>(LOG2_E)))
  const p = expm1Series<V>(reduced<V>(c, n))
  const scale = exp2OfInteger<V>(n)
  return add<V>(mul<V>(p, scale), sub<V>(scale, splat<V>(1)))
}

@inline export function tanh<V>(x: V): V {
  const c = clamp<V>(x, splat<V>(-10), splat<V>(10))
  const t = expm1<V>(add<V>(c, c))
  return div<V>(t, add<V>(t, splat<V>(2)))
}

@inline export function sigmoid<V>(x: V): V {
  return div<V>(splat<V>(1), add<V>(splat<V>(1), exp<V>(sub<V>(splat<V>(0), x))))
}

/** ln m = 2·artanh((m − 1)/(m + 1)) for m in [√½, √2): 2·(s + s³/3 + … + s⁹/9) */
@inline function logSeries<V>(m: V): V {
  const s = div<V>(sub<V>(m, splat<V>(1)), add<V>(m, splat<V>(1)))
  const z = mul<V>(s, s)
  let sum = splat<V>(2.0 / 9.0)
  sum = horner<V>(sum, z, 2.0 / 7.0)
  sum = horner<V>(sum, z, 2.0 / 5.0)
  sum = horner<V>(sum, z, 2.0 / 3.0)
  return add<V>(add<V>(s, s), mul<V>(mul<V>(s, z), sum))
}

/** −∞ at 0, NaN below. */
@inline export function log<V>(x: V): V {
  const smallest = splat<V>(1.17549435e-38)
  const normal = ifLess<V>(x, smallest, mul<V>(x, splat<V>(33554432)), x)
  const shift = ifLess<V>(x, smallest, splat<V>(-25), splat<V>(0))
  const e = add<V>(exponentOf<V>(normal), shift)
  const r = add<V>(logSeries<V>(mantissaOf<V>(normal)), mul<V>(e, splat<V>(LN2_LOW)))
  let y = add<V>(mul<V>(e, splat<V>(LN2_HIGH)), r)
  y = ifLess<V>(x, splat<V>(f32.POSITIVE_INFINITY), y, x)
  y = ifEqual<V>(x, splat<V>(0), splat<V>(f32.NEGATIVE_INFINITY), y)
  return ifLess<V>(x, splat<V>(0), splat<V>(f32.NaN), y)
}

/** erf x = 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)), for |x| < 1; the terms to n = 9. */
@inline function erfSeries<V>(x: V): V {
  const z = mul<V>(x, x)
  let sum = splat<V>(-1.0 / (362880.0 * 19.0))
  sum = horner<V>(sum, z, 1.0 / (40320.0 * 17.0))
  sum = horner<V>(sum, z, -1.0 / (5040.0 * 15.0))
  sum = horner<V>(sum, z, 1.0 / (720.0 * 13.0))
  sum = horner<V>(sum, z, -1.0 / (120.0 * 11.0))
  sum = horner<V>(sum, z, 1.0 / (24.0 * 9.0))
  sum = horner<V>(sum, z, -1.0 / (6.0 * 7.0))
  sum = horner<V>(sum, z, 1.0 / (2.0 * 5.0))
  sum = horner<V>(sum, z, -1.0 / 3.0)
  sum = horner<V>(sum, z, 1)
  return mul<V>(mul<V>(x, splat<V>(1.1283791670955126)), sum)
}

/** 1 − erf a for a ≥ 1, to 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
@inline function erfcTail<V>(a: V): V {
  const t = div<V>(splat<V>(1), add<V>(splat<V>(1), mul<V>(a, splat<V>(0.3275911))))
  let sum = splat<V>(1.061405429)
  sum = horner<V>(sum, t, -1.453152027)
  sum = horner<V>(sum, t, 1.421413741)
  sum = horner<V>(sum, t, -0.284496736)
  sum = horner<V>(sum, t, 0.254829592)
  return mul<V>(mul<V>(sum, t), exp<V>(sub<V>(splat<V>(0), mul<V>(a, a))))
}

@inline export function erf<V>(x: V): V {
  const a = abs<V>(x)
  const large = copySign<V>(sub<V>(splat<V>(1), erfcTail<V>(a)), x)
  return ifLess<V>(a, splat<V>(1), erfSeries<V>(x), large)
}

/** ln x for x > 0, in f64; infinity and NaN stay. */
export function log64(x: f64): f64 {
  if (!(x < Infinity)) return x
  let bits = reinterpret<i64>(x)
  let shift: f64 = 0
  if (bits < 0x0010000000000000) {
    bits = reinterpret<i64>(x * 18014398509481984.0)
    shift = -54
  }
  const e = (bits - 0x3fe6a09e667f3bcd) >> 52
  const m = reinterpret<f64>(bits - (e << 52))
  const s = (m - 1) / (m + 1)
  const z = s * s
  let sum: f64 = 0
  for (let k = 21; k > 0; k -= 2) sum = sum * z + 2.0 / (k as f64)
  return ((e as f64) + shift) * 0.69314718055994530942 + s * sum
}

export function exp64(x: f64): f64 {
  if (x > 710) return Infinity
  if (x < -746) return 0
  const n = f64.nearest(x * 1.4426950408889634074)
  const r = x - n * 0.69314718036912381649 - n * 1.90821492927058770002e-10
  let sum: f64 = 1
  for (let k = 13; k > 0; k--) sum = 1 + (sum * r) / (k as f64)
  const half = f64.floor(n * 0.5)
  return sum * exp2Of64(half) * exp2Of64(n - half)
}

@inline function exp2Of64(n: f64): f64 {
  return reinterpret<f64>(((n as i64) + 1023) << 52)
}

/** a to an integral power, by squaring: exact where the result is. */
function integralPower(a: f64, b: f64): f64 {
  let factor = a
  let result: f64 = 1
  for (let rest = f64.abs(b) as u32; rest; rest >>= 1) {
    if (rest & 1) result *= factor
    factor *= factor
  }
  return b < 0 ? 1 / result : result
}

/** a to the power of b, to about 1e-13; a negative base that is finite has a meaning only with an integral exponent. */
export function pow64(a: f64, b: f64): f64 {
  const integral = f64.floor(b) == b
  if (integral && f64.abs(b) <= 128) return integralPower(a, b)
  if ((a < 0 && a != -Infinity && !integral) || a != a || b != b) return NaN
  const base = f64.abs(a)
  const odd = integral && f64.floor(b * 0.5) * 2 != b
  const sign = odd ? f64.copysign(1, a) : 1
  if (base == 0 || base == Infinity) return base == 0 == b > 0 ? sign * 0 : sign * Infinity
  return sign * exp64(b * log64(base))
}
