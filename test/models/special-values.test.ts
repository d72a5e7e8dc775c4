/** NaN, infinities and denormals: operators and networks give what the interpreter gives, and the next run is as if nothing had been. */

import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { instantiate } from '../../compiler/running/run-module.ts'
import { seededInputs } from '../../compiler/running/seeded.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { apply, type Graph, inputValue, makeNode, type Value } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { REDUCTIONS } from '../../ir/ops/reduce.ts'
import { float32, numbers, type Tensor, type TensorData } from '../../ir/tensors/tensor.ts'
import type { Shape } from '../../ir/tensors/types.ts'
import type { CompiledModule } from '../../targets/linking/module.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { difference } from '../closeness.ts'
import { resizeAttrs } from '../resize-attrs.ts'

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

/** All of `builds` on one input, one output each. */
function graphOf(builds: Readonly<Record<string, Build>>, shape: Shape = SHAPE): Graph {
  const x = inputValue('x', { dtype: 'float32', shape })
  return { name: 'special', inputs: [x], outputs: Object.entries(builds).map(([name, build]) => ({ name, value: build(x) })) }
}

/** On every target: the special input gives what the interpreter gives, and an ordinary one the same bits before and after. */
function check(graph: Graph, special: readonly Tensor[], tolerance = { rtol: 1e-4, atol: 1e-4 }): void {
  const ordinary = seededInputs(graph)
  const optimised = optimise(graph)
  const want = interpret(optimised, special)
  const { modules, weights } = linkGraph(optimised, { targets: TARGETS })
  for (const module of modules) {
    const run = executor(module, weights)
    const before = run(ordinary)
    const got = run(special)
    const after = run(ordinary)
    want.forEach((t, i) => {
      const where = `${graph.outputs[i]?.name} on ${module.target}`
      expect(difference(numbers(tensorLike(t, got[i])), numbers(t), tolerance), where).toBeNull()
      expect(after[i], where).toEqual(before[i])
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
  it('functions', () => {
    check(graphOf(UNARY, [SPECIAL.length]), [float32([SPECIAL.length], SPECIAL)])
  })

  it('arithmetic of all pairs', () => {
    const n = SPECIAL.length
    const [a, b] = [inputValue('a', { dtype: 'float32', shape: [n, 1] }), inputValue('b', { dtype: 'float32', shape: [n] })]
    const ops = ['add', 'sub', 'mul', 'div', 'min', 'max', 'pow', 'prelu'] as const
    const graph = { name: 'pairs', inputs: [a, b], outputs: ops.map((name) => ({ name, value: apply(name, [a, b], {}) })) }
    check(graph, [float32([n, 1], SPECIAL), float32([n], SPECIAL)])
  })

  it('reductions and softmax', () => {
    const reduced = REDUCTIONS.flatMap((fn) =>
      [[1, 2], [3]].map((axes): [string, Build] => [`${fn} over ${axes}`, (x) => apply('reduce', [x], { fn, axes, keepDims: true })]),
    )
    const normalised = [1, 3].flatMap((axis) =>
      [false, true].map((log): [string, Build] => [`softmax over ${axis}, logarithm ${log}`, (x) => apply('softmax', [x], { axis, log })]),
    )
    check(graphOf(Object.fromEntries([...reduced, ...normalised])), [strewn(SHAPE, 5)])
  })

  it('windows, resizing and order', () => {
    const window = { kernel: [2, 3], strides: [1, 1], pads: [0, 1, 0, 1], dilations: [1, 1], ceil: false } as const
    const resized =
      (mode: 'nearest' | 'linear' | 'cubic'): Build =>
      (x) =>
        apply('resize', [x], resizeAttrs(SHAPE, [1, 7, 9, 8], { mode, rounding: 'floor' }))
    const builds: Record<string, Build> = {
      'max pool': (x) => apply('pool', [x], { fn: 'max', ...window, countPads: false }),
      'mean pool': (x) => apply('pool', [x], { fn: 'mean', ...window, countPads: false }),
      'pool index': (x) => apply('pool-index', [x], { ...window, columnMajor: false }),
      nearest: resized('nearest'),
      linear: resized('linear'),
      cubic: resized('cubic'),
      arg: (x) => apply('arg', [x], { fn: 'max', axis: 3, keepDims: false, last: false }),
      topk: (x) => apply('topk', [x], { axis: 3, k: 4, largest: true }),
      'topk indices': (x) => makeNode('topk', [x], { axis: 3, k: 4, largest: true }).outputs[1] as Value,
      nonzero: (x) => apply('nonzero', [x], {}),
      less: (x) => apply('compare', [x, apply('neg', [x], {})], { fn: 'less' }),
    }
    check(graphOf(builds), [strewn(SHAPE, 7)])
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
