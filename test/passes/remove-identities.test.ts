import { describe, expect, it } from 'vitest'
import { removeIdentities } from '../../compiler/passes/remove-identities.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import { graphOf, input, optimised, reshape, scalar, vector } from './build.ts'

const x = input([1, 2, 3, 4])

const NOTHING: Record<string, Value> = {
  reshape: reshape(x, 1, 2, 3, 4),
  transpose: apply('transpose', [x], { perm: [0, 1, 2, 3] }),
  slice: apply('slice', [x], { starts: [0, 0, 0, 0], sizes: [1, 2, 3, 4], steps: [-1, 1, 1, 1] }),
  expand: apply('expand', [x], { shape: [1, 2, 3, 4] }),
  cast: apply('cast', [x], { to: 'float32' }),
  concat: apply('concat', [x], { axis: 2 }),
  pad: apply('pad', [x], { before: [0, 0, 0, 0], after: [0, 0, 0, 0], mode: 'reflect', value: 0 }),
  pool: apply('pool', [x], {
    fn: 'max',
    kernel: [1, 1],
    strides: [1, 1],
    pads: [0, 0, 0, 0],
    dilations: [2, 2],
    ceil: false,
    countPads: false,
  }),
  reduce: apply('reduce', [x], { fn: 'mean', axes: [], keepDims: true }),
  'reduce over unit axes': apply('reduce', [x], { fn: 'max', axes: [0], keepDims: true }),
  clamp: apply('clamp', [x], { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY }),
  'x + 0': apply('add', [vector(0, 0, 0, 0), x], {}),
  'x · 1': apply('mul', [x, scalar(1)], {}),
  'x / 1': apply('div', [x, scalar(1)], {}),
  'x − 0': apply('sub', [x, scalar(0)], {}),
}

const SOMETHING: Record<string, Value> = {
  'a reversal': apply('slice', [x], { starts: [0, 1, 0, 0], sizes: [1, 2, 3, 4], steps: [1, -1, 1, 1] }),
  'l1 of nothing': apply('reduce', [x], { fn: 'l1', axes: [], keepDims: true }),
  '0 − x': apply('sub', [scalar(0), x], {}),
  'x + 0 of higher rank': apply('add', [x, reshape(vector(0), 1, 1, 1, 1, 1)], {}),
}

describe('remove-identities', () => {
  for (const [name, y] of Object.entries(NOTHING)) {
    it(`drops ${name}`, () => {
      expect(optimised(removeIdentities, graphOf(y))).toBe('\ngraph @test(%0: f32[1,2,3,4]) -> (%0)\n')
    })
  }
  it('drops an expand that the reader broadcasts anyway', () => {
    const gate = apply('expand', [input([1, 1, 1, 4])], { shape: [1, 2, 3, 4] })
    expect(optimised(removeIdentities, graphOf(apply('mul', [gate, x], {})))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,1,1,4], %1: f32[1,2,3,4]) -> (%2)
      %2 = mul %0, %1 : f32[1,2,3,4]
      "
    `)
    expect(optimised(removeIdentities, graphOf(apply('add', [gate, scalar(1)], {})))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,1,1,4]) -> (%2)
      %1 = expand %0 {shape=[1,2,3,4]} : f32[1,2,3,4]
      %2 = add %1, #0d(1) : f32[1,2,3,4]
      "
    `)
  })
  for (const [name, y] of Object.entries(SOMETHING)) {
    it(`keeps ${name}`, () => {
      expect(optimised(removeIdentities, graphOf(y))).toContain('%1 = ')
    })
  }
})
