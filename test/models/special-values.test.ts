/** NaN, infinities and denormals: operators and networks give what the interpreter gives, and the next run is as if nothing had been. */

import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/onnx/import.ts'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { instantiate } from '../../compiler/run-module.ts'
import { seededInputs } from '../../compiler/seeded.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { apply, type Graph, inputValue, type Value } from '../../ir/graph.ts'
import { interpret } from '../../ir/interpret.ts'
import type { PoolAttrs } from '../../ir/ops/pool.ts'
import { REDUCTIONS } from '../../ir/ops/reduce.ts'
import { float32, numbers, type Tensor, type TensorData } from '../../ir/tensor.ts'
import type { Shape } from '../../ir/types.ts'
import { TARGETS } from '../../targets/target.ts'
import type { CompiledModule } from '../../targets/wasm/module.ts'
import { difference } from '../closeness.ts'

const INF = Number.POSITIVE_INFINITY
/** 3e15 squared and summed stays in the range of float32, in which targets accumulate; the interpreter has float64. */
const LARGE = 3e15
const SPECIAL = [Number.NaN, INF, -INF, 0, -0, 1e-40, -1e-40, 1.4e-45, 1.2e-38, LARGE, -LARGE, 1, -1, 0.5, -2, 7]

const SHAPE: Shape = [1, 4, 6, 8]
/** One image in which every special value has all kinds of neighbours. */
const strewn = (shape: Shape, every: number): Tensor =>
  float32(
    shape,
    Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) =>
      i % every === 0 ? (SPECIAL[(i / every) % SPECIAL.length] as number) : Math.sin(i),
    ),
  )

type Build = (x: Value) => Value

const UNARY: Record<string, Build> = {
  relu: (x) => apply('clamp', [x], { min: 0, max: INF }),
  relu6: (x) => apply('clamp', [x], { min: 0, max: 6 }),
  'leaky-relu': (x) => apply('leaky-relu', [x], { alpha: 0.1 }),
  'hard-sigmoid': (x) => apply('hard-sigmoid', [x], { alpha: 0.2, beta: 0.5 }),
  elu: (x) => apply('elu', [x], { alpha: 1 }),
  ...Object.fromEntries(
    (['hard-swish', 'sigmoid', 'tanh', 'exp', 'log', 'sqrt', 'abs', 'neg', 'reciprocal', 'floor', 'ceil', 'erf'] as const).map(
      (op): [string, Build] => [op, (x) => apply(op, [x], {})],
    ),
  ),
}

function graphOf(build: Build, shape: Shape = SHAPE): Graph {
  const x = inputValue('x', { dtype: 'float32', shape })
  return { name: 'special', inputs: [x], outputs: [{ name: 'y', value: build(x) }] }
}

/** On every target: the special input gives what the interpreter gives, and an ordinary one the same bits before and after. */
function check(graph: Graph, special: readonly Tensor[], tolerance = { rtol: 1e-4, atol: 1e-4 }): void {
  const ordinary = seededInputs(graph)
  const optimised = optimise(graph)
  const want = interpret(optimised, special)
  const { modules, weights } = linkGraph(optimised, { targets: TARGETS.map((t) => t.name) })
  for (const module of modules) {
    const run = executor(module, weights)
    const before = run(ordinary)
    const got = run(special)
    const after = run(ordinary)
    want.forEach((t, i) => {
      expect(difference(numbers(tensorLike(t, got[i])), numbers(t), tolerance), module.target).toBeNull()
      expect(after[i], module.target).toEqual(before[i])
    })
  }
}

/** Runs one instance again and again; results are copies. */
function executor(module: CompiledModule, weights: Uint8Array): (inputs: readonly Tensor[]) => TensorData[] {
  const live = instantiate(module, weights)
  return (inputs) => {
    live.inputs.forEach((view, i) => {
      view.set((inputs[i] as Tensor).data as never)
    })
    live.run()
    return live.outputs.map((view) => view.slice())
  }
}

function tensorLike({ type }: Tensor, data: TensorData | undefined): Tensor {
  return { type, data: data as TensorData }
}

describe('operators on NaN, infinities and denormals', () => {
  it.each(Object.entries(UNARY))('%s', (_, build) => {
    check(graphOf(build, [SPECIAL.length]), [float32([SPECIAL.length], SPECIAL)])
  })

  it.each(['add', 'sub', 'mul', 'div', 'min', 'max', 'pow', 'prelu'] as const)('%s of all pairs', (op) => {
    const n = SPECIAL.length
    const [a, b] = [inputValue('a', { dtype: 'float32', shape: [n, 1] }), inputValue('b', { dtype: 'float32', shape: [n] })]
    const graph = { name: op, inputs: [a, b], outputs: [{ name: 'y', value: apply(op, [a, b], {}) }] }
    check(graph, [float32([n, 1], SPECIAL), float32([n], SPECIAL)])
  })

  it.each(REDUCTIONS)('reduce %s', (fn) => {
    for (const axes of [[1, 2], [3]])
      check(
        graphOf((x) => apply('reduce', [x], { fn, axes, keepDims: true })),
        [strewn(SHAPE, 5)],
      )
  })

  it.each(['max', 'mean'] as const)('pool %s', (fn) => {
    const attrs: PoolAttrs = { fn, kernel: [2, 3], strides: [1, 1], pads: [0, 1, 0, 1], dilations: [1, 1], ceil: false, countPads: false }
    check(
      graphOf((x) => apply('pool', [x], attrs)),
      [strewn(SHAPE, 7)],
    )
  })

  it.each([false, true])('softmax, logarithm %s', (log) => {
    for (const axis of [1, 3])
      check(
        graphOf((x) => apply('softmax', [x], { axis, log })),
        [strewn(SHAPE, 11)],
      )
  })

  it('resize', () => {
    const attrs = {
      coordinates: 'half_pixel',
      rounding: 'floor',
      cubicA: -0.75,
      antialias: false,
      excludeOutside: false,
      extrapolation: 0,
    } as const
    const extents = { sizes: [1, 7, 9, 8], scales: [1, 1.75, 1.5, 1], starts: [0, 0, 0, 0], ends: [1, 1, 1, 1] }
    for (const mode of ['nearest', 'linear', 'cubic'] as const)
      check(
        graphOf((x) => apply('resize', [x], { mode, ...attrs, ...extents })),
        [strewn(SHAPE, 7)],
      )
  })
})

describe('networks on NaN, infinities and denormals', () => {
  it.each(['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-small'])('%s', (name) => {
    const graph = importModel(createModel(name, { width: 0.25, resolution: 32, classes: 10, seed: 1 }))
    const shape = graph.inputs[0]?.type.shape as Shape
    const denormal = float32(shape, new Float32Array(shape.reduce((n, d) => n * d, 1)).fill(1e-40))
    for (const image of [strewn(shape, 97), denormal]) check(graph, [image], { rtol: 1e-3, atol: 1e-3 })
  })
})
