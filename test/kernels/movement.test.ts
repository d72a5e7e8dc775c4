import { describe, expect, it } from 'vitest'
import type { PadAttrs, SliceAttrs } from '../../ir/ops/movement.ts'
import { tensor } from '../../ir/tensors/tensor.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'
import { concat } from '../../targets/kernels/runtime/concat.ts'
import { expand } from '../../targets/kernels/runtime/expand.ts'
import { gather } from '../../targets/kernels/runtime/gather.ts'
import { pad } from '../../targets/kernels/runtime/pad.ts'
import { slice } from '../../targets/kernels/runtime/slice.ts'
import { transpose } from '../../targets/kernels/runtime/transpose.ts'
import { view } from '../../targets/kernels/runtime/view.ts'
import { checkKernel } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

const EXACT = { tolerance: { rtol: 0, atol: 0 } }
/** One type of each element size. */
const SIZES: DType[] = ['uint8', 'float16', 'float32', 'int64']

describe('transpose', () => {
  const cases: [Shape, number[]][] = [
    [
      [1, 3, 8, 8],
      [0, 2, 3, 1],
    ],
    [
      [1, 8, 8, 3],
      [0, 3, 1, 2],
    ],
    [
      [2, 5, 7, 9],
      [0, 2, 3, 1],
    ],
    [
      [2, 4, 4, 12],
      [0, 3, 1, 2],
    ],
    [
      [4, 4],
      [1, 0],
    ],
    [
      [3, 5],
      [1, 0],
    ],
    [
      [5, 8],
      [1, 0],
    ],
    [
      [9, 4],
      [1, 0],
    ],
    [
      [2, 3, 4],
      [2, 1, 0],
    ],
    [
      [2, 3, 4, 5],
      [3, 0, 2, 1],
    ],
    [
      [2, 3, 4, 5, 2],
      [1, 0, 3, 4, 2],
    ],
    [
      [2, 1, 2, 3, 2, 2],
      [5, 3, 1, 0, 2, 4],
    ],
    [
      [2, 3, 4],
      [0, 1, 2],
    ],
    [
      [2, 3, 40],
      [1, 0, 2],
    ],
    [
      [0, 3],
      [1, 0],
    ],
    [[], []],
  ]
  it.each(cases)('[%j] by %j', (shape, perm) => {
    for (const dtype of SIZES) checkKernel(transpose, nodeGraph('transpose', [{ dtype, shape }], { perm }), EXACT)
  })
})

describe('slice', () => {
  const cases: [string, Shape, SliceAttrs][] = [
    ['a prefix', [9], { starts: [0], sizes: [4], steps: [1] }],
    ['a middle axis', [2, 7, 5], { starts: [0, 2, 0], sizes: [2, 3, 5], steps: [1, 1, 1] }],
    ['steps', [5, 9], { starts: [1, 0], sizes: [2, 5], steps: [2, 2] }],
    ['backwards', [4, 6], { starts: [3, 5], sizes: [4, 3], steps: [-1, -2] }],
    ['the last axis', [3, 4, 11], { starts: [0, 0, 3], sizes: [3, 4, 7], steps: [1, 1, 1] }],
    ['nothing', [4], { starts: [0], sizes: [0], steps: [1] }],
    ['four axes', [2, 5, 6, 4], { starts: [1, 4, 0, 1], sizes: [1, 2, 3, 2], steps: [1, -3, 2, 1] }],
  ]
  it.each(cases)('takes %s', (_, shape, attrs) => {
    for (const dtype of SIZES) checkKernel(slice, nodeGraph('slice', [{ dtype, shape }], attrs), EXACT)
  })
})

