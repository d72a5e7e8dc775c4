import { describe, it } from 'vitest'
import { REDUCTIONS } from '../../ir/ops/reduce.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'
import { reduce } from '../../targets/kernels/runtime/reduce.ts'
import { checkKernel } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

const CASES: [string, Shape, number[]][] = [
  ['a row', [13], [0]],
  ['a row shorter than a vector', [3], [0]],
  ['rows', [5, 16], [1]],
  ['columns', [7, 21], [0]],
  ['spatial axes, NHWC', [2, 3, 5, 35], [1, 2]],
  ['spatial axes, three channels', [1, 4, 4, 3], [1, 2]],
  ['spatial axes, NCHW', [2, 6, 7, 7], [2, 3]],
  ['a middle axis', [3, 4, 5], [1]],
  ['everything', [3, 4, 5], [0, 1, 2]],
  ['nothing', [3, 4], []],
  ['axes of extent 1', [3, 1, 4], [1]],
  ['separate axes', [3, 4, 5, 2], [0, 2]],
  ['the first and last axis', [3, 4, 5], [0, 2]],
  ['no elements', [3, 0], [1]],
]

describe('reduce', () => {
  describe.each(REDUCTIONS)('%s', (fn) => {
    it.each(CASES)('over %s', (_, shape, axes) => {
      for (const keepDims of [false, true]) checkKernel(reduce, nodeGraph('reduce', [shape], { fn, axes, keepDims }))
    })

    it.each(['float64', 'int8', 'uint8', 'int32', 'uint32', 'int64', 'uint64'] as DType[])('on %s', (dtype) => {
      const operand = { dtype, shape: [3, 2, 2] }
      checkKernel(reduce, nodeGraph('reduce', [operand], { fn, axes: [1], keepDims: false }))
    })
  })
})
