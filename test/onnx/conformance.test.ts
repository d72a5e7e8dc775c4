import { describe, expect, it } from 'vitest'
import { interpret } from '../../ir/graph/interpret.ts'
import { conformanceCases, HAS_CONFORMANCE, SUITES, type Suite } from './conformance.ts'
import { isCoreCase, outcomeOf, report, wrongOf } from './outcome.ts'

/** What of the core must pass. The other suites have cases of training, run-time shapes and three dimensions. */
const SHARE: Readonly<Record<Suite, number>> = { onnx: 0.98, 'ort-testdata': 0.9, 'ort-web-ops': 0.97, 'onnx2c-local-ops': 0.9 }

if (!HAS_CONFORMANCE) console.warn('skipped: ../shared/data/conformance is not present')

describe.skipIf(!HAS_CONFORMANCE)('conformance by the interpreter', () => {
  for (const suite of SUITES) {
    it(`${suite}: nothing is wrong`, () => {
      const outcomes = new Map(conformanceCases(suite).map((c) => [c, outcomeOf(c, interpret)]))
      report(outcomes)
      expect(wrongOf(outcomes)).toEqual([])
      const core = [...outcomes].filter(([c]) => isCoreCase(c))
      const passed = core.filter(([, o]) => o.kind === 'PASS')
      console.log(`${suite}: ${passed.length} of ${core.length} core cases pass`)
      expect(passed.length / core.length).toBeGreaterThanOrEqual(SHARE[suite])
    })
  }

  it('nothing is wrong with parameters as run-time inputs', () => {
    expect(wrongOf(new Map(conformanceCases('onnx', false).map((c) => [c, outcomeOf(c, interpret)])))).toEqual([])
  })
})
