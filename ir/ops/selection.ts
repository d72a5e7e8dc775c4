/** Comparison, and selection by what it gives; both broadcast. */

import { InferError } from '../diagnostics.ts'
import { allocate, exactNumbers, type Tensor, type TensorData } from '../tensors/tensor.ts'
import type { TensorType } from '../tensors/types.ts'
import { broadcastStrides, broadcastType, stridedOffsets } from './broadcast.ts'
import { defineOp } from './op.ts'

export const COMPARISONS = ['equal', 'less', 'less-or-equal'] as const
export type Comparison = (typeof COMPARISONS)[number]

const TESTS: Readonly<Record<Comparison, (a: number | bigint, b: number | bigint) => boolean>> = {
  equal: (a, b) => a === b,
  less: (a, b) => a < b,
  'less-or-equal': (a, b) => a <= b,
}

/** fn(a, b) as bool; false where an operand is NaN. */
export const compare = defineOp<{ readonly fn: Comparison }>({
  traits: { elementwise: true },
  infer([a, b]) {
    if (!a || !b) throw new InferError('needs two inputs')
    if (a.dtype !== b.dtype) throw new InferError(`operands have dtypes ${a.dtype} and ${b.dtype}`)
    return [broadcastType('bool', [a, b])]
  },
  evaluate([a, b], { fn }, [type]) {
    const { shape } = type as TensorType
    const [x, y] = [spread(a as Tensor, shape), spread(b as Tensor, shape)]
    return [{ type: type as TensorType, data: Uint8Array.from(x, (v, i) => Number(TESTS[fn](v, y[i] as number))) }]
  },
})

/** condition ? a : b, for every element type (ONNX Where). */
export const where = defineOp({
  traits: { elementwise: true },
  infer([condition, a, b]) {
    if (!condition || !a || !b) throw new InferError('needs three inputs')
    if (condition.dtype !== 'bool') throw new InferError(`condition of dtype ${condition.dtype}`)
    if (a.dtype !== b.dtype) throw new InferError(`operands have dtypes ${a.dtype} and ${b.dtype}`)
    return [broadcastType(a.dtype, [condition, a, b])]
  },
  evaluate([condition, a, b], _, [type]) {
    const { shape, dtype } = type as TensorType
    const chosen = [condition, a, b].map((t) => stridedOffsets(shape, broadcastStrides((t as Tensor).type.shape, shape)))
    const [flags, x, y] = [condition, a, b].map((t) => (t as Tensor).data as Float32Array) as [Float32Array, Float32Array, Float32Array]
    const [ofCondition, ofA, ofB] = chosen as [Int32Array, Int32Array, Int32Array]
    const data = allocate(dtype, ofCondition.length) as Float32Array
    for (let i = 0; i < data.length; i++) {
      data[i] = flags[ofCondition[i] as number] ? (x[ofA[i] as number] as number) : (y[ofB[i] as number] as number)
    }
    return [{ type: type as TensorType, data: data as TensorData }]
  },
})

/** The elements of `t` broadcast to `shape`; 64-bit integers exactly. */
function spread(t: Tensor, shape: readonly number[]): (number | bigint)[] {
  const values = exactNumbers(t)
  return Array.from(stridedOffsets(shape, broadcastStrides(t.type.shape, shape)), (offset) => values[offset] as number | bigint)
}
