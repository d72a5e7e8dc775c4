/**
 * Reduction: from a case that fails to a small one that fails the same way.
 *
 * Greedy, as Zeller's and Hildebrandt's "Simplifying and Isolating Failure-Inducing Input" (2002)
 * with steps that know what a model is: every smaller neighbour of the case is tried, and the first
 * that still fails is the case from then on, until none does.
 */

import { type FuzzAttr, type FuzzCase, type FuzzNode, isTensor, type TensorSpec, trimmed } from './case.ts'
import type { Verdict } from './judge.ts'

export type Judge = (c: FuzzCase) => Promise<Verdict>

export interface Reduction {
  readonly case: FuzzCase
  readonly verdict: Verdict
  readonly attempts: number
}

/** `attempts` bounds the cases that are run. */
export async function reduce(start: FuzzCase, verdict: Verdict, judge: Judge, attempts = 1500): Promise<Reduction> {
  const wanted = signatureOf(verdict)
  let best = { case: trimmed(start), verdict }
  if (signatureOf(await judge(best.case)) !== wanted) best = { case: start, verdict }
  let used = 1
  for (let found = true; found && used < attempts; ) {
    found = false
    for (const candidate of neighbours(best.case)) {
      if (++used > attempts) break
      const outcome = await judge(candidate)
      if (signatureOf(outcome) !== wanted) continue
      best = { case: candidate, verdict: outcome }
      found = true
      break
    }
  }
  return { ...best, attempts: used }
}

/** What makes two failures the same: the kind, and for a crash the words of its message. */
export function signatureOf({ kind, detail }: Verdict): string {
  if (kind !== 'crash') return kind
  const [first = ''] = detail.split('\n')
  return `${kind} ${first.replace(/[\d[\],.-]+|"[^"]*"/g, '#')}`
}

/** Smaller cases, those that remove most first. */
function* neighbours(c: FuzzCase): Generator<FuzzCase> {
  for (const next of candidates(c)) {
    const smaller = trimmed(next)
    if (Object.keys(smaller.inputs).length + Object.keys(smaller.constants).length > 0 && smaller.nodes.length > 0) yield smaller
  }
}

function* candidates(c: FuzzCase): Generator<FuzzCase> {
  yield* withoutOutputs(c)
  yield* cutAfter(c)
  yield* withoutNodes(c)
  yield* plainer(c)
  yield* smallerExtents(c)
  yield* simplerAttributes(c)
  yield* simplerElements(c)
}

function* withoutOutputs(c: FuzzCase): Generator<FuzzCase> {
  if (c.outputs.length > 1) for (const output of c.outputs) yield { ...c, outputs: [output] }
}

/** The graph ends earlier. */
function* cutAfter(c: FuzzCase): Generator<FuzzCase> {
  for (const node of c.nodes) for (const name of node.out) if (!c.outputs.includes(name)) yield { ...c, outputs: [name] }
}

/** A node gives way to one of its operands. */
function* withoutNodes(c: FuzzCase): Generator<FuzzCase> {
  for (const node of c.nodes.toReversed()) {
    for (const operand of new Set(node.in.filter((name) => name !== ''))) {
      const renamed = (name: string): string => (node.out.includes(name) ? operand : name)
      const nodes = c.nodes.filter((n) => n !== node).map((n) => ({ ...n, in: n.in.map(renamed) }))
      const outputs = [...new Set(c.outputs.map(renamed))]
      if (outputs.every((name) => nodes.some((n) => n.out.includes(name)))) yield { ...c, nodes, outputs }
    }
  }
}

/** The usual opset, prices and passes. */
function* plainer(c: FuzzCase): Generator<FuzzCase> {
  const { plain, prices, special, ...rest } = c
  if (plain !== undefined) yield { ...rest, ...(prices !== undefined && { prices }), ...(special && { special }) }
  if (prices !== undefined) yield { ...rest, ...(plain !== undefined && { plain }), ...(special && { special }) }
  if (special) yield { ...rest, ...(plain !== undefined && { plain }), ...(prices !== undefined && { prices }) }
  if (c.opset !== 17) yield { ...c, opset: 17 }
  for (const target of ['scalar', 'simd128'] as const) {
    if (c.target === 'relaxed-simd' || (c.target === 'simd128' && target === 'scalar')) yield { ...c, target }
  }
}

