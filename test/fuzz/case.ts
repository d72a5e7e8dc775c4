/** A case: a model, its inputs, and how it is compiled, as a small JSON value that says everything. */

import { type OnnxAttr, onnxModel, onnxNode, onnxTensor } from '../../compiler/onnx/encode.ts'
import { encodeModel, type ModelProto, type Partially } from '../../compiler/onnx/proto.ts'
import { seeded } from '../../compiler/running/seeded.ts'
import { fromNumbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { type DType, type Shape, sizeOf } from '../../ir/tensors/types.ts'
import type { TargetName } from '../../targets/target/target.ts'

/** Elements: listed (repeated from the start where there are too few; what JSON lacks as a string, such as "NaN"), or uniform in [low, high]. */
export type Fill = readonly (number | string)[] | { readonly seed: number; readonly low: number; readonly high: number }

export interface TensorSpec {
  readonly dtype: DType
  readonly shape: Shape
  readonly fill: Fill
}

export type FuzzAttr = Exclude<OnnxAttr, { readonly tensor: Tensor }> | { readonly tensor: TensorSpec }

export interface FuzzNode {
  readonly op: string
  readonly in: readonly string[]
  readonly out: readonly string[]
  readonly attrs?: Readonly<Record<string, FuzzAttr>>
  /** Default: `n` and its position. */
  readonly name?: string
}

export interface FuzzCase {
  readonly opset: number
  readonly inputs: Readonly<Record<string, TensorSpec>>
  readonly constants: Readonly<Record<string, TensorSpec>>
  readonly nodes: readonly FuzzNode[]
  readonly outputs: readonly string[]
  readonly target: TargetName
  /** Compile the graph as it is imported, without the passes that improve it. */
  readonly plain?: boolean
  /** Seed of prices that lead to other kernels than the cost model's. */
  readonly prices?: number
  /** Inputs have values on which onnxruntime follows no rule: the interpreter is the only reference. */
  readonly special?: boolean
  /** Errors are those of many layers: tolerances are wider. */
  readonly deep?: boolean
}

export function tensorOf({ dtype, shape, fill }: TensorSpec): Tensor {
  const length = sizeOf(shape)
  if (Array.isArray(fill)) {
    const listed = fill.map(Number)
    return fromNumbers(
      { dtype, shape },
      Float64Array.from({ length }, (_, i) => listed[i % listed.length] ?? 0),
    )
  }
  const { seed, low, high } = fill as Exclude<Fill, readonly unknown[]>
  const random = seeded(seed)
  const whole = !dtype.startsWith('float')
  const draw = whole ? () => low + random.integer(high - low + 1) : () => low + random.uniform() * (high - low)
  return fromNumbers({ dtype, shape }, Float64Array.from({ length }, draw))
}

export function modelOf(c: FuzzCase): Uint8Array {
  return encodeModel(protoOf(c))
}

/** Outputs are declared without a type, so that both sides compute it. */
export function protoOf(c: FuzzCase): Partially<ModelProto> {
  const proto = onnxModel({
    name: 'fuzz',
    opset: c.opset,
    inputs: Object.entries(c.inputs).map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    outputs: [],
    nodes: c.nodes.map((n, i) => onnxNode(n.op, n.in, n.out, attributesOf(n), n.name ?? `n${i}`)),
    initializers: Object.entries(c.constants).map(([name, spec]) => onnxTensor(name, tensorOf(spec))),
  })
  return { ...proto, graph: { ...proto.graph, output: c.outputs.map((name) => ({ name })) } }
}

function attributesOf({ attrs = {} }: FuzzNode): Record<string, OnnxAttr> {
  return Object.fromEntries(
    Object.entries(attrs).map(([name, value]) => [name, isTensor(value) ? { tensor: tensorOf(value.tensor) } : (value as OnnxAttr)]),
  )
}

export function isTensor(value: FuzzAttr): value is { readonly tensor: TensorSpec } {
  return typeof value === 'object' && 'tensor' in value
}

export function inputsOf(c: FuzzCase): Tensor[] {
  return Object.values(c.inputs).map(tensorOf)
}

/** Nodes that the outputs need, and of inputs and constants those that something reads; one input stays. */
export function trimmed(c: FuzzCase): FuzzCase {
  const needed = new Set(c.outputs)
  const nodes = c.nodes
    .toReversed()
    .filter((n) => {
      const kept = n.out.some((name) => needed.has(name))
      if (kept) for (const name of n.in) needed.add(name)
      return kept
    })
    .reverse()
  const used = (table: Readonly<Record<string, TensorSpec>>): Record<string, TensorSpec> =>
    Object.fromEntries(Object.entries(table).filter(([name]) => needed.has(name)))
  return { ...c, nodes, inputs: used(c.inputs), constants: used(c.constants) }
}
