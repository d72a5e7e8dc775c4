import { describe, expect, it } from 'vitest'
import { interpret } from '../../ir/graph/interpret.ts'
import { CONFORMANCE, conformanceCases, SUITES } from './conformance.ts'
import { accountOf, accountPath, outcomeOf, report, wrongOf } from './outcome.ts'

describe.skipIf(!CONFORMANCE)('conformance by the interpreter', () => {
  for (const suite of SUITES) {
    it(`${suite}: nothing is wrong, and what passes and what is refused is as accounted for`, async () => {
      const outcomes = new Map(conformanceCases(suite).map((c) => [c, outcomeOf(c, interpret)]))
      report(outcomes)
      expect(wrongOf(outcomes)).toEqual([])
      await expect(accountOf(outcomes)).toMatchFileSnapshot(accountPath(suite))
    })
  }

  it('nothing is wrong with parameters as run-time inputs', () => {
    expect(wrongOf(new Map(conformanceCases('onnx', false).map((c) => [c, outcomeOf(c, interpret)])))).toEqual([])
  })
})
