import { describe, expect, it } from 'vitest'
import { seeded } from '../../compiler/running/seeded.ts'
import { float32, fromNumbers, type Tensor, tensor } from '../../ir/tensors/tensor.ts'
import { type DType, type Shape, sizeOf } from '../../ir/tensors/types.ts'
import { arg } from '../../targets/kernels/runtime/arg.ts'
import { gatherElements } from '../../targets/kernels/runtime/gather-elements.ts'
import { nonzero } from '../../targets/kernels/runtime/nonzero.ts'
import { comparisons, topk } from '../../targets/kernels/runtime/topk.ts'
import { checkKernel } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

const EXACT = { rtol: 0, atol: 0 }
const TYPES: DType[] = ['float32', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64']
const CASES: [string, Shape, number][] = [
  ['a row', [13], 0],
  ['rows', [5, 17], 1],
  ['columns', [7, 5], 0],
  ['a middle axis', [3, 6, 4], 1],
  ['classes of an image', [1, 4, 5, 21], 3],
  ['an axis of extent 1', [3, 1, 2], 1],
]
/** Many equal elements, NaN first, in between and last. */
const TIES = float32([3, 6], [1, 2, 2, 1, 2, 0, Number.NaN, 1, 3, 3, Number.NaN, 3, 5, 5, 5, 5, 5, Number.NaN])
const exact = (...inputs: Tensor[]) => ({ tolerance: EXACT, inputs })

describe('arg', () => {
  describe.each(['max', 'min'] as const)('%s', (fn) => {
    it.each(CASES)('of %s', (_, shape, axis) => {
      for (const last of [false, true])
        for (const keepDims of [false, true])
          checkKernel(arg, nodeGraph('arg', [shape], { fn, axis, keepDims, last }), { tolerance: EXACT })
    })

    it.each(TYPES)('of %s', (dtype) => {
      checkKernel(arg, nodeGraph('arg', [{ dtype, shape: [4, 9, 2] }], { fn, axis: 1, keepDims: false, last: true }), { tolerance: EXACT })
    })

    it('takes the first or last of equal elements, and never moves to NaN', () => {
      for (const last of [false, true]) checkKernel(arg, nodeGraph('arg', [[3, 6]], { fn, axis: 1, keepDims: false, last }), exact(TIES))
    })
  })

  it('tells 64-bit integers apart that are one double', () => {
    const values = tensor('int64', [3], BigInt64Array.of(2n ** 60n, 2n ** 60n + 1n, 2n ** 60n))
    checkKernel(arg, nodeGraph('arg', [values.type], { fn: 'max', axis: 0, keepDims: true, last: false }), exact(values))
  })
})

describe('topk', () => {
  describe.each([true, false])('largest %s', (largest) => {
    it.each(CASES)('of %s', (_, shape, axis) => {
      const extent = shape[axis] as number
      for (const k of new Set([0, 1, Math.ceil(extent / 2), extent]))
        checkKernel(topk, nodeGraph('topk', [shape], { axis, k, largest }), { tolerance: EXACT })
    })

    it.each(TYPES)('of %s', (dtype) => {
      checkKernel(topk, nodeGraph('topk', [{ dtype, shape: [2, 9] }], { axis: 1, k: 4, largest }), { tolerance: EXACT })
    })

    it('keeps equal elements in order, and puts NaN last', () => {
      for (const k of [1, 3, 6]) checkKernel(topk, nodeGraph('topk', [[3, 6]], { axis: 1, k, largest }), exact(TIES))
    })
  })
})

describe('the work of topk', () => {
  /** Counts the comparisons that the runtime makes. */
  const counted = (row: readonly number[], k: number): number => {
    const best: number[] = []
    let count = 0
    const precedes = (a: number, b: number | undefined): boolean => {
      count++
      return b !== undefined && a > b
    }
    for (const v of row) {
      const full = best.length === k
      if (full && !precedes(v, best[k - 1])) continue
      if (full) best.pop()
      let at = best.length
      while (at > 0 && precedes(v, best[at - 1])) at--
      best.splice(at, 0, v)
    }
    return count
  }
  it.each([
    [1000, 1],
    [1000, 5],
    [1000, 100],
    [200, 200],
  ])('is what insertion compares: %i elements, the best %i', (n, k) => {
    const pick = seeded(5)
    const rows = Array.from({ length: 40 }, () => Array.from({ length: n }, () => pick.integer(2 ** 30)))
    const mean = rows.reduce((sum, row) => sum + counted(row, k), 0) / rows.length
    expect(Math.abs(comparisons(n, k) / mean - 1)).toBeLessThan(0.1)
  })
  it('is none where nothing is asked for', () => {
    expect(comparisons(100, 0)).toBe(0)
  })
})

describe('nonzero', () => {
  const shapes: Shape[] = [[13], [5, 17], [2, 3, 4, 5], [1, 1], [0], [3, 0], []]
  it.each(shapes.map((shape) => [shape]))('of [%s]: some, none and all', (shape) => {
    const size = sizeOf(shape)
    for (const share of [0, 0.3, 1]) {
      const pick = seeded(size)
      const chosen = Array.from({ length: size }, () => (share === 1 || pick.integer(10) < share * 10 ? 1 + pick.integer(5) : 0))
      checkKernel(nonzero, nodeGraph('nonzero', [shape], {}), exact(float32(shape, chosen)))
    }
  })

  it.each([...TYPES, 'bool'] as DType[])('of %s', (dtype) => {
    if (dtype === 'float16') return
    const x = fromNumbers({ dtype, shape: [3, 4] }, [0, 1, 2, 0, 0, 0, 3, 1, 0, 4, 0, 0])
    checkKernel(nonzero, nodeGraph('nonzero', [x.type], {}), exact(x))
  })

  it('takes NaN, but no negative zero, and 64-bit integers exactly', () => {
    checkKernel(nonzero, nodeGraph('nonzero', [[4]], {}), exact(float32([4], [Number.NaN, -0, Number.NEGATIVE_INFINITY, 0])))
    const wide = tensor('int64', [3], BigInt64Array.of(2n ** 62n, 0n, -(2n ** 63n)))
    checkKernel(nonzero, nodeGraph('nonzero', [wide.type], {}), exact(wide))
  })
})

describe('gather-elements', () => {
  const cases: [string, Shape, Shape, number][] = [
    ['rows', [4, 6], [4, 3], 1],
    ['columns', [4, 6], [5, 6], 0],
    ['a middle axis', [2, 5, 3], [2, 4, 3], 1],
    ['fewer elements along other axes', [3, 4, 5], [2, 6, 4], 1],
  ]
  it.each(cases)('along %s', (_, shape, indices, axis) => {
    const size = indices.reduce((n, d) => n * d, 1)
    const extent = shape[axis] as number
    const chosen = Array.from({ length: size }, (_, i) => ((i * 7) % (2 * extent)) - extent)
    for (const dtype of ['uint8', 'float16', 'float32', 'int64'] as DType[]) {
      for (const index of [tensor('int64', indices, BigInt64Array.from(chosen, BigInt)), tensor('int32', indices, Int32Array.from(chosen))])
        checkKernel(gatherElements, nodeGraph('gather-elements', [{ dtype, shape }, index], { axis }), { tolerance: EXACT })
    }
  })
})