describe('concat', () => {
  const cases: [Shape[], number][] = [
    [[[3], [5]], 0],
    [
      [
        [2, 3],
        [2, 1],
        [2, 20],
      ],
      1,
    ],
    [
      [
        [2, 3, 4],
        [1, 3, 4],
      ],
      0,
    ],
    [
      [
        [2, 3, 4],
        [2, 2, 4],
      ],
      1,
    ],
    [
      [
        [2, 0, 4],
        [2, 2, 4],
      ],
      1,
    ],
    [[[2, 3]], 1],
  ]
  it.each(cases)('%j on axis %i', (shapes, axis) => {
    for (const dtype of SIZES) {
      const operands = shapes.map((shape) => ({ dtype, shape }))
      checkKernel(concat, nodeGraph('concat', operands, { axis }), EXACT)
    }
  })

  it('takes a constant and an operand twice', () => {
    checkKernel(concat, nodeGraph('concat', [[2, 3], tensor('float32', [2, 1], Float32Array.of(4, 5)), [2, 3]], { axis: 1 }), EXACT)
  })
})

describe('pad', () => {
  const cases: [string, Shape, Omit<PadAttrs, 'mode' | 'value'>][] = [
    ['spatial axes', [1, 4, 5, 3], { before: [0, 1, 2, 0], after: [0, 2, 1, 0] }],
    ['the last axis', [3, 5], { before: [0, 2], after: [0, 3] }],
    ['every axis', [3, 3, 4], { before: [1, 2, 1], after: [2, 1, 3] }],
    ['the first axis', [4, 6], { before: [2, 0], after: [1, 0] }],
    ['nothing', [2, 3], { before: [0, 0], after: [0, 0] }],
  ]
  describe.each(['constant', 'edge', 'reflect'] as const)('%s', (mode) => {
    it.each(cases)('%s', (_, shape, pads) => {
      for (const dtype of SIZES) checkKernel(pad, nodeGraph('pad', [{ dtype, shape }], { ...pads, mode, value: 3 }), EXACT)
    })
  })

  it('fills an empty tensor', () => {
    checkKernel(pad, nodeGraph('pad', [[0, 2]], { before: [1, 0], after: [1, 1], mode: 'constant', value: -1.5 }), EXACT)
  })
})

describe('expand', () => {
  const cases: [Shape, Shape][] = [
    [[1], [7]],
    [[], [2, 3]],
    [
      [3, 1],
      [3, 9],
    ],
    [
      [1, 5],
      [4, 5],
    ],
    [
      [2, 1, 3, 1],
      [2, 4, 3, 2],
    ],
    [
      [3, 1],
      [2, 3, 4],
    ],
  ]
  it.each(cases)('%j to %j', (from, shape) => {
    for (const dtype of SIZES) checkKernel(expand, nodeGraph('expand', [{ dtype, shape: from }], { shape }), EXACT)
  })
})

describe('gather', () => {
  const indices = (dtype: 'int32' | 'int64', shape: Shape, values: number[]) =>
    dtype === 'int64' ? tensor(dtype, shape, BigInt64Array.from(values, BigInt)) : tensor(dtype, shape, Int32Array.from(values))

  describe.each(['int32', 'int64'] as const)('by %s', (type) => {
    it.each([0, 1, 2])('on axis %i', (axis) => {
      for (const dtype of SIZES) {
        checkKernel(gather, nodeGraph('gather', [{ dtype, shape: [4, 5, 6] }, indices(type, [2, 2], [3, 0, -1, 2])], { axis }), EXACT)
      }
    })

    it('by a scalar', () => {
      checkKernel(gather, nodeGraph('gather', [[4, 5], indices(type, [], [-2])], { axis: 0 }), EXACT)
    })

    it('by indices that come at run time', () => {
      const graph = nodeGraph('gather', [[4, 5], { dtype: type, shape: [3] }], { axis: 1 })
      const x = tensor(
        'float32',
        [4, 5],
        Float32Array.from({ length: 20 }, (_, i) => i),
      )
      checkKernel(gather, graph, { ...EXACT, inputs: [x, indices(type, [3], [4, -5, 1])] })
    })
  })
})

describe('view', () => {
  it('shares memory', () => {
    const [cover] = checkKernel(view, nodeGraph('reshape', [[2, 6]], { shape: [3, 4] }), EXACT)
    expect(cover?.view).toBe(true)
  })

  it('copies a constant', () => {
    const [cover] = checkKernel(view, nodeGraph('reshape', [tensor('float32', [2], Float32Array.of(1, 2))], { shape: [2, 1] }), EXACT)
    expect(cover?.view).toBeUndefined()
  })
})
