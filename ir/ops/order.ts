/** Operators that compare elements with each other: positions of extremes, and the order of a row. */

import { InferError } from '../diagnostics.ts'
import { without } from '../tensors/axes.ts'
import { exactNumbers, type Tensor } from '../tensors/tensor.ts'
import { sizeOf } from '../tensors/types.ts'
import { defineOp } from './op.ts'

export interface ArgAttrs {
  readonly fn: 'max' | 'min'
  readonly axis: number
  readonly keepDims: boolean
  /** Of equal elements the last one counts, not the first. */
  readonly last: boolean
}

/**
 * Where along `axis` the largest or smallest element is (ONNX ArgMax, ArgMin), as int64. The walk starts at
 * index 0 and moves on to elements that compare as better, so NaN is never moved to, nor away from.
 */
export const arg = defineOp<ArgAttrs, 1>({
  operands: 1,
  traits: {},
  defaults: { last: false },
  infer([x], { axis, keepDims }) {
    if (axis < 0 || axis >= x.shape.length) throw new InferError(`axis ${axis} of a tensor of rank ${x.shape.length}`)
    if (x.dtype === 'bool') throw new InferError('not defined on elements of type bool')
    if (x.shape[axis] === 0) throw new InferError(`axis ${axis} of [${x.shape}] is empty`)
    return [{ dtype: 'int64', shape: keepDims ? x.shape.with(axis, 1) : x.shape.toSpliced(axis, 1) }]
  },
  evaluate([x], { fn, axis, last }, [type]) {
    const better = (a: number | bigint, b: number | bigint): boolean => (fn === 'max' ? a > b : a < b) || (last && a === b)
    const data = rowsAlong(x, axis).map((row) => {
      let best = 0
      row.forEach((v, i) => {
        if (i > 0 && better(v, row[best] as number)) best = i
      })
      return BigInt(best)
    })
    return [{ type, data: BigInt64Array.from(data) }]
  },
  permute(perm, attrs) {
    const axis = perm[attrs.axis] as number
    return { attrs: { ...attrs, axis }, perm: attrs.keepDims ? perm : without(perm, [axis]) }
  },
})

export interface TopkAttrs {
  readonly axis: number
  readonly k: number
  readonly largest: boolean
}

/**
 * Indices along `axis` of the k largest (or smallest) elements, best first, as int64 (the second output of
 * ONNX TopK; `gather-elements` gives the first). Of equal elements the lower index comes first; NaN comes last.
 */
export const topk = defineOp<TopkAttrs, 1>({
  operands: 1,
  traits: {},
  infer([x], { axis, k }) {
    if (axis < 0 || axis >= x.shape.length) throw new InferError(`axis ${axis} of a tensor of rank ${x.shape.length}`)
    if (x.dtype === 'bool') throw new InferError('not defined on elements of type bool')
    if (!Number.isInteger(k) || k < 0 || k > (x.shape[axis] as number)) throw new InferError(`${k} of ${x.shape[axis]} elements`)
    return [{ dtype: 'int64', shape: x.shape.with(axis, k) }]
  },
  evaluate([x], { axis, k, largest }, [type]) {
    const { shape } = type
    const inner = sizeOf(shape.slice(axis + 1))
    const data = new BigInt64Array(sizeOf(shape))
    rowsAlong(x, axis).forEach((row, r) => {
      const start = Math.floor(r / inner) * k * inner + (r % inner)
      bestFirst(row, largest)
        .slice(0, k)
        .forEach((index, j) => {
          data[start + j * inner] = BigInt(index)
        })
    })
    return [{ type, data }]
  },
  permute: (perm, attrs) => ({ attrs: { ...attrs, axis: perm[attrs.axis] as number }, perm }),
})

function bestFirst(row: readonly (number | bigint)[], largest: boolean): number[] {
  const indices = row.map((_, i) => i)
  return indices.sort((i, j) => {
    const [a, b] = [row[i] as number, row[j] as number]
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || i - j
    if (a === b) return i - j
    return a > b === largest ? -1 : 1
  })
}

/** Every row along `axis`, 64-bit integers exactly. */
function rowsAlong(x: Tensor, axis: number): (number | bigint)[][] {
  const values = exactNumbers(x)
  const extent = x.type.shape[axis] as number
  const inner = sizeOf(x.type.shape.slice(axis + 1))
  const outer = sizeOf(x.type.shape.slice(0, axis))
  return Array.from({ length: outer * inner }, (_, r) => {
    const base = Math.floor(r / inner) * extent * inner + (r % inner)
    return Array.from({ length: extent }, (_, i) => values[base + i * inner] as number | bigint)
  })
}
