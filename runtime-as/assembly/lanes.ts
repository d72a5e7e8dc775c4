/**
 * Float arithmetic on a type V, so that every function is written once. V is v128 (four lanes) in the SIMD
 * build and f32 (one lane) in the scalar build.
 */

/** c in every lane. */
@inline export function splat<V>(c: f32): V {
  if (isVector<V>()) return f32x4.splat(c)
  else return c as V
}

/** Loads all lanes from address `at`, which needs no alignment. */
@inline export function loadLanes<V>(at: usize): V {
  if (isVector<V>()) return v128.load(at)
  else return load<V>(at)
}

/** Stores all lanes of x at address `at`, which needs no alignment. */
@inline export function storeLanes<V>(at: usize, x: V): void {
  if (isVector<V>()) v128.store(at, x)
  else store<V>(at, x)
}

/** a + b, lane by lane. */
@inline export function add<V>(a: V, b: V): V {
  if (isVector<V>()) return f32x4.add(a, b)
  else return a + b
}

/** a · b, lane by lane. */
@inline export function mul<V>(a: V, b: V): V {
  if (isVector<V>()) return f32x4.mul(a, b)
  else return a * b
}

/** The smaller of a and b, lane by lane. NaN in either operand gives NaN. */
@inline export function min<V>(a: V, b: V): V {
  if (isVector<V>()) return f32x4.min(a, b)
  else return f32.min(a, b)
}

/** The larger of a and b, lane by lane. NaN in either operand gives NaN. */
@inline export function max<V>(a: V, b: V): V {
  if (isVector<V>()) return f32x4.max(a, b)
  else return f32.max(a, b)
}

/** √x, lane by lane. */
@inline export function sqrt<V>(x: V): V {
  if (isVector<V>()) return f32x4.sqrt(x)
  else return f32.sqrt(x)
}

/** |x|, lane by lane. */
@inline export function abs<V>(x: V): V {
  if (isVector<V>()) return f32x4.abs(x)
  else return f32.abs(x)
}

/** Stores the first `count` (1 to 3) lanes. */
@inline export function storeFirst(at: usize, x: v128, count: i32): void {
  store<f32>(at, f32x4.extract_lane(x, 0))
  if (count > 1) store<f32>(at, f32x4.extract_lane(x, 1), 4)
  if (count > 2) store<f32>(at, f32x4.extract_lane(x, 2), 8)
}
