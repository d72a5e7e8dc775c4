import { describe, it } from 'vitest'
import type { PoolAttrs } from '../../ir/ops/pool.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'
import { pool } from '../../targets/kernels/runtime/pool.ts'
import { poolIndex } from '../../targets/kernels/runtime/pool-index.ts'
import { checkKernel } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

type Geometry = Partial<Omit<PoolAttrs, 'fn'>>

const CASES: [string, Shape, Geometry][] = [
  ['2×2 stride 2', [1, 6, 8, 4], { kernel: [2, 2], strides: [2, 2] }],
  ['3×3 stride 2, padded', [2, 7, 9, 5], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['asymmetric pads', [1, 5, 6, 3], { kernel: [3, 2], pads: [0, 1, 2, 0] }],
  ['partial windows', [1, 7, 8, 9], { kernel: [3, 3], strides: [2, 3], ceil: true }],
  ['partial and padded windows', [1, 6, 6, 2], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil: true }],
  ['dilation', [1, 9, 9, 7], { kernel: [2, 3], dilations: [3, 2], pads: [1, 2, 1, 2] }],
  ['the whole map', [2, 4, 3, 17], { kernel: [4, 3] }],
  ['one position', [1, 1, 1, 1], { kernel: [1, 1] }],
]

function attrsOf(fn: PoolAttrs['fn'], g: Geometry): PoolAttrs {
  return { fn, kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], ceil: false, countPads: false, ...g }
}

describe.each(['max', 'mean'] as const)('%s pool', (fn) => {
  describe.each([false, true])('counting pads %s', (countPads) => {
    it.each(CASES)('%s', (_, shape, geometry) => {
      checkKernel(pool, nodeGraph('pool', [shape], attrsOf(fn, { ...geometry, countPads })))
    })
  })

  it.each([1, 3, 4, 5, 8, 9])('of %i channels', (c) => {
    checkKernel(pool, nodeGraph('pool', [[1, 4, 4, c]], attrsOf(fn, { kernel: [3, 3], pads: [1, 1, 1, 1] })))
  })

  it.each(['float64', 'uint8', 'int8', 'int32'] as DType[])('on %s', (dtype) => {
    const operand = { dtype, shape: [1, 5, 5, 3] }
    const tolerance = { rtol: 0, atol: 1e-9 }
    checkKernel(pool, nodeGraph('pool', [operand], attrsOf(fn, { kernel: [3, 3], pads: [1, 1, 1, 1] })), { tolerance })
  })
})

describe('pool-index', () => {
  it.each(CASES)('%s', (_, shape, geometry) => {
    const { fn: _fn, countPads: _countPads, ...window } = attrsOf('max', geometry)
    for (const columnMajor of [false, true])
      checkKernel(poolIndex, nodeGraph('pool-index', [shape], { ...window, columnMajor }), { tolerance: { rtol: 0, atol: 0 } })
  })

  it.each(['uint8', 'float64', 'int32'] as DType[])('on %s', (dtype) => {
    const { fn: _fn, countPads: _countPads, ...window } = attrsOf('max', { kernel: [3, 3], pads: [1, 1, 1, 1] })
    const graph = nodeGraph('pool-index', [{ dtype, shape: [2, 5, 5, 3] }], { ...window, columnMajor: false })
    checkKernel(poolIndex, graph, { tolerance: { rtol: 0, atol: 0 } })
  })
})
