/** 1×1 convolution without vectors. Its weights are packed in the same panels as for the vector kernels. */

import type { Kernel } from '../../selection/kernel.ts'
import { elementWork } from '../runtime/runtime-cover.ts'
import { convCover } from './conv-cover.ts'
import { packPointwise } from './pointwise.ts'
import { callConv } from './runtime-conv.ts'
import { float32Shape, isPointwise } from './shape/conv-shape.ts'

export const pointwiseScalar: Kernel = {
  name: 'pointwise-scalar',
  cover(node, _graph, target) {
    const shape = node.op === 'conv' && !target.simd ? float32Shape(node) : null
    if (!shape?.constant || !isPointwise(shape)) return null
    const { batch, outHeight, outWidth, channels: k, outChannels: n, macs } = shape
    const extent = batch * outHeight * outWidth
    return convCover({
      kernel: 'pointwise-scalar',
      shape,
      work: elementWork(shape.node, { pointwise: macs }),
      lower(l, at) {
        const panels = l.pack(packPointwise(shape), 'weights')
        callConv(l, 'pointwise_f32', shape, { ...at, panels, k, n }, extent)
      },
    })
  },
}
