/**
 * Every operator that says how it permutes, on random shapes: in another order of axes, and transposed
 * back, its results are those of the original.
 */

import { describe, expect, it } from 'vitest'
import { type Random, seeded, seededTensor } from '../../compiler/running/seeded.ts'
import { apply, type InputValue, inputValue, makeNode, type Node, type Value } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { type AttrsOf, OPS, type OpName, opDef } from '../../ir/ops/index.ts'
import { REDUCTIONS } from '../../ir/ops/reduce.ts'
import { identity, inverse, isIdentity, type Permutation } from '../../ir/tensors/axes.ts'
import { exactNumbers, float32, int64, type Tensor } from '../../ir/tensors/tensor.ts'
import type { Shape, TensorType } from '../../ir/tensors/types.ts'
import { resizeAttrs } from '../resize-attrs.ts'

interface Case {
  readonly operands: readonly Tensor[]
  readonly attrs: object
}

/** Operands and attributes for operand shape `shape`, of one axis or more. */
type Generator = (shape: Shape, pick: Random) => Case

/** Small whole numbers, of which sums are exact in any order. */
function whole(shape: Shape, pick: Random): Tensor {
  const { data } = seededTensor({ dtype: 'float32', shape }, pick)
  return float32(
    shape,
    Array.from(data as Float32Array, (v) => Math.round(v * 4)),
  )
}

const choose = <T>(pick: Random, list: readonly T[]): T => list[pick.integer(list.length)] as T
const axisOf = (shape: Shape, pick: Random): number => pick.integer(shape.length)

/** `shape` with some extents 1 and, sometimes, without leading axes. */
function broadcastable(shape: Shape, pick: Random): Shape {
  return shape.map((d) => (pick.integer(3) === 0 ? 1 : d)).slice(choose(pick, [0, 0, 1, shape.length]))
}

const UNARY_ATTRS: Partial<Record<OpName, object>> = {
  clamp: { min: -1, max: 2 },
  'leaky-relu': { alpha: 0.5 },
  elu: { alpha: 0.5 },
  'hard-sigmoid': { alpha: 0.25, beta: 0.5 },
  cast: { to: 'int32' },
  compare: { fn: 'less' },
}

const GENERATORS: Partial<Record<OpName, Generator>> = {
  reshape(shape, pick) {
    const at = axisOf(shape, pick)
    const merged = [...shape.slice(0, at), (shape[at] as number) * (shape[at + 1] ?? 1), ...shape.slice(at + 2)]
    const split = shape.flatMap((d) => (d === 6 ? [2, 3] : [d, 1]))
    return { operands: [whole(shape, pick)], attrs: { shape: choose(pick, [merged, split]) } }
  },
  reduce(shape, pick) {
    const axes = identity(shape.length).filter(() => pick.integer(2) === 0)
    return { operands: [whole(shape, pick)], attrs: { fn: choose(pick, REDUCTIONS), axes, keepDims: pick.integer(2) === 0 } }
  },
  softmax: (shape, pick) => ({ operands: [whole(shape, pick)], attrs: { axis: axisOf(shape, pick), log: false } }),
  arg(shape, pick) {
    const attrs = { fn: choose(pick, ['max', 'min']), axis: axisOf(shape, pick), keepDims: pick.integer(2) === 0, last: false }
    return { operands: [whole(shape, pick)], attrs }
  },
  topk(shape, pick) {
    const axis = axisOf(shape, pick)
    return { operands: [whole(shape, pick)], attrs: { axis, k: pick.integer((shape[axis] as number) + 1), largest: true } }
  },
  'gather-elements'(shape, pick) {
    const axis = axisOf(shape, pick)
    const chosen = shape.map((d, i) => (i === axis ? 4 : d - pick.integer(d)))
    const size = chosen.reduce((n, d) => n * d, 1)
    const indices = Array.from({ length: size }, () => pick.integer(shape[axis] as number))
    return { operands: [whole(shape, pick), int64(chosen, indices)], attrs: { axis } }
  },
  concat(shape, pick) {
    const axis = axisOf(shape, pick)
    return { operands: [whole(shape, pick), whole(shape.with(axis, 2), pick), whole(shape, pick)], attrs: { axis } }
  },
  pad(shape, pick) {
    const some = () => shape.map((d) => pick.integer(Math.min(d, 3)))
    return {
      operands: [whole(shape, pick)],
      attrs: { before: some(), after: some(), mode: choose(pick, ['constant', 'reflect']), value: 7 },
    }
  },
  slice(shape, pick) {
    const starts = shape.map((d) => pick.integer(d))
    const steps = starts.map((s) => (s > 0 ? -1 : 1))
    const sizes = shape.map((d, i) => 1 + pick.integer(starts[i] === 0 ? d : (starts[i] as number)))
    return { operands: [whole(shape, pick)], attrs: { starts, sizes, steps } }
  },
  resize(shape, pick) {
    const sizes = shape.map((d) => (pick.integer(2) === 0 ? d : 1 + pick.integer(8)))
    return { operands: [whole(shape, pick)], attrs: resizeAttrs(shape, sizes) }
  },
  expand(shape, pick) {
    const to = [...choose(pick, [[], [2], [3, 1]]), ...shape]
    return {
      operands: [
        whole(
          shape.map((d) => (pick.integer(2) === 0 ? 1 : d), pick),
          pick,
        ),
      ],
      attrs: { shape: to },
    }
  },
  where(shape, pick) {
    const flags = whole(broadcastable(shape, pick), pick)
    const condition = {
      type: { ...flags.type, dtype: 'bool' } as TensorType,
      data: Uint8Array.from(flags.data as Float32Array, (v) => Number(v > 0)),
    }
    return { operands: [condition, whole(shape, pick), whole(broadcastable(shape, pick), pick)], attrs: {} }
  },
}

