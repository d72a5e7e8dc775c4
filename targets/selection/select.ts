/**
 * Chooses kernels: finds the cheapest cover of the graph by kernels, for one target.
 *
 * This is tree covering by dynamic programming over the nodes in topological order (Aho, Johnson: "Optimal Code
 * Generation for Expression Trees", 1976). The inner nodes of a cover have a single reader. So the graph splits
 * into trees at every value that is read more than once.
 */

import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { type Graph, type Node, nodesOf, usesOf, type Value } from '../../ir/graph/graph.ts'
import { formatType } from '../../ir/tensors/types.ts'
import { priceOf, shareOf } from '../target/cost.ts'
import type { Target } from '../target/target.ts'
import { extentOf } from './extent.ts'
import type { Cover, Kernel } from './kernel.ts'

interface Choice {
  readonly cover: Cover
  /** Estimated nanoseconds of this cover. */
  readonly cost: number
  /** Estimated nanoseconds of this cover and of everything that only it needs. */
  readonly total: number
}

export interface Selection {
  readonly target: Target
  /** How many parts of a step run at once. Default: 1. */
  readonly parts?: number
  /** Called with a text about the choices for every node. */
  readonly explain?: ((text: string) => void) | undefined
}

/**
 * The covers of all nodes that the outputs need, operands before readers. Throws `Diagnostics` that lists all
 * nodes which no kernel covers.
 */
export function select(graph: Graph, kernels: readonly Kernel[], { target, parts = 1, explain }: Selection): readonly Cover[] {
  const best = new Map<Node, Choice>()
  const totalOf = (v: Value): number => {
    if (v.kind !== 'result') return 0
    const total = best.get(v.node)?.total ?? Number.POSITIVE_INFINITY
    const uses = v.node.outputs.reduce((sum, result) => sum + usesOf(graph, result).length, 0)
    return uses > 1 && total < Number.POSITIVE_INFINITY ? 0 : total
  }
  for (const node of nodesOf(graph)) {
    const choices = candidates(node, graph, kernels, target).map((cover) => {
      const work = parts === 1 ? cover.work : shareOf({ ...cover, extent: extentOf(cover, target) }, parts)
      const cost = priceOf(work, target.prices)
      return { cover, cost, total: cover.inputs.reduce((sum, v) => sum + totalOf(v), cost) }
    })
    const [first] = choices.sort((a, b) => a.total - b.total)
    if (first) best.set(node, first)
    if (first && explain) explain(describe(node, choices))
  }
  return needed(graph, best, target)
}

function candidates(node: Node, graph: Graph, kernels: readonly Kernel[], target: Target): Cover[] {
  return kernels.flatMap((kernel) => kernel.cover(node, graph, target) ?? [])
}

function describe(node: Node, choices: readonly Choice[]): string {
  const costs = choices.map((c) => `${c.cover.kernel} ${(c.cost / 1000).toFixed(1)} µs`)
  return `${node.origins[0] ?? node.op}: ${costs.join(', ')}`
}

function needed(graph: Graph, best: ReadonlyMap<Node, Choice>, target: Target): Cover[] {
  const roots = new Set<Node>()
  const missing: Node[] = []
  const pending = graph.outputs.map((o) => o.value)
  for (let v = pending.pop(); v; v = pending.pop()) {
    if (v.kind !== 'result' || roots.has(v.node)) continue
    roots.add(v.node)
    const choice = best.get(v.node)
    if (choice) pending.push(...choice.cover.inputs)
    else {
      missing.push(v.node)
      pending.push(...v.node.inputs)
    }
  }
  if (missing.length > 0) throw new Diagnostics(missing.map((node) => noKernel(node, target)))
  return nodesOf(graph)
    .filter((node) => roots.has(node))
    .map((node) => (best.get(node) as Choice).cover)
}

function noKernel(node: Node, target: Target): Diagnostic {
  const types = node.inputs.map((v) => formatType(v.type)).join(', ')
  return new Diagnostic({
    code: 'no-kernel',
    message: `${node.op} ${JSON.stringify(node.origins[0] ?? '')} on ${types} has no kernel for ${target.name}`,
    hint: 'run-time computation is in float32 (int32 and int64 in elementwise operators); cast the operands before it',
  })
}
