/** Batched matrix product. Products with constant weights become 1×1 convolutions before code generation. */

import { InferError } from '../diagnostics.ts'
import { allocate, fromNumbers, numbers, type Tensor, type TensorData } from '../tensors/tensor.ts'
import { isFloat, isWide, sizeOf, type TensorType } from '../tensors/types.ts'
import { broadcastShapes, broadcastStrides, stridedOffsets } from './broadcast.ts'
import { defineOp, type NoAttrs } from './op.ts'

/** a [...,M,K] · b [...,K,N] → [...,M,N]; leading axes broadcast. Ranks ≥ 2. Integers wrap. */
export const matmul = defineOp<NoAttrs, 2>({
  operands: 2,
  traits: {},
  infer([a, b]) {
    if (a.shape.length < 2 || b.shape.length < 2) throw new InferError('operands must have rank 2 or more')
    if (a.dtype !== b.dtype) throw new InferError(`operands have dtypes ${a.dtype} and ${b.dtype}`)
    if (a.dtype === 'bool') throw new InferError('not defined on elements of type bool')
    if (a.shape.at(-1) !== b.shape.at(-2)) throw new InferError(`inner extents ${a.shape.at(-1)} and ${b.shape.at(-2)} differ`)
    const lead = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
    return [{ dtype: a.dtype, shape: [...lead, a.shape.at(-2) as number, b.shape.at(-1) as number] }]
  },
  evaluate([a, b], _, [type]) {
    return [evaluateMatmul(a, b, type)]
  },
  macs([a], [y]) {
    return (a.shape.at(-1) as number) * sizeOf(y.shape)
  },
})

function evaluateMatmul(a: Tensor, b: Tensor, type: TensorType): Tensor {
  const [m, n] = type.shape.slice(-2) as [number, number]
  const k = a.type.shape.at(-1) as number
  const lead = type.shape.slice(0, -2)
  const as = stridedOffsets(lead, broadcastStrides(a.type.shape.slice(0, -2), lead))
  const bs = stridedOffsets(lead, broadcastStrides(b.type.shape.slice(0, -2), lead))
  const dot = isFloat(type.dtype) ? floatProducts(a, b) : integerProducts(a, b)
  const out = Array.from({ length: sizeOf(type.shape) }, (_, i) => {
    const batch = Math.floor(i / (m * n))
    const row = (as[batch] as number) * m * k + (Math.floor(i / n) % m) * k
    return dot(row, (bs[batch] as number) * k * n + (i % n), k, n)
  })
  return isWide(type.dtype) ? { type, data: wideData(type, out as bigint[]) } : fromNumbers(type, out as number[])
}

/** Computes the sum over j < k of x[row + j] · y[column + j·stride]. */
type Products = (row: number, column: number, k: number, stride: number) => number | bigint

function floatProducts(a: Tensor, b: Tensor): Products {
  const [x, y] = [numbers(a), numbers(b)]
  return (row, column, k, stride) => {
    let sum = 0
    for (let j = 0; j < k; j++) sum += (x[row + j] as number) * (y[column + j * stride] as number)
    return sum
  }
}

/** Sums of integer products are exact. They are wrapped to 32 bits where elements have at most 32 bits. */
function integerProducts(a: Tensor, b: Tensor): Products {
  const [x, y] = [a, b].map((t) => Array.from<number | bigint, bigint>(t.data, BigInt)) as [bigint[], bigint[]]
  return (row, column, k, stride) => {
    let sum = 0n
    for (let j = 0; j < k; j++) sum += (x[row + j] as bigint) * (y[column + j * stride] as bigint)
    return isWide(a.type.dtype) ? sum : Number(BigInt.asIntN(32, sum))
  }
}

function wideData(type: TensorType, sums: readonly bigint[]): TensorData {
  const data = allocate(type.dtype, sums.length) as BigInt64Array
  data.set(sums)
  return data
}
