/**
 * Float arithmetic on V, which is v128 (four lanes) in the SIMD build and f32 (one) in the scalar build, so
 * that every function is written once.
 */

@inline export function splat<V>(c: f32): V {
  if (isVector<V>()) return f32x4.splat(c)
  else return c as V
}

@inline export function loadLanes<V>(at: usize): V {
  if (isVector<V>()) return v128.load(at)
  else return load<V>(at)
}

@inline export function storeLanes<V>(at: usize, x: V): void {
  if (isVector<V>()) v128.store(at, x)
  else store<V>(at, x)
}

@inline export function add<V>(a: V, b: V): V {
  if (isVector<V>()) return f32x4.add(a, b)
  else return a + b
}

@inline export function sub<V>(a: V, b: V): V {
  if (isVector<V>()) return f32x4.sub(a, b)
  else return a - b
}

@inline export function mul<V>(a: V, b: V): V {
  if (isVector<V>()) return f32x4.mul(a, b)
  else return a * b
}

@inline export function div<V>(a: V, b: V): V {
  if (isVector<V>()) return f32x4.div(a, b)
  else return a / b
}

/** NaN in either operand gives NaN. */
@inline export function min<V>(a: V, b: V): V {
  if (isVector<V>()) return f32x4.min(a, b)
  else return f32.min(a, b)
}

/** NaN in either operand gives NaN. */
@inline export function max<V>(a: V, b: V): V {
  if (isVector<V>()) return f32x4.max(a, b)
  else return f32.max(a, b)
}

/** min(max(x, low), high); NaN stays NaN. */
@inline export function clamp<V>(x: V, low: V, high: V): V {
  if (isVector<V>()) return f32x4.pmin(f32x4.pmax(x, low), high)
  else {
    const raised = x < low ? low : x
    return high < raised ? high : raised
  }
}

@inline export function floor<V>(x: V): V {
  if (isVector<V>()) return f32x4.floor(x)
  else return f32.floor(x)
}

@inline export function ceil<V>(x: V): V {
  if (isVector<V>()) return f32x4.ceil(x)
  else return f32.ceil(x)
}

/** Ties to even. */
@inline export function nearest<V>(x: V): V {
  if (isVector<V>()) return f32x4.nearest(x)
  else return f32.nearest(x)
}

@inline export function sqrt<V>(x: V): V {
  if (isVector<V>()) return f32x4.sqrt(x)
  else return f32.sqrt(x)
}

@inline export function abs<V>(x: V): V {
  if (isVector<V>()) return f32x4.abs(x)
  else return f32.abs(x)
}

@inline export function neg<V>(x: V): V {
  if (isVector<V>()) return f32x4.neg(x)
  else return -x
}

/** a < b ? yes : no; NaN compares false. */
@inline export function ifLess<V>(a: V, b: V, yes: V, no: V): V {
  if (isVector<V>()) return v128.bitselect(yes, no, f32x4.lt(a, b))
  else return a < b ? yes : no
}

@inline export function ifEqual<V>(a: V, b: V, yes: V, no: V): V {
  if (isVector<V>()) return v128.bitselect(yes, no, f32x4.eq(a, b))
  else return a == b ? yes : no
}

/** The magnitude of x with the sign of s. */
@inline export function copySign<V>(x: V, s: V): V {
  if (isVector<V>()) return v128.bitselect(x, s, i32x4.splat(0x7fffffff))
  else return f32.copysign(x, s)
}

/** 1.5 · 2^23: an integer added to it stands in the low bits of the sum. */
const INTEGER_BITS: f32 = 12582912

/** 2^n for integral n in [−126, 127]; anything for NaN. */
@inline export function exp2OfInteger<V>(n: V): V {
  if (isVector<V>()) return i32x4.shl(i32x4.add(f32x4.add(n, f32x4.splat(INTEGER_BITS)), i32x4.splat(127)), 23)
  else return reinterpret<f32>((reinterpret<i32>(n + INTEGER_BITS) + 127) << 23)
}

const SQRT_HALF_BITS: i32 = 0x3f3504f3

/** e with x = m·2^e and m in [√½, √2), for positive normal x. */
@inline export function exponentOf<V>(x: V): V {
  if (isVector<V>()) return f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.sub(x, i32x4.splat(SQRT_HALF_BITS)), 23))
  else return ((reinterpret<i32>(x) - SQRT_HALF_BITS) >> 23) as f32
}

/** The m of `exponentOf`. */
@inline export function mantissaOf<V>(x: V): V {
  if (isVector<V>()) {
    const e = i32x4.shr_s(i32x4.sub(x, i32x4.splat(SQRT_HALF_BITS)), 23)
    return i32x4.sub(x, i32x4.shl(e, 23))
  } else {
    const bits = reinterpret<i32>(x)
    return reinterpret<f32>(bits - (((bits - SQRT_HALF_BITS) >> 23) << 23))
  }
}

/** Stores the first `count` (1 to 3) lanes. */
@inline export function storeFirst(at: usize, x: v128, count: i32): void {
  store<f32>(at, f32x4.extract_lane(x, 0))
  if (count > 1) store<f32>(at, f32x4.extract_lane(x, 1), 4)
  if (count > 2) store<f32>(at, f32x4.extract_lane(x, 2), 8)
}
