import { type Graph, usesOf, type Value } from '../../../ir/graph/graph.ts'

/** A value as remarks name it: its op and the ONNX node it came from. */
export function describe(value: Value | undefined): string {
  if (value?.kind !== 'result') return value?.name ?? 'nothing'
  return `${value.node.op} ${value.node.origins[0] ?? value.name}`.trim()
}

/** `also read by add Add_12`, of a value that `reader` is not alone in reading. */
export function otherReaders(value: Value, reader: Value, graph: Graph): string {
  const others = usesOf(graph, value).filter((use) => use.node?.outputs[0] !== reader)
  const names = others.map((use) => (use.node ? describe(use.node.outputs[0]) : 'a graph output'))
  return names.length > 0 ? `also read by ${names.join(', ')}` : 'read twice'
}
