/** Reads a TensorProto as a tensor. Every size is checked before memory is allocated. */

import { Diagnostic } from '../../ir/diagnostics.ts'
import { fromNumbers, type Tensor, tensor, tensorFromBytes } from '../../ir/tensors/tensor.ts'
import { byteSize, type DType, type Shape, sizeOf, type TensorType } from '../../ir/tensors/types.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits/limits.ts'
import { dataTypeName, dtypeOf } from './dtype.ts'
import { decodeTensorProto, type Int64, int64BigInt, int64Number, type TensorProto } from './proto.ts'

/** Bytes of an external file by its `location`. */
export type ExternalData = (name: string) => Uint8Array

export interface TensorSource {
  /** The name of the tensor in messages, such as `initializer "w"`. */
  readonly label: string
  readonly limits: Limits
  readonly externalData?: ExternalData | undefined
  /** Called with the type before elements are read. It may throw to refuse them. */
  readonly onSize?: (type: TensorType) => void
}

/** The tensor in a `.pb` file, as ONNX test cases store them. Throws `Diagnostic`. */
export function readTensorProto(bytes: Uint8Array): Tensor {
  const proto = decodeTensorProto(bytes)
  return readTensor(proto, { label: `tensor ${JSON.stringify(proto.name)}`, limits: DEFAULT_LIMITS })
}

/** Throws `Diagnostic` where type, shape and elements do not fit together or have no meaning here. */
export function readTensor(proto: TensorProto, source: TensorSource): Tensor {
  const type = readType(proto, source)
  source.onSize?.(type)
  if (proto.segment) throw invalid(source, 'segment: tensors in segments are unsupported')
  if (proto.dataLocation === 1) return fromBytes(type, readExternal(proto, byteSize(type), source), source)
  if (proto.dataLocation !== 0) throw invalid(source, `unknown data location ${proto.dataLocation}`)
  if (proto.externalData.length > 0) throw invalid(source, 'external_data without data_location = EXTERNAL')
  const typed = typedElements(proto, type.dtype)
  if (Object.hasOwn(proto, 'rawData') && (proto.rawData.length > 0 || typed.length === 0)) {
    if (typed.length > 0) throw invalid(source, 'has both raw_data and typed data')
    return fromBytes(type, proto.rawData, source)
  }
  return fromTyped(type, typed, source)
}

function readType(proto: TensorProto, source: TensorSource): TensorType {
  const dtype = dtypeOf(proto.dataType)
  if (!dtype) throw invalid(source, `element type ${dataTypeName(proto.dataType)} is unsupported`)
  const shape = proto.dims.map(int64Number)
  if (shape.some((d) => d < 0)) throw invalid(source, `negative dimension in [${shape}]`)
  checkExtents(shape, source.limits, source.label)
  return { dtype, shape }
}

/** Throws `Diagnostic` where a shape has too many dimensions or elements to be meant. */
export function checkExtents(shape: Shape, limits: Limits, label: string): void {
  const reject = (message: string): never => {
    throw new Diagnostic({ code: 'too-large', message: `${label}: ${message}` })
  }
  if (shape.length > limits.rank) reject(`rank ${shape.length}: shapes of more than ${limits.rank} dimensions are unsupported`)
  if (sizeOf(shape) > limits.elements || shape.some((d) => d > limits.elements)) {
    reject(`dimensions [${shape}] are too large: more than ${limits.elements} elements`)
  }
}

function fromBytes(type: TensorType, bytes: Uint8Array, source: TensorSource): Tensor {
  if (bytes.length !== byteSize(type)) {
    throw invalid(source, `raw_data has a length of ${bytes.length} bytes, ${type.dtype} [${type.shape}] needs ${byteSize(type)}`)
  }
  const read = tensorFromBytes(type, bytes)
  return type.dtype === 'bool' ? tensor('bool', type.shape, (read.data as Uint8Array).map(Number)) : read
}

/** The typed field for a dtype (comments of TensorProto in onnx.proto). */
function typedElements(proto: TensorProto, dtype: DType): readonly Int64[] {
  if (dtype === 'float32') return proto.floatData
  if (dtype === 'float64') return proto.doubleData
  if (dtype === 'int64') return proto.int64Data
  if (dtype === 'uint64' || dtype === 'uint32') return proto.uint64Data
  return proto.int32Data
}

function fromTyped(type: TensorType, elements: readonly Int64[], source: TensorSource): Tensor {
  if (elements.length !== sizeOf(type.shape)) {
    const size = sizeOf(type.shape)
    throw invalid(source, `has ${elements.length} data elements, ${type.dtype} [${type.shape}] needs a size of ${size}`)
  }
  if (type.dtype === 'int64') return tensor('int64', type.shape, BigInt64Array.from(elements, int64BigInt))
  if (type.dtype === 'uint64') return tensor('uint64', type.shape, BigUint64Array.from(elements, int64BigInt))
  const values = elements.map(int64Number)
  if (type.dtype === 'float16') return tensor('float16', type.shape, Uint16Array.from(values))
  return fromNumbers(type, values)
}

function readExternal(proto: TensorProto, needed: number, source: TensorSource): Uint8Array {
  const entries = new Map<string, string>()
  for (const { key, value } of proto.externalData) {
    if (entries.has(key)) throw external(source, `duplicate ${JSON.stringify(key)} entry`)
    entries.set(key, value)
  }
  const location = entries.get('location') ?? ''
  checkLocation(location, source)
  const offset = byteCount(entries.get('offset') ?? '0', 'offset', source)
  const length = byteCount(entries.get('length') ?? String(needed), 'length', source)
  if (length !== needed) throw external(source, `length ${length} differs from the size of the tensor, ${needed} bytes`)
  if (!source.externalData) throw external(source, `is stored in ${JSON.stringify(location)}, and no reader of external data was given`)
  const file = source.externalData(location)
  if (offset + length > file.length) {
    throw external(source, `offset ${offset} + length ${length} exceed the size of ${JSON.stringify(location)}, ${file.length} bytes`)
  }
  return file.subarray(offset, offset + length)
}

/**
 * Checks the location of external data. It must be a relative path below the model's folder, in the form that
 * the ONNX specification asks for (POSIX).
 */
function checkLocation(location: string, source: TensorSource): void {
  const quoted = JSON.stringify(location)
  if (location === '') throw external(source, 'the path (location) is missing')
  if (location.includes('\0')) throw external(source, `invalid path ${quoted}: null character`)
  if (/^[/\\]|^[a-z]:/i.test(location)) throw external(source, `absolute path ${quoted} is not allowed`)
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) throw external(source, `URL ${quoted} is not a path inside the model's folder`)
  if (location.includes('\\') || location.split('/').includes('..')) {
    throw external(source, `path ${quoted} leads outside the model's folder`)
  }
}

function byteCount(text: string, key: string, source: TensorSource): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value))
    throw external(source, `${key} ${JSON.stringify(text)} is an invalid number: neither negative nor huge ones are allowed`)
  return value
}

function invalid(source: TensorSource, message: string): Diagnostic {
  return new Diagnostic({ code: 'invalid-tensor', message: `${source.label}: ${message}` })
}

function external(source: TensorSource, message: string): Diagnostic {
  return new Diagnostic({
    code: 'external-data',
    message: `${source.label}: external data: ${message}`,
    hint: "external data is read only from files inside the model's own folder",
  })
}
