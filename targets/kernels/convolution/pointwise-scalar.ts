/** 1×1 convolution without vectors, on the panels of the vector kernels. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import { floatsOf, packPanels } from '../../packing/pack.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from '../runtime/runtime-call.ts'
import { elementWork } from '../runtime/runtime-cover.ts'
import { activationOperands, type ConvNode, convCover, hasConstantWeights, isFloatConv, macsOf } from './runtime-conv.ts'

export const pointwiseScalar: Kernel = {
  name: 'pointwise-scalar',
  cover(node, _graph, target) {
    if (target.simd || node.op !== 'conv' || !isFloatConv(node) || !hasConstantWeights(node) || !isPointwise(node)) return null
    return convCover('pointwise-scalar', node, elementWork(node, { pointwise: macsOf(node) }), (l, at) => {
      const weights = floatsOf(node.inputs[1])
      const bias = floatsOf(node.inputs[2])
      const k = weights.length / bias.length
      const panels = l.pack(
        packPanels(k, bias, (i, column) => weights[column * k + i] as number),
        'weights',
      )
      const extent = sizeOf(resultOf(node).type.shape.slice(0, 3))
      const operands = { ...at, panels, k, n: bias.length, ...activationOperands(node.attrs.act) }
      callRuntime(l, 'pointwise_f32', operands, { extent, macs: macsOf(node) })
    })
  },
}

/** 1×1, stride 1, no pads, one group. */
function isPointwise({ attrs, inputs }: ConvNode): boolean {
  const [, kh, kw] = (inputs[1] as Value).type.shape
  return kh === 1 && kw === 1 && attrs.group === 1 && attrs.strides.every((s) => s === 1) && attrs.pads.every((p) => p === 0)
}
