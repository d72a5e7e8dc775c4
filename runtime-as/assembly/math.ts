/** Exponential, logarithm and power in f64. Those of float32 are emitted (targets/kernels/elementwise/series.ts). */

/** ln x for x > 0, in f64. Infinity and NaN give themselves. */
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

/** exp(x) in f64. Overflow gives infinity, and underflow gives 0. */
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

/** a to an integer power, by repeated squaring. It is exact where the result can be represented. */
function integralPower(a: f64, b: f64): f64 {
  let factor = a
  let result: f64 = 1
  for (let rest = f64.abs(b) as u32; rest; rest >>= 1) {
    if (rest & 1) result *= factor
    factor *= factor
  }
  return b < 0 ? 1 / result : result
}

/**
 * a to the power of b, with an error of about 1e-13. A finite negative base has a power only for an integer
 * exponent.
 */
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
