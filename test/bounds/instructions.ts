/** Instructions, decoded as far as it takes to find those that touch memory. */

import type { Reader } from './binary.ts'

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

/** What one instruction does to memory, given the operands on the stack. */
export type Access =
  /** [address], or [address, vector] where one lane of `value` is read. */
  | { readonly kind: 'load'; readonly offset: number; readonly bytes: number; readonly value?: 'v128' }
  /** [address, value] */
  | { readonly kind: 'store'; readonly offset: number; readonly bytes: number; readonly value: ValueType }
  /** [to, from, count], or [to, byte, count] where nothing is copied. */
  | { readonly kind: 'bulk'; readonly copies: boolean }

const NONE = null

/** Widths and value types of opcodes 0x28 to 0x3e. */
const PLAIN: readonly (readonly [bytes: number, value: ValueType, store?: true])[] = [
  [4, 'i32'],
  [8, 'i64'],
  [4, 'f32'],
  [8, 'f64'],
  [1, 'i32'],
  [1, 'i32'],
  [2, 'i32'],
  [2, 'i32'],
  [1, 'i64'],
  [1, 'i64'],
  [2, 'i64'],
  [2, 'i64'],
  [4, 'i64'],
  [4, 'i64'],
  [4, 'i32', true],
  [8, 'i64', true],
  [4, 'f32', true],
  [8, 'f64', true],
  [1, 'i32', true],
  [2, 'i32', true],
  [1, 'i64', true],
  [2, 'i64', true],
  [4, 'i64', true],
]

/** Bytes read by vector opcodes 0 to 10. */
const VECTOR_LOADS = [16, 8, 8, 8, 8, 8, 8, 1, 2, 4, 8]
const VECTOR_STORE = 11
const LANES = { first: 84, stores: 88, last: 91 }
const ZERO_LOADS: Readonly<Record<number, number>> = { 92: 4, 93: 8 }

/** Steps over one instruction, structured ones up to their body; returns its access to memory. */
export function nextInstruction(reader: Reader): Access | null {
  const opcode = reader.byte()
  if (opcode >= 0x28 && opcode <= 0x3e) return plainAccess(opcode, reader)
  if (opcode === 0xfc) return bulk(reader)
  if (opcode === 0xfd) return vectorInstruction(reader)
  skipImmediates(opcode, reader)
  return NONE
}

function plainAccess(opcode: number, reader: Reader): Access {
  const [bytes, value, store] = PLAIN[opcode - 0x28] as (typeof PLAIN)[number]
  const offset = memoryArgument(reader)
  return store ? { kind: 'store', offset, bytes, value } : { kind: 'load', offset, bytes }
}

/** An alignment, and the offset that is returned. */
function memoryArgument(reader: Reader): number {
  if (reader.u32() >= 64) throw new Error('more than one memory')
  return reader.u32()
}

function bulk(reader: Reader): Access | null {
  const opcode = reader.u32()
  if (opcode <= 7) return NONE
  if (opcode === 10 || opcode === 11) {
    reader.take(opcode === 10 ? 2 : 1)
    return { kind: 'bulk', copies: opcode === 10 }
  }
  throw new Error(`unknown instruction 0xfc ${opcode}`)
}

function vectorInstruction(reader: Reader): Access | null {
  const opcode = reader.u32()
  const bytes = VECTOR_LOADS[opcode] ?? ZERO_LOADS[opcode]
  if (bytes !== undefined) return { kind: 'load', offset: memoryArgument(reader), bytes }
  if (opcode === VECTOR_STORE) return { kind: 'store', offset: memoryArgument(reader), bytes: 16, value: 'v128' }
  if (opcode >= LANES.first && opcode <= LANES.last) return laneAccess(opcode, reader)
  if (opcode === 12 || opcode === 13) reader.take(16)
  else if (opcode >= 21 && opcode <= 34) reader.byte()
  return NONE
}

function laneAccess(opcode: number, reader: Reader): Access {
  const store = opcode >= LANES.stores
  const bytes = 1 << (opcode - (store ? LANES.stores : LANES.first))
  const offset = memoryArgument(reader)
  reader.byte()
  return { kind: store ? 'store' : 'load', offset, bytes, value: 'v128' }
}

function skipImmediates(opcode: number, reader: Reader): void {
  const oneNumber = [0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x3f, 0x41, 0x42]
  if (oneNumber.includes(opcode)) reader.skipLeb()
  else if (opcode === 0x0e) for (let labels = reader.u32() + 1; labels > 0; labels--) reader.skipLeb()
  else if (opcode === 0x43) reader.take(4)
  else if (opcode === 0x44) reader.take(8)
  else if (!isBare(opcode)) throw new Error(`unknown instruction 0x${opcode.toString(16)}`)
}

/** Instructions without immediates: control, drop, select, and arithmetic. */
function isBare(opcode: number): boolean {
  return [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b].includes(opcode) || (opcode >= 0x45 && opcode <= 0xc4)
}
