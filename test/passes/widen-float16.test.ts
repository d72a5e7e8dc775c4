import { describe, expect, it } from 'vitest'
import { PASSES } from '../../compiler/passes/index.ts'
import { widenFloat16 } from '../../compiler/passes/widen-float16.ts'
import { runPasses } from '../../compiler/rewriting/pass.ts'
import { seeded, seededTensor } from '../../compiler/running/seeded.ts'
import { apply, constantValue, type Graph, type Value } from '../../ir/graph/graph.ts'
import { printGraph } from '../../ir/graph/print.ts'
import type { Shape } from '../../ir/tensors/types.ts'
import { expectSameMeaning, graphOf, input, PLAIN, relu6, toNchw, toNhwc } from './build.ts'

const half = (shape: Shape): Value => constantValue(seededTensor({ dtype: 'float16', shape }, seeded(5)))
const x = input([1, 3, 2, 2], 'float16')

function widened(graph: Graph): string {
  const result = runPasses(graph, [widenFloat16])
  expectSameMeaning(result, graph, 'approx')
  return `\n${printGraph(result)}`
}

function convolution(v: Value): Value {
  return toNchw(apply('conv', [toNhwc(v), half([4, 1, 1, 3]), half([4])], PLAIN))
}

describe('widen-float16', () => {
  it('computes in float32 between casts', () => {
    expect(widened(graphOf(relu6(convolution(x))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f16[1,3,2,2]) -> (%6)
      %1 = cast %0 {to=float32} : f32[1,3,2,2]
      %2 = transpose %1 {perm=[0,2,3,1]} : f32[1,2,2,3]
      %3 = conv %2, #0f32[4,1,1,3], #1f32[4] : f32[1,2,2,4]
      %4 = transpose %3 {perm=[0,3,1,2]} : f32[1,4,2,2]
      %5 = clamp %4 {max=6, min=0} : f32[1,4,2,2] // Clip
      %6 = cast %5 {to=float16} : f16[1,4,2,2]
      "
    `)
  })
  it('drops conversions in between', () => {
    const wide = apply('cast', [x], { to: 'float32' })
    const narrow = apply('cast', [apply('exp', [wide], {})], { to: 'float16' })
    expect(widened(graphOf(apply('add', [narrow, x], {})))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f16[1,3,2,2]) -> (%5)
      %1 = cast %0 {to=float32} : f32[1,3,2,2]
      %2 = cast %1 {to=float32} : f32[1,3,2,2]
      %3 = exp %2 : f32[1,3,2,2]
      %4 = add %3, %1 : f32[1,3,2,2]
      %5 = cast %4 {to=float16} : f16[1,3,2,2]
      "
    `)
  })
  it('leaves an input that is an output, and graphs without float16, alone', () => {
    expect(widened(graphOf(x))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f16[1,3,2,2]) -> (%0)
      "
    `)
    const graph = graphOf(relu6(input([2])))
    expect(runPasses(graph, [widenFloat16])).toBe(graph)
  })
  it('stays out of the way of the other passes', () => {
    const graph = graphOf(apply('reshape', [relu6(convolution(x))], { shape: [1, 16] }), convolution(x))
    const result = runPasses(graph, PASSES)
    expectSameMeaning(result, graph, 'approx')
    expect(`\n${printGraph(result)}`).toMatchInlineSnapshot(`
      "
      graph @test(%0: f16[1,3,2,2]) -> (%7, %9)
      %1 = cast %0 {to=float32} : f32[1,3,2,2]
      %2 = transpose %1 {perm=[0,2,3,1]} : f32[1,2,2,3]
      %3 = conv %2, #0f32[4,1,1,3], #1f32[4] : f32[1,2,2,4]
      %4 = clamp %3 {max=6, min=0} : f32[1,2,2,4] // Clip
      %5 = transpose %4 {perm=[0,3,1,2]} : f32[1,4,2,2]
      %6 = reshape %5 {shape=[1,16]} : f32[1,16]
      %7 = cast %6 {to=float16} : f16[1,16]
      %8 = transpose %3 {perm=[0,3,1,2]} : f32[1,4,2,2]
      %9 = cast %8 {to=float16} : f16[1,4,2,2]
      "
    `)
  })
})
