/** The code of an expression inside a function: its locals, the loads of its constants, and its instructions. */

import { createHash } from 'node:crypto'
import { InternalError } from '../../../ir/diagnostics.ts'
import { type ConstantExpression, type Expression, partsOf } from '../../../ir/scalar/expression.ts'
import { bytesOf, fromScalars } from '../../../ir/tensors/tensor.ts'
import { DTYPE_BYTES } from '../../../ir/tensors/types.ts'
import type { InstructionName } from '../../emitter/arithmetic.ts'
import { machineType } from '../../emitter/elements.ts'
import type { Emitter, I32, Local, Scope, Stmt, V128, Value } from '../../emitter/emitter.ts'
import { type MachineExpression, withSeries } from './series.ts'

/** The constants of an expression in memory, each aligned to its size. */
export interface Constants {
  readonly bytes: Uint8Array
  readonly offsets: ReadonlyMap<ConstantExpression, number>
}

/** Lays the constants of an expression out in memory, in the order of `partsOf`. */
export function constantsOf(expression: Expression): Constants {
  const offsets = new Map<ConstantExpression, number>()
  let end = 0
  for (const part of partsOf(expression)) {
    if (part.kind !== 'constant') continue
    const size = DTYPE_BYTES[part.type]
    const offset = Math.ceil(end / size) * size
    offsets.set(part, offset)
    end = offset + size
  }
  const bytes = new Uint8Array(end)
  for (const [{ type, value }, offset] of offsets) bytes.set(bytesOf(fromScalars({ dtype: type, shape: [] }, () => value)), offset)
  return { bytes, offsets }
}

/**
 * A text that states everything the code of an expression depends on. Expressions with equal texts have equal
 * code.
 */
export function structureOf(expression: Expression): string {
  const numbers = new Map<Expression, number>()
  const lines = partsOf(expression).map((part, i) => {
    numbers.set(part, i)
    return `${describe(part, numbers)}:${part.type}`
  })
  return lines.join(';')
}

function describe(part: Expression, numbers: ReadonlyMap<Expression, number>): string {
  if (part.kind === 'operand') return `x${part.index}`
  if (part.kind === 'constant') return 'c'
  if (part.kind === 'literal') return String(part.value)
  return `${part.fn}(${part.args.map((arg) => numbers.get(arg)).join()})`
}

/** A short name for a long text. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/**
 * The code of an expression, for four float32 at a time where `lanes`, otherwise for one element. Constants are
 * loaded into locals before use, because engines would build a vector constant again at every use.
 */
export class ExpressionCode {
  readonly #e: Emitter
  readonly #lanes: boolean
  readonly #parts: readonly MachineExpression[]
  readonly #locals = new Map<MachineExpression, Local<Value>>()
  readonly #constants: Constants
  /** The locals of the operands, by index. The caller sets them. */
  readonly operands: readonly Local<Value>[]
  /** The local in which `compute` leaves its result. */
  readonly result: Local<Value>

  /** `shares` says which parts use the locals of `other`, which is code of the same expression. */
  constructor(
    e: Emitter,
    scope: Scope,
    expression: Expression,
    lanes: boolean,
    other?: ExpressionCode,
    shares?: (part: MachineExpression) => boolean,
  ) {
    this.#e = e
    this.#lanes = lanes
    this.#constants = constantsOf(expression)
    const machine = withSeries(expression)
    this.#parts = partsOf(machine)
    const operands: Local<Value>[] = []
    for (const part of this.#parts) {
      const local = (other && shares?.(part) && other.#locals.get(part)) || scope.local(lanes ? 'v128' : machineType(part.type))
      this.#locals.set(part, local)
      if (part.kind === 'operand') operands[part.index] = local
    }
    this.operands = operands
    this.result = this.#local(machine)
  }

  /** Loads the constants from memory at `address`. */
  load(address: Local<I32>): Stmt[] {
    return this.#parts.flatMap((part) => {
      if (part.kind !== 'constant') return []
      const offset = this.#constants.offsets.get(part) as number
      return this.#local(part).set(
        this.#lanes ? (this.#e.loadSplat(address.get(), offset) as V128) : this.#e.loadElement(part.type, address.get(), offset),
      )
    })
  }

  /** For an expression of one operand: computes it for `x` and leaves the result in `x`. */
  applyTo(x: Local<Value>): Stmt[] {
    const root = this.#parts.at(-1)
    return this.#compute((part) => (part === root || part.kind === 'operand' ? x : this.#local(part)))
  }

  /** Computes the expression from the operands' locals. */
  compute(): Stmt[] {
    return this.#compute((part) => this.#local(part))
  }

  #compute(localOf: (part: MachineExpression) => Local<Value>): Stmt[] {
    return this.#parts.flatMap((part) => {
      if (part.kind === 'literal') return localOf(part).set(this.#literal(part.value))
      return part.kind === 'apply' ? localOf(part).set(this.#apply(part, localOf)) : []
    })
  }

  /** A literal as a splat, which engines move out of loops. They would build a vector constant again at every use. */
  #literal(value: number): Value {
    const x = this.#e.f32(value)
    return this.#lanes ? this.#e.splat(x) : x
  }

  #apply(part: Extract<MachineExpression, { kind: 'apply' }>, localOf: (part: MachineExpression) => Local<Value>): Value {
    const args = part.args.map(localOf)
    const from = (part.args.at(-1) as MachineExpression).type
    if (part.fn === 'cast') return this.#e.convert(from, part.type, args[0] as Local<Value>)
    const instruction = this.#e.instructions(this.#lanes ? 'lanes' : from)[part.fn as InstructionName]
    if (!instruction) throw new InternalError(`no instruction for ${part.fn} of ${from}`)
    return instruction(...args) as Value
  }

  #local(part: MachineExpression): Local<Value> {
    return this.#locals.get(part) as Local<Value>
  }
}
