/**
 * Modules that check each of their own accesses to memory. A rewriter of the binary, which shares no code with
 * the compiler: before every load, store, copy and fill it calls a check of the address against the ranges in a
 * table, and traps where no range holds all of the access. The table lies in one more page of memory.
 */

import { Reader, readSections, readVector, SECTION, type Section, s32, u32, vector, writeSections } from './binary.ts'
import { type Access, nextInstruction, type ValueType } from './instructions.ts'
import { checkFunctions } from './range-table.ts'

const TYPE_CODES: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b }
const [CALL, GET, SET, TEE, CONST] = [0x10, 0x20, 0x21, 0x22, 0x41]

const VALUE_TYPES = ['i32', 'i64', 'f32', 'f64', 'v128'] as const
/** Locals that every function gets, after its own: an address, three operands of bulk instructions, stored values. */
const ADDED = ['i32', 'i32', 'i32', 'i32', ...VALUE_TYPES] as const
const [ADDRESS, TO, FROM, COUNT, VALUES] = [0, 1, 2, 3, 4]

export interface CheckedModule {
  readonly wasm: Uint8Array
  /** Where the table of ranges lies, for `RangeTable`. */
  readonly table: number
}

/** The module with checks. Its functions keep their indices; its memory has one page more. */
export function withChecks(module: Uint8Array): CheckedModule {
  const sections = readSections(module)
  if (sections.some((s) => s.id === SECTION.import)) throw new Error('the module imports something')
  const bodyOf = (id: number): Uint8Array => (sections.find((s) => s.id === id) as Section).body
  const types = readVector(bodyOf(SECTION.type), skipType)
  const functions = readVector(bodyOf(SECTION.function), (r) => r.skipLeb())
  const check = functions.length
  const pages = readPages(bodyOf(SECTION.memory))
  const parameters = functions.map((type) => parameterCount(types[new Reader(Uint8Array.from(type)).u32()] as number[]))
  const bodies = readVector(bodyOf(SECTION.code), (r) => r.take(r.u32())).map((body, i) =>
    checkedBody(body, parameters[i] as number, check),
  )
  const checks = checkFunctions(pages * 65536)
  const replaced = new Map([
    [SECTION.type, vector([...types, [0x60, ...vector([[TYPE_CODES.i32], [TYPE_CODES.i32], [TYPE_CODES.i32]]), 0]])],
    [SECTION.function, vector([...functions, u32(types.length), u32(types.length)])],
    [SECTION.memory, [1, 1, ...u32(pages + 1), ...u32(pages + 1)]],
    [SECTION.code, vector([...bodies, ...checks])],
  ] as [number, number[]][])
  const body = (s: Section): Uint8Array => Uint8Array.from(replaced.get(s.id) ?? s.body)
  return {
    wasm: writeSections(
      module,
      sections.map((s) => ({ id: s.id, body: body(s) })),
    ),
    table: pages * 65536,
  }
}

function skipType(reader: Reader): void {
  reader.byte()
  for (let list = 0; list < 2; list++) reader.take(reader.u32())
}

function parameterCount(type: readonly number[]): number {
  return type[1] as number
}

/** One memory, whose size is fixed. */
function readPages(body: Uint8Array): number {
  const reader = new Reader(body)
  const [count, flags, initial, maximum] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()]
  if (count !== 1 || flags !== 1 || initial !== maximum) throw new Error('not one memory of fixed size')
  return initial
}

function checkedBody(sized: readonly number[], parameters: number, check: number): number[] {
  const reader = new Reader(Uint8Array.from(sized))
  reader.u32()
  const groups: number[][] = []
  let locals = parameters
  for (let left = reader.u32(); left > 0; left--) {
    const count = reader.u32()
    groups.push([...u32(count), reader.byte()])
    locals += count
  }
  const added = ADDED.map((type) => [1, TYPE_CODES[type]])
  const code: number[][] = [vector([...groups, ...added])]
  while (!reader.done) {
    const start = reader.at
    const access = nextInstruction(reader)
    const instruction = [...reader.bytes.subarray(start, reader.at)]
    code.push(access ? checkedAccess(access, instruction, locals, check) : instruction)
  }
  return sizedBody(code)
}

/** What sees to it that the stack is as it was before, the check made, and the instruction executed. */
function checkedAccess(access: Access, instruction: readonly number[], locals: number, check: number): number[] {
  const local = (i: number): number[] => u32(locals + i)
  const [get, set, tee] = [GET, SET, TEE].map((opcode) => (i: number) => [opcode as number, ...local(i)]) as [Emit, Emit, Emit]
  const call = (kind: 'load' | 'store'): number[] => [CALL, ...u32(check + Number(kind === 'store'))]
  const constant = (value: number): number[] => [CONST, ...s32(value | 0)]
  if (access.kind === 'bulk') {
    const zero = constant(0)
    return [
      ...[set(COUNT), set(FROM), set(TO), get(TO), zero, get(COUNT), call('store')].flat(),
      ...(access.copies ? [get(FROM), zero, get(COUNT), call('load')].flat() : []),
      ...[get(TO), get(FROM), get(COUNT), instruction].flat(),
    ]
  }
  const checked = [tee(ADDRESS), get(ADDRESS), constant(access.offset), constant(access.bytes)]
  if (access.value === undefined) return [...checked, call(access.kind), instruction].flat()
  const value = VALUES + VALUE_TYPES.indexOf(access.value)
  return [set(value), ...checked, call(access.kind), get(value), instruction].flat()
}

type Emit = (local: number) => number[]

function sizedBody(code: readonly (readonly number[])[]): number[] {
  const bytes = code.flat()
  return [...u32(bytes.length), ...bytes]
}
