/** Where rules of passes end: the nearest graph that a rule must leave as it is, or may still take. */

import { describe, expect, it } from 'vitest'
import { canonicaliseClamps } from '../../compiler/passes/canonicalise-clamps.ts'
import { canonicalisePooling } from '../../compiler/passes/canonicalise-pooling.ts'
import { cse } from '../../compiler/passes/cse.ts'
import { foldBatchNorm } from '../../compiler/passes/fold-batch-norm.ts'
import { foldConstants } from '../../compiler/passes/fold-constants.ts'
import { fuseResidual } from '../../compiler/passes/fuse-residual.ts'
import { layout } from '../../compiler/passes/layout.ts'
import { matmulToConv } from '../../compiler/passes/matmul-to-conv.ts'
import { removeIdentities } from '../../compiler/passes/remove-identities.ts'
import { simplifyMovement } from '../../compiler/passes/simplify-movement.ts'
import { widenFloat16 } from '../../compiler/passes/widen-float16.ts'
import type { Pass } from '../../compiler/rewriting/pass.ts'
import { apply, constantValue, inputValue, makeNode, type Value } from '../../ir/graph/graph.ts'
import type { PadAttrs } from '../../ir/ops/movement.ts'
import { fromNumbers, tensor } from '../../ir/tensors/tensor.ts'
import { conv, filled, graphOf, input, optimised, random, relu, reshape, scalar, toNchw, toNhwc, vector } from './build.ts'

/** The ops that are left, in order; meaning must be kept. */
function left(passes: Pass | readonly Pass[], ...y: Value[]): string {
  const lines = optimised(passes, graphOf(...y))
    .trim()
    .split('\n')
    .slice(1)
  return lines.map((line) => /= (\S+)/.exec(line)?.[1]).join(' ')
}

function remarksOf(pass: Pass, y: Value): string[] {
  const remarks: string[] = []
  optimised(pass, graphOf(y), remarks)
  return remarks
}

const other = inputValue('other', { dtype: 'float32', shape: [1, 2, 2, 4] })
const x = input([1, 2, 2, 4])
const add = (a: Value, b: Value): Value => apply('add', [a, b], {}, { origins: ['Add'] })
const neg = (v: Value): Value => apply('neg', [v], {})

describe('canonicalise-clamps', () => {
  it('takes a prelu of one slope that keeps the shape', () => {
    const column = input([2, 1])
    const prelu = (v: Value, slope: Value): Value => apply('prelu', [v, slope], {})
    expect(left(canonicaliseClamps, prelu(column, filled([2, 1], 0.5)))).toBe('leaky-relu')
    expect(left(canonicaliseClamps, prelu(column, vector(0.5, 0.5)))).toBe('prelu')
    expect(left(canonicaliseClamps, prelu(column, filled([2, 1], 0)))).toBe('clamp')
    const slopes = constantValue(fromNumbers({ dtype: 'int32', shape: [2] }, [3, 3]))
    expect(left(canonicaliseClamps, prelu(input([2], 'int32'), slopes))).toBe('prelu')
    expect(left(canonicaliseClamps, prelu(input([0]), filled([0], 1)))).toBe('prelu')
  })

  it('takes bounds that are numbers, of floats', () => {
    expect(left(canonicaliseClamps, apply('max', [x, scalar(Number.NaN)], {}))).toBe('max')
    expect(left(canonicaliseClamps, apply('min', [x, vector(1, 2, 3, 4)], {}))).toBe('min')
    const one = constantValue(fromNumbers({ dtype: 'int32', shape: [] }, [1]))
    expect(left(canonicaliseClamps, apply('max', [input([2], 'int32'), one], {}))).toBe('max')
  })
})

