/** Model-local functions (FunctionProto): every call is replaced by the function's nodes before anything is imported. */

import { Diagnostic } from '../../ir/diagnostics.ts'
import type { Limits } from '../limits/limits.ts'
import { type AttributeProto, changed, type DecodedModel, type FunctionProto, type GraphProto, type NodeProto } from '../onnx/proto.ts'

/** How the names in the function body of one call read outside the body. */
interface Call {
  /** The prefix of node names, and of the names of values that are used only inside the body. */
  readonly prefix: string
  readonly values: ReadonlyMap<string, string>
  readonly attributes: ReadonlyMap<string, AttributeProto>
}

interface Frame {
  readonly nodes: readonly NodeProto[]
  readonly call: Call | null
  next: number
}

/**
 * The model's graph with calls of local functions expanded in order. Throws `Diagnostic` for recursion,
 * and where the expansion has more nodes than `limits` allow.
 */
export function inlineFunctions({ graph, functions }: DecodedModel, limits: Limits): GraphProto {
  return functions.length === 0 ? graph : changed(graph, { node: expand(graph.node, tableOf(functions), limits) })
}

function expand(nodes: readonly NodeProto[], functions: ReadonlyMap<string, FunctionProto>, limits: Limits): readonly NodeProto[] {
  const expanded: NodeProto[] = []
  const stack: Frame[] = [{ nodes, call: null, next: 0 }]
  let calls = 0
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const proto = top.nodes[top.next]
    if (!proto) {
      stack.pop()
      continue
    }
    const node = top.call ? instance(proto, top.next, top.call) : proto
    top.next++
    const callee = functions.get(keyOf(node.domain, node.opType, node.overload))
    if (callee) stack.push({ nodes: callee.node, call: callOf(callee, node, calls++), next: 0 })
    else expanded.push(node)
    if (stack.length > limits.callDepth)
      throw refused(`function ${JSON.stringify(node.opType)} is recursive, or calls nest deeper than ${limits.callDepth}`)
    if (expanded.length + calls > limits.nodes) throw refused(`the expansion of local functions exceeds the limit of ${limits.nodes} nodes`)
  }
  return expanded
}

function tableOf(functions: readonly FunctionProto[]): Map<string, FunctionProto> {
  const table = new Map<string, FunctionProto>()
  for (const f of functions) {
    const key = keyOf(f.domain, f.name, f.overload)
    if (table.has(key)) throw invalid(`duplicate local function ${JSON.stringify(f.name)}`)
    const passed = f.output.find((name) => f.input.includes(name))
    if (passed !== undefined) throw invalid(`local function ${JSON.stringify(f.name)} returns its input ${JSON.stringify(passed)}`)
    table.set(key, f)
  }
  return table
}

function keyOf(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain === 'ai.onnx' ? '' : domain, name, overload])
}

function callOf(callee: FunctionProto, node: NodeProto, index: number): Call {
  if (node.input.length > callee.input.length || node.output.length > callee.output.length) {
    throw invalid(`node ${JSON.stringify(node.name)} passes more inputs or outputs than local function ${JSON.stringify(callee.name)} has`)
  }
  const inputs = callee.input.map((formal, i): [string, string] => [formal, node.input[i] ?? ''])
  const outputs = callee.output.flatMap((formal, i): [string, string][] => (node.output[i] ? [[formal, node.output[i]]] : []))
  const attributes = new Map([...callee.attributeProto, ...node.attribute].map((a) => [a.name, a]))
  const known = new Set([...callee.attribute, ...callee.attributeProto.map((a) => a.name)])
  const unknown = node.attribute.find((a) => !known.has(a.name))
  if (unknown) throw invalid(`local function ${JSON.stringify(callee.name)} has no attribute ${JSON.stringify(unknown.name)}`)
  return { prefix: `${node.name || callee.name}#${index}/`, values: new Map([...inputs, ...outputs]), attributes }
}

/**
 * A node of a function body, as it reads in one call. References to attributes that the call does not give are
 * left out.
 */
function instance(proto: NodeProto, index: number, call: Call): NodeProto {
  const rename = (name: string): string => (name === '' ? '' : (call.values.get(name) ?? call.prefix + name))
  return changed(proto, {
    name: call.prefix + (proto.name || `${proto.opType}_${index}`),
    input: proto.input.map(rename),
    output: proto.output.map(rename),
    attribute: proto.attribute.flatMap((a) => {
      if (a.refAttrName === '') return [a]
      const actual = call.attributes.get(a.refAttrName)
      return actual ? [changed(actual, { name: a.name })] : []
    }),
  })
}

function invalid(message: string): Diagnostic {
  return new Diagnostic({ code: 'invalid-model', message })
}

function refused(message: string): Diagnostic {
  return new Diagnostic({ code: 'unsupported-model', message })
}
