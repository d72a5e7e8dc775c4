/** Checks what must hold for a graph before anything in it is read: names, single assignment, counts. */

import { Diagnostic } from '../../ir/diagnostics.ts'
import type { Limits } from '../limits/limits.ts'
import type { GraphProto, NodeProto } from '../onnx/proto.ts'

/** Throws `Diagnostic` where the graph, in which calls are expanded, is not a valid graph or exceeds `limits`. */
export function checkGraph(graph: GraphProto, limits: Limits): void {
  if (graph.output.length === 0) throw invalid('the graph is empty: it has no outputs')
  if (graph.sparseInitializer.length > 0)
    throw refused(`${graph.sparseInitializer.length} sparse initializers (with indices) are not supported`)
  checkCounts(graph, limits)
  checkNames(graph, limits)
}

function checkCounts(graph: GraphProto, limits: Limits): void {
  const cap = (what: string, count: number, limit: number): void => {
    if (count > limit) throw refused(`${count} ${what} exceed the limit of ${limit}`)
  }
  cap('nodes', graph.node.length, limits.nodes)
  cap('initializers', graph.initializer.length, limits.values)
  cap('inputs', graph.input.length, limits.values)
  cap('outputs', graph.output.length, limits.values)
  for (const node of graph.node) {
    cap('inputs of a node', node.input.length, limits.nodeArity)
    cap('outputs of a node', node.output.length, limits.nodeArity)
    cap('attributes of a node', node.attribute.length, limits.nodeArity)
  }
}

function checkNames(graph: GraphProto, limits: Limits): void {
  const defined = new Set<string>()
  const define = (kind: string, name: string): void => {
    if (name === '') throw invalid(`${kind} without a name`)
    checkLength(kind, name, limits)
    if (defined.has(name)) throw invalid(`duplicate definition of ${JSON.stringify(name)} by ${kind} (values are assigned once, SSA)`)
    defined.add(name)
  }
  for (const info of graph.input) define('an input', info.name)
  const inputs = new Set(defined)
  const initializers = new Set<string>()
  for (const { name } of graph.initializer) {
    if (initializers.has(name)) throw invalid(`duplicate initializer ${JSON.stringify(name)}`)
    initializers.add(name)
    if (!inputs.has(name)) define('an initializer', name)
  }
  for (const node of graph.node) {
    checkLength('a node', node.name, limits)
    checkLength('an operator', node.opType, limits)
    checkLength('a domain', node.domain, limits)
    for (const { name } of node.attribute) checkLength('an attribute', name, limits)
  }
  graph.node.forEach((node, index) => {
    for (const name of node.output) if (name !== '') define(`node ${nodeLabel(node, index)}`, name)
  })
  graph.node.forEach((node, index) => {
    checkNode(node, index, defined)
  })
  checkOutputs(graph, defined)
}

function checkLength(kind: string, name: string, { nameLength }: Limits): void {
  if (name.length > nameLength)
    throw refused(
      `the name of ${kind}, ${JSON.stringify(name.slice(0, 64))}…, has ${name.length} characters, more than the limit of ${nameLength}`,
    )
}

function checkNode(node: NodeProto, index: number, defined: ReadonlySet<string>): void {
  if (node.opType === '') throw invalid(`node ${nodeLabel(node, index)} has an empty op_type`)
  const missing = node.input.find((name) => name !== '' && !defined.has(name))
  if (missing !== undefined) throw invalid(`node ${nodeLabel(node, index)} reads input ${JSON.stringify(missing)}, which is undefined`)
}

function checkOutputs(graph: GraphProto, defined: ReadonlySet<string>): void {
  const seen = new Set<string>()
  for (const { name } of graph.output) {
    if (!defined.has(name)) throw invalid(`output ${JSON.stringify(name)} is never computed`)
    if (seen.has(name)) throw invalid(`duplicate output ${JSON.stringify(name)}`)
    seen.add(name)
  }
}

function nodeLabel(node: NodeProto, index: number): string {
  return `${JSON.stringify(node.name || `${node.opType}_${index}`)} (${node.opType || 'no operator'})`
}

function invalid(message: string): Diagnostic {
  return new Diagnostic({ code: 'invalid-model', message })
}

function refused(message: string): Diagnostic {
  return new Diagnostic({ code: 'unsupported-model', message })
}
