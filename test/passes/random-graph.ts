/** Random graphs of what classifiers are made of, as import would give them. */

import { type Random, seeded } from '../../compiler/running/seeded.ts'
import { apply, type Graph, makeNode, type Value } from '../../ir/graph/graph.ts'
import type { Pads, Pair } from '../../ir/ops/window.ts'
import { resizeAttrs } from '../resize-attrs.ts'
import { conv, filled, graphOf, input, PLAIN, random, reshape, toNchw, toNhwc } from './build.ts'

type Step = (x: Value, pick: Random, made: readonly Value[]) => Value

const extent = (v: Value, axis: number): number => v.type.shape[axis] as number
const isMap = (v: Value): boolean => v.type.shape.length === 4
const choose = <T>(pick: Random, list: readonly T[]): T => list[pick.integer(list.length)] as T
const binary = (pick: Random, a: Value, b: Value): Value =>
  apply(choose(pick, ['add', 'mul', 'sub', 'min', 'max']), pick.integer(2) === 0 ? [a, b] : [b, a], {})

const convolution: Step = (x, pick) => {
  if (!isMap(x)) return x
  const c = extent(x, 1)
  const kernel = Math.min(choose(pick, [1, 1, 3]), extent(x, 2), extent(x, 3))
  const pads = choose<Pads>(pick, [
    [0, 0, 0, 0],
    [1, 1, 1, 1],
    [0, 0, 1, 1],
  ])
  const group = choose(pick, [1, c])
  const channels = group === 1 ? choose(pick, [c, c, 4, 3]) : c
  return toNchw(
    conv(toNhwc(x), channels, kernel, {
      pads,
      group,
      strides: choose(pick, [
        [1, 1],
        [1, 1],
        [2, 2],
      ]),
    }),
  )
}

const pooling: Step = (x, pick) => {
  if (!isMap(x)) return x
  const whole = pick.integer(3) === 0
  const kernel = [2, 3].map((axis) => (whole ? extent(x, axis) : Math.min(2, extent(x, axis)))) as [number, number]
  const attrs = {
    ...PLAIN,
    kernel,
    fn: choose(pick, ['max', 'mean'] as const),
    ceil: pick.integer(2) === 0,
    countPads: pick.integer(2) === 0,
  }
  return toNchw(
    apply('pool', [toNhwc(x)], {
      ...attrs,
      strides: choose<Pair>(pick, [
        [1, 1],
        [2, 2],
      ]),
    }),
  )
}

const activate: Step = (x, pick) =>
  choose(pick, [
    () =>
      apply(
        'clamp',
        [x],
        choose(pick, [
          { min: 0, max: 6 },
          { min: 0, max: Number.POSITIVE_INFINITY },
          { min: -1, max: 0.5 },
        ]),
      ),
    () => apply('hard-sigmoid', [x], { alpha: choose(pick, [0.2, 1 / 6]), beta: 0.5 }),
    () => apply('leaky-relu', [x], { alpha: 0.1 }),
    () => apply('tanh', [x], {}),
    () => apply('mul', [x, apply('hard-sigmoid', [x], { alpha: 1 / 6, beta: 0.5 })], {}),
    () => apply('div', [apply('clamp', [apply('add', [x, filled([], 3)], {})], { min: 0, max: 6 }), filled([1], 6)], {}),
  ])()

const withConstant: Step = (x, pick) => {
  const { shape } = x.type
  const channels = shape.map((d, axis) => (axis === (shape.length === 4 ? 1 : shape.length - 1) ? d : 1))
  const constant = choose(pick, [
    filled([], choose(pick, [0, 1, 3, 0.5])),
    filled(
      shape.map(() => 1),
      0.5,
    ),
    random(channels),
    random(shape),
  ])
  return binary(pick, x, pick.integer(4) === 0 ? random(channels.slice(shape.length === 4 ? 1 : 0)) : constant)
}

const withOther: Step = (x, pick, made) => {
  const alike = made.filter((v) => String(v.type.shape) === String(x.type.shape))
  return binary(pick, x, choose(pick, [x, ...alike]))
}

