/** Piecewise linear activations, and the epilogue of the convolutions. */

import { CLAMP, HARD_SIGMOID, HARD_SWISH, NONE } from '../codes'
import { add, clamp, ifLess, mul, splat } from './lanes'

@inline export function hardSwish<V>(x: V): V {
  return mul<V>(x, clamp<V>(add<V>(mul<V>(x, splat<V>(1.0 / 6.0)), splat<V>(0.5)), splat<V>(0), splat<V>(1)))
}

@inline export function hardSigmoid<V>(x: V, alpha: V, beta: V): V {
  return clamp<V>(add<V>(mul<V>(x, alpha), beta), splat<V>(0), splat<V>(1))
}

@inline export function leakyRelu<V>(x: V, alpha: V): V {
  return ifLess<V>(x, splat<V>(0), mul<V>(x, alpha), x)
}

/** Result of the activation with code `act` (codes.ts); `p` and `q` are its parameters in the order of its attributes. */
@inline export function activate<V>(act: i32, x: V, p: V, q: V): V {
  if (act == NONE) return x
  if (act == CLAMP) return clamp<V>(x, p, q)
  if (act == HARD_SWISH) return hardSwish<V>(x)
  if (act == HARD_SIGMOID) return hardSigmoid<V>(x, p, q)
  return leakyRelu<V>(x, p)
}
