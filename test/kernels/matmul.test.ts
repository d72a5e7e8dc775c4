import { describe, it } from 'vitest'
import { tensor } from '../../ir/tensors/tensor.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'
import { matmul } from '../../targets/kernels/runtime/matmul.ts'
import { checkKernel } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

const CASES: [Shape, Shape][] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [3, 5],
    [5, 7],
  ],
  [
    [4, 8],
    [8, 8],
  ],
  [
    [5, 3],
    [3, 9],
  ],
  [
    [9, 17],
    [17, 4],
  ],
  [
    [13, 2],
    [2, 21],
  ],
  [
    [2, 6, 5],
    [2, 5, 3],
  ],
  [
    [2, 1, 4, 5],
    [3, 5, 6],
  ],
  [
    [4, 5],
    [2, 3, 5, 8],
  ],
  [
    [2, 3, 4],
    [4, 8],
  ],
]

describe('matmul', () => {
  it.each(CASES)('%j · %j', (a, b) => {
    checkKernel(matmul, nodeGraph('matmul', [a, b], {}))
  })

  it.each(['float64', 'int32', 'uint32', 'int64', 'uint64'] as DType[])('on %s', (dtype) => {
    const tolerance = { rtol: 0, atol: 1e-9 }
    checkKernel(
      matmul,
      nodeGraph(
        'matmul',
        [
          { dtype, shape: [3, 4] },
          { dtype, shape: [4, 5] },
        ],
        {},
      ),
      { tolerance },
    )
  })

  it('of integers wraps', () => {
    const large = tensor('int32', [2, 2], Int32Array.of(2 ** 30, 3, -(2 ** 31), 2 ** 31 - 1))
    const wide = tensor('int64', [2, 2], BigInt64Array.of(2n ** 62n, 3n, -(2n ** 63n), 2n ** 61n + 1n))
    for (const operand of [large, wide]) {
      const graph = nodeGraph('matmul', [operand.type, operand.type], {})
      checkKernel(matmul, graph, { inputs: [operand, operand], tolerance: { rtol: 0, atol: 0 } })
    }
  })
})
