import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/onnx/import.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { interpret } from '../../ir/interpret.ts'
import {
  CLASSIFIER_OPERATORS,
  type ConformanceCase,
  conformanceCases,
  dataSets,
  difference,
  HAS_CONFORMANCE,
  SUITES,
  shapesOf,
} from './conformance.ts'

interface Outcome {
  readonly kind: 'PASS' | 'REFUSED' | 'WRONG'
  readonly detail: string
}

function run(c: ConformanceCase): Outcome {
  try {
    for (const { inputs, outputs } of dataSets(c)) {
      const graph = importModel(readFileSync(c.model), { inputShapes: shapesOf(c, inputs) })
      const results = interpret(graph, inputs)
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

/** Counts per operator, and everything that did not pass, when CONFORMANCE_REPORT is set. */
function report(outcomes: ReadonlyMap<ConformanceCase, Outcome>): void {
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

if (!HAS_CONFORMANCE) console.log('conformance cases are not on this machine: skipped')

function wrongOf(outcomes: ReadonlyMap<ConformanceCase, Outcome>): string[] {
  return [...outcomes].filter(([c, o]) => c.scored && o.kind === 'WRONG').map(([c, o]) => `${c.test}: ${o.detail}`)
}

describe.skipIf(!HAS_CONFORMANCE)('conformance by the interpreter', () => {
  for (const suite of SUITES) {
    it(`${suite}: nothing is wrong`, () => {
      const outcomes = new Map(conformanceCases(suite).map((c) => [c, run(c)]))
      report(outcomes)
      expect(wrongOf(outcomes)).toEqual([])
      const core = [...outcomes].filter(
        ([c]) => c.scored && (c.scope ?? 'core') === 'core' && c.ops.every((op) => CLASSIFIER_OPERATORS.has(op)),
      )
      const passed = core.filter(([, o]) => o.kind === 'PASS')
      console.log(`${suite}: ${passed.length} of ${core.length} core cases of classifier operators pass`)
      if (suite === 'onnx') expect(passed.length).toBe(core.length)
    })
  }

  it('nothing is wrong with parameters as run-time inputs', () => {
    expect(wrongOf(new Map(conformanceCases('onnx', false).map((c) => [c, run(c)])))).toEqual([])
  })
})
