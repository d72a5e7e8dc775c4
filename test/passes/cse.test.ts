import { describe, expect, it } from 'vitest'
import { cse } from '../../compiler/passes/cse.ts'
import { runPasses } from '../../compiler/rewriting/pass.ts'
import { apply, constantValue, nodesOf, type Value } from '../../ir/graph/graph.ts'
import { formatType, type TensorType } from '../../ir/tensors/types.ts'
import { conv, graphOf, input, optimised, relu, relu6, scalar } from './build.ts'

const x = input([1, 2, 2, 4])
const text = (...y: Value[]): string => optimised(cse, graphOf(...y))
const add = (a: Value, b: Value): Value => apply('add', [a, b], {})

describe('cse', () => {
  it('merges equal chains, by the content of their constants and in either order', () => {
    expect(text(add(relu6(conv(x, 4)), relu6(conv(x, 4))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4]) -> (%3)
      %1 = conv %0, #0f32[4,1,1,4], #1f32[4] : f32[1,2,2,4] // Conv
      %2 = clamp %1 {max=6, min=0} : f32[1,2,2,4] // Clip
      %3 = add %2, %2 : f32[1,2,2,4]
      "
    `)
    expect(text(apply('sub', [add(x, scalar(1)), add(scalar(1), x)], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4]) -> (%2)
      %1 = add %0, #0d(1) : f32[1,2,2,4]
      %2 = sub %1, %1 : f32[1,2,2,4]
      "
    `)
  })
  it('tells constants of equal bytes and other types apart', () => {
    const stored = (scale: number): Value => {
      const type: TensorType = { dtype: 'int8', shape: [2], quantization: { scale: [scale], zeroPoint: [0] } }
      return constantValue({ type, data: Int8Array.of(1, 2) })
    }
    const indices = input([3], 'int64')
    const views = [stored(0.5), stored(0.25), stored(0.5)].map((c) => apply('gather', [c, indices], { axis: 0 }))
    const result = runPasses(graphOf(...views), [cse])
    const constants = new Set(nodesOf(result).flatMap((n) => n.inputs.filter((v) => v.kind === 'constant')))
    expect([...constants].map((v) => formatType(v.type))).toEqual(['i8[2]{s=0.5,z=0}', 'i8[2]{s=0.25,z=0}'])
  })
  it('tells attributes, constants and operands apart', () => {
    expect(text(add(relu(x), relu6(x)))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4]) -> (%3)
      %1 = clamp %0 {max=inf, min=0} : f32[1,2,2,4] // Relu
      %2 = clamp %0 {max=6, min=0} : f32[1,2,2,4] // Clip
      %3 = add %1, %2 : f32[1,2,2,4]
      "
    `)
    expect(text(add(add(x, scalar(0)), add(x, scalar(-0))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4]) -> (%3)
      %1 = add %0, #0d(0) : f32[1,2,2,4]
      %2 = add %0, #0d(0) : f32[1,2,2,4]
      %3 = add %1, %2 : f32[1,2,2,4]
      "
    `)
    const y = input([1, 2, 2, 4])
    expect(text(add(apply('sub', [x, y], {}), apply('sub', [y, x], {})))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,4], %1: f32[1,2,2,4]) -> (%4)
      %2 = sub %0, %1 : f32[1,2,2,4]
      %3 = sub %1, %0 : f32[1,2,2,4]
      %4 = add %2, %3 : f32[1,2,2,4]
      "
    `)
  })
})
