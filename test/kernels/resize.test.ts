import { describe, expect, it } from 'vitest'
import type { ResizeAttrs } from '../../ir/ops/resize.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'
import { resize } from '../../targets/kernels/runtime/resize.ts'
import { targetNamed } from '../../targets/target/target.ts'
import { resizeAttrs } from '../resize-attrs.ts'
import { checkKernel } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

const EXACT = { rtol: 0, atol: 0 }

const SHAPES: [string, Shape, Shape][] = [
  ['an image twice as large', [1, 5, 4, 12], [1, 10, 8, 12]],
  ['an image of fewer channels than a vector', [2, 5, 7, 3], [2, 8, 9, 3]],
  ['one more channel than a vector', [1, 3, 3, 5], [1, 7, 4, 5]],
  ['a smaller image', [1, 9, 11, 8], [1, 4, 3, 8]],
  ['one axis that grows and one that shrinks', [1, 9, 3, 6], [1, 4, 7, 6]],
  ['rows of single elements', [1, 2, 5, 6], [1, 2, 9, 13]],
  ['all axes', [2, 3, 4], [3, 2, 7]],
  ['a row', [7], [16]],
  ['one position', [1, 6, 6, 4], [1, 1, 1, 4]],
  ['nothing', [2, 3], [2, 3]],
]

const CROP: Partial<ResizeAttrs> = { coordinates: 'tf_crop_and_resize', extrapolation: 7.5 }

describe('resize', () => {
  describe.each(['nearest', 'linear', 'cubic'] as const)('%s', (mode) => {
    it.each(SHAPES)('of %s', (_, from, to) => {
      for (const coordinates of ['half_pixel', 'align_corners', 'asymmetric'] as const) {
        checkKernel(resize, nodeGraph('resize', [from], resizeAttrs(from, to, { mode, coordinates })))
      }
    })

    it('of a crop that reaches outside', () => {
      const from = [1, 5, 6, 7]
      const crop = { ...CROP, mode, starts: [0, -0.2, 0.25, 0], ends: [1, 0.8, 1.5, 1] }
      checkKernel(resize, nodeGraph('resize', [from], resizeAttrs(from, [1, 4, 9, 7], crop)))
    })

    it('in float64', () => {
      const shape = [1, 3, 4, 2]
      checkKernel(resize, nodeGraph('resize', [{ dtype: 'float64', shape }], resizeAttrs(shape, [1, 6, 3, 2], { mode })), {
        tolerance: { rtol: 1e-12, atol: 1e-12 },
      })
    })
  })

  it.each(['linear', 'cubic'] as const)('%s with antialiasing', (mode) => {
    const from = [1, 13, 17, 5]
    for (const excludeOutside of [false, true])
      checkKernel(resize, nodeGraph('resize', [from], resizeAttrs(from, [1, 4, 25, 5], { mode, antialias: true, excludeOutside })))
  })

  it.each(['uint8', 'int16', 'float16', 'int32', 'int64', 'bool'] as DType[])('copies the nearest %s', (dtype) => {
    const shape = [2, 3, 4, 3]
    const attrs = resizeAttrs(shape, [2, 7, 2, 3], { mode: 'nearest', rounding: 'floor', coordinates: 'asymmetric' })
    checkKernel(resize, nodeGraph('resize', [{ dtype, shape }], attrs), { tolerance: EXACT })
  })

  it('calls the runtime once per axis, for the long rows last', () => {
    const from = [1, 4, 4, 8]
    const [cover] = checkKernel(resize, nodeGraph('resize', [from], resizeAttrs(from, [1, 8, 8, 8])))
    const anywhere = { kind: 'buffer', buffer: 0, offset: 0 } as const
    const extents: (number | undefined)[] = []
    cover?.lower({
      target: targetNamed('simd128'),
      address: () => anywhere,
      pack: () => anywhere,
      intermediate: () => anywhere,
      step: (_, __, info) => extents.push(info?.extent),
    })
    expect(extents).toEqual([4 * 8, 8])
  })
})
