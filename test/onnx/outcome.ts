/** Running conformance cases through any executor, and counting what comes out. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importModel } from '../../compiler/import/import.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import type { Graph } from '../../ir/graph/graph.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import { type ConformanceCase, dataSets, difference, type Suite, shapesOf } from './conformance.ts'

export interface Outcome {
  readonly kind: 'PASS' | 'REFUSED' | 'WRONG'
  readonly detail: string
  /** Of the first diagnostic of a refusal. */
  readonly code?: string
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
    if (error instanceof Diagnostic || error instanceof Diagnostics) return refused(error)
    return { kind: 'WRONG', detail: `crash: ${error instanceof Error ? error.stack : error}` }
  }
}

function refused(error: Diagnostic | Diagnostics): Outcome {
  const { code = '' } = error instanceof Diagnostics ? (error.list[0] ?? {}) : error
  return { kind: 'REFUSED', detail: error.format().split('\n')[0] ?? '', code }
}

export function wrongOf(outcomes: ReadonlyMap<ConformanceCase, Outcome>): string[] {
  return [...outcomes].filter(([c, o]) => c.scored && o.kind === 'WRONG').map(([c, o]) => `${c.test}: ${o.detail}`)
}

/** What a suite owes: how many cases pass, and each of the others by name, refused ones with the code of their diagnostic. */
export function accountOf(outcomes: ReadonlyMap<ConformanceCase, Outcome>): string {
  const passed = [...outcomes.values()].filter((o) => o.kind === 'PASS').length
  return [`${passed} pass`, ...exceptionsOf(outcomes), ''].join('\n')
}

/** `code case` of those that are refused, `unconfirmed case` of those whose stored result is not what comes out. */
export function exceptionsOf(outcomes: ReadonlyMap<ConformanceCase, Outcome>): string[] {
  return [...outcomes]
    .filter(([, o]) => o.kind !== 'PASS')
    .map(([c, o]) => `${o.code ?? 'unconfirmed'} ${c.test}`)
    .sort()
}

export function accountPath(suite: Suite): string {
  return join(import.meta.dirname, 'accounts', `${suite}.txt`)
}

/** The exceptions among `cases` that the suite's account lists. */
export function accountedExceptions(suite: Suite, cases: readonly ConformanceCase[]): string[] {
  const names = new Set(cases.map((c) => c.test))
  const [, ...lines] = readFileSync(accountPath(suite), 'utf8').trimEnd().split('\n')
  return lines.filter((line) => names.has(line.split(' ')[1] ?? ''))
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
