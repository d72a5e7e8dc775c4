/**
 * Nodes that could not be imported. This file finds out which of them matter, and makes one diagnostic for each
 * kind of failure.
 */

import { Diagnostic, Diagnostics, type NodeContext } from '../../ir/diagnostics.ts'
import type { NodeProto } from '../onnx/proto.ts'

/** Failures by the node's position in the model. They are null for a node that only reads from a failed one. */
export type Failures = ReadonlyMap<number, Diagnostic | null>

/**
 * Throws a `Diagnostic`, or `Diagnostics` where there are several. It throws nothing if no failed node is
 * needed by `outputs` and none is broken in itself.
 */
export function reportFailures(nodes: readonly NodeProto[], outputs: readonly string[], failures: Failures): void {
  if (failures.size === 0) return
  const reached = reachedNodes(nodes, outputs)
  const diagnostics: Diagnostic[] = []
  for (const [index, diagnostic] of failures) {
    if (diagnostic && (reached.has(index) || !diagnostic.code.startsWith('unsupported'))) diagnostics.push(diagnostic)
  }
  const grouped = group(diagnostics)
  if (grouped.length === 1) throw grouped[0]
  if (grouped.length > 1) throw new Diagnostics(grouped)
}

function reachedNodes(nodes: readonly NodeProto[], outputs: readonly string[]): Set<number> {
  const producers = new Map<string, number>()
  nodes.forEach((node, index) => {
    for (const name of node.output) producers.set(name, index)
  })
  const reached = new Set<number>()
  const pending = [...outputs]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const index = producers.get(name)
    if (index === undefined || reached.has(index)) continue
    reached.add(index)
    pending.push(...(nodes[index] as NodeProto).input)
  }
  return reached
}

/** Joins equal diagnostics about nodes of one operator into one, which names all of these nodes. */
function group(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const groups = new Map<string, Diagnostic[]>()
  for (const d of diagnostics) {
    const key = JSON.stringify([d.code, d.node?.domain, d.node?.opType, d.message])
    const same = groups.get(key)
    if (same) same.push(d)
    else groups.set(key, [d])
  }
  return [...groups.values()].map(merge)
}

function merge(same: readonly Diagnostic[]): Diagnostic {
  const [first, ...rest] = same as [Diagnostic, ...Diagnostic[]]
  if (rest.length === 0 || !first.node) return first
  const others = rest.map((d) => JSON.stringify(d.node?.name)).join(', ')
  return new Diagnostic({
    code: first.code,
    message: `${first.message} (and ${rest.length} more: ${others})`,
    node: first.node,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  })
}

/** Hints about unsupported operators that occur in practice. */
const HINTS: readonly (readonly [operators: RegExp, hint: string])[] = [
  [/^(If|Loop|Scan)$/, 'control flow cannot be compiled; export the network without its post-processing'],
  [
    /^(NonMaxSuppression|NonZero|GatherND)$/,
    'results of run-time length cannot be compiled; export the network without its post-processing',
  ],
  [
    /[Qq]uantize|^QLinear|Integer$/,
    'quantised tensors (integer type, scale, zero_point, axis) have no rules; use the float32 model that this one was made from',
  ],
]

/**
 * The diagnostic for an operator that is not supported, with a hint. `known` are the supported operators of the
 * default domain.
 */
export function unsupportedOperator(context: NodeContext, known: Iterable<string>): Diagnostic {
  const { opType, domain } = context
  const named = domain === '' ? `operator ${opType}` : `operator ${opType} of domain ${domain}`
  return new Diagnostic({
    code: 'unsupported-operator',
    message: `${named} is not supported`,
    node: context,
    hint: hintFor(opType, domain, known),
  })
}

function hintFor(opType: string, domain: string, known: Iterable<string>): string {
  const listed = HINTS.find(([operators]) => operators.test(opType))?.[1]
  if (listed) return listed
  if (domain === 'com.microsoft') return 'this model was optimised for onnxruntime; use the model from before that'
  if (domain !== '') return 'only operators of the default domain (ai.onnx) are known'
  const similar = [...known].find((name) => name.toLowerCase() === opType.toLowerCase())
  return similar ? `did you mean ${similar}?` : 'no rule for it exists; replace it by simpler operators before export'
}
