import { describe, expect, it } from 'vitest'
import { fuseActivation } from '../../compiler/passes/fuse-activation.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import { conv, graphOf, input, optimised, relu, relu6 } from './build.ts'

const x = input([1, 2, 2, 4])
const text = (...y: Value[]): string => optimised(fuseActivation, graphOf(...y))

describe('fuse-activation', () => {
  it('fuses every activation that an epilogue has', () => {
    const y = relu6(conv(x, 4))
    const z = apply('hard-swish', [conv(y, 4)], {})
    const v = apply('leaky-relu', [conv(z, 4)], { alpha: 0.1 })
    expect(text(apply('hard-sigmoid', [conv(v, 4)], { alpha: 0.2, beta: 0.5 }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4]) -> (%4)
      %1 = conv %0, #0f32[4,1,1,4], #1f32[4] {act=clamp(0,6)} : f32[1,2,2,4] // Conv + Clip
      %2 = conv %1, #2f32[4,1,1,4], #3f32[4] {act=hard-swish} : f32[1,2,2,4] // Conv
      %3 = conv %2, #4f32[4,1,1,4], #5f32[4] {act=leaky-relu(0.1)} : f32[1,2,2,4] // Conv
      %4 = conv %3, #6f32[4,1,1,4], #7f32[4] {act=hard-sigmoid(0.2,0.5)} : f32[1,2,2,4] // Conv
      "
    `)
  })
  it('intersects clamps', () => {
    expect(text(relu6(relu(conv(x, 4))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4]) -> (%1)
      %1 = conv %0, #0f32[4,1,1,4], #1f32[4] {act=clamp(0,6)} : f32[1,2,2,4] // Conv + Relu + Clip
      "
    `)
  })
  it('leaves and names near misses', () => {
    const shared = conv(x, 4, 1, {}, 'Shared')
    const swish = apply('hard-swish', [relu(conv(x, 4))], {}, { origins: ['HardSwish'] })
    const remarks: string[] = []
    expect(optimised(fuseActivation, graphOf(relu(shared), shared, swish), remarks)).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4]) -> (%2, %1, %4)
      %1 = conv %0, #0f32[4,1,1,4], #1f32[4] : f32[1,2,2,4] // Shared
      %2 = clamp %1 {max=inf, min=0} : f32[1,2,2,4] // Relu
      %3 = conv %0, #2f32[4,1,1,4], #3f32[4] {act=clamp(0,inf)} : f32[1,2,2,4] // Conv + Relu
      %4 = hard-swish %3 : f32[1,2,2,4] // HardSwish
      "
    `)
    expect(remarks).toMatchInlineSnapshot(`
      [
        "fuse an activation into the convolution (1×)",
        "clamp Relu not fused into conv Shared: its result is also read by a graph output",
        "hard-swish HardSwish not fused into conv Conv: it applies clamp already",
      ]
    `)
  })
  it('leaves functions that no epilogue has', () => {
    expect(text(apply('sigmoid', [conv(x, 4)], {}))).toContain('= sigmoid')
  })
})
