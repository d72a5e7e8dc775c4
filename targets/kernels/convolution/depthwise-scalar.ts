/** Depthwise convolution without vectors. Its weights are packed in the same blocks as for the vector kernels. */

import type { Kernel } from '../../selection/kernel.ts'
import { elementWork } from '../runtime/runtime-cover.ts'
import { convCover } from './conv-cover.ts'
import { packDepthwise } from './depthwise.ts'
import { callConv, convWindow } from './runtime-conv.ts'
import { float32Shape, isDepthwise } from './shape/conv-shape.ts'

export const depthwiseScalar: Kernel = {
  name: 'depthwise-scalar',
  cover(node, _graph, target) {
    const shape = node.op === 'conv' && !target.simd ? float32Shape(node) : null
    if (!shape?.constant || !isDepthwise(shape)) return null
    const { batch, outHeight, macs } = shape
    return convCover({
      kernel: 'depthwise-scalar',
      shape,
      work: elementWork(shape.node, { depthwise: macs }),
      lower(l, at) {
        const panels = l.pack(packDepthwise(shape), 'weights')
        callConv(l, 'depthwise_f32', shape, { ...at, panels, window: l.pack(convWindow(shape)) }, batch * outHeight)
      },
    })
  },
}
