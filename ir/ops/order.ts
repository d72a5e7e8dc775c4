/**
 * Operators about the positions of elements: where the largest element is, how rows are ordered, and which
 * elements are not zero.
 */

import { InferError } from '../diagnostics.ts'
import { identity, without } from '../tensors/axes.ts'
import { allocate, exactNumbers, numbers, type Tensor, type TensorData } from '../tensors/tensor.ts'
import { sizeOf, stridesOf, type TensorType } from '../tensors/types.ts'
import { defineOp, type NoAttrs } from './op.ts'

export interface ArgAttrs {
  readonly fn: 'max' | 'min'
  readonly axis: number
  readonly keepDims: boolean
  /** Whether the last of several equal elements counts, instead of the first. */
  readonly last: boolean
}

/**
 * The position of the largest or smallest element along `axis`, as int64 (ONNX ArgMax, ArgMin). The search
 * starts at index 0 and moves only to an element that compares as better. A comparison with NaN is false, so
 * the search never moves to a NaN, and never leaves one at index 0.
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
 * The k largest (or smallest) elements along `axis`, best first, and their indices along it as int64 (ONNX
 * TopK). Of equal elements, the one with the lower index comes first. NaN comes last.
 */
export const topk = defineOp<TopkAttrs, 1>({
  operands: 1,
  traits: {},
  infer([x], { axis, k }) {
    if (axis < 0 || axis >= x.shape.length) throw new InferError(`axis ${axis} of a tensor of rank ${x.shape.length}`)
    if (x.dtype === 'bool') throw new InferError('not defined on elements of type bool')
    if (!Number.isInteger(k) || k < 0 || k > (x.shape[axis] as number)) throw new InferError(`${k} of ${x.shape[axis]} elements`)
    const shape = x.shape.with(axis, k)
    return [
      { dtype: x.dtype, shape },
      { dtype: 'int64', shape },
    ]
  },
  evaluate([x], { axis, k, largest }, [type, indexType]) {
    const inner = sizeOf(type.shape.slice(axis + 1))
    const extent = x.type.shape[axis] as number
    const values = allocate(type.dtype, sizeOf(type.shape)) as Float32Array
    const indices = new BigInt64Array(sizeOf(type.shape))
    rowsAlong(x, axis).forEach((row, r) => {
      const [outer, lane] = [Math.floor(r / inner), r % inner]
      for (const [j, index] of bestFirst(row, largest).slice(0, k).entries()) {
        const at = (outer * k + j) * inner + lane
        values[at] = x.data[(outer * extent + index) * inner + lane] as number
        indices[at] = BigInt(index)
      }
    })
    return [
      { type, data: values as TensorData },
      { type: indexType as TensorType, data: indices },
    ]
  },
  permute: (perm, attrs) => ({ attrs: { ...attrs, axis: perm[attrs.axis] as number }, perm }),
})

/**
 * The positions of the elements that are not zero, in row-major order (ONNX NonZero). NaN is not zero.
 *
 * The first result is int64 [rank, size], with one position per column. The second result, an int64 scalar,
 * says how many columns are positions; the remaining columns are zeros. In ONNX the result has only as many
 * columns as there are positions. Import does not make this operator yet: it refuses NonZero of run-time
 * values, because no operator takes bounded operands.
 */
export const nonzero = defineOp<NoAttrs, 1>({
  operands: 1,
  traits: {},
  infer([x]) {
    return [
      { dtype: 'int64', shape: [x.shape.length, sizeOf(x.shape)], bound: { axis: 1, count: 1 } },
      { dtype: 'int64', shape: [] },
    ]
  },
  evaluate([x], _, [type, countType]) {
    const values = numbers(x)
    const found = identity(values.length).filter((i) => values[i] !== 0)
    const positions = new BigInt64Array(sizeOf(type.shape))
    stridesOf(x.type.shape).forEach((stride, axis) => {
      const extent = x.type.shape[axis] as number
      found.forEach((i, column) => {
        positions[axis * values.length + column] = BigInt(Math.floor(i / stride) % extent)
      })
    })
    return [
      { type, data: positions },
      { type: countType as TensorType, data: BigInt64Array.of(BigInt(found.length)) },
    ]
  },
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

/** All rows along `axis`. 64-bit integers are bigints and therefore exact. */
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
