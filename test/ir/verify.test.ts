/** Every invariant, violated once by a graph that no pass would make. */

import { describe, expect, it } from 'vitest'
import { InternalError } from '../../ir/diagnostics.ts'
import { apply, constantValue, type Graph, inputValue, makeNode, type Node, type Value } from '../../ir/graph/graph.ts'
import { ALWAYS, INVARIANTS, type Invariant, verify } from '../../ir/graph/verify.ts'
import { float32 } from '../../ir/tensors/tensor.ts'
import type { Bound, TensorType } from '../../ir/tensors/types.ts'

const x = inputValue('x', { dtype: 'float32', shape: [2] })
const image = inputValue('image', { dtype: 'float32', shape: [1, 4, 4, 2] })
const one = constantValue(float32([], [1]), 'one')
const weights = constantValue(float32([2, 2], [1, 2, 3, 4]))
const rows = inputValue('rows', { dtype: 'float32', shape: [3, 2] })

function quantized(scale: number[], zeroPoint: number[], shape = [2]): TensorType {
  return { dtype: 'int8', shape, quantization: { scale, zeroPoint } }
}

function graphOf(value: Value, inputs = [x, image, rows]): Graph {
  return { name: 'g', inputs, outputs: [{ name: 'y', value }] }
}

/** A node made by hand: its results may be anything. */
function forged(node: Node, outputs: readonly object[]): Value {
  const results: Value[] = []
  const made = { ...node, origins: ['n'], outputs: results } as unknown as Node
  outputs.forEach((output, index) => {
    results.push({ kind: 'result', name: '', node: made, index, ...output } as Value)
  })
  return results[0] as Value
}

const unmade = inputValue('u', { dtype: 'int64', shape: [2], bound: { axis: 0, count: 1 } })
const zeroScale = inputValue('q', quantized([0], [0]))
const positions = makeNode('nonzero', [x], {})
const bounded = (bound: Bound): Value =>
  forged(positions, [{ type: { ...positions.outputs[0].type, bound } }, { type: { dtype: 'int64', shape: [] } }])
const neg = makeNode('neg', [x], {})
const toNchw = apply('transpose', [image], { perm: [0, 3, 1, 2] }, { origins: ['t'] })
const BROKEN: readonly (readonly [Invariant, Graph, string])[] = [
  ['typed', graphOf(forged(neg, [{ type: { dtype: 'float32', shape: [3] } }])), 'neg (n): result is f32[3], op infers f32[2]'],
  ['typed', graphOf(forged(neg, [{ type: x.type }, { type: x.type }])), 'neg (n): result is f32[2],f32[2], op infers f32[2]'],
  ['typed', graphOf(forged({ ...neg, inputs: [x, x] } as unknown as Node, [{ type: x.type }])), 'neg (n): takes one operand, has 2'],
  ['typed', graphOf(forged(neg, [{ type: quantized([0.5], [0]) }])), 'neg (n): result is i8[2]{s=0.5,z=0}, op infers f32[2]'],
  [
    'typed',
    graphOf(apply('reshape', [zeroScale], { shape: [2] }), [zeroScale]),
    'reshape (no origin): i8[2]{s=0,z=0} has a scale that is not positive and finite',
  ],
  [
    'well-formed',
    graphOf(apply('reshape', [{ ...weights, type: quantized([0.5], [0], [4]) }], { shape: [2, 2] })),
    "reshape (no origin): constant  is not of its tensor's type",
  ],
  ['typed', graphOf(bounded({ axis: 2, count: 1 })), 'nonzero (n): result is i64[1,2]{count=1},i64[], op infers i64[1,≤2]{count=1},i64[]'],
  ['well-formed', graphOf(apply('add', [x, { ...one, tensor: float32([2], [1, 2]) }], {})), 'add (no origin): constant one has 2 elements'],
  ['well-formed', graphOf(apply('neg', [x], {}), [image]), 'neg (no origin): reads x, which is no input of this graph'],
  ['well-formed', graphOf(forged(neg, [{ type: x.type, index: 1 }])), 'neg (n): result does not point back'],
  ['well-formed', graphOf(forged(neg, [{ type: x.type }, { type: x.type, node: neg }])), 'neg (n): result does not point back'],
  ['folded', graphOf(apply('neg', [one], {})), 'neg (no origin): all operands are constant'],
  ['no-float16', graphOf(apply('neg', [apply('cast', [x], { to: 'float16' })], {})), 'neg (no origin): computes in float16'],
  ['no-constant-matmul', graphOf(apply('matmul', [rows, weights], {})), 'matmul (no origin): weights are constant'],
  [
    'well-formed',
    graphOf(forged({ ...neg, inputs: [unmade] } as unknown as Node, [{ type: x.type }]), [unmade]),
    'neg (n): u has a bound, but no node to count it',
  ],
  [
    'nhwc',
    graphOf(apply('topk', [toNchw], { axis: 1, k: 1, largest: true }, { origins: ['k'] })),
    'topk (k): reads a transpose to NCHW (t)',
  ],
  ['nhwc', graphOf(apply('cast', [toNchw], { to: 'int32' }, { origins: ['c'] })), 'cast (c): reads a transpose to NCHW (t)'],
  ['nhwc', graphOf(apply('exp', [toNchw], {}, { origins: ['e'] })), 'exp (e): reads a transpose to NCHW (t)'],
  [
    'nhwc',
    graphOf(apply('transpose', [apply('transpose', [image], { perm: [0, 3, 1, 2] })], { perm: [3, 2, 1, 0] })),
    'transpose (no origin): reads a transpose to NCHW (no origin)',
  ],
]

