/**
 * A typed layer over Binaryen. No other file depends on how Binaryen works inside.
 *
 * The TypeScript type of an expression tells its WebAssembly type. An expression is a node of a tree, so it
 * must be used exactly once. A value that is needed twice is kept in a `Local`: each `get` makes a new node.
 * Addresses are i32 and count bytes, offsets are constant bytes ≥ 0, and accesses assume 4-byte alignment.
 */

import binaryen from 'binaryen'
import type { DType } from '../../ir/tensors/types.ts'
import type { Target } from '../target/target.ts'
import {
  type Code,
  elementInstructions,
  type Instructions,
  laneInstructions,
  type MachineType,
  type RuntimeCall,
  type Variable,
} from './arithmetic.ts'
import { converted, loadElement, storeElement } from './elements.ts'

/** Types a kernel function may take. */
export type ParamType = 'i32' | 'f32'

declare const type: unique symbol

export type I32 = number & { readonly [type]: 'i32' }
export type F32 = number & { readonly [type]: 'f32' }
export type V128 = number & { readonly [type]: 'v128' }
/** A value of any type. */
export type Value = number & { readonly [type]: MachineType }
export type Stmt = number & { readonly [type]: 'none' }

export type Statements = Stmt | readonly Statements[]

export class Local<T extends Value> {
  readonly #module: binaryen.Module
  readonly #type: binaryen.Type
  readonly index: number

  constructor(module: binaryen.Module, index: number, type: binaryen.Type) {
    this.#module = module
    this.#type = type
    this.index = index
  }

  get(): T {
    return this.#module.local.get(this.index, this.#type) as T
  }

  set(value: T): Stmt {
    return this.#module.local.set(this.index, value) as Stmt
  }

  /** Sets the local and gives the value. */
  tee(value: T): T {
    return this.#module.local.tee(this.index, value, this.#type) as T
  }
}

/** Parameters of a function, typed by position. */
export type Params<P extends readonly ParamType[]> = { [K in keyof P]: P[K] extends 'i32' ? Local<I32> : Local<F32> }

/** The function that is being defined. Its locals are made here. */
export class Scope {
  readonly #module: binaryen.Module
  readonly #params: number
  readonly types: binaryen.Type[] = []

  constructor(module: binaryen.Module, params: number) {
    this.#module = module
    this.#params = params
  }

  i32(): Local<I32> {
    return this.#local(binaryen.i32)
  }

  f32(): Local<F32> {
    return this.#local(binaryen.f32)
  }

  v128(): Local<V128> {
    return this.#local(binaryen.v128)
  }

  /** `count` vector locals. */
  vectors(count: number): Local<V128>[] {
    return Array.from({ length: count }, () => this.v128())
  }

  /** A local of a type that is known at run time only. */
  local(type: MachineType): Local<Value> {
    return this.#local(binaryen[type])
  }

  #local<T extends Value>(type: binaryen.Type): Local<T> {
    this.types.push(type)
    return new Local<T>(this.#module, this.#params + this.types.length - 1, type)
  }
}

/** A module from its binary, with every feature allowed. (The declared `readBinaryWithFeatures` does not exist; `readBinary` takes the features.) */
export function readModule(binary: Uint8Array): binaryen.Module {
  const read = binaryen.readBinary as (binary: Uint8Array, features: number) => binaryen.Module
  return read(binary, binaryen.Features.All)
}

/** The internal names of a module's exported functions. */
export function exportedFunctions(module: binaryen.Module): ReadonlyMap<string, string> {
  const exports = Array.from({ length: module.getNumExports() }, (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)))
  return new Map(exports.filter(({ kind }) => kind === FUNCTION_EXPORT).map(({ name, value }) => [name, value]))
}

/** Binaryen's external kind of an exported function. */
const FUNCTION_EXPORT = 0

