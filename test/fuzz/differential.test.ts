/** A short run of the differential fuzzer; `npm run fuzz -- --count N` is a long one. */

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OPERATORS } from '../../compiler/operators/index.ts'
import { count } from '../run/short-form.ts'
import { type DifferentialKind, runDifferential } from './differential.ts'
import { GENERATORS } from './operators/index.ts'

const COUNTS: Readonly<Record<DifferentialKind, number>> = { operators: count(2000, 100), graphs: count(200, 10) }

it('every operator that can be imported is among them', () => {
  const missing = [...OPERATORS.keys()].filter((op) => !(op in GENERATORS))
  expect(missing).toEqual(['Constant'])
})

describe('compiled modules compute what onnxruntime does', () => {
  it.each(Object.entries(COUNTS) as [DifferentialKind, number][])(
    '%s: %i random cases',
    async (kind, cases) => {
      const lines: string[] = []
      const folder = join(tmpdir(), 'fuzz-found')
      const tally = await runDifferential({ kind, seed: 2026, from: 0, count: cases, folder, log: (line) => lines.push(line) })
      expect(tally.failures, lines.join('\n')).toBe(0)
      expect(tally.count('refused') / cases, tally.refusals()).toBeLessThan(0.05)
      expect(tally.count('invalid') / cases).toBeLessThan(0.05)
    },
    1_200_000,
  )
})
