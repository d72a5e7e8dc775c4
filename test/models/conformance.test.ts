import { describe, expect, it } from 'vitest'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { runModule } from '../../compiler/running/run-module.ts'
import { TARGETS, type Target } from '../../targets/target/target.ts'
import { CONFORMANCE, type ConformanceCase, conformanceCases, SUITES } from '../onnx/conformance.ts'
import { accountedExceptions, exceptionsOf, type Outcome, outcomeOf, report, wrongOf } from '../onnx/outcome.ts'
import { sample } from '../run/short-form.ts'

/** The short form runs a sixth of the cases on one target (test/onnx interprets them all). */
const inShortForm = ({ name }: Target, index: number): boolean => name === 'simd128' && index % 6 === 0

function outcomes(cases: readonly ConformanceCase[], target: Target): Map<ConformanceCase, Outcome> {
  const execute: Parameters<typeof outcomeOf>[1] = (graph, inputs) => {
    const { modules, weights } = linkGraph(optimise(graph), { targets: [target] })
    return modules[0] ? runModule(modules[0], weights, inputs) : []
  }
  return new Map(cases.map((c) => [c, outcomeOf(c, execute)]))
}

describe.skipIf(!CONFORMANCE)('conformance of compiled modules', () => {
  for (const target of TARGETS) {
    for (const suite of SUITES) {
      const cases = CONFORMANCE ? sample(conformanceCases(suite), (_, i) => inShortForm(target, i)) : []
      it.runIf(cases.length > 0)(
        `${suite} on ${target.name}: nothing is wrong, and only what the account lists is refused`,
        { timeout: 900_000 },
        () => {
          const results = outcomes(cases, target)
          report(results)
          expect(wrongOf(results)).toEqual([])
          expect(exceptionsOf(results)).toEqual(accountedExceptions(suite, cases))
        },
      )
    }
  }
})
