/** The rewrite driver: applies rules everywhere, to a fixed point, and is the only place that replaces values. */

import { InternalError } from '../ir/diagnostics.ts'
import { apply, type Graph, makeNode, type Node, nodesOf, type ResultValue, type Value } from '../ir/graph.ts'
import type { AttrsOf, OpName } from '../ir/ops/index.ts'
import type { Bindings, Pattern } from '../ir/pattern.ts'
import { formatType } from '../ir/types.ts'

/** Collects what a pass did or could not do, for `--explain`. */
export type Remarks = (text: string) => void

export interface RuleContext {
  readonly graph: Graph
  /** The value the pattern matched. */
  readonly root: ResultValue
  readonly node: Node
  /** A bound value; throws `InternalError` for a name the pattern does not bind. */
  get(name: string): Value
  /** A new node's result, named after the root, with the origins of the bound nodes and the root. */
  make<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>): Value
  /** Why a near miss was left alone, for `--explain`. */
  readonly remark: Remarks
}

export interface Rule {
  /** Said when the rule loops. */
  readonly name: string
  readonly pattern: Pattern
  /** A value equal to the matched one and of the same dtype and shape, or null to leave it. */
  replace(context: RuleContext): Value | null
}

const MAX_SWEEPS = 200

export function rewrite(graph: Graph, rules: readonly Rule[], pass: string, remark: Remarks = () => {}): Graph {
  let current = graph
  let last = ''
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const replacements = new Map<Value, Value>()
    for (const node of nodesOf(current)) {
      const hit = firstMatch(current, node, rules, remark)
      if (!hit) continue
      replacements.set(node.outputs[0] as Value, hit.value)
      last = hit.rule
    }
    if (replacements.size === 0) return current
    current = substitute(current, replacements)
  }
  throw new InternalError(`pass ${pass}: rule "${last}" still applies after ${MAX_SWEEPS} sweeps`)
}

function firstMatch(graph: Graph, node: Node, rules: readonly Rule[], remark: Remarks): { value: Value; rule: string } | null {
  const [root] = node.outputs
  if (!root || node.outputs.length !== 1) return null
  for (const rule of rules) {
    const bindings: Bindings | null = rule.pattern.match(root, graph)
    if (!bindings) continue
    const value: Value | null = rule.replace(contextOf(graph, root, rule, bindings, remark))
    if (!value || value === root) continue
    if (formatType(value.type) !== formatType(root.type)) {
      throw new InternalError(`rule "${rule.name}" replaces ${formatType(root.type)} by ${formatType(value.type)}`)
    }
    return { value, rule: rule.name }
  }
  return null
}

function contextOf(graph: Graph, root: ResultValue, rule: Rule, bindings: Bindings, remark: Remarks): RuleContext {
  const matched = [...bindings.values(), root].flatMap((v) => (v.kind === 'result' ? v.node.origins : []))
  const from = { name: root.name, origins: [...new Set(matched)] }
  return {
    graph,
    root,
    node: root.node,
    remark,
    get: (name) => lookUp(bindings, name, rule.name),
    make: (op, inputs, attrs) => apply(op, inputs, attrs, from),
  }
}

function lookUp(bindings: Bindings, name: string, rule: string): Value {
  const value = bindings.get(name)
  if (!value) throw new InternalError(`rule "${rule}" binds no "${name}"`)
  return value
}

/**
 * The graph with values replaced. Replacements are written in terms of the old graph's values and
 * may mention values that are themselves replaced; names of replaced values carry over.
 */
export function substitute(graph: Graph, replacements: ReadonlyMap<Value, Value>): Graph {
  const done = new Map<Value, Value>()
  const resolve = (value: Value): Value => {
    const known = done.get(value)
    if (known) return known
    const replacement = replacements.get(value)
    if (replacement) {
      const resolved = resolve(replacement)
      done.set(value, resolved)
      return resolved
    }
    if (value.kind !== 'result') return value
    const node = rebuild(value.node, resolve)
    value.node.outputs.forEach((old, i) => {
      done.set(old, node.outputs[i] as Value)
    })
    return done.get(value) as Value
  }
  for (const node of nodesOf(graph)) node.outputs.forEach(resolve)
  return { ...graph, outputs: graph.outputs.map((o) => ({ name: o.name, value: resolve(o.value) })) }
}

function rebuild(node: Node, resolve: (v: Value) => Value): Node {
  const inputs = node.inputs.map(resolve)
  if (inputs.every((v, i) => v === node.inputs[i])) return node
  return makeNode<OpName>(node.op, inputs, node.attrs, { name: node.outputs[0]?.name ?? '', origins: node.origins })
}
