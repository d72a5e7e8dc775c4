/** Small functions that construct ONNX models. The zoo and the tests build graphs with them. */

import { bytesOf, type Tensor } from '../../ir/tensors/tensor.ts'
import type { DType } from '../../ir/tensors/types.ts'
import { dataTypeOf } from './dtype.ts'
import type { AttributeProto, DimensionProto, ModelProto, NodeProto, Partially, TensorProto, ValueInfoProto } from './proto.ts'

/** AttributeProto.AttributeType */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const

/**
 * The value of an attribute. A number is an `int`, an array of numbers is `ints`, and a string is a `string`.
 * Floats must be marked, because JavaScript does not distinguish 1 from 1.0.
 */
export type OnnxAttr =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: Tensor }

export interface OnnxValueSpec {
  readonly name: string
  readonly dtype?: DType
  /** Extents; a string is a symbolic dimension, null an unknown one. */
  readonly shape: readonly (number | string | null)[]
}

export interface OnnxModelSpec {
  readonly name: string
  /** Opset version of the default domain. */
  readonly opset: number
  readonly inputs: readonly OnnxValueSpec[]
  readonly outputs: readonly OnnxValueSpec[]
  /** In topological order. */
  readonly nodes: readonly Partially<NodeProto>[]
  readonly initializers?: readonly Partially<TensorProto>[]
  readonly producer?: string
  readonly producerVersion?: string
  readonly irVersion?: number
  readonly metadata?: Readonly<Record<string, string>>
}

/** A ModelProto with one graph. */
export function onnxModel(spec: OnnxModelSpec): Partially<ModelProto> {
  return {
    irVersion: spec.irVersion ?? 8,
    producerName: spec.producer ?? '',
    producerVersion: spec.producerVersion ?? '',
    graph: {
      name: spec.name,
      node: spec.nodes,
      initializer: spec.initializers ?? [],
      input: spec.inputs.map(onnxValue),
      output: spec.outputs.map(onnxValue),
    },
    opsetImport: [{ domain: '', version: spec.opset }],
    metadataProps: Object.entries(spec.metadata ?? {}).map(([key, value]) => ({ key, value })),
  }
}

/** A NodeProto of the default domain; '' stands for an input or output that is left out. */
export function onnxNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attrs: Readonly<Record<string, OnnxAttr>> = {},
  name = '',
): Partially<NodeProto> {
  const attribute = Object.entries(attrs).map(([key, value]) => onnxAttribute(key, value))
  return { opType, input: inputs, output: outputs, attribute, name }
}

/** An AttributeProto of the type that the value has. */
export function onnxAttribute(name: string, value: OnnxAttr): Partially<AttributeProto> {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value }
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: utf8(value) }
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float }
  if ('floats' in value) return { name, type: ATTRIBUTE_TYPE.floats, floats: value.floats }
  if ('tensor' in value) return { name, type: ATTRIBUTE_TYPE.tensor, t: onnxTensor('', value.tensor) }
  const strings = value.filter((v) => typeof v === 'string')
  if (strings.length > 0) return { name, type: ATTRIBUTE_TYPE.strings, strings: strings.map(utf8) }
  return { name, type: ATTRIBUTE_TYPE.ints, ints: value.filter((v) => typeof v === 'number') }
}

/** The elements as raw_data. */
export function onnxTensor(name: string, t: Tensor): Partially<TensorProto> {
  return { name, dims: t.type.shape, dataType: dataTypeOf(t.type.dtype), rawData: bytesOf(t) }
}

/** A ValueInfoProto of a tensor; float32 where no type is given. */
export function onnxValue(spec: OnnxValueSpec): Partially<ValueInfoProto> {
  const dim = spec.shape.map(dimension)
  return { name: spec.name, type: { tensorType: { elemType: dataTypeOf(spec.dtype ?? 'float32'), shape: { dim } } } }
}

function dimension(extent: number | string | null): Partially<DimensionProto> {
  if (extent === null) return {}
  return typeof extent === 'string' ? { dimParam: extent } : { dimValue: extent }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
