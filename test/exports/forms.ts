/** Where and how a file has its weights, and what its names look like. */

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataTypeOf } from '../../compiler/onnx/dtype.ts'
import { encodeModel, type ModelProto, type Partially, type TensorProto } from '../../compiler/onnx/proto.ts'
import { type FuzzCase, type FuzzNode, protoOf, type TensorSpec } from '../fuzz/case.ts'

export interface Exported {
  /** Results are as precise as float16 makes them. */
  readonly half?: boolean
  readonly model: Uint8Array
  /** Inputs of the case, which may have changed. */
  readonly case: FuzzCase
  /** Files beside the model, by name. */
  readonly files?: ReadonlyMap<string, Uint8Array>
}

type Table = FuzzCase['constants']

const FLOAT32 = dataTypeOf('float32')

const mapped = (table: Table, of: (spec: TensorSpec) => TensorSpec): Table =>
  Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, of(spec)]))

const exported = (c: FuzzCase): Exported => ({ case: c, model: encodeModel(protoOf(c)) })

/** Initialisers are listed among the graph's inputs too, as `keep_initializers_as_inputs` has it. */
function weightsAsInputs(c: FuzzCase): Exported {
  const proto = protoOf(c)
  const weights = (proto.graph?.initializer ?? []).map(({ name, dims, dataType }) => ({
    name: name as string,
    type: { tensorType: { elemType: dataType as number, shape: { dim: (dims ?? []).map((dimValue) => ({ dimValue })) } } },
  }))
  return { case: c, model: encodeModel({ ...proto, graph: { ...proto.graph, input: [...(proto.graph?.input ?? []), ...weights] } }) }
}

function weightsInNodes(c: FuzzCase): Exported {
  const nodes = Object.entries(c.constants).map(
    ([name, tensor]): FuzzNode => ({ op: 'Constant', in: [], out: [name], attrs: { value: { tensor } } }),
  )
  return exported({ ...c, constants: {}, nodes: [...nodes, ...c.nodes] })
}

/** Large weights are stored in half precision, and converted by a node. */
function halfWeights(c: FuzzCase): Exported {
  const large = Object.entries(c.constants).filter(([, { dtype, shape }]) => dtype === 'float32' && shape.length > 0)
  const casts = large.map(([name]): FuzzNode => ({ op: 'Cast', in: [`${name}_half`], out: [name], attrs: { to: 1 } }))
  const half = Object.fromEntries(large.map(([name, spec]) => [`${name}_half`, { ...spec, dtype: 'float16' as const }]))
  const rest = Object.fromEntries(Object.entries(c.constants).filter(([name]) => !(`${name}_half` in half)))
  return exported({ ...c, constants: { ...rest, ...half }, nodes: [...casts, ...c.nodes] })
}

/** Everything is in half precision, inputs and outputs included. */
function halfGraph(c: FuzzCase): Exported {
  const half = (spec: TensorSpec): TensorSpec => (spec.dtype === 'float32' ? { ...spec, dtype: 'float16' } : spec)
  return { ...exported({ ...c, inputs: mapped(c.inputs, half), constants: mapped(c.constants, half) }), half: true }
}

/** Half precision inside, single outside. */
function halfInside(c: FuzzCase): Exported {
  const { case: half } = halfGraph(c)
  const name = (x: string): string => (x in c.inputs || c.outputs.includes(x) ? `${x}_half` : x)
  const nodes = half.nodes.map((n) => ({ ...n, in: n.in.map(name), out: n.out.map(name) }))
  const before = Object.keys(c.inputs).map((x): FuzzNode => ({ op: 'Cast', in: [x], out: [name(x)], attrs: { to: 10 } }))
  const after = c.outputs.map((y): FuzzNode => ({ op: 'Cast', in: [name(y)], out: [y], attrs: { to: 1 } }))
  return { ...exported({ ...half, inputs: c.inputs, nodes: [...before, ...nodes, ...after] }), half: true }
}

/** Names as TensorFlow has them. */
function tensorFlowNames(c: FuzzCase): Exported {
  const value = (name: string): string => (name === '' ? '' : `model/block_1/${name}/BiasAdd:0`)
  const renamed = (table: Table): Table => Object.fromEntries(Object.entries(table).map(([name, spec]) => [value(name), spec]))
  const nodes = c.nodes.map((n, i) => ({
    ...n,
    in: n.in.map(value),
    out: n.out.map(value),
    name: `StatefulPartitionedCall/model/${n.op}_${i}:0`,
  }))
  return exported({ ...c, nodes, inputs: renamed(c.inputs), constants: renamed(c.constants), outputs: c.outputs.map(value) })
}

/** `fileOf` names the file of the n-th weight. Shapes stay inside, where onnxruntime looks for them. */
function external(c: FuzzCase, fileOf: (index: number) => string): Exported {
  const proto = protoOf(c)
  const parts = new Map<string, Uint8Array[]>()
  const initializer = (proto.graph?.initializer ?? []).map((tensor, i) => {
    const bytes = tensor.rawData as Uint8Array
    if (tensor.dataType !== FLOAT32) return tensor
    const file = parts.get(fileOf(i)) ?? []
    const offset = file.reduce((sum, part) => sum + part.length, 0)
    parts.set(fileOf(i), [...file, bytes])
    return elsewhere(tensor, { location: fileOf(i), offset, length: bytes.length })
  })
  const files = new Map([...parts].map(([name, list]) => [name, new Uint8Array(Buffer.concat(list))]))
  return { case: c, model: encodeModel({ ...proto, graph: { ...proto.graph, initializer } }), files }
}

function elsewhere(tensor: Partially<TensorProto>, entries: Readonly<Record<string, string | number>>): Partially<TensorProto> {
  const { rawData: _, ...rest } = tensor
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value: String(value) }))
  return { ...rest, dataLocation: 1, externalData }
}

/** The batch and the extents of the image are junk names that an exporter made up. */
function junkDimensions(c: FuzzCase): Exported {
  const proto = protoOf(c)
  const input = proto.graph?.input?.map((info) => {
    const dim = (info.type?.tensorType?.shape?.dim ?? []).map((d, i) => (i === 1 ? d : { dimParam: `Transpose__${i}:0_o0__d${i}` }))
    return { ...info, type: { tensorType: { ...info.type?.tensorType, shape: { dim } } } }
  })
  const named: Partially<ModelProto> = { ...proto, graph: { ...proto.graph, ...(input && { input }) } }
  return { case: c, model: encodeModel(named) }
}

export const FORMS: Readonly<Record<string, (c: FuzzCase) => Exported>> = {
  'weights as inputs': weightsAsInputs,
  'weights in Constant nodes': weightsInNodes,
  'weights in one file': (c) => external(c, () => 'weights.bin'),
  'weights in many files': (c) => external(c, (i) => `weight_${i}.bin`),
  'float16 weights with Cast': halfWeights,
  'float16 throughout': halfGraph,
  'float16 inside': halfInside,
  'names of TensorFlow': tensorFlowNames,
  'dimensions with junk names': junkDimensions,
}

/** Writes model and files into a folder of their own; the path of the model. */
export function written({ model, files = new Map() }: Exported): string {
  const folder = mkdtempSync(join(tmpdir(), 'exported-'))
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes)
  const path = join(folder, 'model.onnx')
  writeFileSync(path, model)
  return path
}