function elementwise(name: OpName): Generator {
  return (shape, pick) => {
    const operands = opDef(name).operands === 1 ? [whole(shape, pick)] : [whole(broadcastable(shape, pick), pick), whole(shape, pick)]
    return { operands, attrs: UNARY_ATTRS[name] ?? {} }
  }
}

/** The original node, and the same with its operands in the order in which they are transpose(there, perm). */
function bothWays(
  name: OpName,
  { operands, attrs }: Case,
  perm: Permutation,
): { inputs: InputValue[]; original: Node; moved: Value[] | null } {
  const inputs = operands.map((t, i) => inputValue(`x${i}`, t.type))
  const original = makeNode(name, inputs, attrs as AttrsOf<OpName>)
  const there = opDef(name).permute?.(
    perm,
    attrs,
    inputs.map((v) => v.type),
  )
  if (!there) return { inputs, original, moved: null }
  const ordered = inputs.map((v) =>
    v.type.shape.length === 0 ? v : apply('transpose', [withRank(v, perm.length)], { perm: inverse(perm) }),
  )
  const node = makeNode(name, ordered, there.attrs as AttrsOf<OpName>)
  return { inputs, original, moved: node.outputs.map((v: Value) => apply('transpose', [v], { perm: there.perm })) }
}

function withRank(v: Value, rank: number): Value {
  const { shape } = v.type
  return apply('reshape', [v], { shape: [...new Array<number>(rank - shape.length).fill(1), ...shape] })
}

const shuffled = (rank: number, pick: Random): Permutation => {
  const left = identity(rank)
  return identity(rank).map(() => left.splice(pick.integer(left.length), 1)[0] as number)
}

const permuting = (Object.keys(OPS) as OpName[]).filter((name) => opDef(name).permute)

describe('an operator in another order of axes', () => {
  it.each(permuting)('%s', (name) => {
    const generate = GENERATORS[name] ?? (opDef(name).traits.elementwise ? elementwise(name) : undefined)
    if (!generate) throw new Error(`no case for ${name}`)
    const pick = seeded(name.length)
    let moved = 0
    for (let i = 0; i < 60; i++) {
      const shape = Array.from({ length: 1 + pick.integer(4) }, () => choose(pick, [1, 2, 3, 5, 6]))
      const test = generate(shape, pick)
      const rank = Math.max(...test.operands.map((t) => t.type.shape.length))
      const perm = shuffled(rank, pick)
      const { inputs, original, moved: results } = bothWays(name, test, perm)
      if (!results) continue
      if (!isIdentity(perm)) moved++
      const values = [...original.outputs, ...results].map((value) => ({ name: '', value }))
      const all = interpret({ name: 'g', inputs, outputs: values }, test.operands)
      results.forEach((_, r) => {
        const [want, got] = [all[r] as Tensor, all[original.outputs.length + r] as Tensor]
        expect(got.type).toEqual(want.type)
        expectClose(got, want, `${name} of [${shape}] in order [${perm}] with ${JSON.stringify(test.attrs)}`)
      })
    }
    expect(moved).toBeGreaterThan(10)
  })
})

function expectClose(got: Tensor, want: Tensor, what: string): void {
  const [a, b] = [exactNumbers(got), exactNumbers(want)]
  expect(a.length, what).toBe(b.length)
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number]
    const close = Object.is(x, y) || x === y || Math.abs(x - y) <= 1e-6 * Math.max(1, Math.abs(y))
    if (!close) expect(x, `${what}, element ${i}`).toBe(y)
  }
}
