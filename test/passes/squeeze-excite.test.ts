import { describe, expect, it } from 'vitest'
import { PASSES } from '../../compiler/passes/index.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import { conv, graphOf, input, optimised, PLAIN, random, relu, reshape, toNchw, toNhwc } from './build.ts'

/** A block of MobileNetV3 as imported: NCHW around, with `excite` between squeeze and scale. */
function block(batch: number, squeeze: (x: Value) => Value, excite: (s: Value, n: number) => Value): string {
  const x = toNchw(conv(toNhwc(input([batch, 3, 4, 4])), 8))
  const scaled = apply('mul', [excite(squeeze(x), batch), x], {})
  return optimised(PASSES, graphOf(toNchw(conv(toNhwc(scaled), 2))))
}

const mean = (axes: number[], keepDims: boolean) => (x: Value) => apply('reduce', [x], { fn: 'mean', axes, keepDims })
const gate = (x: Value): Value => apply('hard-sigmoid', [x], { alpha: 0.2, beta: 0.5 })
const layer = (x: Value, n: number): Value =>
  apply('add', [apply('matmul', [x, random([x.type.shape[1] as number, n])], {}), random([n])], {})
const connected = (s: Value): Value => gate(layer(relu(layer(s, 4)), 8))
const pooled = (x: Value): Value =>
  toNchw(apply('pool', [toNhwc(x)], { ...PLAIN, fn: 'mean', kernel: [4, 4], ceil: false, countPads: true }))

/** What every spelling comes to. */
const CANONICAL = `
graph @test(%0: f32[1,3,4,4]) -> (%8)
%1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,4,3]
%2 = conv %1, #0f32[8,1,1,3], #1f32[8] : f32[1,4,4,8] // Conv
%3 = reduce %2 {axes=[1,2], fn=mean, keepDims=true} : f32[1,1,1,8]
%4 = conv %3, #2f32[4,1,1,8], #3f32[4] {act=clamp(0,inf)} : f32[1,1,1,4] // Relu
%5 = conv %4, #4f32[8,1,1,4], #5f32[8] {act=hard-sigmoid(0.2,0.5)} : f32[1,1,1,8]
%6 = mul %5, %2 : f32[1,4,4,8]
%7 = conv %6, #6f32[2,1,1,8], #7f32[2] : f32[1,4,4,2] // Conv
%8 = transpose %7 {perm=[0,3,1,2]} : f32[1,2,4,4]
`

describe('squeeze and excite', () => {
  it('fully connected, with reshapes around', () => {
    expect(block(1, mean([2, 3], true), (s, n) => reshape(connected(reshape(s, n, 8)), n, 8, 1, 1))).toBe(CANONICAL)
  })
  it('fully connected after a reduction that drops its axes, expanded by hand', () => {
    const excite = (s: Value, n: number): Value => apply('expand', [reshape(connected(s), n, 8, 1, 1)], { shape: [n, 8, 4, 4] })
    expect(block(1, mean([2, 3], false), excite)).toBe(CANONICAL)
  })
  it('two means, and two unsqueezes', () => {
    const squeeze = (x: Value): Value => mean([2], false)(mean([3], false)(x))
    expect(block(1, squeeze, (s, n) => reshape(reshape(connected(s), n, 8, 1), n, 8, 1, 1))).toBe(CANONICAL)
  })
  it('a pool over the whole map', () => {
    expect(block(1, pooled, (s, n) => reshape(connected(reshape(s, n, 8)), n, 8, 1, 1))).toBe(CANONICAL)
  })
  it('keeps one image per row in a batch', () => {
    expect(block(2, mean([2, 3], true), (s, n) => reshape(connected(reshape(s, n, 8)), n, 8, 1, 1))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3,4,4]) -> (%10)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[2,4,4,3]
      %2 = conv %1, #0f32[8,1,1,3], #1f32[8] : f32[2,4,4,8] // Conv
      %3 = reduce %2 {axes=[1,2], fn=mean, keepDims=true} : f32[2,1,1,8]
      %4 = reshape %3 {shape=[1,1,2,8]} : f32[1,1,2,8]
      %5 = conv %4, #2f32[4,1,1,8], #3f32[4] {act=clamp(0,inf)} : f32[1,1,2,4] // Relu
      %6 = conv %5, #4f32[8,1,1,4], #5f32[8] {act=hard-sigmoid(0.2,0.5)} : f32[1,1,2,8]
      %7 = reshape %6 {shape=[2,1,1,8]} : f32[2,1,1,8]
      %8 = mul %7, %2 : f32[2,4,4,8]
      %9 = conv %8, #6f32[2,1,1,8], #7f32[2] : f32[2,4,4,2] // Conv
      %10 = transpose %9 {perm=[0,3,1,2]} : f32[2,2,4,4]
      "
    `)
  })
})
