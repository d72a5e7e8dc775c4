import { describe, expect, it } from 'vitest'
import { fuseActivation } from '../../compiler/passes/fuse-activation.ts'
import { fuseResidual } from '../../compiler/passes/fuse-residual.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import { conv, graphOf, input, optimised, random, relu, relu6 } from './build.ts'

const x = input([1, 2, 2, 4])
const add = (a: Value, b: Value): Value => apply('add', [a, b], {}, { origins: ['Add'] })
const text = (...y: Value[]): string => optimised([fuseResidual, fuseActivation], graphOf(...y))

function remarksOf(...y: Value[]): string[] {
  const remarks: string[] = []
  optimised(fuseResidual, graphOf(...y), remarks)
  return remarks
}

describe('fuse-residual', () => {
  it('takes the other operand, and the activation after the sum', () => {
    const a = relu6(conv(x, 4, 1, {}, 'First'))
    expect(text(relu(add(a, conv(a, 4, 1, {}, 'Last'))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4]) -> (%2)
      %1 = conv %0, #0f32[4,1,1,4], #1f32[4] {act=clamp(0,6)} : f32[1,2,2,4] // First + Clip
      %2 = conv %1, #2f32[4,1,1,4], #3f32[4], %1 {act=clamp(0,inf)} : f32[1,2,2,4] // Last + Add + Relu
      "
    `)
  })
  it('prefers the later of two convolutions', () => {
    const first = conv(x, 4, 1, {}, 'First')
    expect(text(add(conv(relu(conv(x, 4)), 4, 1, {}, 'Last'), first))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4]) -> (%3)
      %1 = conv %0, #0f32[4,1,1,4], #1f32[4] {act=clamp(0,inf)} : f32[1,2,2,4] // Conv + Relu
      %2 = conv %1, #2f32[4,1,1,4], #3f32[4] : f32[1,2,2,4] // Last
      %3 = conv %0, #4f32[4,1,1,4], #5f32[4], %2 : f32[1,2,2,4] // First + Add
      "
    `)
  })
  it('takes chains of sums one by one', () => {
    const a = conv(x, 4, 1, {}, 'A')
    const b = add(x, conv(a, 4, 1, {}, 'B'))
    expect(text(add(b, conv(b, 4, 1, {}, 'C')))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4]) -> (%3)
      %1 = conv %0, #0f32[4,1,1,4], #1f32[4] : f32[1,2,2,4] // A
      %2 = conv %1, #2f32[4,1,1,4], #3f32[4], %0 : f32[1,2,2,4] // B + Add
      %3 = conv %2, #4f32[4,1,1,4], #5f32[4], %2 : f32[1,2,2,4] // C + Add
      "
    `)
  })
  it('says what it missed', () => {
    const shared = conv(x, 4, 1, {}, 'Shared')
    expect(remarksOf(add(shared, x), relu(shared))).toMatchInlineSnapshot(`
      [
        "add Add not fused into conv Shared: its result is also read by clamp Relu",
      ]
    `)
    expect(remarksOf(add(shared, shared))).toMatchInlineSnapshot(`
      [
        "add Add not fused into conv Shared: its result is read twice",
      ]
    `)
    expect(remarksOf(add(add(shared, x), x))).toMatchInlineSnapshot(`
      [
        "fuse a residual into the convolution (1×)",
        "add Add not fused into conv Shared: it has a residual already",
      ]
    `)
  })
  it('leaves sums that broadcast, and sums with constants', () => {
    expect(text(add(conv(x, 4), input([1, 1, 1, 4])))).toContain('= add')
    expect(text(add(conv(x, 4), random([1, 2, 2, 4])))).toContain('= add')
  })
})
