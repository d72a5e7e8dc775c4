import { describe, expect, it } from 'vitest'
import { interpret } from '../../ir/interpret.ts'
import { conformanceCases, HAS_CONFORMANCE, SUITES } from './conformance.ts'
import { isClassifierCase, outcomeOf, report, wrongOf } from './outcome.ts'

if (!HAS_CONFORMANCE) console.warn('skipped: ../shared/data/conformance is not present')

describe.skipIf(!HAS_CONFORMANCE)('conformance by the interpreter', () => {
  for (const suite of SUITES) {
    it(`${suite}: nothing is wrong`, () => {
      const outcomes = new Map(conformanceCases(suite).map((c) => [c, outcomeOf(c, interpret)]))
      report(outcomes)
      expect(wrongOf(outcomes)).toEqual([])
      const core = [...outcomes].filter(([c]) => isClassifierCase(c))
      const passed = core.filter(([, o]) => o.kind === 'PASS')
      console.log(`${suite}: ${passed.length} of ${core.length} core cases of classifier operators pass`)
      if (suite === 'onnx') expect(passed.length).toBe(core.length)
    })
  }

  it('nothing is wrong with parameters as run-time inputs', () => {
    expect(wrongOf(new Map(conformanceCases('onnx', false).map((c) => [c, outcomeOf(c, interpret)])))).toEqual([])
  })
})
