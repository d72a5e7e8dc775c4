import { describe, expect, it } from 'vitest'
import { float32 } from '../../ir/tensors/tensor.ts'
import type { Shape } from '../../ir/tensors/types.ts'
import { softmax } from '../../targets/kernels/elementwise/softmax.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { checkKernel, coverOf } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

const TIGHT = { tolerance: { rtol: 2e-6, atol: 1e-7 } }

describe.each([false, true])('softmax, log %s', (log) => {
  it.each([1, 2, 3, 4, 5, 8, 11, 1001])('over %i', (n) => {
    checkKernel(softmax, nodeGraph('softmax', [[2, n]], { axis: 1, log }), TIGHT)
  })

  it.each([
    [[3, 4, 5], 0],
    [[3, 4, 5], 1],
    [[3, 4, 5], 2],
    [[2, 5, 1, 1], 1],
    [[7], 0],
  ] as [Shape, number][])('of %j on axis %i', (shape, axis) => {
    checkKernel(softmax, nodeGraph('softmax', [shape], { axis, log }), TIGHT)
  })

  it('does not overflow', () => {
    checkKernel(softmax, nodeGraph('softmax', [[1, 6]], { axis: 1, log }), {
      inputs: [float32([1, 6], [1000, 999, -1000, 998.5, 0, -3e38])],
      tolerance: { rtol: 1e-5, atol: 1e-7 },
    })
  })

  it('works on other floats', () => {
    checkKernel(softmax, nodeGraph('softmax', [{ dtype: 'float64', shape: [2, 9] }], { axis: 1, log }))
    for (const target of TARGETS) {
      expect(coverOf(softmax, nodeGraph('softmax', [{ dtype: 'int32', shape: [3] }], { axis: 0, log }), target)).toBeNull()
    }
  })
})
