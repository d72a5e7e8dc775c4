/** What a convolution does to its sums before it stores them: an activation. */

import type { Activation } from '../../../../ir/ops/conv.ts'
import { type Expression, operand } from '../../../../ir/scalar/expression.ts'
import { UNARY, type UnaryAttrs, type UnaryName } from '../../../../ir/scalar/functions.ts'
import type { Emitter, I32, Local, Scope, Stmt, V128 } from '../../../emitter/emitter.ts'
import { constantsOf, ExpressionCode } from '../../elementwise/expression-code.ts'

/**
 * An activation as an expression of the sum. Its constants are parameters in memory, so functions that differ in
 * them only are one; they are loaded right before use, because a vector constant would be made anew at every use
 * and a long-lived local would take a register from the accumulators.
 */
export interface Epilogue {
  /** Part of the function key. Empty where nothing is applied. */
  readonly key: string
  /** In memory at run time, at the address the kernel gets as its `constants`. */
  readonly constants: Uint8Array
  readonly expression: Expression
}

/** The code of an activation; none for `undefined`. */
export function epilogueOf(act: Activation | undefined): Epilogue {
  const sum = operand(0, 'float32')
  const expression = act ? stated(act, sum) : sum
  return { key: act ? keyOf(act, expression) : '', constants: constantsOf(expression).bytes, expression }
}

function stated<K extends UnaryName>(act: { readonly op: K } & UnaryAttrs[K], x: Expression): Expression {
  return UNARY[act.op](x, act)
}

/** A clamp by the bounds that it has; the others have the same code whatever their constants. */
function keyOf(act: Activation, expression: Expression): string {
  if (act.op !== 'clamp') return act.op
  if (expression.kind !== 'apply') return ''
  return expression.args[0]?.kind === 'apply' ? 'clamp' : expression.fn
}

/** An epilogue inside a function: its locals, and the loads of its constants. */
export class EmittedEpilogue {
  readonly #code: ExpressionCode | null

  constructor(e: Emitter, scope: Scope, epilogue: Epilogue) {
    this.#code = epilogue.key === '' ? null : new ExpressionCode(e, scope, epilogue.expression, true)
  }

  load(constants: Local<I32>): Stmt[] {
    return this.#code?.load(constants) ?? []
  }

  apply(x: Local<V128>): Stmt[] {
    return this.#code?.applyTo(x) ?? []
  }
}
