import { describe, it } from 'vitest'
import { COMPARISONS } from '../../ir/scalar/functions.ts'
import { float32, tensor } from '../../ir/tensors/tensor.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'
import { elementwise } from '../../targets/kernels/elementwise/elementwise.ts'
import { checkKernel } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

const EXACT = { rtol: 0, atol: 0 }
const SHAPES: [string, Shape, Shape, Shape][] = [
  ['alike', [3, 5], [3, 5], [3, 5]],
  ['scalars', [], [4], []],
  ['rows and columns', [4, 1], [1, 6], [4, 6]],
  ['per channel', [1, 3, 4, 7], [7], [1, 3, 1, 1]],
  ['many axes', [2, 1, 3, 1, 2], [1, 4, 1, 5, 2], [2, 4, 3, 5, 1]],
]

describe.each(COMPARISONS)('compare %s', (fn) => {
  it.each(SHAPES)('%s', (_, a, b) => {
    checkKernel(elementwise, nodeGraph('compare', [a, b], { fn }), { tolerance: EXACT })
  })

  it.each(['float64', 'int8', 'uint8', 'int32', 'uint32', 'int64', 'uint64', 'bool'] as DType[])('of %s', (dtype) => {
    const operand = { dtype, shape: [3, 7] }
    checkKernel(elementwise, nodeGraph('compare', [operand, operand], { fn }), { tolerance: EXACT })
  })

  it('of NaN, zeros and infinities', () => {
    const values = [Number.NaN, 0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1]
    const inputs = [float32([6, 1], values), float32([6], values)]
    checkKernel(elementwise, nodeGraph('compare', [[6, 1], [6]], { fn }), { tolerance: EXACT, inputs })
  })

  it('of 64-bit integers that are one double', () => {
    const a = tensor('int64', [2], BigInt64Array.of(2n ** 60n, 2n ** 60n + 1n))
    const b = tensor('int64', [2], BigInt64Array.of(2n ** 60n + 1n, 2n ** 60n))
    checkKernel(elementwise, nodeGraph('compare', [a.type, b.type], { fn }), { tolerance: EXACT, inputs: [a, b] })
  })
})

describe('where', () => {
  it.each(SHAPES)('%s', (_, a, b, condition) => {
    for (const dtype of ['uint8', 'int16', 'float32', 'int64', 'bool'] as DType[]) {
      const operands = [
        { dtype: 'bool' as const, shape: condition },
        { dtype, shape: a },
        { dtype, shape: b },
      ]
      checkKernel(elementwise, nodeGraph('where', operands, {}), { tolerance: EXACT })
    }
  })
})
