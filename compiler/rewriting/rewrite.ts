/** The rewrite driver. It applies rules everywhere in the graph until none matches. No other code replaces values. */

import { InternalError } from '../../ir/diagnostics.ts'
import { folded } from '../../ir/graph/fold.ts'
import { type Graph, makeNode, type Node, namesOf, nodesOf, type ResultValue, renamed, usesOf, type Value } from '../../ir/graph/graph.ts'
import type { Bindings, Pattern } from '../../ir/graph/pattern.ts'
import type { AttrsOf, OpName } from '../../ir/ops/index.ts'
import type { Results } from '../../ir/ops/op.ts'
import { formatType, sameType } from '../../ir/tensors/types.ts'

/** Collects what a pass did or could not do, for `--explain`. */
export type Remarks = (text: string) => void

export interface RuleContext {
  readonly graph: Graph
  /** The value that the pattern matched and that is to be replaced. Other results of its node stay as they are. */
  readonly root: ResultValue
  /** The node that makes it. */
  readonly node: Node
  /** A bound value; throws `InternalError` for a name the pattern does not bind. */
  get(name: string): Value
  /**
   * Makes a node and gives its first result, or a constant where all operands are constants. It is named after
   * the root. Its origins are those of the root, and of the bound and `absorbed` values that nothing reads any
   * more.
   */
  make<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>, absorbed?: readonly Value[]): Value
  /** Says why a match that almost fitted was left alone, for `--explain`. */
  readonly remark: Remarks
}

export interface Rule {
  /** Named in the error message if the rule loops. */
  readonly name: string
  readonly pattern: Pattern
  /** A value that is equal to the matched one and has the same type, or null to leave it as it is. */
  replace(context: RuleContext): Value | null
}

/**
 * After this number of sweeps, rules are said to loop. A rule that moves a node along a chain needs one sweep
 * for every step.
 */
const maxSweeps = (graph: Graph): number => 100 + 2 * nodesOf(graph).length

/**
 * Applies `rules` until none matches. Only the remarks of the last sweep are reported, so they are true of the
 * result.
 */
export function rewrite(graph: Graph, rules: readonly Rule[], pass: string, remark: Remarks = () => {}): Graph {
  const limit = maxSweeps(graph)
  const applied = new Map<string, number>()
  let current = graph
  for (let sweep = 0; sweep < limit; sweep++) {
    const remarks = new Set<string>()
    const replacements = new Map<Value, Value>()
    for (const root of readResults(current)) {
      const hit = firstMatch(current, root, rules, (text) => remarks.add(text))
      if (!hit) continue
      replacements.set(root, hit.value)
      applied.set(hit.rule, (applied.get(hit.rule) ?? 0) + 1)
    }
    if (replacements.size === 0) {
      for (const [rule, times] of applied) remark(`${rule} (${times}×)`)
      for (const text of remarks) remark(text)
      return current
    }
    current = substitute(current, replacements)
  }
  throw new InternalError(
    `pass ${pass} does not end: rules ${[...applied.keys()].map((r) => `"${r}"`).join(', ')} still apply after ${limit} sweeps`,
  )
}

/** The results of nodes that something reads. */
function readResults(graph: Graph): readonly ResultValue[] {
  return nodesOf(graph).flatMap((node) => node.outputs.filter((v) => usesOf(graph, v).length > 0))
}

function firstMatch(graph: Graph, root: ResultValue, rules: readonly Rule[], remark: Remarks): { value: Value; rule: string } | null {
  for (const rule of rules) {
    if (rule.pattern.roots?.has(root.node.op) === false) continue
    const bindings: Bindings | null = rule.pattern.match(root, graph)
    if (!bindings) continue
    const value = replacement(graph, root, rule, bindings, remark)
    if (!value || value === root) continue
    if (!sameType(value.type, root.type)) {
      throw new InternalError(`rule "${rule.name}" replaces ${formatType(root.type)} by ${formatType(value.type)}`)
    }
    return { value, rule: rule.name }
  }
  return null
}

/**
 * The value that the rule gives. Only after the rule has made all its nodes is it known which of the matched
 * values they stand for.
 */
function replacement(graph: Graph, root: ResultValue, rule: Rule, bindings: Bindings, remark: Remarks): Value | null {
  const made = new Set<Node>()
  const matched = new Set<Value>()
  const read = new Set<Value>()
  const value = rule.replace({
    graph,
    root,
    node: root.node,
    remark,
    get: (name) => lookUp(bindings, name, rule.name),
    make(op, inputs, attrs, absorbed = []) {
      for (const v of absorbed) matched.add(v)
      for (const v of inputs) read.add(v)
      const node = makeNode(op, inputs, attrs, { name: root.name })
      made.add(node)
      return folded(node)[0]
    },
  })
  for (const v of [...bindings.values(), root]) matched.add(v)
  const absorbed = [...matched].filter((v) => !read.has(v))
  return value && withOrigins(value, made, [...new Set(absorbed.flatMap((v) => (v.kind === 'result' ? v.node.origins : [])))])
}

/** `value`, in which the nodes that a rule made get the origins `origins`. */
function withOrigins(value: Value, made: ReadonlySet<Node>, origins: readonly string[]): Value {
  const done = new Map<Node, Node>()
  const renew = (v: Value): Value => {
    if (v.kind !== 'result' || !made.has(v.node)) return v
    const node = done.get(v.node) ?? renamed(v.node, { origins }, v.node.inputs.map(renew))
    done.set(v.node, node)
    return node.outputs[v.index] as Value
  }
  return renew(value)
}

function lookUp(bindings: Bindings, name: string, rule: string): Value {
  const value = bindings.get(name)
  if (!value) throw new InternalError(`rule "${rule}" binds no "${name}"`)
  return value
}

/**
 * The graph with values replaced. Replacements are written in terms of the old graph's values and
 * may mention values that are themselves replaced.
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
    const results = rebuild(value.node, value.node.inputs.map(resolve))
    for (const old of value.node.outputs) if (!replacements.has(old)) done.set(old, results[old.index] as Value)
    return done.get(value) as Value
  }
  for (const node of nodesOf(graph)) node.outputs.forEach(resolve)
  return withOutputs(graph, resolve)
}

/**
 * The graph rebuilt in one walk, operands first: `build` makes a node's results from the operands
 * that were built before.
 */
export function transform(
  graph: Graph,
  build: (node: Node, inputs: readonly Value[]) => readonly Value[],
  leaf: (value: Value) => Value = (v) => v,
): Graph {
  const done = new Map<Value, Value>()
  const built = (value: Value): Value => {
    const known = done.get(value)
    if (known) return known
    const made = leaf(value)
    done.set(value, made)
    return made
  }
  for (const node of nodesOf(graph)) {
    const results = build(node, node.inputs.map(built))
    node.outputs.forEach((old, i) => {
      done.set(old, results[i] as Value)
    })
  }
  return withOutputs(graph, built)
}

function withOutputs(graph: Graph, map: (value: Value) => Value): Graph {
  const outputs = graph.outputs.map((o) => ({ name: o.name, value: map(o.value) }))
  return outputs.every((o, i) => o.value === graph.outputs[i]?.value) ? graph : { ...graph, outputs }
}

/**
 * The results of the node with other operands. They are its own results where the operands are its own, and
 * constants where all operands are constants.
 */
export function rebuild(node: Node, inputs: readonly Value[]): Results<Value> {
  if (inputs.every((v, i) => v === node.inputs[i])) return node.outputs
  return folded(makeNode<OpName>(node.op, inputs, node.attrs, { names: namesOf(node), origins: node.origins }))
}
