import { describe, expect, it } from 'vitest'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { runModule } from '../../compiler/running/run-module.ts'
import type { Graph } from '../../ir/graph/graph.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import { TARGETS, type TargetName } from '../../targets/target/target.ts'
import { type ConformanceCase, conformanceCases, HAS_CONFORMANCE, SUITES } from '../onnx/conformance.ts'
import { isCoreCase, type Outcome, outcomeOf, report, wrongOf } from '../onnx/outcome.ts'
import { FULL } from '../run/short-form.ts'

/** The short form runs a third of the core on one target (test/onnx interprets all of it); the full form everything everywhere. */
const CHOSEN: readonly TargetName[] = FULL ? TARGETS.map((t) => t.name) : ['simd128']

if (!HAS_CONFORMANCE) console.warn('skipped: ../shared/data/conformance is not present')

function outcomes(cases: readonly ConformanceCase[], target: TargetName): Map<ConformanceCase, Outcome> {
  const execute = (graph: Graph, inputs: readonly Tensor[]): readonly Tensor[] => {
    const { modules, weights } = linkGraph(optimise(graph), { targets: [target] })
    return modules[0] ? runModule(modules[0], weights, inputs) : []
  }
  return new Map(cases.map((c) => [c, outcomeOf(c, execute)]))
}

describe.skipIf(!HAS_CONFORMANCE)('conformance of compiled modules', () => {
  for (const target of CHOSEN) {
    for (const suite of SUITES) {
      it(`${suite} on ${target}: nothing is wrong`, { timeout: 900_000 }, () => {
        const third = conformanceCases(suite)
          .filter(isCoreCase)
          .filter((_, i) => i % 3 === 0)
        const cases = FULL ? conformanceCases(suite) : third
        const results = outcomes(cases, target)
        report(results)
        expect(wrongOf(results)).toEqual([])
        const core = [...results].filter(([c]) => isCoreCase(c))
        const passed = core.filter(([, o]) => o.kind === 'PASS').length
        console.log(`${suite} on ${target}: ${passed} of ${core.length} core cases pass`)
        if (suite === 'onnx') expect(passed / core.length).toBeGreaterThanOrEqual(0.98)
      })
    }
  }
})
