/** Every operator that is read, over a grid of its attributes: onnxruntime, the interpreter and all targets agree. */

import { describe, expect, it } from 'vitest'
import { OPERATORS } from '../../compiler/operators/index.ts'
import { type Check, sideBySide } from '../exports/compare.ts'
import { modelOf } from '../fuzz/case.ts'
import { refusal } from '../onnx/model.ts'
import { every } from '../run/short-form.ts'
import type { GridCase } from './grid.ts'
import { GRID, REFUSED } from './operators.ts'

/** Exactly so many cases there are: none may be lost. */
const COUNT = 1315
/** Cases of an opset that are compiled together. */
const BATCH = 40

/** By operator; the short form takes every fourth one. */
const CHOSEN = new Map(Object.entries(GRID).map(([op, cases]) => [op, every(4, cases)]))

function checks(): Map<GridCase, Check> {
  const all = [...CHOSEN.values()].flat()
  const opsets = [...new Set(all.map((c) => c.case.opset))]
  const batches = opsets.flatMap((opset) => slices(all.filter((c) => c.case.opset === opset)))
  return new Map(
    batches.flatMap((batch) => {
      const made = sideBySide(batch.map((c) => c.case))
      return batch.map((c, i): [GridCase, Check] => [c, made[i] as Check])
    }),
  )
}

function slices(list: readonly GridCase[]): GridCase[][] {
  return Array.from({ length: Math.ceil(list.length / BATCH) }, (_, i) => list.slice(i * BATCH, (i + 1) * BATCH))
}

const CHECKS = checks()

it('the grid has every operator, and all its cases', () => {
  expect([...OPERATORS.keys()].filter((op) => !(GRID[op]?.length ?? 0))).toEqual(['Constant'])
  expect(Object.values(GRID).flat()).toHaveLength(COUNT)
})

describe.each([...CHOSEN])('%s', (_, cases) => {
  it.each(cases.map((c) => [c.name, c] as const))('%s', async (_, c) => {
    expect(await (CHECKS.get(c) as Check)()).toEqual([])
  })
})

it.each(REFUSED.map(([code, c]) => [code, c.case.nodes[0]?.op, c.name, c] as const))('refused with %s: %s, %s', (code, _, __, c) => {
  expect(refusal(modelOf(c.case))).toMatch(new RegExp(`^error\\[${code}\\]`))
})
