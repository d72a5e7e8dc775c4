import { describe, expect, it } from 'vitest'
import { layout } from '../../compiler/passes/layout.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import { resizeAttrs } from '../resize-attrs.ts'
import { conv, graphOf, input, optimised, random, relu6, reshape, toNchw, toNhwc } from './build.ts'

const text = (...y: Value[]): string => optimised(layout, graphOf(...y))
/** A convolution as import gives it: transposes around. */
const wrapped = (x: Value, channels: number, kernel = 1): Value => toNchw(conv(toNhwc(x), channels, kernel))
const image = input([1, 3, 4, 5])

describe('layout', () => {
  it('cancels transposes between convolutions, through functions', () => {
    expect(text(wrapped(relu6(wrapped(image, 4)), 2))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,3,4,5]) -> (%5)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %2 = conv %1, #0f32[4,1,1,3], #1f32[4] : f32[1,4,5,4] // Conv
      %3 = clamp %2 {max=6, min=0} : f32[1,4,5,4] // Clip
      %4 = conv %3, #2f32[2,1,1,4], #3f32[2] : f32[1,4,5,2] // Conv
      %5 = transpose %4 {perm=[0,3,1,2]} : f32[1,2,4,5]
      "
    `)
  })
  it('carries two operands, and constants per channel of any rank', () => {
    const a = wrapped(image, 4)
    const b = apply('mul', [random([4, 1, 1]), a], {})
    const c = apply('add', [a, apply('sub', [b, random([1, 4, 1, 1])], {})], {})
    expect(text(wrapped(c, 2))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,3,4,5]) -> (%7)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %2 = conv %1, #0f32[4,1,1,3], #1f32[4] : f32[1,4,5,4] // Conv
      %3 = mul #2f32[1,1,1,4], %2 : f32[1,4,5,4]
      %4 = sub %3, #3f32[1,1,1,4] : f32[1,4,5,4]
      %5 = add %2, %4 : f32[1,4,5,4]
      %6 = conv %5, #4f32[2,1,1,4], #5f32[2] : f32[1,4,5,2] // Conv
      %7 = transpose %6 {perm=[0,3,1,2]} : f32[1,2,4,5]
      "
    `)
  })
  it('resizes in the order of its operand', () => {
    const map = wrapped(image, 4)
    const resized = apply('resize', [map], resizeAttrs(map.type.shape, [1, 4, 8, 15]))
    expect(text(wrapped(resized, 2))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,3,4,5]) -> (%5)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %2 = conv %1, #0f32[4,1,1,3], #1f32[4] : f32[1,4,5,4] // Conv
      %3 = resize %2 {coordinates=half_pixel, ends=[1,1,1,1], mode=linear, scales=[1,2,3,1], sizes=[1,8,15,4], starts=[0,0,0,0]} : f32[1,8,15,4]
      %4 = conv %3, #2f32[2,1,1,4], #3f32[2] : f32[1,8,15,2] // Conv
      %5 = transpose %4 {perm=[0,3,1,2]} : f32[1,2,8,15]
      "
    `)
  })
  it('transposes an image once, before its preprocessing', () => {
    const scaled = apply('div', [apply('sub', [image, random([3, 1, 1])], {}), random([1, 3, 1, 1])], {})
    const padded = apply('pad', [scaled], { before: [0, 0, 1, 0], after: [0, 0, 0, 2], mode: 'constant', value: 0 })
    expect(text(wrapped(padded, 4, 3))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,3,4,5]) -> (%6)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %2 = sub %1, #0f32[1,1,1,3] : f32[1,4,5,3]
      %3 = div %2, #1f32[1,1,1,3] : f32[1,4,5,3]
      %4 = pad %3 {after=[0,0,2,0], before=[0,1,0,0]} : f32[1,5,7,3]
      %5 = conv %4, #2f32[4,3,3,3], #3f32[4] : f32[1,3,5,4] // Conv
      %6 = transpose %5 {perm=[0,3,1,2]} : f32[1,4,3,5]
      "
    `)
  })
  it('leaves nothing of the transposes of a TensorFlow graph', () => {
    const nhwc = input([1, 4, 5, 3])
    const pooled = apply('reduce', [toNhwc(relu6(wrapped(toNchw(nhwc), 4)))], { fn: 'mean', axes: [1, 2], keepDims: false })
    expect(text(pooled)).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,4,5,3]) -> (%3)
      %1 = conv %0, #0f32[4,1,1,3], #1f32[4] : f32[1,4,5,4] // Conv
      %2 = clamp %1 {max=6, min=0} : f32[1,4,5,4] // Clip
      %3 = reduce %2 {axes=[1,2], fn=mean, keepDims=false} : f32[1,4]
      "
    `)
  })
  it('remaps the axes of reductions, softmax, concat, slice and pad', () => {
    const a = wrapped(image, 4)
    const joined = apply('concat', [a, wrapped(image, 2)], { axis: 1 })
    const part = apply('slice', [joined], { starts: [0, 1, 0, 2], sizes: [1, 4, 2, 3], steps: [1, 1, 2, 1] })
    const soft = apply('softmax', [part], { axis: 1, log: false })
    expect(text(apply('reduce', [soft], { fn: 'sum', axes: [2, 3], keepDims: false }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,3,4,5]) -> (%7)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %2 = conv %1, #0f32[4,1,1,3], #1f32[4] : f32[1,4,5,4] // Conv
      %3 = conv %1, #2f32[2,1,1,3], #3f32[2] : f32[1,4,5,2] // Conv
      %4 = concat %2, %3 {axis=3} : f32[1,4,5,6]
      %5 = slice %4 {sizes=[1,2,3,4], starts=[0,0,2,1], steps=[1,2,1,1]} : f32[1,2,3,4]
      %6 = softmax %5 {axis=3} : f32[1,2,3,4]
      %7 = reduce %6 {axes=[1,2], fn=sum, keepDims=false} : f32[1,4]
      "
    `)
  })
  it('needs no transpose to squeeze, excite and flatten', () => {
    const a = wrapped(image, 4)
    const squeezed = apply('reduce', [a], { fn: 'mean', axes: [2, 3], keepDims: true })
    const excited = reshape(apply('matmul', [reshape(squeezed, 1, 4), random([4, 4])], {}), 1, 4, 1, 1)
    const pooled = apply('reduce', [apply('mul', [a, excited], {})], { fn: 'mean', axes: [2, 3], keepDims: true })
    expect(text(apply('matmul', [reshape(pooled, 1, 4), random([4, 2])], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,3,4,5]) -> (%11)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %2 = conv %1, #0f32[4,1,1,3], #1f32[4] : f32[1,4,5,4] // Conv
      %3 = reduce %2 {axes=[1,2], fn=mean, keepDims=true} : f32[1,1,1,4]
      %4 = reshape %3 {shape=[1,4]} : f32[1,4]
      %5 = matmul %4, #2f32[4,4] : f32[1,4]
      %6 = reshape %5 {shape=[1,4,1,1]} : f32[1,4,1,1]
      %7 = reshape %6 {shape=[1,1,1,4]} : f32[1,1,1,4]
      %8 = mul %2, %7 : f32[1,4,5,4]
      %9 = reduce %8 {axes=[1,2], fn=mean, keepDims=true} : f32[1,1,1,4]
      %10 = reshape %9 {shape=[1,4]} : f32[1,4]
      %11 = matmul %10, #3f32[4,2] : f32[1,2]
      "
    `)
  })
  it('expands in memory order', () => {
    const squeezed = apply('reduce', [wrapped(image, 4)], { fn: 'mean', axes: [2, 3], keepDims: true })
    expect(text(apply('expand', [squeezed], { shape: [1, 4, 2, 2] }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,3,4,5]) -> (%5)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %2 = conv %1, #0f32[4,1,1,3], #1f32[4] : f32[1,4,5,4] // Conv
      %3 = reduce %2 {axes=[1,2], fn=mean, keepDims=true} : f32[1,1,1,4]
      %4 = expand %3 {shape=[1,2,2,4]} : f32[1,2,2,4]
      %5 = transpose %4 {perm=[0,3,1,2]} : f32[1,4,2,2]
      "
    `)
  })
  it('permutes the weights behind a flatten instead of the map', () => {
    const flat = reshape(wrapped(image, 2), 1, 40)
    expect(text(apply('matmul', [flat, random([40, 3])], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,3,4,5]) -> (%4)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %2 = conv %1, #0f32[2,1,1,3], #1f32[2] : f32[1,4,5,2] // Conv
      %3 = reshape %2 {shape=[1,40]} : f32[1,40]
      %4 = matmul %3, #2f32[40,3] : f32[1,3]
      "
    `)
    const batch = reshape(wrapped(input([2, 3, 4, 5]), 2), 2, 40)
    expect(text(apply('matmul', [batch, random([40, 3])], {}))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,3,4,5]) -> (%4)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[2,4,5,3]
      %2 = conv %1, #0f32[2,1,1,3], #1f32[2] : f32[2,4,5,2] // Conv
      %3 = reshape %2 {shape=[2,40]} : f32[2,40]
      %4 = matmul %3, #2f32[40,3] : f32[2,3]
      "
    `)
  })
  it('merges the two spatial axes and takes channels apart', () => {
    const a = wrapped(image, 4)
    const mean = apply('reduce', [reshape(a, 1, 4, 20)], { fn: 'mean', axes: [2], keepDims: false })
    const shuffled = apply('transpose', [reshape(a, 1, 2, 2, 4, 5)], { perm: [0, 2, 1, 3, 4] })
    expect(text(mean, wrapped(reshape(shuffled, 1, 4, 4, 5), 2))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,3,4,5]) -> (%4, %10)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %2 = conv %1, #0f32[4,1,1,3], #1f32[4] : f32[1,4,5,4] // Conv
      %3 = reshape %2 {shape=[1,20,4]} : f32[1,20,4]
      %4 = reduce %3 {axes=[1], fn=mean, keepDims=false} : f32[1,4]
      %5 = reshape %2 {shape=[1,4,5,2,2]} : f32[1,4,5,2,2]
      %6 = transpose %5 {perm=[0,4,3,1,2]} : f32[1,2,2,4,5]
      %7 = reshape %6 {shape=[1,4,4,5]} : f32[1,4,4,5]
      %8 = transpose %7 {perm=[0,2,3,1]} : f32[1,4,5,4]
      %9 = conv %8, #2f32[2,1,1,4], #3f32[2] : f32[1,4,5,2] // Conv
      %10 = transpose %9 {perm=[0,3,1,2]} : f32[1,2,4,5]
      "
    `)
  })
  it('keeps the transposes that a model asks for', () => {
    const a = wrapped(image, 4)
    expect(text(reshape(a, 4, 20), apply('transpose', [a], { perm: [0, 1, 3, 2] }))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,3,4,5]) -> (%4, %5)
      %1 = transpose %0 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %2 = conv %1, #0f32[4,1,1,3], #1f32[4] : f32[1,4,5,4] // Conv
      %3 = reshape %2 {shape=[20,4]} : f32[20,4]
      %4 = transpose %3 {perm=[1,0]} : f32[4,20]
      %5 = transpose %2 {perm=[0,3,2,1]} : f32[1,4,5,4]
      "
    `)
  })
  it('brings an operand without spatial history into order', () => {
    const y = reshape(input([80]), 1, 4, 4, 5)
    expect(text(wrapped(apply('add', [y, wrapped(image, 4)], {}), 2))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[80], %1: f32[1,3,4,5]) -> (%8)
      %2 = reshape %0 {shape=[1,4,4,5]} : f32[1,4,4,5]
      %3 = transpose %2 {perm=[0,2,3,1]} : f32[1,4,5,4]
      %4 = transpose %1 {perm=[0,2,3,1]} : f32[1,4,5,3]
      %5 = conv %4, #0f32[4,1,1,3], #1f32[4] : f32[1,4,5,4] // Conv
      %6 = add %3, %5 : f32[1,4,5,4]
      %7 = conv %6, #2f32[2,1,1,4], #3f32[2] : f32[1,4,5,2] // Conv
      %8 = transpose %7 {perm=[0,3,1,2]} : f32[1,2,4,5]
      "
    `)
  })
})
