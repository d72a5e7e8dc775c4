/** What a convolution does to its sums before it stores them: an activation. */

import type { Activation } from '../../../ir/ops/conv.ts'
import type { Emitter, I32, Local, Scope, Stmt, V128 } from '../../emitter/emitter.ts'

/**
 * An activation as code. Its constants are parameters in memory, so functions that differ in them
 * only are one; they are loaded right before use, because a vector constant would be made anew at
 * every use and a long-lived local would take a register from the accumulators.
 */
export interface Epilogue {
  /** Part of the function key. Empty without activation. */
  readonly key: string
  /** In memory at run time, at the address the kernel gets as its `constants`. */
  readonly constants: Float32Array
  /** How the activation is applied, given its loaded constants. */
  apply(e: Emitter, x: Local<V128>, constants: readonly Local<V128>[]): V128
}

/** The code of an activation; none for `undefined`. */
export function epilogueOf(act: Activation | undefined): Epilogue {
  if (!act) return { key: '', constants: new Float32Array(0), apply: (_, x) => x.get() }
  switch (act.op) {
    case 'clamp':
      return clampEpilogue(act.min, act.max)
    case 'leaky-relu':
      return leakyRelu(act.alpha)
    case 'hard-sigmoid':
      return { key: 'hsigmoid', constants: Float32Array.of(act.alpha, act.beta, 0, 1), apply: (e, x, c) => hardSigmoid(e, x, c) }
    case 'hard-swish':
      return {
        key: 'hswish',
        constants: Float32Array.of(1 / 6, 0.5, 0, 1),
        apply: (e, x, c) => e.mul(x.get(), hardSigmoid(e, x, c)),
      }
  }
}

function clampEpilogue(min: number, max: number): Epilogue {
  const low = min > Number.NEGATIVE_INFINITY
  const high = max < Number.POSITIVE_INFINITY
  if (low && high) {
    return { key: 'clamp', constants: Float32Array.of(min, max), apply: (e, x, [a, b]) => e.atMost(e.atLeast(x.get(), get(a)), get(b)) }
  }
  if (low) return { key: 'atleast', constants: Float32Array.of(min), apply: (e, x, [a]) => e.atLeast(x.get(), get(a)) }
  if (high) return { key: 'atmost', constants: Float32Array.of(max), apply: (e, x, [b]) => e.atMost(x.get(), get(b)) }
  return epilogueOf(undefined)
}

function leakyRelu(alpha: number): Epilogue {
  return {
    key: 'leaky',
    constants: Float32Array.of(alpha, 0),
    apply: (e, x, [slope, zero]) => e.bitselect(e.mul(x.get(), get(slope)), x.get(), e.less(x.get(), get(zero))),
  }
}

function hardSigmoid(e: Emitter, x: Local<V128>, [alpha, beta, zero, one]: readonly Local<V128>[]): V128 {
  return e.atMost(e.atLeast(e.madd(x.get(), get(alpha), get(beta)), get(zero)), get(one))
}

function get(local: Local<V128> | undefined): V128 {
  return (local as Local<V128>).get()
}

/** An epilogue inside a function: its constants' locals and their loads. */
export class EmittedEpilogue {
  readonly #epilogue: Epilogue
  readonly #locals: readonly Local<V128>[]
  readonly #e: Emitter

  constructor(e: Emitter, scope: Scope, epilogue: Epilogue) {
    this.#e = e
    this.#epilogue = epilogue
    this.#locals = scope.vectors(epilogue.constants.length)
  }

  load(constants: Local<I32>): Stmt[] {
    return this.#locals.map((local, i) => local.set(this.#e.loadSplat(constants.get(), i * 4)))
  }

  apply(x: Local<V128>): Stmt[] {
    return this.#epilogue.key === '' ? [] : [x.set(this.#epilogue.apply(this.#e, x, this.#locals))]
  }
}
