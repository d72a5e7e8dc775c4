/**
 * Computes an expression at every place of a result, in one pass over memory. A function is specialised by the
 * structure of the expression and by how its operands are read. Constants and extents are parameters.
 */

import { type Expression, partsOf } from '../../../ir/scalar/expression.ts'
import { DTYPE_BYTES, type DType, isFloat } from '../../../ir/tensors/types.ts'
import type { ElementFunctionName } from '../../../runtime-as/kernels.ts'
import type { EmittedFunction, RuntimeFunction } from '../../emitter/emitted-function.ts'
import type { Emitter, I32, Local, ParamType, Scope, Statements, Stmt, V128, Value } from '../../emitter/emitter.ts'
import { digest, ExpressionCode, structureOf } from './expression-code.ts'
import { isSeries, type MachineExpression } from './series.ts'

/**
 * How an operand is read while the result is written row by row.
 *
 * `each`: its elements are in the same order as those of the result. `one`: the same element is read
 * everywhere. `row`: every row reads the same elements. `placed`: the walk says where the elements of a row
 * are. `cell`: each row reads one element, and the walk says where it is.
 */
export type Access = 'each' | 'one' | 'row' | 'placed' | 'cell'

export interface Pass {
  /** Part of the key, for people. */
  readonly label: string
  readonly expression: Expression
  /** How each operand is read. */
  readonly accesses: readonly Access[]
  /** Whether four float32 are computed at a time. The expression must allow it: see `fitsLanes`. */
  readonly lanes: boolean
}

/**
 * Whether the expression can be computed on four lanes. All of it must be float32, and comparisons may only be
 * read by `select`.
 */
export function fitsLanes(expression: Expression): boolean {
  const fits = (part: Expression): boolean =>
    part.type === 'float32' || (part.kind === 'apply' && ['less', 'lessOrEqual', 'equal'].includes(part.fn))
  const readsFloat = (part: Expression): boolean => part.kind !== 'apply' || part.args.slice(-1).every((arg) => arg.type === 'float32')
  return expression.type === 'float32' && partsOf(expression).every((part) => fits(part) && readsFloat(part) && !isCast(part))
}

function isCast(part: Expression): boolean {
  return part.kind === 'apply' && part.fn === 'cast'
}

/** Whether the range of the function counts elements. Otherwise it counts rows. */
export function isFlat(accesses: readonly Access[]): boolean {
  return accesses.every((access) => access === 'each' || access === 'one')
}

/**
 * The function of a pass. Its parameters are the addresses of the operands, of the result and of the constants,
 * and then the range, in elements or rows. A pass in rows has two more parameters before the range: the
 * descriptor of the walk over placed operands, and the elements of a row.
 *
 * The result may overwrite an operand that is read at `each` place and whose elements have the same size.
 */
export function elementwiseFunction(pass: Pass): EmittedFunction {
  const { label, expression, accesses, lanes } = pass
  const flat = isFlat(accesses)
  const key = `elementwise_${label}_${digest([structureOf(expression), ...accesses, lanes].join())}`
  const params = new Array<ParamType>(accesses.length + (flat ? 4 : 6)).fill('i32') as 'i32'[]
  const calls = runtimeCalls(pass)
  return {
    kind: 'emitted',
    key,
    params,
    ...(calls.length > 0 && { calls }),
    emit(e) {
      e.func(key, params, (scope, ...locals) => new PassEmitter(e, scope, pass, locals).code())
    },
  }
}

/** The functions of the runtime that the code calls. */
function runtimeCalls({ expression, accesses }: Pass): RuntimeFunction[] {
  const parts = partsOf(expression)
  const powers = parts.flatMap((part) => (part.kind === 'apply' && part.fn === 'pow' ? [part.type] : []))
  const called: readonly [ElementFunctionName, boolean][] = [
    ['pow_f64', powers.some(isFloat)],
    ['power_i64', powers.some((type) => !isFloat(type))],
    ['half_to_float', parts.some((part) => part.kind !== 'apply' && part.type === 'float16')],
    ['float_to_half', expression.type === 'float16'],
    ['row_offset', accesses.some(isPlaced)],
  ]
  return called.flatMap(([key, is]) => (is ? [{ kind: 'runtime', key }] : []))
}

