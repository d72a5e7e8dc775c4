/** Running conformance cases through any executor, and counting what comes out. */

import { readFileSync } from 'node:fs'
import { importModel } from '../../compiler/import/import.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import type { Graph } from '../../ir/graph/graph.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import { type ConformanceCase, dataSets, difference, NOT_COMPILED, shapesOf } from './conformance.ts'

export interface Outcome {
  readonly kind: 'PASS' | 'REFUSED' | 'WRONG'
  readonly detail: string
}

/** Outputs by position, from inputs by position. */
export type Execute = (graph: Graph, inputs: readonly Tensor[]) => readonly Tensor[]

export function outcomeOf(c: ConformanceCase, execute: Execute): Outcome {
  try {
    for (const { inputs, outputs } of dataSets(c)) {
      const graph = importModel(readFileSync(c.model), { inputShapes: shapesOf(c, inputs) })
      const results = execute(graph, inputs)
      for (const [i, want] of outputs.entries()) {
        const problem = difference(results[i], want, c.tolerance(graph.outputs[i]?.name ?? ''))
        if (problem) return { kind: 'WRONG', detail: `output ${i}: ${problem}` }
      }
    }
    return { kind: 'PASS', detail: '' }
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Diagnostics) return { kind: 'REFUSED', detail: error.format().split('\n')[0] ?? '' }
    return { kind: 'WRONG', detail: `crash: ${error instanceof Error ? error.stack : error}` }
  }
}

/** A case that counts: of the core, with a confirmed result, without operators that are refused. */
export function isCoreCase(c: ConformanceCase): boolean {
  return c.scored && (c.scope ?? 'core') === 'core' && !c.ops.some((op) => NOT_COMPILED.test(op))
}

export function wrongOf(outcomes: ReadonlyMap<ConformanceCase, Outcome>): string[] {
  return [...outcomes].filter(([c, o]) => c.scored && o.kind === 'WRONG').map(([c, o]) => `${c.test}: ${o.detail}`)
}

/** Counts per operator, and everything that did not pass, when CONFORMANCE_REPORT is set. */
export function report(outcomes: ReadonlyMap<ConformanceCase, Outcome>): void {
  if (!process.env.CONFORMANCE_REPORT) return
  const byOp = new Map<string, Record<Outcome['kind'], number>>()
  for (const [c, { kind, detail }] of outcomes) {
    if (kind !== 'PASS') console.log(`${kind} ${c.suite}/${c.test} (${c.scope ?? '-'}): ${detail}`)
    for (const op of c.ops) {
      const counts = byOp.get(op) ?? { PASS: 0, REFUSED: 0, WRONG: 0 }
      counts[kind]++
      byOp.set(op, counts)
    }
  }
  console.table(Object.fromEntries([...byOp].sort(([a], [b]) => (a < b ? -1 : 1))))
}
