import { describe, expect, it } from 'vitest'
import { foldBatchNorm } from '../../compiler/passes/fold-batch-norm.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import { conv, graphOf, input, optimised, PLAIN, random, relu, scalar } from './build.ts'

const x = input([1, 4, 4, 4])
const text = (...y: Value[]): string => optimised(foldBatchNorm, graphOf(...y))
const mul = (a: Value, b: Value): Value => apply('mul', [a, b], {})
const add = (a: Value, b: Value): Value => apply('add', [a, b], {})
const norm = (v: Value, shape: number[] = [1, 1, 1, 4]): Value => add(mul(v, random(shape, 11)), random(shape, 12))

describe('fold-batch-norm', () => {
  it('folds scale and shift into the convolution before, whatever their rank and order', () => {
    expect(text(norm(conv(x, 4, 3)))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,4,4,4]) -> (%1)
      %1 = conv %0, #0f32[4,3,3,4], #1f32[4] : f32[1,2,2,4] // Conv
      "
    `)
    expect(text(mul(add(random([4]), conv(x, 4, 3, { group: 2 })), scalar(0.5)))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,4,4,4]) -> (%1)
      %1 = conv %0, #0f32[4,3,3,2], #1f32[4] {group=2} : f32[1,2,2,4] // Conv
      "
    `)
    const chain = apply('div', [apply('sub', [random([1, 4]), apply('neg', [conv(x, 4)], {})], {}), random([4])], {})
    expect(text(chain)).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,4,4,4]) -> (%1)
      %1 = conv %0, #0f32[4,1,1,4], #1f32[4] : f32[1,4,4,4] // Conv
      "
    `)
  })
  it('says why it did not', () => {
    const shared = conv(x, 4)
    const remarks: string[] = []
    optimised(foldBatchNorm, graphOf(add(shared, random([4])), relu(shared)), remarks)
    expect(remarks).toMatchInlineSnapshot(`
      [
        "add not folded into conv Conv: its result has 2 readers",
      ]
    `)
  })
  it('does not fold what is no scale per channel', () => {
    expect(text(mul(conv(x, 4), random([4, 1])))).toContain('= mul')
    expect(text(apply('div', [scalar(1), conv(x, 4)], {}))).toContain('= div')
    expect(text(add(conv(x, 4), random([2, 1, 1, 4])))).toContain('= add')
  })
  it('folds scale and shift into the convolution after, the shift only without padding', () => {
    expect(text(conv(norm(x), 2))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,4,4,4]) -> (%1)
      %1 = conv %0, #0f32[2,1,1,4], #1f32[2] : f32[1,4,4,2] // Conv
      "
    `)
    expect(text(conv(mul(x, random([4])), 4, 3, { group: 2, pads: [1, 1, 1, 1] }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,4,4,4]) -> (%1)
      %1 = conv %0, #0f32[4,3,3,2], #1f32[4] {group=2, pads=[1,1,1,1]} : f32[1,4,4,4] // Conv
      "
    `)
    const remarks: string[] = []
    expect(optimised(foldBatchNorm, graphOf(conv(add(x, random([4])), 2, 3, { pads: [1, 1, 1, 1] })), remarks)).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,4,4,4]) -> (%2)
      %1 = add %0, #0f32[4] : f32[1,4,4,4]
      %2 = conv %1, #1f32[2,3,3,4], #2f32[2] {pads=[1,1,1,1]} : f32[1,4,4,2] // Conv
      "
    `)
    expect(remarks).toMatchInlineSnapshot(`
      [
        "add not folded into conv Conv: the padding is not shifted",
      ]
    `)
  })
  it('makes a depthwise convolution of scale and shift that stand alone', () => {
    expect(text(relu(norm(x)))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,4,4,4]) -> (%2)
      %1 = conv %0, #0f32[4,1,1,1], #1f32[4] {group=4} : f32[1,4,4,4]
      %2 = clamp %1 {max=inf, min=0} : f32[1,4,4,4] // Relu
      "
    `)
    expect(text(relu(add(x, random([4]))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,4,4,4]) -> (%2)
      %1 = conv %0, #0f32[4,1,1,1], #1f32[4] {group=4} : f32[1,4,4,4]
      %2 = clamp %1 {max=inf, min=0} : f32[1,4,4,4] // Relu
      "
    `)
  })
  it('keeps a single one, and few channels, as arithmetic', () => {
    expect(text(apply('exp', [add(x, random([4]))], {}))).toContain('= add')
    expect(text(apply('exp', [norm(input([1, 4, 4, 3]), [3])], {}))).not.toContain('= conv')
    expect(text(relu(mul(x, scalar(2))))).toContain('= mul')
  })
  it('merges several of a kind', () => {
    expect(text(mul(mul(x, scalar(2)), random([4])))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,4,4,4]) -> (%1)
      %1 = mul %0, #0f32[4] : f32[1,4,4,4]
      "
    `)
    expect(text(add(scalar(1), add(scalar(2), input([3]))))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[3]) -> (%1)
      %1 = add %0, #0d(3) : f32[3]
      "
    `)
  })
  it('leaves convolutions with weights known at run time', () => {
    const dynamic = apply('conv', [x, input([4, 1, 1, 4]), random([4])], PLAIN)
    expect(text(add(dynamic, random([4])))).toContain('= add')
    expect(text(apply('conv', [mul(x, random([4])), input([4, 1, 1, 4]), random([4])], PLAIN))).toContain('= mul')
  })
})
