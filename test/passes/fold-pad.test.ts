import { describe, expect, it } from 'vitest'
import { foldPad } from '../../compiler/passes/fold-pad.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import type { PadAttrs } from '../../ir/ops/movement.ts'
import type { PoolAttrs } from '../../ir/ops/pool.ts'
import { conv, graphOf, input, optimised } from './build.ts'

const x = input([1, 5, 6, 2])
const PAD: PadAttrs = { before: [0, 0, 1, 0], after: [0, 2, 1, 0], mode: 'constant', value: 0 }
const POOL: PoolAttrs = {
  fn: 'mean',
  kernel: [3, 3],
  strides: [2, 2],
  pads: [0, 0, 0, 0],
  dilations: [1, 1],
  ceil: false,
  countPads: false,
}
const pad = (attrs: Partial<PadAttrs> = {}): Value => apply('pad', [x], { ...PAD, ...attrs })
const pool = (v: Value, attrs: Partial<PoolAttrs> = {}): Value => apply('pool', [v], { ...POOL, ...attrs })
const text = (y: Value): string => optimised(foldPad, graphOf(y))

describe('fold-pad', () => {
  it('adds to the pads of a convolution', () => {
    expect(text(conv(pad(), 3, 3, { pads: [1, 0, 0, 0], strides: [2, 2] }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,5,6,2]) -> (%1)
      %1 = conv %0, #0f32[3,3,3,2], #1f32[3] {pads=[1,1,2,1], strides=[2,2]} : f32[1,3,3,3] // Conv
      "
    `)
  })
  it('keeps pads of another value, mode or axis', () => {
    for (const attrs of [{ value: 1 }, { mode: 'edge' }, { after: [0, 2, 1, 2] }] as Partial<PadAttrs>[]) {
      expect(text(conv(pad(attrs), 3, 3))).toContain('= pad')
    }
  })
  it('counts the zeros of a mean', () => {
    expect(text(pool(pad()))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,5,6,2]) -> (%1)
      %1 = pool %0 {countPads=true, fn=mean, kernel=[3,3], pads=[0,1,2,1], strides=[2,2]} : f32[1,3,3,2]
      "
    `)
    expect(text(pool(pad(), { pads: [1, 1, 1, 1] }))).toContain('= pad')
    expect(text(pool(pad(), { ceil: true }))).toContain('= pad')
  })
  it('folds into a maximum only what never wins', () => {
    expect(text(pool(pad({ value: Number.NEGATIVE_INFINITY }), { fn: 'max' }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,5,6,2]) -> (%1)
      %1 = pool %0 {fn=max, kernel=[3,3], pads=[0,1,2,1], strides=[2,2]} : f32[1,3,3,2]
      "
    `)
    expect(text(pool(pad(), { fn: 'max' }))).toContain('= pad')
  })
})
