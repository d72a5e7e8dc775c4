/** Batched matrix product. Products with constant weights become 1×1 convolutions before code generation. */

import { InferError } from '../diagnostics.ts'
import { defineOp } from '../op.ts'
import { fromNumbers, numbers, type Tensor } from '../tensor.ts'
import { sizeOf, type TensorType } from '../types.ts'
import { broadcastShapes, broadcastStrides, stridedOffsets } from './broadcast.ts'

/** a [...,M,K] · b [...,K,N] → [...,M,N]; leading axes broadcast. Ranks ≥ 2. */
export const matmul = defineOp({
  traits: {},
  infer([a, b]) {
    if (!a || !b || a.shape.length < 2 || b.shape.length < 2) throw new InferError('operands must have rank 2 or more')
    if (a.dtype !== b.dtype) throw new InferError(`operands have dtypes ${a.dtype} and ${b.dtype}`)
    if (a.shape.at(-1) !== b.shape.at(-2)) throw new InferError(`inner extents ${a.shape.at(-1)} and ${b.shape.at(-2)} differ`)
    const lead = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
    return [{ dtype: a.dtype, shape: [...lead, a.shape.at(-2) as number, b.shape.at(-1) as number] }]
  },
  evaluate([a, b], _, [type]) {
    return [evaluateMatmul(a as Tensor, b as Tensor, type as TensorType)]
  },
  macs([a], [y]) {
    return (a?.shape.at(-1) as number) * sizeOf((y as TensorType).shape)
  },
})

function evaluateMatmul(a: Tensor, b: Tensor, type: TensorType): Tensor {
  const [m, n] = type.shape.slice(-2) as [number, number]
  const k = a.type.shape.at(-1) as number
  const lead = type.shape.slice(0, -2)
  const as = stridedOffsets(lead, broadcastStrides(a.type.shape.slice(0, -2), lead))
  const bs = stridedOffsets(lead, broadcastStrides(b.type.shape.slice(0, -2), lead))
  const x = numbers(a)
  const y = numbers(b)
  const out = new Float64Array(sizeOf(type.shape))
  for (let i = 0; i < out.length; i++) {
    const batch = Math.floor(i / (m * n))
    const row = (as[batch] as number) * m * k + (Math.floor(i / n) % m) * k
    const column = (bs[batch] as number) * k * n + (i % n)
    let sum = 0
    for (let j = 0; j < k; j++) sum += (x[row + j] as number) * (y[column + j * n] as number)
    out[i] = sum
  }
  return fromNumbers(type, out)
}