type Tables = 'inputs' | 'constants'

/** One extent wherever it stands (also in listed integers), and the extents of single tensors. */
function* smallerExtents(c: FuzzCase): Generator<FuzzCase> {
  const all = [...Object.values(c.inputs), ...Object.values(c.constants)].flatMap((t) => t.shape)
  for (const extent of [...new Set(all)].filter((d) => d > 1).sort((a, b) => b - a)) {
    for (const less of smaller(extent)) yield everywhere(c, extent, less)
  }
  for (const table of ['inputs', 'constants'] as Tables[]) {
    for (const [name, spec] of Object.entries(c[table])) {
      for (const [axis, extent] of spec.shape.entries())
        for (const less of smaller(extent)) yield replaced(c, table, name, { ...spec, shape: spec.shape.with(axis, less) })
    }
  }
}

function smaller(extent: number): number[] {
  return [...new Set([1, 2, extent >> 1, extent - 1])].filter((d) => d >= 1 && d < extent)
}

function everywhere(c: FuzzCase, extent: number, less: number): FuzzCase {
  const value = (v: number): number => (v === extent ? less : v)
  const tensor = (spec: TensorSpec): TensorSpec => {
    const listed = Array.isArray(spec.fill) && spec.dtype.startsWith('int')
    return { ...spec, shape: spec.shape.map(value), ...(listed && { fill: (spec.fill as number[]).map(value) }) }
  }
  const table = (specs: Readonly<Record<string, TensorSpec>>): Record<string, TensorSpec> =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, tensor(spec)]))
  const attr = (v: FuzzAttr): FuzzAttr => (Array.isArray(v) ? (v as number[]).map((x) => value(x)) : typeof v === 'number' ? value(v) : v)
  const attrs = (n: FuzzNode): FuzzNode =>
    n.attrs ? { ...n, attrs: Object.fromEntries(Object.entries(n.attrs).map(([k, v]) => [k, attr(v)])) } : n
  return { ...c, inputs: table(c.inputs), constants: table(c.constants), nodes: c.nodes.map(attrs) }
}

function replaced(c: FuzzCase, table: Tables, name: string, spec: TensorSpec): FuzzCase {
  return { ...c, [table]: { ...c[table], [name]: spec } }
}

/** Attributes left out, or with small numbers. */
function* simplerAttributes(c: FuzzCase): Generator<FuzzCase> {
  for (const [i, node] of c.nodes.entries()) {
    for (const [key, value] of Object.entries(node.attrs ?? {})) {
      const { [key]: _, ...others } = node.attrs as Record<string, FuzzAttr>
      const changed = (attrs: Record<string, FuzzAttr>): FuzzCase => ({ ...c, nodes: c.nodes.with(i, { ...node, attrs }) })
      yield changed(others)
      for (const less of simplerValues(value)) yield changed({ ...others, [key]: less })
    }
  }
}

function* simplerValues(value: FuzzAttr): Generator<FuzzAttr> {
  if (typeof value === 'number') {
    for (const less of [0, 1]) if (less < value) yield less
  } else if (Array.isArray(value) && value.every((v) => typeof v === 'number')) {
    for (const less of [0, 1]) {
      if (value.some((v) => v > less)) yield value.map((v) => Math.min(v, less))
      for (const [i, v] of value.entries()) if (v > less) yield value.with(i, less)
    }
  } else if (typeof value === 'object' && isTensor(value as FuzzAttr)) {
    const { tensor } = value as { readonly tensor: TensorSpec }
    if (!isConstant(tensor)) yield { tensor: { ...tensor, fill: [0] } }
  }
}

/** Elements that are all the same, or counted. */
function* simplerElements(c: FuzzCase): Generator<FuzzCase> {
  for (const table of ['inputs', 'constants'] as Tables[]) {
    for (const [name, spec] of Object.entries(c[table])) {
      if (isConstant(spec)) continue
      for (const fill of [[0], [1], [1, 2, 3, 4, 5]]) yield replaced(c, table, name, { ...spec, fill })
    }
  }
}

function isConstant({ fill }: TensorSpec): boolean {
  return Array.isArray(fill) && fill.length <= 5
}
