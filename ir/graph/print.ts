/**
 * Textual IR: one line per node, dense numbering, attributes sorted, defaults omitted, ONNX name last.
 *
 *     graph @mobilenetv2(%0: f32[1,224,224,3]) -> (%64)
 *     %7 = conv %6, #w4, #b4 {act=clamp(0,6), group=32, pads=[1,1,1,1]} : f32[1,112,112,32] // Conv_4
 */

import { printable } from '../diagnostics.ts'
import { opDef } from '../ops/index.ts'
import { numbers } from '../tensors/tensor.ts'
import { formatType, sizeOf } from '../tensors/types.ts'
import { type Graph, type Node, nodesOf, type Value } from './graph.ts'

/** The graph as text, as at the top of this file. Control characters of names are escaped. */
export function printGraph(graph: Graph): string {
  const names = nameValues(graph)
  const nameOf = (v: Value): string => names.get(v) as string
  const inputs = graph.inputs.map((v) => `${nameOf(v)}: ${formatType(v.type)}`).join(', ')
  const outputs = graph.outputs.map((o) => nameOf(o.value)).join(', ')
  const lines = nodesOf(graph).map((node) => printNode(node, nameOf))
  return printable([`graph @${graph.name}(${inputs}) -> (${outputs})`, ...lines, ''].join('\n'))
}

function printNode(node: Node, nameOf: (v: Value) => string): string {
  const results = node.outputs.map(nameOf).join(', ')
  const operands = node.inputs.map(nameOf).join(', ')
  const attrs = printAttrs(node)
  const types = node.outputs.map((v) => formatType(v.type)).join(', ')
  const origin = node.origins.length > 0 ? ` // ${node.origins.join(' + ')}` : ''
  return `${results} = ${node.op} ${operands}${attrs ? ` {${attrs}}` : ''} : ${types}${origin}`
}

function printAttrs(node: Node): string {
  const defaults = (opDef(node.op).defaults ?? {}) as Record<string, unknown>
  return Object.entries(node.attrs)
    .filter(([key, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(defaults[key]))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${printAttr(value)}`)
    .join(', ')
}

function printAttr(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(',')}]`
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  if (value === Number.NEGATIVE_INFINITY) return '-inf'
  if (typeof value !== 'object' || value === null) return String(value)
  const { op, ...rest } = value as { op: string }
  const args = Object.values(rest).map(printAttr).join(',')
  return args ? `${op}(${args})` : op
}

/** `%n` for inputs and results in order of appearance; scalars by value; `#n` for other constants. */
function nameValues(graph: Graph): Map<Value, string> {
  const names = new Map<Value, string>()
  let results = 0
  let constants = 0
  const name = (v: Value): void => {
    if (names.has(v)) return
    if (v.kind !== 'constant') names.set(v, `%${results++}`)
    else if (sizeOf(v.type.shape) === 1) names.set(v, `#${v.type.shape.length}d(${numbers(v.tensor)[0]})`)
    else names.set(v, `#${constants++}${formatType(v.type)}`)
  }
  graph.inputs.forEach(name)
  for (const node of nodesOf(graph)) {
    node.inputs.forEach(name)
    node.outputs.forEach(name)
  }
  for (const o of graph.outputs) name(o.value)
  return names
}
