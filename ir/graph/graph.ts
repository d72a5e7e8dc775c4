/**
 * The graph: values and nodes that refer to each other directly, immutable and without cycles.
 *
 * A graph consists of its inputs and outputs. Its nodes are those that the outputs depend on, directly or
 * indirectly. A node that no output needs is therefore not part of the graph, and there is no dead code to
 * remove. A rewrite makes a new graph, which shares all unchanged parts with the old one.
 */

import { type AttrsOf, type OpName, opDef } from '../ops/index.ts'
import { mapResults, type Results } from '../ops/op.ts'
import type { Tensor } from '../tensors/tensor.ts'
import type { TensorType } from '../tensors/types.ts'

interface ValueBase {
  readonly type: TensorType
  /** The name in the ONNX model, for people. Not unique. */
  readonly name: string
}

export interface InputValue extends ValueBase {
  readonly kind: 'input'
}

export interface ConstantValue extends ValueBase {
  readonly kind: 'constant'
  readonly tensor: Tensor
}

export interface ResultValue extends ValueBase {
  readonly kind: 'result'
  readonly node: Node
  /** Which of the node's outputs this is. */
  readonly index: number
}

export type Value = InputValue | ConstantValue | ResultValue

export interface NodeOf<K extends OpName> {
  readonly op: K
  readonly attrs: AttrsOf<K>
  readonly inputs: readonly Value[]
  readonly outputs: Results<ResultValue>
  /** Names of the ONNX nodes that it stands for, for people to read. The most telling name comes first. */
  readonly origins: readonly string[]
}

export type Node = { [K in OpName]: NodeOf<K> }[OpName]

export interface GraphOutput {
  readonly name: string
  readonly value: Value
}

export interface Graph {
  readonly name: string
  /** All inputs, in the model's order, including those that no node reads. */
  readonly inputs: readonly InputValue[]
  readonly outputs: readonly GraphOutput[]
}

export interface Provenance {
  /** Name of the first result. */
  readonly name?: string
  /** Names of all results, in place of `name`. */
  readonly names?: readonly string[]
  readonly origins?: readonly string[]
}

/** What a caller passes in: a value without a producer. */
export function inputValue(name: string, type: TensorType): InputValue {
  return { kind: 'input', name, type }
}

/** A value that is known when compiling. */
export function constantValue(tensor: Tensor, name = ''): ConstantValue {
  return { kind: 'constant', name, type: tensor.type, tensor }
}

/** A new node with inferred result types. Throws `InferError` where inputs or attributes do not fit the op. */
export function makeNode<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, from: Provenance = {}): Node {
  const types = opDef(op).infer(
    inputs.map((v) => v.type),
    attrs,
  )
  return withResults({ op, attrs, inputs, origins: from.origins ?? [] } as Unfinished, types, from.names ?? [from.name ?? ''])
}

/** A copy of the node with other names and origins. Its results are new values of the same types. */
export function renamed(node: Node, from: Provenance, inputs: readonly Value[] = node.inputs): Node {
  const { op, attrs } = node
  return withResults(
    { op, attrs, inputs, origins: from.origins ?? node.origins } as Unfinished,
    resultTypes(node),
    from.names ?? namesOf(node),
  )
}

/** The types of a node's results. */
export function resultTypes(node: Node): Results<TensorType> {
  return mapResults(node.outputs, (v) => v.type)
}

/** The multiply-adds of a node, as its operator counts them. */
export function macsOf(node: Node): number {
  const operands = node.inputs.map((v) => v.type)
  return opDef(node.op).macs?.(operands, resultTypes(node), node.attrs) ?? 0
}

/** The names of a node's results. */
export function namesOf(node: Node): readonly string[] {
  return node.outputs.map((v) => v.name)
}

type Unfinished = Omit<NodeOf<OpName>, 'outputs'>

/**
 * A node whose results refer back to it. Because both refer to each other, the list of results is filled after
 * the node exists.
 */
function withResults(unfinished: Unfinished, types: readonly TensorType[], names: readonly string[]): Node {
  const outputs: ResultValue[] = []
  const node = { ...unfinished, outputs: outputs as unknown as Results<ResultValue> } as unknown as Node
  for (const [index, type] of types.entries()) outputs.push({ kind: 'result', name: names[index] ?? '', type, node, index })
  return node
}

/** Makes a node and returns its first result. Most operators have only this one. */
export function apply<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, from: Provenance = {}): ResultValue {
  return makeNode(op, inputs, attrs, from).outputs[0]
}

/** The node that makes `value`, if it is of op `op`. */
export function producer<K extends OpName>(value: Value | undefined, op: K): NodeOf<K> | null {
  return value?.kind === 'result' && value.node.op === op ? (value.node as NodeOf<K>) : null
}

/** The first result of a node. Most nodes have only this one. */
export function resultOf(node: Node): ResultValue {
  return node.outputs[0]
}

const orders = new WeakMap<Graph, readonly Node[]>()

/**
 * All nodes, each after the nodes that make its operands. The walk goes depth first from the outputs, so the
 * order depends on nothing but the graph.
 */
export function nodesOf(graph: Graph): readonly Node[] {
  const known = orders.get(graph)
  if (known) return known
  const order: Node[] = []
  const entered = new Set<Node>()
  for (const { value } of graph.outputs) visit(value, entered, order)
  orders.set(graph, order)
  return order
}

/** This is a loop and not a recursion, because a chain of nodes may be longer than the call stack allows. */
function visit(root: Value, entered: Set<Node>, order: Node[]): void {
  const stack: { node: Node; next: number }[] = []
  const enter = (value: Value): void => {
    if (value.kind !== 'result' || entered.has(value.node)) return
    entered.add(value.node)
    stack.push({ node: value.node, next: 0 })
  }
  enter(root)
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const operand = top.node.inputs[top.next++]
    if (operand) enter(operand)
    else order.push((stack.pop() as { node: Node }).node)
  }
}

export interface Use {
  /** The reading node, or null for a graph output. */
  readonly node: Node | null
}

const useTables = new WeakMap<Graph, Map<Value, Use[]>>()

/** Who reads `value`: one entry per operand position and per graph output. */
export function usesOf(graph: Graph, value: Value): readonly Use[] {
  let table = useTables.get(graph)
  if (!table) {
    table = new Map()
    const add = (v: Value, use: Use): void => {
      const uses = table?.get(v)
      if (uses) uses.push(use)
      else table?.set(v, [use])
    }
    for (const node of nodesOf(graph)) for (const v of node.inputs) add(v, { node })
    for (const { value: v } of graph.outputs) add(v, { node: null })
    useTables.set(graph, table)
  }
  return table.get(value) ?? []
}
