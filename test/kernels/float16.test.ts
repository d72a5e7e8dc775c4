import { expect, it } from 'vitest'
import { apply, type Graph, inputValue, type Value } from '../../ir/graph/graph.ts'
import { KERNELS } from '../../targets/kernels/index.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { coverOf } from './harness.ts'

const x = inputValue('x', { dtype: 'float16', shape: [1, 4, 4, 2] })
const matrix = inputValue('m', { dtype: 'float16', shape: [3, 3] })
const window = { kernel: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], ceil: false } as const

const COMPUTED: Record<string, Value> = {
  unary: apply('exp', [x], {}),
  clamp: apply('clamp', [x], { min: 0, max: 6 }),
  binary: apply('add', [x, x], {}),
  compare: apply('compare', [x, x], { fn: 'less' }),
  matmul: apply('matmul', [matrix, matrix], {}),
  pool: apply('pool', [x], { ...window, fn: 'max', countPads: false }),
  'pool-index': apply('pool-index', [x], { ...window, columnMajor: false }),
  reduce: apply('reduce', [x], { fn: 'sum', axes: [3], keepDims: true }),
  'reduce apart': apply('reduce', [x], { fn: 'sum', axes: [1, 3], keepDims: true }),
  softmax: apply('softmax', [x], { axis: 3, log: false }),
  arg: apply('arg', [x], { fn: 'max', axis: 3, keepDims: true, last: false }),
  topk: apply('topk', [x], { axis: 3, k: 1, largest: true }),
  nonzero: apply('nonzero', [x], {}),
}

it.each(Object.entries(COMPUTED))('no kernel computes in float16: %s', (_, value) => {
  const graph: Graph = { name: 'half', inputs: [x, matrix], outputs: [{ name: 'y', value }] }
  for (const target of TARGETS) expect(KERNELS.filter((kernel) => coverOf(kernel, graph, target)).map((k) => k.name)).toEqual([])
})
