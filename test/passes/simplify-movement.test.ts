import { describe, expect, it } from 'vitest'
import { simplifyMovement } from '../../compiler/passes/simplify-movement.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import { conv, graphOf, input, optimised, random, relu, reshape } from './build.ts'

const x = input([1, 2, 3, 4])
const text = (y: Value): string => optimised(simplifyMovement, graphOf(y))

describe('simplify-movement', () => {
  it('merges reshapes and drops what is left of them', () => {
    expect(text(reshape(reshape(x, 6, 4), 1, 2, 3, 4))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%0)
      "
    `)
    expect(text(reshape(reshape(x, 6, 4), 24))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%1)
      %1 = reshape %0 {shape=[24]} : f32[24]
      "
    `)
  })
  it('merges transposes, and reshapes where only unit axes move', () => {
    const t = apply('transpose', [x], { perm: [0, 3, 1, 2] })
    expect(text(apply('transpose', [t], { perm: [0, 3, 2, 1] }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%1)
      %1 = transpose %0 {perm=[0,2,1,3]} : f32[1,3,2,4]
      "
    `)
    expect(text(apply('transpose', [x], { perm: [1, 2, 0, 3] }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%1)
      %1 = reshape %0 {shape=[2,3,1,4]} : f32[2,3,1,4]
      "
    `)
  })
  it('merges slices, pads and concats', () => {
    const part = apply('slice', [x], { starts: [0, 0, 2, 1], sizes: [1, 2, 3, 2], steps: [1, 1, -1, 2] })
    const few = apply('slice', [part], { starts: [0, 1, 0, 1], sizes: [1, 1, 2, 1], steps: [1, 1, 2, 1] })
    expect(text(few)).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%1)
      %1 = slice %0 {sizes=[1,1,2,1], starts=[0,1,2,3], steps=[1,1,-2,2]} : f32[1,1,2,1]
      "
    `)
    const padded = apply('pad', [x], { before: [0, 1, 0, 0], after: [0, 0, 0, 0], mode: 'constant', value: 0 })
    expect(text(apply('pad', [padded], { before: [0, 1, 2, 0], after: [0, 0, 0, 3], mode: 'constant', value: 0 }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%1)
      %1 = pad %0 {after=[0,0,0,3], before=[0,2,2,0]} : f32[1,4,5,7]
      "
    `)
    const joined = apply('concat', [x, relu(x)], { axis: 3 })
    expect(text(apply('concat', [x, joined, joined], { axis: 3 }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%2)
      %1 = clamp %0 {max=inf, min=0} : f32[1,2,3,4] // Relu
      %2 = concat %0, %0, %1, %0, %1 {axis=3} : f32[1,2,3,20]
      "
    `)
    expect(text(apply('concat', [joined, joined], { axis: 1 }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%3)
      %1 = clamp %0 {max=inf, min=0} : f32[1,2,3,4] // Relu
      %2 = concat %0, %1 {axis=3} : f32[1,2,3,8]
      %3 = concat %2, %2 {axis=1} : f32[1,4,3,8]
      "
    `)
  })
  it('sinks a reshape through functions, biases and its twin', () => {
    const flat = reshape(conv(x, 5), 6, 5)
    expect(text(relu(apply('add', [flat, random([5])], {})))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%4)
      %1 = conv %0, #0f32[5,1,1,4], #1f32[5] : f32[1,2,3,5] // Conv
      %2 = add %1, #2f32[5] : f32[1,2,3,5]
      %3 = clamp %2 {max=inf, min=0} : f32[1,2,3,5] // Relu
      %4 = reshape %3 {shape=[6,5]} : f32[6,5] // Relu
      "
    `)
    expect(text(apply('mul', [flat, apply('sigmoid', [flat], {})], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%4)
      %1 = conv %0, #0f32[5,1,1,4], #1f32[5] : f32[1,2,3,5] // Conv
      %2 = sigmoid %1 : f32[1,2,3,5]
      %3 = mul %1, %2 : f32[1,2,3,5]
      %4 = reshape %3 {shape=[6,5]} : f32[6,5]
      "
    `)
    expect(text(apply('sub', [random([6, 5]), flat], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%3)
      %1 = conv %0, #0f32[5,1,1,4], #1f32[5] : f32[1,2,3,5] // Conv
      %2 = sub #2f32[1,2,3,5], %1 : f32[1,2,3,5]
      %3 = reshape %2 {shape=[6,5]} : f32[6,5]
      "
    `)
  })
  it('does not sink one past a constant that means something else there', () => {
    expect(text(apply('add', [reshape(x, 2, 12), random([12])], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%2)
      %1 = reshape %0 {shape=[2,12]} : f32[2,12]
      %2 = add %1, #0f32[12] : f32[2,12]
      "
    `)
    expect(text(apply('add', [reshape(x, 24), random([2, 1])], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,3,4]) -> (%2)
      %1 = reshape %0 {shape=[24]} : f32[24]
      %2 = add %1, #0f32[2,1] : f32[2,24]
      "
    `)
  })
  it('takes as many steps as a chain is long', () => {
    let y: Value = reshape(x, 24)
    for (let i = 0; i < 150; i++) y = apply(i % 2 === 0 ? 'neg' : 'abs', [y], {})
    expect(text(y).trim().split('\n').at(-1)).toMatchInlineSnapshot(`"%151 = reshape %150 {shape=[24]} : f32[24]"`)
  })
})
