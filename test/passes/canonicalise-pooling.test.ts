import { describe, expect, it } from 'vitest'
import { canonicalisePooling } from '../../compiler/passes/canonicalise-pooling.ts'
import { layout } from '../../compiler/passes/layout.ts'
import { removeIdentities } from '../../compiler/passes/remove-identities.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import type { PoolAttrs } from '../../ir/ops/pool.ts'
import { conv, graphOf, input, optimised, reshape, toNchw } from './build.ts'

const x = input([2, 3, 4, 5])
const POOL: PoolAttrs = {
  fn: 'mean',
  kernel: [3, 4],
  strides: [1, 1],
  pads: [0, 0, 0, 0],
  dilations: [1, 1],
  ceil: false,
  countPads: false,
}
const pool = (v: Value, attrs: Partial<PoolAttrs>): Value => apply('pool', [v], { ...POOL, ...attrs })
const text = (y: Value): string => optimised([removeIdentities, layout, canonicalisePooling], graphOf(y))

describe('canonicalise-pooling', () => {
  it('reduces where one window covers the image, after a pad of nothing', () => {
    const unpadded = apply('pad', [x], { before: [0, 0, 0, 0], after: [0, 0, 0, 0], mode: 'constant', value: 0 })
    expect(text(pool(unpadded, { ceil: true }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3,4,5]) -> (%1)
      %1 = reduce %0 {axes=[1,2], fn=mean, keepDims=true} : f32[2,1,1,5]
      "
    `)
    expect(text(pool(x, { fn: 'max', kernel: [4, 4], pads: [1, 0, 0, 0] }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3,4,5]) -> (%1)
      %1 = reduce %0 {axes=[1,2], fn=max, keepDims=true} : f32[2,1,1,5]
      "
    `)
  })
  it('does not where zeros count or several windows fit', () => {
    expect(text(pool(x, { kernel: [4, 4], pads: [1, 0, 0, 0], countPads: true }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3,4,5]) -> (%1)
      %1 = pool %0 {countPads=true, fn=mean, kernel=[4,4], pads=[1,0,0,0]} : f32[2,1,1,5]
      "
    `)
    expect(text(pool(x, { kernel: [3, 3] }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3,4,5]) -> (%1)
      %1 = pool %0 {fn=mean, kernel=[3,3]} : f32[2,1,2,5]
      "
    `)
  })
  it('merges mean(3).mean(2)', () => {
    const columns = apply('reduce', [toNchw(x)], { fn: 'mean', axes: [3], keepDims: false })
    expect(text(apply('reduce', [columns], { fn: 'mean', axes: [2], keepDims: false }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3,4,5]) -> (%3)
      %1 = reduce %0 {axes=[1,2], fn=mean, keepDims=true} : f32[2,1,1,5]
      %2 = reshape %1 {shape=[2,1,5]} : f32[2,1,5]
      %3 = reshape %2 {shape=[2,5]} : f32[2,5]
      "
    `)
  })
  it('reduces before the reshape that merges the spatial axes', () => {
    expect(text(apply('reduce', [reshape(x, 2, 12, 5)], { fn: 'max', axes: [1], keepDims: false }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3,4,5]) -> (%3)
      %1 = reduce %0 {axes=[1,2], fn=max, keepDims=true} : f32[2,1,1,5]
      %2 = reshape %1 {shape=[2,1,5]} : f32[2,1,5]
      %3 = reshape %2 {shape=[2,5]} : f32[2,5]
      "
    `)
  })
  it('leaves a reduction of part of a merged axis', () => {
    expect(text(apply('reduce', [reshape(x, 6, 2, 10)], { fn: 'sum', axes: [1], keepDims: true }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3,4,5]) -> (%2)
      %1 = reshape %0 {shape=[6,2,10]} : f32[6,2,10]
      %2 = reduce %1 {axes=[1], fn=sum, keepDims=true} : f32[6,1,10]
      "
    `)
  })
  it('leaves a reduction after a reshape that needs its operand in NCHW', () => {
    const merged = reshape(toNchw(conv(x, 4)), 2, 12, 4)
    expect(text(apply('reduce', [merged], { fn: 'mean', axes: [2], keepDims: true }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3,4,5]) -> (%4)
      %1 = conv %0, #0f32[4,1,1,5], #1f32[4] : f32[2,3,4,4] // Conv
      %2 = transpose %1 {perm=[0,3,1,2]} : f32[2,4,3,4]
      %3 = reshape %2 {shape=[2,12,4]} : f32[2,12,4]
      %4 = reduce %3 {axes=[2], fn=mean, keepDims=true} : f32[2,12,1]
      "
    `)
  })
})
