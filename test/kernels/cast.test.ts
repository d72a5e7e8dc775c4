import { describe, it } from 'vitest'
import { fromNumbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { DTYPE_BYTES, type DType, isFloat } from '../../ir/tensors/types.ts'
import { elementwise } from '../../targets/kernels/elementwise/elementwise.ts'
import { checkKernel } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

const DTYPES = Object.keys(DTYPE_BYTES) as DType[]
const EXACT = { rtol: 0, atol: 0 }

function values(dtype: DType): number[] {
  const integers = [0, 1, 2, 3, 100, 127, 128, 200, 255, 256, 300, 40000, 65535, 70000, 2 ** 31, 2 ** 32 - 1]
  if (dtype === 'bool') return [0, 1, 1]
  if (dtype.startsWith('uint')) return integers
  const signed = [...integers, -1, -2, -100, -128, -129, -40000, -(2 ** 31)]
  if (!isFloat(dtype)) return signed
  const beyond = [2 ** 63, 1e19, 2 ** 64].flatMap((x) => [x, -x])
  return [
    ...signed,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.75,
    1e-8,
    6e-8,
    3e-5,
    65504,
    65519,
    65520,
    1e9,
    2 ** 40,
    ...beyond,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ]
}

describe('cast', () => {
  describe.each(DTYPES)('from %s', (from) => {
    it.each(DTYPES.filter((to) => to !== from))('to %s', (to) => {
      const list = values(from)
      const type = { dtype: from, shape: [list.length] }
      const x: Tensor = fromNumbers(type, list)
      checkKernel(elementwise, nodeGraph('cast', [type], { to }), { inputs: [x], tolerance: EXACT })
    })
  })

  it('converts all finite float16', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((b) => (b & 0x7c00) !== 0x7c00)
    const type = { dtype: 'float16' as const, shape: [bits.length] }
    checkKernel(elementwise, nodeGraph('cast', [type], { to: 'float32' }), { inputs: [{ type, data: bits }], tolerance: EXACT })
  })

  it('rounds to float16', () => {
    const list = Array.from({ length: 20000 }, (_, i) => (i % 2 ? 1 : -1) * 2 ** ((i - 10000) / 380) * (1 + (i % 97) / 97))
    const type = { dtype: 'float32' as const, shape: [list.length] }
    checkKernel(elementwise, nodeGraph('cast', [type], { to: 'float16' }), { inputs: [fromNumbers(type, list)], tolerance: EXACT })
  })
})
