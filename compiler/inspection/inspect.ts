/** The layers of a network and what each costs. */

import { type Graph, macsOf, type Node, nodesOf, resultOf, type Value } from '../../ir/graph/graph.ts'
import { opDef } from '../../ir/ops/index.ts'
import { numbers } from '../../ir/tensors/tensor.ts'
import { byteSize, formatType, sizeOf } from '../../ir/tensors/types.ts'
import { kindOf, type LayerKind, titleOf } from './layer-kind.ts'

export interface LayerReport {
  /** The IR operator. */
  readonly op: string
  readonly kind: LayerKind
  /** What it does, in a few words: `depthwise 3×3 /2, relu6`. */
  readonly title: string
  /** Name of the ONNX node it stands for first. */
  readonly name: string
  /** Types of the operands that are not constant. */
  readonly inputs: readonly string[]
  readonly output: string
  readonly parameters: number
  readonly macs: number
  /** The share of all multiply-adds, 0 … 1. */
  readonly share: number
  readonly weightBytes: number
  /** Activations read and written, each operand once. */
  readonly readBytes: number
  readonly writtenBytes: number
}

export interface Totals {
  readonly layers: number
  readonly parameters: number
  readonly macs: number
  readonly weightBytes: number
  readonly readBytes: number
  readonly writtenBytes: number
}

export interface KindReport extends Totals {
  readonly kind: LayerKind
  readonly macsShare: number
  readonly parametersShare: number
}

/** An input or output of the model: its name and its type as text. */
export interface NamedType {
  readonly name: string
  readonly type: string
}

export interface ModelReport {
  readonly name: string
  readonly inputs: readonly NamedType[]
  readonly outputs: readonly NamedType[]
  readonly layers: readonly LayerReport[]
  readonly totals: Totals
  /** The same by kind of layer, most multiply-adds first; `pointwise` is the 1×1 convolutions. */
  readonly kinds: readonly KindReport[]
}

/**
 * The layers of a graph in order of execution, for the whole batch. It is meant for optimised graphs, in which
 * batch normalisation is part of the convolution before it.
 *
 * Parameters are the elements of the constants that layers compute with: weights, biases, scales, shifts and
 * slopes. Each constant counts once. Scalars such as the 6 of a ReLU6, biases of zeros (as of a layer without
 * bias), shapes and indices do not count. Multiply-adds are those of convolutions and matrix products.
 */
export function inspectModel(graph: Graph): ModelReport {
  const counted = new Set<unknown>()
  const costs = nodesOf(graph).map((node) => costOf(node, counted))
  const macs = costs.reduce((sum, layer) => sum + layer.macs, 0)
  const layers = costs.map((layer) => ({ ...layer, share: ratio(layer.macs, macs) }))
  const totals = totalsOf(layers)
  return {
    name: graph.name,
    inputs: graph.inputs.map((v) => ({ name: v.name, type: formatType(v.type) })),
    outputs: graph.outputs.map((o) => ({ name: o.name, type: formatType(o.value.type) })),
    layers,
    totals,
    kinds: kindsOf(layers, totals),
  }
}

function costOf(node: Node, counted: Set<unknown>): Omit<LayerReport, 'share'> {
  const weights = node.inputs.filter((v, i) => isParameter(node, i, v) && isNew(v, counted))
  const activations = [...new Set(node.inputs.filter((v) => v.kind !== 'constant'))]
  const result = resultOf(node)
  return {
    op: node.op,
    kind: kindOf(node),
    title: titleOf(node),
    name: node.origins[0] ?? result.name,
    inputs: activations.map((v) => formatType(v.type)),
    output: formatType(result.type),
    parameters: weights.reduce((sum, v) => sum + sizeOf(v.type.shape), 0),
    macs: macsOf(node),
    weightBytes: weights.reduce((sum, v) => sum + byteSize(v.type), 0),
    readBytes: activations.reduce((sum, v) => sum + byteSize(v.type), 0),
    writtenBytes: node.outputs.reduce((sum, v) => sum + byteSize(v.type), 0),
  }
}

function isParameter(node: Node, operand: number, v: Value): boolean {
  if (v.kind !== 'constant') return false
  if (node.op === 'conv') return operand !== 2 || Array.from(numbers(v.tensor)).some((x) => x !== 0)
  return node.op === 'matmul' || (opDef(node.op).traits.elementwise === true && sizeOf(v.type.shape) > 1)
}

/** Whether no earlier layer has the same elements. */
function isNew(v: Value, counted: Set<unknown>): boolean {
  const elements = v.kind === 'constant' ? v.tensor.data : v
  if (counted.has(elements)) return false
  counted.add(elements)
  return true
}

function totalsOf(layers: readonly LayerReport[]): Totals {
  const sum = (field: Exclude<keyof Totals, 'layers'>): number => layers.reduce((total, layer) => total + layer[field], 0)
  return {
    layers: layers.length,
    parameters: sum('parameters'),
    macs: sum('macs'),
    weightBytes: sum('weightBytes'),
    readBytes: sum('readBytes'),
    writtenBytes: sum('writtenBytes'),
  }
}

function kindsOf(layers: readonly LayerReport[], totals: Totals): KindReport[] {
  const kinds = [...new Set(layers.map((layer) => layer.kind))]
  const reports = kinds.map((kind) => {
    const part = totalsOf(layers.filter((layer) => layer.kind === kind))
    return {
      kind,
      ...part,
      macsShare: ratio(part.macs, totals.macs),
      parametersShare: ratio(part.parameters, totals.parameters),
    }
  })
  return reports.sort((a, b) => b.macs - a.macs)
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
