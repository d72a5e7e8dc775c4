import { describe, expect, it } from 'vitest'
import { foldBatchNorm } from '../../compiler/passes/fold-batch-norm.ts'
import { matmulToConv } from '../../compiler/passes/matmul-to-conv.ts'
import { simplifyMovement } from '../../compiler/passes/simplify-movement.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import { graphOf, input, optimised, random } from './build.ts'

const product = (a: Value, b: Value): Value => apply('matmul', [a, b], {})

describe('matmul-to-conv', () => {
  it('makes rows of pixels', () => {
    expect(optimised(matmulToConv, graphOf(product(input([2, 3]), random([3, 5]))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3]) -> (%3)
      %1 = reshape %0 {shape=[1,1,2,3]} : f32[1,1,2,3]
      %2 = conv %1, #0f32[5,1,1,3], #1f32[5] : f32[1,1,2,5]
      %3 = reshape %2 {shape=[2,5]} : f32[2,5]
      "
    `)
    expect(optimised(matmulToConv, graphOf(product(input([2, 4, 3]), random([1, 3, 5]))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,4,3]) -> (%3)
      %1 = reshape %0 {shape=[1,1,8,3]} : f32[1,1,8,3]
      %2 = conv %1, #0f32[5,1,1,3], #1f32[5] : f32[1,1,8,5]
      %3 = reshape %2 {shape=[2,4,5]} : f32[2,4,5]
      "
    `)
  })
  it('takes the bias that follows', () => {
    const y = apply('add', [random([5]), product(input([2, 3]), random([3, 5]))], {})
    expect(optimised([matmulToConv, simplifyMovement, foldBatchNorm], graphOf(y))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3]) -> (%3)
      %1 = reshape %0 {shape=[1,1,2,3]} : f32[1,1,2,3]
      %2 = conv %1, #0f32[5,1,1,3], #1f32[5] : f32[1,1,2,5]
      %3 = reshape %2 {shape=[2,5]} : f32[2,5]
      "
    `)
  })
  it('leaves products of run-time values, constants on the left and batches of weights', () => {
    expect(optimised(matmulToConv, graphOf(product(input([2, 3]), input([3, 5]))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3], %1: f32[3,5]) -> (%2)
      %2 = matmul %0, %1 : f32[2,5]
      "
    `)
    expect(optimised(matmulToConv, graphOf(product(random([2, 3]), input([3, 5]))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[3,5]) -> (%1)
      %1 = matmul #0f32[2,3], %0 : f32[2,5]
      "
    `)
    expect(optimised(matmulToConv, graphOf(product(input([2, 4, 3]), random([2, 3, 5]))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,4,3]) -> (%1)
      %1 = matmul %0, #0f32[2,3,5] : f32[2,4,5]
      "
    `)
  })
})
