/** y[i] = f(x[i]) on float32, for begin ≤ i < end. x and y may be the same. */

import { hardSigmoid, hardSwish, leakyRelu } from './activation'
import { abs, ceil, clamp, div, floor, ifLess, loadLanes, mul, neg, splat, sqrt, storeFirst } from './lanes'
import { erf, exp, expm1, log, sigmoid, tanh } from './math'

const CLAMP = 0
const LEAKY_RELU = 1
const HARD_SIGMOID = 2
const HARD_SWISH = 3
const SIGMOID = 4
const TANH = 5
const ELU = 6
const EXP = 7
const LOG = 8
const SQRT = 9
const ABS = 10
const NEG = 11
const RECIPROCAL = 12
const FLOOR = 13
const CEIL = 14
const ERF = 15

/** `fn` is a literal at every call, so one branch remains. */
@inline function applyUnary<V>(fn: i32, x: V, p: V, q: V): V {
  if (fn == CLAMP) return clamp<V>(x, p, q)
  if (fn == LEAKY_RELU) return leakyRelu<V>(x, p)
  if (fn == HARD_SIGMOID) return hardSigmoid<V>(x, p, q)
  if (fn == HARD_SWISH) return hardSwish<V>(x)
  if (fn == SIGMOID) return sigmoid<V>(x)
  if (fn == TANH) return tanh<V>(x)
  if (fn == ELU) return ifLess<V>(x, splat<V>(0), mul<V>(p, expm1<V>(x)), x)
  if (fn == EXP) return exp<V>(x)
  if (fn == LOG) return log<V>(x)
  if (fn == SQRT) return sqrt<V>(x)
  if (fn == ABS) return abs<V>(x)
  if (fn == NEG) return neg<V>(x)
  if (fn == RECIPROCAL) return div<V>(splat<V>(1), x)
  if (fn == FLOOR) return floor<V>(x)
  if (fn == CEIL) return ceil<V>(x)
  return erf<V>(x)
}

@inline function map(fn: i32, x: usize, y: usize, p: f32, q: f32, begin: i32, end: i32): void {
  if (ASC_FEATURE_SIMD) {
    const ps = f32x4.splat(p)
    const qs = f32x4.splat(q)
    for (let i = begin; i < end; i += 4) {
      const at = (i as usize) << 2
      const r = applyUnary<v128>(fn, loadLanes<v128>(x + at), ps, qs)
      if (end - i >= 4) v128.store(y + at, r)
      else storeFirst(y + at, r, end - i)
    }
  } else {
    for (let i = begin; i < end; i++) {
      const at = (i as usize) << 2
      store<f32>(y + at, applyUnary<f32>(fn, loadLanes<f32>(x + at), p, q))
    }
  }
}

export function clamp_f32(x: usize, y: usize, low: f32, high: f32, begin: i32, end: i32): void {
  map(CLAMP, x, y, low, high, begin, end)
}

export function leaky_relu_f32(x: usize, y: usize, alpha: f32, begin: i32, end: i32): void {
  map(LEAKY_RELU, x, y, alpha, 0, begin, end)
}

export function hard_sigmoid_f32(x: usize, y: usize, alpha: f32, beta: f32, begin: i32, end: i32): void {
  map(HARD_SIGMOID, x, y, alpha, beta, begin, end)
}

export function hard_swish_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(HARD_SWISH, x, y, 0, 0, begin, end)
}

export function sigmoid_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(SIGMOID, x, y, 0, 0, begin, end)
}

export function tanh_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(TANH, x, y, 0, 0, begin, end)
}

export function elu_f32(x: usize, y: usize, alpha: f32, begin: i32, end: i32): void {
  map(ELU, x, y, alpha, 0, begin, end)
}

export function exp_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(EXP, x, y, 0, 0, begin, end)
}

export function log_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(LOG, x, y, 0, 0, begin, end)
}

export function sqrt_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(SQRT, x, y, 0, 0, begin, end)
}

export function abs_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(ABS, x, y, 0, 0, begin, end)
}

export function neg_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(NEG, x, y, 0, 0, begin, end)
}

export function reciprocal_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(RECIPROCAL, x, y, 0, 0, begin, end)
}

export function floor_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(FLOOR, x, y, 0, 0, begin, end)
}

export function ceil_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(CEIL, x, y, 0, 0, begin, end)
}

export function erf_f32(x: usize, y: usize, begin: i32, end: i32): void {
  map(ERF, x, y, 0, 0, begin, end)
}
