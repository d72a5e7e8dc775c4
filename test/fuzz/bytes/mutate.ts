/** Damage: to bytes, as a bad disk does it, and to the messages in them, as someone with a purpose does it. */

import type { Picker } from '../pick.ts'
import { type Place, parse, placesOf, varint, type WireField, write } from './wire.ts'

/** A damaged copy. `others` lend parts of themselves. */
export function mutated(pick: Picker, model: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  if (pick.chance(0.5)) return inTree(pick, model, others)
  let bytes = Uint8Array.from(model)
  for (let i = pick.between(1, pick.choose([1, 2, 4, 16])); i > 0 && bytes.length > 0; i--)
    bytes = pick.choose(BYTE_DAMAGE)(pick, bytes, others)
  return bytes
}

type ByteDamage = (pick: Picker, bytes: Uint8Array<ArrayBuffer>, others: readonly Uint8Array[]) => Uint8Array<ArrayBuffer>

const INTERESTING_BYTES = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x08, 0x22, 0x2e]

const BYTE_DAMAGE: readonly ByteDamage[] = [
  (pick, bytes) => changedAt(bytes, pick.between(0, bytes.length - 1), (b) => b ^ (1 << pick.between(0, 7))),
  (pick, bytes) => changedAt(bytes, pick.between(0, bytes.length - 1), (b) => b ^ (1 << pick.between(0, 7))),
  (pick, bytes) => changedAt(bytes, pick.between(0, bytes.length - 1), () => pick.between(0, 255)),
  (pick, bytes) => changedAt(bytes, pick.between(0, bytes.length - 1), () => pick.choose(INTERESTING_BYTES)),
  (pick, bytes) => bytes.slice(0, pick.between(0, bytes.length)),
  (pick, bytes) =>
    spliced(bytes, pick.between(0, bytes.length), 0, new Uint8Array(pick.between(1, 12)).fill(pick.choose(INTERESTING_BYTES))),
  (pick, bytes) => spliced(bytes, pick.between(0, bytes.length - 1), pick.between(1, 12), new Uint8Array(0)),
  (pick, bytes) => spliced(bytes, pick.between(0, bytes.length), 0, varint(pick.choose(INTERESTING_INTEGERS))),
  (pick, bytes, others) => {
    const other = pick.choose(others)
    const start = pick.between(0, other.length - 1)
    return spliced(bytes, pick.between(0, bytes.length - 1), pick.between(0, 64), other.subarray(start, start + pick.between(1, 256)))
  },
]

function changedAt(bytes: Uint8Array<ArrayBuffer>, at: number, change: (byte: number) => number): Uint8Array<ArrayBuffer> {
  bytes[at] = change(bytes[at] as number)
  return bytes
}

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(Math.min(at, bytes.length) + added.length + Math.max(0, bytes.length - at - removed))
  result.set(bytes.subarray(0, at))
  result.set(added, Math.min(at, bytes.length))
  result.set(bytes.subarray(at + removed), Math.min(at, bytes.length) + added.length)
  return result
}

const INTERESTING_INTEGERS: readonly bigint[] = [
  0n,
  1n,
  -1n,
  2n,
  7n,
  8n,
  16n,
  17n,
  127n,
  128n,
  255n,
  65_536n,
  2n ** 28n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
]

const NAMES = [
  '',
  'x',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '/dev/zero',
  'a\u0000b',
  '\u202e',
  'Conv',
  'Reshape',
  'Concat',
  'Expand',
  'Tile',
  'Loop',
  'If',
  'axis',
  'pads',
  'kernel_shape',
  'group',
  'N',
  'n'.repeat(5000),
]

/** Some fields of the tree changed, and lengths put right. */
function inTree(pick: Picker, model: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const tree = parse(model, 'ModelProto')
  for (let i = pick.between(1, pick.choose([1, 2, 6])); i > 0; i--) {
    const places = placesOf(tree)
    if (places.length === 0) break
    pick.choose(TREE_DAMAGE)(pick, pick.choose(places), places, others)
  }
  return write(tree)
}

type TreeDamage = (pick: Picker, place: Place, places: readonly Place[], others: readonly Uint8Array[]) => void

const TREE_DAMAGE: readonly TreeDamage[] = [
  (_, { fields, index }) => void fields.splice(index, 1),
  (_, { fields, index, field }) => void fields.splice(index, 0, field),
  (pick, { fields, index }) => void fields.splice(pick.between(0, fields.length - 1), 0, ...fields.splice(index, 1)),
  (pick, { field }) => changeValue(pick, field),
  (pick, { field }) => changeValue(pick, field),
  (pick, { field }) => changeValue(pick, field),
  (pick, { field }, places) => {
    const donor = pick.choose(places.filter((p) => p.field.wire === field.wire)).field
    field.value = structuredClone(donor.value)
  },
  (pick, { fields, field }, places) => {
    const donors = places.filter((p) => p.field.message === field.message && p.field !== field)
    if (donors.length > 0) fields.push(structuredClone(pick.choose(donors).field))
  },
  (pick, { field }, _, others) => {
    const places = placesOf(parse(pick.choose(others), 'ModelProto')).filter(
      (p) => p.field.message === field.message && p.field.wire === field.wire,
    )
    if (places.length > 0) field.value = pick.choose(places).field.value
  },
  (pick, { field }) => {
    field.number = pick.chance(0.5) ? pick.between(1, 30) : pick.choose([0, 100, 2 ** 28])
  },
  (pick, { field }) => {
    field.wire = pick.choose([0, 1, 2, 3, 4, 5, 6, 7])
  },
]

function changeValue(pick: Picker, field: WireField): void {
  if (typeof field.value === 'bigint') {
    const near = BigInt.asUintN(64, field.value + BigInt(pick.between(-2, 2)))
    field.value = pick.chance(0.4) ? near : pick.choose(INTERESTING_INTEGERS)
  } else if (field.value instanceof Uint8Array) {
    field.value = changedBytes(pick, field.value, field.wire)
  }
}

function changedBytes(pick: Picker, bytes: Uint8Array, wire: number): Uint8Array {
  if (wire !== 2) return Uint8Array.from(bytes, () => pick.choose(INTERESTING_BYTES))
  const choice = pick.between(0, 4)
  if (choice === 0) return new TextEncoder().encode(pick.choose(NAMES))
  if (choice === 1) return bytes.subarray(0, pick.between(0, bytes.length))
  if (choice === 2) return Buffer.concat([bytes, new Uint8Array(pick.choose([1, 4, 8, 64]))])
  if (choice === 3) return Uint8Array.from(bytes, () => pick.choose(INTERESTING_BYTES))
  return varint(pick.choose(INTERESTING_INTEGERS))
}
