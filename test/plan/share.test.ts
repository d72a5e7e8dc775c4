import { describe, expect, it } from 'vitest'
import { invertedResidual } from '../../targets/kernels/convolution/inverted-residual.ts'
import { extentOf } from '../../targets/selection/extent.ts'
import type { Cover } from '../../targets/selection/kernel.ts'
import { shareOf } from '../../targets/target/cost.ts'
import { TARGETS, type Target } from '../../targets/target/target.ts'
import { blockGraph } from '../kernels/block-graph.ts'
import { coverOf } from '../kernels/harness.ts'

const SIMD = TARGETS[1] as Target

describe('the share of one part', () => {
  const whole = { work: { call: 1, depthwise: 700 }, extent: 7, halo: { pointwise: 30 } }

  it('is everything where nothing is shared', () => {
    expect(shareOf(whole, 1)).toEqual(whole.work)
    expect(shareOf({ ...whole, extent: 1 }, 4)).toEqual(whole.work)
  })

  it('is the largest one, with its halo and a call of its own', () => {
    expect(shareOf(whole, 2)).toEqual({ call: 1, depthwise: 400, pointwise: 30 })
    expect(shareOf(whole, 6)).toEqual({ call: 1, depthwise: 200, pointwise: 30 })
    expect(shareOf(whole, 100)).toEqual({ call: 1, depthwise: 100, pointwise: 30 })
  })
})

describe('the halo of a fused block', () => {
  const cover = (block: { kernel?: readonly [number, number]; stride?: number }, n = 1) =>
    coverOf(invertedResidual, blockGraph({ x: [n, 12, 12, 4], source: { channels: 8 }, sink: 8, ...block }), SIMD) as Cover

  it('is the rows of the source that two neighbouring windows share', () => {
    const rows = (block: Parameters<typeof cover>[0]) => cover(block).halo?.rowCall
    expect(rows({})).toBeCloseTo(2)
    expect(rows({ stride: 2 })).toBeCloseTo(1)
    expect(rows({ kernel: [5, 3] })).toBeCloseTo(4)
    expect(rows({ kernel: [1, 1], stride: 2 })).toBeCloseTo(0)
  })

  it('is as much for every image of a batch, of which all rows are shared out', () => {
    const [one, three] = [cover({}), cover({}, 3)]
    expect(extentOf(three, SIMD)).toBe(3 * extentOf(one, SIMD))
    expect(extentOf(one, SIMD)).toBeGreaterThan(1)
    expect(three.halo?.rowCall).toBeCloseTo(2)
  })
})
