/** The epilogue of a convolution: the activation that it applies to its sums before it stores them. */

import type { Activation } from '../../../../ir/ops/conv.ts'
import { type Expression, operand } from '../../../../ir/scalar/expression.ts'
import { UNARY, type UnaryAttrs, type UnaryName } from '../../../../ir/scalar/functions.ts'
import type { Emitter, I32, Local, Scope, Stmt, V128 } from '../../../emitter/emitter.ts'
import { constantsOf, ExpressionCode } from '../../elementwise/expression-code.ts'

/**
 * An activation as an expression of the sum. Its constants are parameters in memory, so activations that differ
 * only in constants share one function. The constants are loaded right before use. A vector constant in the
 * code would be built again at every use, and a local that lives long would take a register from the sums.
 */
export interface Epilogue {
  /** Part of the function key. Empty where nothing is applied. */
  readonly key: string
  /** The bytes of the constants. At run time the kernel gets their address as `constants`. */
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

/**
 * The key of an activation. For a clamp it depends on which bounds there are. Other activations have the same
 * code whatever their constants are.
 */
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