describe('canonicalise-pooling', () => {
  const pool = (v: Value, kernel: readonly [number, number], dilations: readonly [number, number]): Value =>
    apply('pool', [v], { fn: 'max', kernel, dilations, strides: [1, 1], pads: [0, 0, 0, 0], ceil: false, countPads: false })
  const sum = (v: Value, axes: number[], keepDims = true): Value => apply('reduce', [v], { fn: 'sum', axes, keepDims })

  it('needs a window without gaps, which one of a single tap is', () => {
    expect(left(canonicalisePooling, pool(input([1, 1, 1, 4]), [1, 1], [3, 3]))).toBe('reduce')
    expect(left(canonicalisePooling, pool(input([1, 3, 3, 4]), [2, 2], [2, 2]))).toBe('pool')
  })

  it('merges reductions over different axes, and moves them before a reshape of something', () => {
    expect(left(canonicalisePooling, sum(sum(x, [1]), [2]))).toBe('reduce')
    expect(left(canonicalisePooling, sum(sum(x, [1]), [1]))).toBe('reduce reduce')
    expect(left(canonicalisePooling, sum(reshape(x, 1, 4, 4), [1]))).toBe('reduce reshape')
    expect(left(canonicalisePooling, sum(reshape(input([0, 4]), 0, 2, 2), [1]))).toBe('reshape reduce')
  })
})

describe('cse', () => {
  it('tells −0 from 0', () => {
    const padded = (value: number): Value => apply('pad', [x], { before: [0, 1, 1, 0], after: [0, 0, 0, 0], mode: 'constant', value })
    expect(left(cse, add(padded(0), padded(0)))).toBe('pad add')
    expect(left(cse, add(padded(0), padded(-0)))).toBe('pad pad add')
  })

  it('compares constants of any length byte by byte, also where their hashes are equal', () => {
    const bytes = (...list: number[]): Value => constantValue(fromNumbers({ dtype: 'int8', shape: [list.length] }, list))
    const small = inputValue('x', { dtype: 'int8', shape: [3] })
    const both = (a: Value, b: Value): Value => apply('max', [apply('add', [small, a], {}), apply('add', [small, b], {})], {})
    expect(left(cse, both(bytes(1, 2, 3), bytes(1, 2, 3)))).toBe('add max')
    expect(left(cse, both(bytes(1, 2, 3), bytes(1, 2, 4)))).toBe('add add max')
    const pair = inputValue('x', { dtype: 'int32', shape: [2] })
    const words = (...list: [number, number]): Value => constantValue(tensor('int32', [2], Int32Array.of(...list)))
    // FNV-1a: the second word makes up for what the first one changes.
    const after = (word: number): number => Math.imul(0x811c9dc5 ^ word, 0x01000193)
    const [a, b] = [words(1, 7), words(2, 7 ^ after(1) ^ after(2))]
    expect(left(cse, apply('max', [apply('add', [pair, a], {}), apply('add', [pair, b], {})], {}))).toBe('add add max')
  })
})

describe('convolutions that do something already', () => {
  const clamped = relu(conv(x, 4))
  const fused = apply('conv', [x, random([4, 1, 1, 4]), random([4])], {
    strides: [1, 1],
    pads: [0, 0, 0, 0],
    dilations: [1, 1],
    group: 1,
    act: { op: 'clamp', min: 0, max: 6 },
  })

  it('take neither a scale nor a residual', () => {
    const scaled = apply('mul', [fused, vector(1, 2, 3, 4)], {}, { origins: ['Mul'] })
    expect(remarksOf(foldBatchNorm, scaled)).toEqual(['mul Mul not folded into conv: it has an activation or a residual already'])
    expect(remarksOf(fuseResidual, add(fused, other))).toEqual(['add Add not fused into conv: it applies clamp first'])
    expect(left(fuseResidual, add(clamped, other))).toBe('conv clamp add')
  })

  it('leave a constant that widens the tensor alone', () => {
    expect(left(foldBatchNorm, apply('mul', [input([2, 1]), vector(1, 2, 3, 4)], {}))).toBe('mul')
    expect(left(foldBatchNorm, add(apply('mul', [input([1, 2, 2, 1]), vector(1, 2, 3, 4)], {}), vector(1, 1, 1, 1)))).toBe('mul add')
  })
})

