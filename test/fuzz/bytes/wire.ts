/** The protobuf wire format as a tree that can be changed and written again (protobuf.dev, "Encoding"). */

import { ONNX_SCHEMA } from '../../../compiler/onnx/schema.ts'

export type MessageName = keyof typeof ONNX_SCHEMA

export interface WireField {
  number: number
  /** 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
  wire: number
  value: bigint | Uint8Array | WireField[]
  /** Of the message in `value`. */
  message?: MessageName
}

/** The fields of a message whose encoding is right. */
export function parse(bytes: Uint8Array, message: MessageName): WireField[] {
  const reader = { bytes, at: 0 }
  const fields: WireField[] = []
  while (reader.at < bytes.length) {
    const tag = Number(readVarint(reader))
    fields.push(readField(reader, tag >>> 3, tag & 7, message))
  }
  return fields
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
}

function readField(reader: Reader, number: number, wire: number, message: MessageName): WireField {
  if (wire === 0) return { number, wire, value: readVarint(reader) }
  const length = wire === 2 ? Number(readVarint(reader)) : wire === 1 ? 8 : 4
  const value = reader.bytes.subarray(reader.at, reader.at + length)
  reader.at += length
  const inner = wire === 2 ? messageAt(message, number) : null
  return inner ? { number, wire, value: parse(value, inner), message: inner } : { number, wire, value }
}

function messageAt(message: MessageName, number: number): MessageName | null {
  const field = Object.values(ONNX_SCHEMA[message].fields).find((f) => f.id === number)
  return field && field.type in ONNX_SCHEMA ? (field.type as MessageName) : null
}

function readVarint(reader: Reader): bigint {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = reader.bytes[reader.at++] ?? 0
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return value
  }
}

export function write(fields: readonly WireField[]): Uint8Array {
  return Buffer.concat(fields.flatMap(({ number, wire, value }) => [varint(BigInt(number * 8 + wire)), ...payload(wire, value)]))
}

function payload(wire: number, value: WireField['value']): Uint8Array[] {
  if (typeof value === 'bigint') return [varint(value)]
  const bytes = Array.isArray(value) ? write(value) : value
  return wire === 2 ? [varint(BigInt(bytes.length)), bytes] : [bytes]
}

export function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}

export interface Place {
  readonly fields: WireField[]
  readonly index: number
  readonly field: WireField
}

/** Every field of the tree, with the list that it is in. */
export function placesOf(fields: WireField[]): Place[] {
  return fields.flatMap((field, index) => [{ fields, index, field }, ...(Array.isArray(field.value) ? placesOf(field.value) : [])])
}