const SOUND: readonly (readonly [Invariant, Graph])[] = [
  ['typed', graphOf(apply('neg', [x], {}))],
  ['well-formed', graphOf(apply('add', [x, one], {}))],
  ['folded', graphOf(apply('add', [x, one], {}))],
  ['no-float16', graphOf(apply('cast', [x], { to: 'float16' }))],
  ['no-constant-matmul', graphOf(apply('matmul', [weights, apply('reshape', [x], { shape: [2, 1] })], {}))],
  ['no-constant-matmul', graphOf(apply('matmul', [rows, constantValue(float32([1, 2, 2], [1, 2, 3, 4]))], {}))],
  ['no-constant-matmul', graphOf(apply('matmul', [rows, constantValue(float32([2, 0], []))], {}))],
  ['nhwc', graphOf(toNchw)],
  ['nhwc', graphOf(apply('cast', [toNchw], { to: 'float16' }))],
  ['nhwc', graphOf(apply('add', [toNchw, toNchw], {}))],
  ['nhwc', graphOf(apply('exp', [apply('transpose', [image], { perm: [0, 2, 3, 1] })], {}))],
  [
    'nhwc',
    graphOf(apply('gather', [toNchw, constantValue({ type: { dtype: 'int64', shape: [] }, data: BigInt64Array.of(0n) })], { axis: 0 })),
  ],
  ['nhwc', graphOf(apply('reshape', [toNchw], { shape: [32] }))],
]

describe('verify', () => {
  it.each(BROKEN)('%s does not hold', (invariant, graph, problem) => {
    expect(() => verify(graph, [invariant], 'after p')).toThrow(
      new InternalError(`after p: invariant "${invariant}" does not hold: ${problem}`),
    )
  })

  it.each(SOUND)('%s holds', (invariant, graph) => {
    expect(() => verify(graph, [...ALWAYS, invariant], 'after p')).not.toThrow()
  })

  it('every invariant is violated above', () => {
    expect([...new Set(BROKEN.map(([invariant]) => invariant))].sort()).toEqual(Object.keys(INVARIANTS).sort())
  })
})
