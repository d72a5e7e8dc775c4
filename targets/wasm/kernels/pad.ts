/** Padding with a constant, the edge or the reflection. */

import { type NodeOf, resultOf, type Value } from '../../../ir/graph.ts'
import { padSource } from '../../../ir/ops/movement.ts'
import { bytesOf, fromNumbers } from '../../../ir/tensor.ts'
import { DTYPE_BYTES, sizeOf } from '../../../ir/types.ts'
import type { Kernel } from '../kernel.ts'
import { elementCost, runtimeCover, runtimeFunction } from './runtime-call.ts'

/** Nanoseconds per block. */
const BLOCK_TIME = 8

export const pad: Kernel = {
  name: 'pad',
  cover(node) {
    if (node.op !== 'pad') return null
    const { blocks, blockElements, descriptor } = planOf(node)
    const { dtype } = resultOf(node).type
    const size = DTYPE_BYTES[dtype]
    return runtimeCover({
      kernel: 'pad',
      node,
      cost: elementCost(node, BLOCK_TIME / blockElements),
      lower(l, y) {
        const value = l.pack(bytesOf(fromNumbers({ dtype, shape: [1] }, [node.attrs.value])))
        const x = l.address(node.inputs[0] as Value)
        l.step(runtimeFunction('copy_indexed'), [x, y, l.pack(descriptor()), blockElements * size, value, size], { extent: blocks })
      },
    })
  },
}

interface PadPlan {
  readonly blocks: number
  /** Elements of the axes after the last padded one. */
  readonly blockElements: number
  /** The runtime's descriptor (runtime-as/assembly/movement.ts). */
  descriptor(): Int32Array
}

function planOf(node: NodeOf<'pad'>): PadPlan {
  const input = (node.inputs[0] as Value).type.shape
  const { shape } = resultOf(node).type
  const { before, mode } = node.attrs
  const padded = shape.map((d, axis) => d !== input[axis])
  const axes = shape.slice(0, padded.lastIndexOf(true) + 1)
  const tables = (): number[] =>
    axes.flatMap((extent, axis) => {
      const stride = sizeOf(input.slice(axis + 1, axes.length))
      return Array.from({ length: extent }, (_, i) => {
        const source = padSource(i - (before[axis] as number), input[axis] as number, mode)
        return source < 0 ? -1 : source * stride
      })
    })
  return {
    blocks: sizeOf(axes),
    blockElements: sizeOf(shape.slice(axes.length)),
    descriptor: () => Int32Array.from([axes.length, ...axes, ...tables()]),
  }
}
