/** Depthwise convolution without vectors, on the blocks of the vector kernels. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { floatsOf, packChannels } from '../../packing/pack.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from '../runtime/runtime-call.ts'
import { elementWork } from '../runtime/runtime-cover.ts'
import { activationOperands, type ConvNode, convCover, convWindow, hasConstantWeights, isFloatConv, macsOf } from './runtime-conv.ts'

export const depthwiseScalar: Kernel = {
  name: 'depthwise-scalar',
  cover(node, _graph, target) {
    if (target.simd || node.op !== 'conv' || !isFloatConv(node) || !hasConstantWeights(node) || !isDepthwise(node)) return null
    return convCover('depthwise-scalar', node, elementWork(node, { depthwise: macsOf(node) }), (l, at) => {
      const [, kh, kw] = (node.inputs[1] as Value).type.shape as [number, number, number]
      const panels = l.pack(packChannels(kh * kw, floatsOf(node.inputs[2]), floatsOf(node.inputs[1])), 'weights')
      const [n, oh] = resultOf(node).type.shape as [number, number]
      const operands = { ...at, panels, window: l.pack(convWindow(node)), ...activationOperands(node.attrs.act) }
      callRuntime(l, 'depthwise_f32', operands, { extent: n * oh, macs: macsOf(node) })
    })
  },
}

/** One output channel per input channel. */
function isDepthwise({ attrs, inputs }: ConvNode): boolean {
  const [x, w] = inputs as [Value, Value]
  return attrs.group > 1 && attrs.group === x.type.shape[3] && w.type.shape[0] === attrs.group
}
