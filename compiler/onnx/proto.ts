/**
 * The protobuf messages of ONNX (onnx/onnx.proto, IR version 13). protobufjs decodes and encodes them from the
 * static description in `schema.ts`.
 *
 * Decoded messages follow protobuf: a field that is absent from the file reads as its default, through the
 * prototype. `Object.hasOwn` tells whether it was there. Encoding is deterministic, with fields in the order of
 * their numbers.
 */

import protobuf from 'protobufjs/light.js'
import { Diagnostic } from '../../ir/diagnostics.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits/limits.ts'
import { ONNX_SCHEMA } from './schema.ts'

/** A 64-bit integer as protobufjs reads it: two 32-bit halves. */
export interface Int64Halves {
  readonly low: number
  readonly high: number
  readonly unsigned: boolean
}

export type Int64 = number | Int64Halves

export interface StringStringEntryProto {
  readonly key: string
  readonly value: string
}

export interface OperatorSetIdProto {
  readonly domain: string
  readonly version: Int64
}

export interface TensorSegment {
  readonly begin: Int64
  readonly end: Int64
}

export interface TensorProto {
  readonly dims: readonly Int64[]
  readonly dataType: number
  readonly segment: TensorSegment | null
  readonly floatData: readonly number[]
  readonly int32Data: readonly number[]
  readonly stringData: readonly Uint8Array[]
  readonly int64Data: readonly Int64[]
  readonly name: string
  readonly rawData: Uint8Array
  readonly doubleData: readonly number[]
  readonly uint64Data: readonly Int64[]
  readonly externalData: readonly StringStringEntryProto[]
  /** 0 in the message, 1 external. */
  readonly dataLocation: number
}

export interface DimensionProto {
  readonly dimValue: Int64
  readonly dimParam: string
}

export interface TensorShapeProto {
  readonly dim: readonly DimensionProto[]
}

export interface TensorTypeProto {
  readonly elemType: number
  readonly shape: TensorShapeProto | null
}

/**
 * The type of a value. Only tensor types are decoded. The other kinds stay bytes, so that deeply nested types
 * cost nothing.
 */
export interface TypeProto {
  readonly tensorType: TensorTypeProto | null
  readonly sequenceType: Uint8Array
  readonly mapType: Uint8Array
  readonly sparseTensorType: Uint8Array
  readonly optionalType: Uint8Array
}

export interface ValueInfoProto {
  readonly name: string
  readonly type: TypeProto | null
}

/** Subgraphs and sparse tensors stay bytes. */
export interface AttributeProto {
  readonly name: string
  readonly f: number
  readonly i: Int64
  readonly s: Uint8Array
  readonly t: TensorProto | null
  readonly g: Uint8Array
  readonly floats: readonly number[]
  readonly ints: readonly Int64[]
  readonly strings: readonly Uint8Array[]
  readonly tensors: readonly TensorProto[]
  readonly graphs: readonly Uint8Array[]
  readonly type: number
  readonly refAttrName: string
}

export interface NodeProto {
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly name: string
  readonly opType: string
  readonly attribute: readonly AttributeProto[]
  readonly domain: string
  readonly overload: string
}

/** Sparse initialisers stay bytes. */
export interface GraphProto {
  readonly node: readonly NodeProto[]
  readonly name: string
  readonly initializer: readonly TensorProto[]
  readonly input: readonly ValueInfoProto[]
  readonly output: readonly ValueInfoProto[]
  readonly valueInfo: readonly ValueInfoProto[]
  readonly sparseInitializer: readonly Uint8Array[]
}

export interface FunctionProto {
  readonly name: string
  readonly input: readonly string[]
  readonly output: readonly string[]
  /** Names of attributes without a default. */
  readonly attribute: readonly string[]
  readonly node: readonly NodeProto[]
  readonly opsetImport: readonly OperatorSetIdProto[]
  readonly domain: string
  /** Attributes with their defaults. */
  readonly attributeProto: readonly AttributeProto[]
  readonly overload: string
}

export interface ModelProto {
  readonly irVersion: Int64
  readonly producerName: string
  readonly producerVersion: string
  readonly domain: string
  readonly modelVersion: Int64
  readonly docString: string
  readonly graph: GraphProto | null
  readonly opsetImport: readonly OperatorSetIdProto[]
  readonly metadataProps: readonly StringStringEntryProto[]
  readonly functions: readonly FunctionProto[]
}

