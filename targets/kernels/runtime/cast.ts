/** Conversion of element types. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { type DType, sizeOf } from '../../../ir/tensors/types.ts'
import type { RuntimeKernelName } from '../../../runtime-as/kernels.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { elementWork, runtimeCover, runtimeFunction } from './runtime-cover.ts'
import { TYPE_CODE } from './type-code.ts'

/** Pairs with a kernel of their own. */
const DIRECT: Readonly<Record<string, RuntimeKernelName>> = {
  'float16 float32': 'cast_f16_f32',
  'float32 float16': 'cast_f32_f16',
  'uint8 float32': 'cast_u8_f32',
}

export const cast: Kernel = {
  name: 'cast',
  cover(node) {
    if (node.op !== 'cast') return null
    const [x] = node.inputs as [Value]
    const from = x.type.dtype
    const to: DType = resultOf(node).type.dtype
    if (from === to) return null
    const direct = DIRECT[`${from} ${to}`]
    return runtimeCover({
      kernel: 'cast',
      node,
      work: elementWork(node, direct ? { moved: sizeOf(x.type.shape) } : { anyArithmetic: sizeOf(x.type.shape) }),
      lower(l, y) {
        const extent = sizeOf(x.type.shape)
        if (direct) l.step(runtimeFunction(direct), [l.address(x), y], { extent })
        else l.step(runtimeFunction('cast'), [l.address(x), TYPE_CODE[from], y, TYPE_CODE[to]], { extent })
      },
    })
  },
}