const squeeze: Step = (x, pick) => {
  if (!isMap(x)) return x
  const mean = apply('reduce', [x], { fn: choose(pick, ['mean', 'max'] as const), axes: [2, 3], keepDims: pick.integer(2) === 0 })
  const flat = reshape(mean, extent(x, 0), extent(x, 1))
  const dense = apply('matmul', [flat, random([extent(x, 1), extent(x, 1)])], {})
  return apply('mul', [x, reshape(apply('clamp', [dense], { min: 0, max: 1 }), extent(x, 0), extent(x, 1), 1, 1)], {})
}

const move: Step = (x, pick) => {
  const rank = x.type.shape.length
  const axis = pick.integer(rank)
  const ahead = x.type.shape.map((_, i) => (i === axis ? 1 : 0))
  return choose(pick, [
    () =>
      apply('pad', [x], { before: ahead, after: x.type.shape.map(() => 0), mode: choose(pick, ['constant', 'edge'] as const), value: 0 }),
    () =>
      apply('slice', [x], {
        starts: x.type.shape.map(() => 0),
        sizes: x.type.shape.map((d) => Math.ceil(d / 2)),
        steps: x.type.shape.map(() => 1),
      }),
    () => apply('concat', [x, x], { axis }),
    () => apply('softmax', [x], { axis, log: false }),
    () => apply('transpose', [x], { perm: [...x.type.shape.keys()].reverse() }),
    () => apply('reduce', [x], { fn: 'mean', axes: [axis], keepDims: true }),
    () => apply('expand', [apply('reduce', [x], { fn: 'sum', axes: [axis], keepDims: true })], { shape: x.type.shape }),
    () => (rank === 4 ? reshape(x, extent(x, 0), extent(x, 1), extent(x, 2) * extent(x, 3)) : reshape(x, 1, ...x.type.shape.slice(0, 3))),
  ])()
}

/** What dense heads and detectors end in. */
const select: Step = (x, pick) => {
  const { shape } = x.type
  const axis = pick.integer(shape.length)
  const resized = shape.with(axis, choose(pick, [1, 2, extent(x, axis) + 1]))
  return choose(pick, [
    () => {
      const mode = choose(pick, ['nearest', 'linear'] as const)
      const coordinates = choose(pick, ['half_pixel', 'asymmetric'] as const)
      return apply('resize', [x], resizeAttrs(shape, resized, { mode, coordinates, rounding: 'floor' }))
    },
    () => {
      const attrs = { axis, k: Math.ceil(extent(x, axis) / 2), largest: pick.integer(2) === 0 }
      const [values, indices] = makeNode('topk', [x], attrs).outputs as readonly [Value, Value]
      return choose(pick, [values, apply('gather-elements', [x, indices], { axis }), apply('cast', [indices], { to: 'float32' })])
    },
    () => apply('cast', [apply('arg', [x], { fn: 'max', axis, keepDims: true, last: false })], { to: 'float32' }),
    () => apply('where', [apply('compare', [x, filled([], 0)], { fn: 'less' }), apply('neg', [x], {}), x], {}),
  ])()
}

const flatten: Step = (x, pick) => {
  const flat = reshape(
    x,
    extent(x, 0),
    x.type.shape.slice(1).reduce((n, d) => n * d, 1),
  )
  return apply('matmul', [flat, random([extent(flat, 1), choose(pick, [3, 5])])], {})
}

const STEPS: readonly Step[] = [
  convolution,
  convolution,
  convolution,
  pooling,
  activate,
  activate,
  withConstant,
  withConstant,
  withOther,
  squeeze,
  move,
  select,
]

/** Equal seeds give equal graphs. Inputs are NCHW images, or NHWC ones behind a transpose. */
export function randomGraph(seed: number, steps: number): Graph {
  const pick = seeded(seed)
  const image = choose(pick, [
    () => input([1, 3, 5, 4]),
    () => toNchw(input([1, 5, 4, 3])),
    () => input([2, 4, 3, 3]),
    () => input([1, 4, 1, 1]),
  ])()
  const made: Value[] = [image]
  for (let i = 0; i < steps; i++) {
    const x = pick.integer(4) === 0 ? choose(pick, made) : (made.at(-1) as Value)
    const next = choose(pick, STEPS)(x, pick, made)
    if (next.type.shape.reduce((n, d) => n * d, 1) < 2000) made.push(next)
  }
  const last = made.at(-1) as Value
  const outputs = [last, choose(pick, made), ...(pick.integer(2) === 0 ? [flatten(last, pick, made)] : [])]
  return graphOf(...outputs)
}
