/**
 * Recognises hard-sigmoid and hard-swish by what a subgraph computes, however it is spelled.
 *
 * Constants may differ by up to 1e-4, because exporters round 1/6 to four digits, and quantised models contain
 * the dequantised value. The function that replaces the subgraph has exact constants. So results may change by
 * about as much.
 */

import { producer, type Value } from '../../../ir/graph/graph.ts'
import { sameShape } from '../../../ir/tensors/types.ts'
import { type Affine, affineChain, isScalar } from './affine.ts'

/** clamp(alpha·x + beta, 0, 1) · top */
interface Gate {
  readonly x: Value
  readonly alpha: number
  readonly beta: number
  readonly top: number
  /** The number of arithmetic nodes in the spelling, besides the clamp. */
  readonly steps: number
}

/** Whether two constants mean the same: they differ by 1e-4 at most. */
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-4

/** 1/6 or 1/2 where `x` is that number rounded to float32; otherwise `x`. */
const exact = (x: number): number => [1 / 6, 0.5].find((y) => Math.abs(x - y) < 1e-6) ?? x

/**
 * The x of which `value` is a hard-sigmoid, with its constants, or null. The search goes down from `value`
 * through values that `passes` allows. x is the first one that it does not allow.
 */
export function asHardSigmoid(value: Value, passes: (v: Value) => boolean): Gate | null {
  const gate = gateOf(value, (v) => v === value || passes(v))
  return gate && gate.steps > 0 && near(gate.top, 1) ? gate : null
}

/**
 * The x of which `value` is the hard-swish, or null. x, its gate and constant factors may be multiplied in any
 * order.
 */
export function asHardSwish(value: Value): Value | null {
  const scaled = factorOf(value)
  const product = producer(scaled.x, 'mul')
  if (!product) return null
  const [a, b] = product.inputs as readonly [Value, Value]
  return hardSwishOf(a, b, scaled.factor) ?? hardSwishOf(b, a, scaled.factor)
}

function hardSwishOf(operand: Value, gated: Value, factor: number): Value | null {
  const below = factorOf(operand)
  for (const candidate of [{ x: operand, factor: 1 }, below]) {
    const gate = gateOf(gated, (v) => v !== candidate.x)
    if (!gate || gate.x !== candidate.x || !sameShape(operand.type.shape, gated.type.shape)) continue
    const whole = near(gate.top * factor * candidate.factor, 1)
    if (whole && near(gate.alpha, 1 / 6) && near(gate.beta, 0.5)) return gate.x
  }
  return null
}

/**
 * The most scales and shifts that a spelling has in a row. Every value of a long chain is examined, so without
 * a limit this would take quadratic time.
 */
const MOST_STEPS = 8

/** `value` as a constant multiple of another value. */
function factorOf(value: Value): { readonly x: Value; readonly factor: number } {
  const chain = affineChain(value, (step) => isScalar(step) && step.shift[0] === 0, MOST_STEPS)
  return { x: chain.x, factor: chain.scale[0] as number }
}

/** Reads scale and shift, clamp (or hard-sigmoid), scale and shift, down from `value`. */
function gateOf(value: Value, passes: (v: Value) => boolean): Gate | null {
  const goesOn = (step: Affine, from: Value): boolean => isScalar(step) && passes(from)
  const outer = affineChain(value, goesOn, MOST_STEPS)
  const clamped = passes(outer.x) ? clampedAffine(outer.x) : null
  if (!clamped) return null
  const inner = affineChain(clamped.x, goesOn, MOST_STEPS)
  const [s, t] = [outer.scale[0] as number, outer.shift[0] as number]
  const [a, b] = [inner.scale[0] as number, inner.shift[0] as number]
  const top = clamped.max * s + t
  if (!(s > 0 && near(clamped.min * s + t, 0) && top > 0 && Number.isFinite(top))) return null
  const alpha = exact((clamped.alpha * a * s) / top)
  const beta = exact(((clamped.alpha * b + clamped.beta) * s + t) / top)
  return { x: inner.x, alpha, beta, top, steps: outer.steps + inner.steps }
}

/** clamp(alpha·x + beta, min, max), from either op that clamps. */
function clampedAffine(value: Value): { x: Value; alpha: number; beta: number; min: number; max: number } | null {
  const clamp = producer(value, 'clamp')
  if (clamp) return { x: clamp.inputs[0] as Value, alpha: 1, beta: 0, ...clamp.attrs }
  const gate = producer(value, 'hard-sigmoid')
  return gate && { x: gate.inputs[0] as Value, ...gate.attrs, min: 0, max: 1 }
}
