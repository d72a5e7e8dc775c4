/** Small ONNX models for tests: built, imported and interpreted in one call. */

import { type ImportOptions, importModel } from '../../compiler/import/import.ts'
import { type OnnxAttr, onnxModel, onnxNode, onnxTensor } from '../../compiler/onnx/encode.ts'
import { encodeModel } from '../../compiler/onnx/proto.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import type { Graph } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { numbers, type Tensor } from '../../ir/tensors/tensor.ts'
import type { DType } from '../../ir/tensors/types.ts'

export interface TestNode {
  readonly op: string
  readonly in: readonly string[]
  readonly out: readonly string[]
  readonly attrs?: Readonly<Record<string, OnnxAttr>>
  readonly name?: string
  readonly domain?: string
}

export interface TestModel {
  readonly opset?: number
  readonly inputs: Readonly<Record<string, Tensor>>
  /** Declared shapes where they differ from the tensors'. */
  readonly shapes?: Readonly<Record<string, readonly (number | string | null)[]>>
  readonly constants?: Readonly<Record<string, Tensor>>
  readonly nodes: readonly TestNode[]
  /** Default: the first output of the last node. */
  readonly outputs?: readonly string[]
  readonly options?: ImportOptions
}

/** The model's bytes. Outputs are declared without a shape of their own type, so that anything fits. */
export function bytesOf(model: TestModel): Uint8Array {
  const outputs = model.outputs ?? [model.nodes.at(-1)?.out[0] ?? '']
  const proto = onnxModel({
    name: 'test',
    opset: model.opset ?? 17,
    inputs: Object.entries(model.inputs).map(([name, t]) => ({ name, dtype: t.type.dtype, shape: model.shapes?.[name] ?? t.type.shape })),
    outputs: [],
    nodes: model.nodes.map((n) => ({ ...onnxNode(n.op, n.in, n.out, n.attrs, n.name), ...(n.domain ? { domain: n.domain } : {}) })),
    initializers: Object.entries(model.constants ?? {}).map(([name, t]) => onnxTensor(name, t)),
  })
  return encodeModel({ ...proto, graph: { ...proto.graph, output: outputs.map((name) => ({ name, type: { tensorType: {} } })) } })
}

export function imported(model: TestModel): Graph {
  return importModel(bytesOf(model), model.options)
}

export interface Result {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

/** The outputs of the imported model on its inputs. */
export function run(model: TestModel): Result[] {
  const outputs = interpret(imported(model), Object.values(model.inputs))
  return outputs.map((t) => ({ dtype: t.type.dtype, shape: t.type.shape, values: Array.from(numbers(t)) }))
}

/** The message with which a model is refused. */
export function refusal(model: TestModel | Uint8Array): string {
  try {
    if (model instanceof Uint8Array) importModel(model)
    else imported(model)
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Diagnostics) return error.format()
    throw error
  }
  return 'accepted'
}

/** 1, 2, 3 … */
export function counting(shape: readonly number[]): Tensor {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1)
  return { type: { dtype: 'float32', shape }, data }
}