/** `binaryen.js` has no builder for relaxed SIMD, but Binaryen's C API has one. */
const { _BinaryenSIMDTernary: simdTernary, RelaxedMaddVecF32x4 } = binaryen as unknown as {
  _BinaryenSIMDTernary(module: number, op: number, a: number, b: number, c: number): number
  RelaxedMaddVecF32x4: number
}

export class Emitter {
  readonly target: Target
  readonly #module: binaryen.Module
  readonly #pointer: number
  readonly #runtime: ReadonlyMap<string, string>
  readonly #instructions = new Map<DType | 'lanes', Instructions>()
  #labels = 0

  /** `runtime`: the internal names of the runtime's functions, where the module has them. */
  constructor(module: binaryen.Module, target: Target, runtime: ReadonlyMap<string, string> = new Map()) {
    this.target = target
    this.#runtime = runtime
    this.#module = module
    this.#pointer = (module as unknown as { ptr: number }).ptr
    const { SIMD128, RelaxedSIMD, SignExt, NontrappingFPToInt } = binaryen.Features
    const vectors = target.simd ? SIMD128 | (target.relaxed ? RelaxedSIMD : 0) : 0
    module.setFeatures(module.getFeatures() | SignExt | NontrappingFPToInt | vectors)
  }

  /** Defines the function `key`, which returns nothing and is not exported. */
  func<const P extends readonly ParamType[]>(key: string, params: P, body: (scope: Scope, ...locals: Params<P>) => Statements): void {
    const types = params.map((p) => binaryen[p])
    const scope = new Scope(this.#module, params.length)
    const locals = types.map((t, i) => new Local(this.#module, i, t)) as unknown as Params<P>
    const code = this.block(body(scope, ...locals))
    this.#module.addFunction(key, binaryen.createType(types), binaryen.none, scope.types, code)
  }

  /** Calls the function `key`, emitted or of the runtime, which returns nothing. */
  call(key: string, operands: readonly (I32 | F32)[]): Stmt {
    return this.#module.call(this.#runtime.get(key) ?? key, operands, binaryen.none) as Stmt
  }

  /** Calls a function of the runtime that returns a value. */
  result(key: string, operands: readonly Code[], type: MachineType): Value {
    return this.#module.call(this.#runtime.get(key) ?? key, [...operands], binaryen[type]) as Value
  }

  /** The instructions of four lanes of float32, or of one element of a type. */
  instructions(of: DType | 'lanes'): Instructions {
    const known = this.#instructions.get(of)
    if (known) return known
    const call: RuntimeCall = (name, operands) => this.result(name, operands, name === 'pow_f64' ? 'f64' : 'i64')
    const fused = (a: Code, b: Code, c: Code): Code => this.madd(a as V128, b as V128, c as V128)
    const made = of === 'lanes' ? laneInstructions(this.#module, fused, call) : elementInstructions(this.#module, of, call)
    this.#instructions.set(of, made)
    return made
  }

  convert(from: DType, to: DType, x: Variable): Value {
    return converted(this.#module, from, to, x) as Value
  }

  loadElement(type: DType, address: I32, offset = 0): Value {
    return loadElement(this.#module, type, address, offset, (name, operands) => this.result(name, operands, 'f32')) as Value
  }

  storeElement(type: DType, address: I32, value: Value): Stmt {
    return storeElement(this.#module, type, address, value, (name, operands) => this.result(name, operands, 'i32')) as Stmt
  }

  // Control

  block(statements: Statements): Stmt {
    const list = flat(statements)
    return (list.length === 1 ? list[0] : this.#module.block(null, list)) as Stmt
  }

  if(condition: I32, then: Statements, otherwise?: Statements): Stmt {
    const other = otherwise === undefined ? undefined : this.block(otherwise)
    return this.#module.if(condition, this.block(then), other) as Stmt
  }

  /** Runs `body`, and repeats it while `condition` is not 0. The condition is evaluated after each run. */
  doWhile(body: Statements, condition: I32): Stmt {
    const label = `l${this.#labels++}`
    return this.#module.loop(label, this.block([body, this.#module.br_if(label, condition) as Stmt])) as Stmt
  }

  /** for (i = begin; i < end; i += step) body. The comparison is signed. Each call of `end` makes a new expression. */
  forRange(i: Local<I32>, begin: I32, end: () => I32, step: number, body: Statements): Stmt {
    const next = i.tee(this.iadd(i.get(), this.i32(step)))
    return this.block([i.set(begin), this.if(this.lt(i.get(), end()), this.doWhile(body, this.lt(next, end())))])
  }

  /** Runs `body` `count` ≥ 1 times, counting `i` down to 0. */
  repeat(i: Local<I32>, count: I32, body: Statements): Stmt {
    return this.block([i.set(count), this.doWhile(body, i.tee(this.isub(i.get(), this.i32(1))))])
  }

  /** local += by */
  bump(local: Local<I32>, by: I32): Stmt {
    return local.set(this.iadd(local.get(), by))
  }

  // Integers

  i32(value: number): I32 {
    return this.#module.i32.const(value) as I32
  }

  iadd(a: I32, b: I32): I32 {
    return this.#module.i32.add(a, b) as I32
  }

  isub(a: I32, b: I32): I32 {
    return this.#module.i32.sub(a, b) as I32
  }

  imul(a: I32, b: I32): I32 {
    return this.#module.i32.mul(a, b) as I32
  }

  /** a · 2^by */
  shl(a: I32, by: number): I32 {
    return by === 0 ? a : (this.#module.i32.shl(a, this.i32(by)) as I32)
  }

  /** Unsigned quotient. */
  idiv(a: I32, b: I32): I32 {
    return this.#module.i32.div_u(a, b) as I32
  }

  /** Unsigned remainder. */
  irem(a: I32, b: I32): I32 {
    return this.#module.i32.rem_u(a, b) as I32
  }

  /** a < b, signed. */
  lt(a: I32, b: I32): I32 {
    return this.#module.i32.lt_s(a, b) as I32
  }

  /** a < b, unsigned. */
  ltUnsigned(a: I32, b: I32): I32 {
    return this.#module.i32.lt_u(a, b) as I32
  }

  /** a ≥ b, signed. */
  ge(a: I32, b: I32): I32 {
    return this.#module.i32.ge_s(a, b) as I32
  }

  eq(a: I32, b: I32): I32 {
    return this.#module.i32.eq(a, b) as I32
  }

  select(condition: I32, then: I32, otherwise: I32): I32 {
    return this.#module.select(condition, then, otherwise) as I32
  }

  // Floats

  f32(value: number): F32 {
    return this.#module.f32.const(value) as F32
  }

  /** All four lanes `x`. */
  splat(x: F32): V128 {
    return this.#module.f32x4.splat(x) as V128
  }

  /** A constant with `x` in all four lanes. Engines may build it again at each use, so keep it in a local. */
  vector(x: number): V128 {
    return this.#module.v128.const([...new Uint8Array(new Float32Array(4).fill(x).buffer)]) as V128
  }

  add(a: V128, b: V128): V128 {
    return this.#module.f32x4.add(a, b) as V128
  }

  sub(a: V128, b: V128): V128 {
    return this.#module.f32x4.sub(a, b) as V128
  }

  mul(a: V128, b: V128): V128 {
    return this.#module.f32x4.mul(a, b) as V128
  }

  /** a·b + c: fused on relaxed targets, rounded twice elsewhere. */
  madd(a: V128, b: V128, c: V128): V128 {
    if (this.target.relaxed) return simdTernary(this.#pointer, RelaxedMaddVecF32x4, a, b, c) as V128
    return this.add(this.mul(a, b), c)
  }

  /** max(x, low); a NaN in `x` stays. */
  atLeast(x: V128, low: V128): V128 {
    return this.#module.f32x4.pmax(x, low) as V128
  }

  /** min(x, high); a NaN in `x` stays. */
  atMost(x: V128, high: V128): V128 {
    return this.#module.f32x4.pmin(x, high) as V128
  }

  /** In each lane, −1 (all bits set) where a < b, and 0 elsewhere. */
  less(a: V128, b: V128): V128 {
    return this.#module.f32x4.lt(a, b) as V128
  }

  /** Bits of `a` where `mask` is 1, of `b` elsewhere. */
  bitselect(a: V128, b: V128, mask: V128): V128 {
    return this.#module.v128.bitselect(a, b, mask) as V128
  }

  /** Lanes 0–3 are those of `a`, 4–7 those of `b`. */
  shuffle(a: V128, b: V128, lanes: readonly [number, number, number, number]): V128 {
    const bytes = lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte))
    return this.#module.i8x16.shuffle(a, b, bytes) as V128
  }

  // Memory

  loadI32(address: I32, offset = 0): I32 {
    return this.#module.i32.load(offset, 4, address) as I32
  }

  loadF32(address: I32, offset = 0): F32 {
    return this.#module.f32.load(offset, 4, address) as F32
  }

  storeF32(address: I32, value: F32, offset = 0): Stmt {
    return this.#module.f32.store(offset, 4, address, value) as Stmt
  }

  load(address: I32, offset = 0): V128 {
    return this.#module.v128.load(offset, 4, address) as V128
  }

  /** One float in all four lanes. */
  loadSplat(address: I32, offset = 0): V128 {
    return this.#module.v128.load32_splat(offset, 4, address) as V128
  }

  /** Loads the first `lanes` (1 to 4) floats; the other lanes are 0. It reads nothing beyond them. */
  loadPart(address: () => I32, lanes: number, offset = 0): V128 {
    if (lanes === 4) return this.load(address(), offset)
    if (lanes === 1) return this.#module.v128.load32_zero(offset, 4, address()) as V128
    const two = this.#module.v128.load64_zero(offset, 4, address()) as V128
    return lanes === 2 ? two : this.loadLane(address(), 2, two, offset + 8)
  }

  /** `vector` with one lane from memory. */
  loadLane(address: I32, lane: number, vector: V128, offset = 0): V128 {
    return this.#module.v128.load32_lane(offset, 4, lane, address, vector) as V128
  }

  store(address: I32, value: V128, offset = 0): Stmt {
    return this.#module.v128.store(offset, 4, address, value) as Stmt
  }

  storeLane(address: I32, lane: number, vector: V128, offset = 0): Stmt {
    return this.#module.v128.store32_lane(offset, 4, lane, address, vector) as Stmt
  }

  /** Stores the first `count` lanes of a local, or all four where `count` is larger. It writes nothing else. */
  storeFirst(address: () => I32, value: Local<V128>, count: () => I32): Stmt {
    const lane = (i: number): Stmt => this.storeLane(address(), i, value.get(), i * 4)
    const rest = (i: number): Stmt => this.if(this.lt(this.i32(i), count()), lane(i))
    return this.if(this.ge(count(), this.i32(4)), this.store(address(), value.get()), [lane(0), rest(1), rest(2)])
  }

  /** Stores the first `lanes` (1 to 4) lanes of a local. It writes nothing beyond them. */
  storePart(address: () => I32, value: Local<V128>, lanes: number, offset = 0): Stmt {
    if (lanes === 4) return this.store(address(), value.get(), offset)
    if (lanes === 1) return this.storeLane(address(), 0, value.get(), offset)
    const two = this.#module.v128.store64_lane(offset, 4, 0, address(), value.get()) as Stmt
    return lanes === 2 ? two : this.block([two, this.storeLane(address(), 2, value.get(), offset + 8)])
  }
}

function flat(statements: Statements): Stmt[] {
  return typeof statements === 'number' ? [statements] : statements.flatMap(flat)
}