describe('layout', () => {
  const image = input([1, 4, 2, 3])
  const inNchw = toNchw(conv(toNhwc(image), 4))

  it('remaps positions of extremes, kept or dropped', () => {
    const arg = (axis: number, keepDims: boolean): Value => apply('arg', [inNchw], { fn: 'max', axis, keepDims, last: false })
    expect(left(layout, arg(1, false))).toBe('transpose conv arg')
    expect(left(layout, arg(2, true))).toBe('transpose conv arg transpose')
    expect(left(layout, apply('topk', [inNchw], { axis: 1, k: 2, largest: true }))).toBe('transpose conv topk transpose')
    const [, indices] = makeNode('topk', [inNchw], { axis: 1, k: 1, largest: true }).outputs as readonly [Value, Value]
    expect(left(layout, apply('gather-elements', [inNchw, indices], { axis: 1 }))).toBe('transpose conv topk gather-elements reshape')
  })

  it('keeps the order of the larger operand', () => {
    const wide = inputValue('wide', { dtype: 'float32', shape: [5, 4, 2, 3] })
    expect(left(layout, add(wide, inNchw))).toBe('transpose conv transpose add')
  })

  it('permutes the weights of a convolution over flattened maps', () => {
    const flat = reshape(inNchw, 1, 1, 1, 24)
    expect(left([foldConstants, layout], conv(flat, 5))).toBe('transpose conv reshape conv')
    const product = apply('matmul', [reshape(inNchw, 1, 24), random([24, 5])], {})
    expect(left([foldConstants, layout, matmulToConv], product)).toBe('transpose conv reshape reshape conv reshape')
  })
})

describe('remove-identities', () => {
  it('drops conversions to float32 and back, where they began as float16', () => {
    const roundTrip = (v: Value): Value => apply('cast', [apply('cast', [v], { to: 'float32' })], { to: 'float16' })
    expect(left(removeIdentities, roundTrip(input([2], 'float16')))).toBe('')
    expect(left(removeIdentities, roundTrip(input([2], 'int8')))).toBe('cast cast')
  })

  it('keeps arithmetic with nothing, and with what is not neutral', () => {
    expect(left(removeIdentities, apply('add', [input([0]), filled([0], 0)], {}))).toBe('add')
    expect(left(removeIdentities, apply('mul', [input([2]), vector(1, 2)], {}))).toBe('mul')
  })
})

describe('simplify-movement', () => {
  it('merges constant pads of one value alone', () => {
    const pad = (v: Value, attrs: Partial<PadAttrs>): Value =>
      apply('pad', [v], { before: [0, 1, 1, 0], after: [0, 0, 0, 0], mode: 'constant', value: 0, ...attrs })
    expect(left(simplifyMovement, pad(pad(x, {}), {}))).toBe('pad')
    expect(left(simplifyMovement, pad(pad(x, {}), { value: 1 }))).toBe('pad pad')
    expect(left(simplifyMovement, pad(pad(x, { mode: 'edge' }), {}))).toBe('pad pad')
    expect(left(simplifyMovement, pad(pad(x, {}), { mode: 'edge' }))).toBe('pad pad')
  })

  it('merges concats along one axis', () => {
    const concat = (axis: number, ...parts: Value[]): Value => apply('concat', parts, { axis })
    expect(left(simplifyMovement, concat(3, concat(3, x, other), x))).toBe('concat')
    expect(left(simplifyMovement, concat(2, concat(3, x, other), concat(3, other, x)))).toBe('concat concat concat')
  })
})

describe('widen-float16', () => {
  it('leaves other types as they are beside float16', () => {
    const half = input([2], 'float16')
    const whole = inputValue('i', { dtype: 'int32', shape: [2] })
    const single = inputValue('s', { dtype: 'float32', shape: [2] })
    const narrowed = apply('cast', [whole], { to: 'float16' })
    expect(left(widenFloat16, apply('add', [half, narrowed], {}), neg(single))).toBe('cast cast add cast neg')
  })
})