function isPlaced(access: Access): boolean {
  return access === 'placed' || access === 'cell'
}

/** Whether an operand is read once for a row. */
function isFixed(access: Access): boolean {
  return access === 'one' || access === 'cell'
}

interface Operand {
  readonly access: Access
  readonly type: DType
  readonly address: Local<I32>
  /** Address of the elements that the current row reads. In a pass without rows, it is that of all elements. */
  readonly base: Local<I32>
}

const VECTOR = 4
const VECTOR_BYTES = 16

class PassEmitter {
  readonly #e: Emitter
  readonly #pass: Pass
  readonly #code: ExpressionCode
  /** The same code for the next vector, where two vectors are computed side by side. */
  readonly #twin: ExpressionCode | null
  readonly #operands: readonly Operand[]
  readonly #y: Local<I32>
  readonly #constants: Local<I32>
  readonly #rest: readonly Local<I32>[]
  /** Address of the current row's results. */
  readonly #to: Local<I32>
  /** The current element of the row, its offset in bytes for each size of elements, and the current row. */
  readonly #index: Local<I32>
  readonly #offsets: ReadonlyMap<number, Local<I32>>
  readonly #row: Local<I32>

  constructor(e: Emitter, scope: Scope, pass: Pass, locals: readonly Local<I32>[]) {
    this.#e = e
    this.#pass = pass
    this.#code = new ExpressionCode(e, scope, pass.expression, pass.lanes)
    const isShared = (part: MachineExpression): boolean =>
      part.kind === 'constant' || (part.kind === 'operand' && isFixed(pass.accesses[part.index] as Access))
    const paired = pass.lanes && hasSeries(pass.expression)
    this.#twin = paired ? new ExpressionCode(e, scope, pass.expression, true, this.#code, isShared) : null
    const types = operandTypes(pass.expression)
    const flat = isFlat(pass.accesses)
    this.#operands = pass.accesses.map((access, i) => {
      const address = locals[i] as Local<I32>
      return { access, type: types.get(i) as DType, address, base: flat ? address : scope.i32() }
    })
    const [y, constants, ...rest] = locals.slice(pass.accesses.length) as [Local<I32>, Local<I32>, ...Local<I32>[]]
    this.#y = y
    this.#constants = constants
    this.#rest = rest
    this.#to = flat ? y : scope.i32()
    this.#index = scope.i32()
    this.#row = scope.i32()
    const sizes = new Set([...this.#operands.map((o) => DTYPE_BYTES[o.type]), DTYPE_BYTES[pass.expression.type]])
    this.#offsets = new Map([...sizes].map((size) => [size, size === 1 ? this.#index : scope.i32()]))
  }

  code(): Statements {
    return [
      this.#code.load(this.#constants),
      this.#fixed('one', (o) => o.address),
      isFlat(this.#pass.accesses) ? this.#flat() : this.#rows(),
    ]
  }

  #flat(): Statements {
    const [begin, end] = this.#rest as [Local<I32>, Local<I32>]
    return this.#elements(begin.get(), end)
  }

  #rows(): Statements {
    const e = this.#e
    const [, inner, begin, end] = this.#rest as [Local<I32>, Local<I32>, Local<I32>, Local<I32>]
    const bases = this.#operands.flatMap((o) => (o.access === 'one' ? [] : [o.base.set(this.#baseOf(o))]))
    const to = this.#to.set(e.iadd(this.#y.get(), e.shl(this.#rowStart(), shiftOf(this.#pass.expression.type))))
    return e.forRange(this.#row, begin.get(), () => end.get(), 1, [
      bases,
      to,
      this.#fixed('cell', (o) => o.base),
      this.#elements(e.i32(0), inner),
    ])
  }

  /** Elements before the current row. */
  #rowStart(): I32 {
    return this.#e.imul(this.#row.get(), (this.#rest[1] as Local<I32>).get())
  }

  #baseOf(operand: Operand): I32 {
    const e = this.#e
    if (operand.access === 'row') return operand.address.get()
    const offset = operand.access === 'each' ? this.#rowStart() : this.#placeOf(operand)
    return e.iadd(operand.address.get(), e.shl(offset, shiftOf(operand.type)))
  }

  /** The number of elements before those that the current row reads of a placed operand. */
  #placeOf(operand: Operand): I32 {
    const placed = this.#operands.filter((o) => isPlaced(o.access))
    const place = [this.#rest[0] as Local<I32>].map((descriptor) => descriptor.get())
    const operands = [...place, this.#e.i32(placed.indexOf(operand)), this.#e.i32(placed.length), this.#row.get()]
    return this.#e.result('row_offset', operands, 'i32') as I32
  }

  /** Loads an operand that is read once. */
  #fixed(access: Access, address: (o: Operand) => Local<I32>): Stmt[] {
    return this.#operands.flatMap((o, i) => (o.access === access ? this.#operand(i).set(this.#loadFixed(o, address(o))) : []))
  }

  #loadFixed({ type }: Operand, address: Local<I32>): Value {
    return this.#pass.lanes ? this.#e.loadSplat(address.get()) : this.#e.loadElement(type, address.get())
  }

  /**
   * Computes and stores the elements from `begin` up to `end`. In a series, every instruction waits for the one
   * before it. So two vectors are computed side by side where there are enough elements.
   */
  #elements(begin: I32, end: Local<I32>): Statements {
    const e = this.#e
    const step = this.#pass.lanes ? VECTOR : 1
    const last = (): I32 => e.isub(end.get(), e.i32(2 * VECTOR - 1))
    const pairs = this.#twin ? [e.forRange(this.#index, begin, last, 2 * VECTOR, this.#pair(this.#twin))] : []
    const rest = this.#twin ? this.#index.get() : begin
    const single = [this.#places(), this.#load(this.#code), this.#code.compute(), this.#store(end)]
    return [pairs, e.forRange(this.#index, rest, () => end.get(), step, single)]
  }

  #pair(twin: ExpressionCode): Statements {
    const second = twin.compute()
    const to = (): I32 => this.#at(this.#to, 'float32')
    return [
      this.#places(),
      this.#load(this.#code),
      this.#load(twin, VECTOR_BYTES),
      this.#code.compute().flatMap((first, i) => [first, second[i] as Stmt]),
      this.#e.store(to(), this.#code.result.get() as V128),
      this.#e.store(to(), twin.result.get() as V128, VECTOR_BYTES),
    ]
  }

  /** The current element's place in bytes. */
  #places(): Stmt[] {
    return [...this.#offsets].flatMap(([size, local]) => (size === 1 ? [] : local.set(this.#e.shl(this.#index.get(), Math.log2(size)))))
  }

  /** Loads the operands of the current element, or of the element `offset` bytes after it. */
  #load(code: ExpressionCode, offset = 0): Stmt[] {
    return this.#operands.flatMap(({ access, base, type }, i) => {
      if (isFixed(access)) return []
      const address = this.#at(base, type)
      const value = this.#pass.lanes ? this.#e.load(address, offset) : this.#e.loadElement(type, address)
      return (code.operands[i] as Local<Value>).set(value)
    })
  }

  #store(end: Local<I32>): Stmt {
    const e = this.#e
    const { type } = this.#pass.expression
    const address = (): I32 => this.#at(this.#to, type)
    if (!this.#pass.lanes) return e.storeElement(type, address(), this.#code.result.get())
    return e.storeFirst(address, this.#code.result as Local<V128>, () => e.isub(end.get(), this.#index.get()))
  }

  #at(base: Local<I32>, type: DType): I32 {
    return this.#e.iadd(base.get(), (this.#offsets.get(DTYPE_BYTES[type]) as Local<I32>).get())
  }

  #operand(index: number): Local<Value> {
    return this.#code.operands[index] as Local<Value>
  }
}

function hasSeries(expression: Expression): boolean {
  return partsOf(expression).some((part) => part.kind === 'apply' && isSeries(part.fn))
}

function shiftOf(type: DType): number {
  return Math.log2(DTYPE_BYTES[type])
}

function operandTypes(expression: Expression): ReadonlyMap<number, DType> {
  return new Map(partsOf(expression).flatMap((part) => (part.kind === 'operand' ? [[part.index, part.type]] : [])))
}
