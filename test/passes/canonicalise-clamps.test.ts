import { describe, expect, it } from 'vitest'
import { canonicaliseClamps } from '../../compiler/passes/canonicalise-clamps.ts'
import { apply } from '../../ir/graph/graph.ts'
import { filled, graphOf, input, optimised, random, relu, relu6, scalar } from './build.ts'

const x = input([1, 2, 2, 3])
const text = (y: Parameters<typeof graphOf>[0]): string => optimised(canonicaliseClamps, graphOf(y))

describe('canonicalise-clamps', () => {
  it('makes one clamp of ReLU and Clip', () => {
    expect(text(relu6(relu(x)))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%1)
      %1 = clamp %0 {max=6, min=0} : f32[1,2,2,3] // Relu + Clip
      "
    `)
  })
  it('reads max and min with a scalar of any rank', () => {
    expect(text(apply('min', [filled([1, 1, 1, 1], 6), apply('max', [x, scalar(0)], {})], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%1)
      %1 = clamp %0 {max=6, min=0} : f32[1,2,2,3]
      "
    `)
  })
  it('intersects nested clamps, also where nothing is left', () => {
    const inner = apply('clamp', [x], { min: -1, max: 0.5 })
    expect(text(apply('clamp', [inner], { min: 0, max: 6 }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%1)
      %1 = clamp %0 {max=0.5, min=0} : f32[1,2,2,3]
      "
    `)
    expect(text(apply('clamp', [inner], { min: 2, max: 6 }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%1)
      %1 = clamp %0 {max=2, min=2} : f32[1,2,2,3]
      "
    `)
    expect(text(apply('clamp', [inner], { min: -9, max: -2 }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%1)
      %1 = clamp %0 {max=-2, min=-2} : f32[1,2,2,3]
      "
    `)
  })
  it('does not let a scalar constant raise the rank of what follows', () => {
    const y = input([2, 3])
    expect(text(relu6(apply('add', [y, filled([1, 1, 1, 1], 3)], {})))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3]) -> (%3)
      %1 = add %0, #0d(3) : f32[2,3]
      %2 = clamp %1 {max=6, min=0} : f32[2,3] // Clip
      %3 = reshape %2 {shape=[1,1,2,3]} : f32[1,1,2,3] // Clip
      "
    `)
  })
  it('makes leaky-relu of a PRelu with one slope only', () => {
    expect(text(apply('prelu', [x, filled([3], 0.25)], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%1)
      %1 = leaky-relu %0 {alpha=0.25} : f32[1,2,2,3]
      "
    `)
    expect(text(apply('prelu', [x, filled([3], 0)], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%1)
      %1 = clamp %0 {max=inf, min=0} : f32[1,2,2,3]
      "
    `)
    expect(text(apply('prelu', [x, random([3])], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%1)
      %1 = prelu %0, #0f32[3] : f32[1,2,2,3]
      "
    `)
  })
  it('leaves a maximum that broadcasts alone', () => {
    expect(text(apply('max', [x, input([1, 1, 1, 1])], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3], %1: f32[1,1,1,1]) -> (%2)
      %2 = max %0, %1 : f32[1,2,2,3]
      "
    `)
  })
})