/** A message to encode: any field may be left out. */
export type Partially<T> = T extends Int64 | string | Uint8Array | null
  ? T
  : T extends readonly (infer E)[]
    ? readonly Partially<E>[]
    : { readonly [K in keyof T]?: Partially<T[K]> }

/**
 * Encoders and decoders of the messages. In proto2, a field that is present differs from an absent one,
 * whatever its value is.
 */
const messages = Object.fromEntries(Object.entries(ONNX_SCHEMA).map(([name, message]) => [name, { ...message, edition: 'proto2' }]))
const root = protobuf.Root.fromJSON({ nested: { onnx: { nested: messages } } })
root.resolveAll()

/** A model that has a graph. */
export type DecodedModel = ModelProto & { readonly graph: GraphProto }

/** Throws `Diagnostic` where `bytes` are not the protobuf encoding of an ONNX model. */
export function decodeModel(bytes: Uint8Array, limits: Limits = DEFAULT_LIMITS): DecodedModel {
  if (bytes.length === 0) throw invalidModel('the file is empty')
  if (bytes.length > limits.fileBytes) throw invalidModel(`${bytes.length} bytes exceed the limit of ${limits.fileBytes}`)
  const model = decode('ModelProto', bytes, 'model') as ModelProto
  if (!model.graph) throw invalidModel('the protobuf message has no graph', foreignFormat(bytes))
  return model as DecodedModel
}

/** Throws `Diagnostic` where `bytes` are not a TensorProto. */
export function decodeTensorProto(bytes: Uint8Array): TensorProto {
  return decode('TensorProto', bytes, 'tensor') as TensorProto
}

/** The bytes of an ONNX file. Absent fields stay absent. */
export function encodeModel(model: Partially<ModelProto>): Uint8Array {
  return encode('ModelProto', model)
}

/** The bytes of an ONNX `.pb` file. */
export function encodeTensorProto(tensor: Partially<TensorProto>): Uint8Array {
  return encode('TensorProto', tensor)
}

/** A copy of a decoded message with some fields replaced. Absent fields stay absent. */
export function changed<T extends object>(message: T, fields: Partial<T>): T {
  return Object.assign(Object.create(Object.getPrototypeOf(message)) as T, message, fields)
}

function decode(type: string, bytes: Uint8Array, what: string): unknown {
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return root.lookupType(`onnx.${type}`).decode(protobuf.Reader.create(view))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw invalidModel(`protobuf parsing failed (${reason}); the file is truncated or damaged, or no ONNX ${what}`, foreignFormat(view))
  }
}

function encode(type: string, message: object): Uint8Array {
  const bytes = root.lookupType(`onnx.${type}`).encode(message).finish()
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice()
}

function invalidModel(message: string, hint?: string): Diagnostic {
  return new Diagnostic({ code: 'invalid-model', message: `not an ONNX model: ${message}`, ...(hint === undefined ? {} : { hint }) })
}

/** The first bytes of files that users mistake for models. */
const MAGIC: readonly (readonly [prefix: string, hint: string])[] = [
  ['PK\x03\x04', 'this is a zip archive (a PyTorch checkpoint is one too); unpack it or export to ONNX'],
  ['<', 'this is HTML or XML, such as the page of a failed download'],
  ['\x89HDF', 'this is an HDF5 file (Keras); export it with tf2onnx'],
  ['version https://git-lfs', 'this is a Git LFS pointer; fetch the file itself with git lfs pull'],
  ['\x1f\x8b', 'this is a gzip archive; unpack it first'],
]

function foreignFormat(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 64)).trimStart()
  if (head.slice(4, 8) === 'TFL3') return 'this is a TFLite model; convert it with tf2onnx --tflite'
  return MAGIC.find(([prefix]) => head.startsWith(prefix))?.[1]
}

/** The integer as a number. Beyond 2^53 it loses its low bits. */
export function int64Number(value: Int64): number {
  if (typeof value === 'number') return value
  return value.high * 2 ** 32 + (value.low >>> 0)
}

/** The integer as a bigint, which is exact. */
export function int64BigInt(value: Int64): bigint {
  if (typeof value === 'number') return BigInt(value)
  const bits = (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0)
  return value.unsigned ? bits : BigInt.asIntN(64, bits)
}

/** A bigint in the form that protobufjs takes. Bits beyond 64 are dropped. */
export function int64Halves(value: bigint, unsigned = false): Int64Halves {
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned }
}
