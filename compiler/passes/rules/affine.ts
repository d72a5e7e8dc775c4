/** Recognises arithmetic nodes that compute x · scale + shift with constants. */

import type { Node, Value } from '../../../ir/graph/graph.ts'
import { numbers } from '../../../ir/tensors/tensor.ts'
import { isFloat, sameShape, sizeOf } from '../../../ir/tensors/types.ts'

/** x · scale + shift, of x's shape, in float32 or float64. Both arrays have one element, or one per element of x's last axis. */
export interface Affine {
  readonly x: Value
  readonly scale: Float64Array
  readonly shift: Float64Array
}

const ONE = Float64Array.of(1)
const ZERO = Float64Array.of(0)

/** The node that makes `value` as a scale and shift of its operand, or null. */
export function affineOf(value: Value): Affine | null {
  if (value.kind !== 'result' || !isFloat(value.type.dtype) || value.type.dtype === 'float16') return null
  const { op, inputs } = value.node
  if (op === 'neg') return { x: inputs[0] as Value, scale: Float64Array.of(-1), shift: ZERO }
  if (op !== 'add' && op !== 'sub' && op !== 'mul' && op !== 'div') return null
  const at = inputs.findIndex((v) => v.kind === 'constant')
  const x = inputs[1 - at]
  const c = at < 0 || !x || x.kind === 'constant' ? null : channelVector(inputs[at] as Value, x)
  return c && x && sameShape(x.type.shape, value.type.shape) ? fromOperation(op, x, c, at) : null
}

function fromOperation(op: Node['op'], x: Value, c: Float64Array, at: number): Affine | null {
  if (op === 'add') return { x, scale: ONE, shift: c }
  if (op === 'mul') return { x, scale: c, shift: ZERO }
  const negative = c.map((n) => -n)
  if (op === 'sub') return at === 1 ? { x, scale: ONE, shift: negative } : { x, scale: Float64Array.of(-1), shift: c }
  return at === 1 && c.every((n) => n !== 0) ? { x, scale: c.map((n) => 1 / n), shift: ZERO } : null
}

/** A constant that varies along no axis but x's last one; null for any other value. */
function channelVector(c: Value, x: Value): Float64Array | null {
  const size = sizeOf(c.type.shape)
  if (c.kind !== 'constant' || (size !== 1 && size !== c.type.shape.at(-1))) return null
  return size === 1 || size === x.type.shape.at(-1) ? Float64Array.from(numbers(c.tensor)) : null
}

/** `outer` applied to the result of `inner`. */
export function composed(outer: Affine, inner: Affine): Affine {
  const scale = combine(outer.scale, inner.scale, (a, b) => a * b)
  const scaled = combine(outer.scale, inner.shift, (a, b) => a * b)
  return { x: inner.x, scale, shift: combine(scaled, outer.shift, (a, b) => a + b) }
}

function combine(a: Float64Array, b: Float64Array, f: (a: number, b: number) => number): Float64Array {
  return Float64Array.from({ length: Math.max(a.length, b.length) }, (_, i) => f(a[i % a.length] as number, b[i % b.length] as number))
}

/**
 * The longest chain of up to `most` scales and shifts that ends in `value`, as one scale and shift. It only
 * passes through values that `goesOn` allows. Without any chain, it is an identity.
 */
export function affineChain(
  value: Value,
  goesOn: (step: Affine, from: Value) => boolean,
  most = Number.POSITIVE_INFINITY,
): Affine & { readonly steps: number } {
  let chain: Affine = { x: value, scale: ONE, shift: ZERO }
  for (let steps = 0; ; steps++) {
    const step = steps < most ? affineOf(chain.x) : null
    if (!step || !goesOn(step, chain.x)) return { ...chain, steps }
    chain = composed(chain, step)
  }
}

/** Whether scale and shift are one number each, for all channels. */
export function isScalar(a: Affine): boolean {
  return a.scale.length === 1 && a.shift.length === 1
}
