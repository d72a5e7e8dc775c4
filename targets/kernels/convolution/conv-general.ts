/** Every grouped convolution, with whatever kernel, stride, dilation, pads and channel multiplier: the fallback. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import { floatsOf, PANEL, packPanels, panelFloats, tailWidth } from '../../packing/pack.ts'
import type { Address } from '../../schedule/schedule.ts'
import type { Kernel, Lowering } from '../../selection/kernel.ts'
import { callRuntime } from '../runtime/runtime-call.ts'
import { elementWork } from '../runtime/runtime-cover.ts'
import { activationOperands, type ConvNode, convCover, convWindow, hasConstantWeights, isFloatConv, macsOf } from './runtime-conv.ts'

export const convGeneral: Kernel = {
  name: 'conv-general',
  cover(node) {
    if (node.op !== 'conv' || !isFloatConv(node)) return null
    const work = elementWork(node, { general: macsOf(node) * panelWaste(node) })
    return convCover('conv-general', node, work, (l, at) => {
      const [, oh] = resultOf(node).type.shape as [number, number]
      const extent = (node.inputs[0] as Value).type.shape[0] as number
      const operands = { ...at, panels: panelsOf(l, node), window: l.pack(convWindow(node)), ...activationOperands(node.attrs.act) }
      callRuntime(l, 'conv_f32', operands, { extent: extent * oh, macs: macsOf(node) })
    })
  },
}

/** Output channels of a group. */
function groupWidth(node: ConvNode): number {
  return ((node.inputs[1] as Value).type.shape[0] as number) / node.attrs.group
}

/** Computed over used columns of the panels. */
function panelWaste(node: ConvNode): number {
  const wide = groupWidth(node)
  return (Math.ceil(wide / PANEL) * PANEL) / wide
}

function panelsOf(l: Lowering, node: ConvNode): Address {
  if (hasConstantWeights(node)) return l.pack(packGroups(node), 'weights')
  const [, w, bias] = node.inputs as [Value, Value, Value]
  const wide = groupWidth(node)
  const depth = sizeOf(w.type.shape.slice(1))
  const panels = l.intermediate(node.attrs.group * groupFloats(wide, depth) * 4)
  const operands = { weights: l.address(w), bias: l.address(bias), y: panels, wide, depth }
  callRuntime(l, 'pack_panels', operands, { extent: node.attrs.group })
  return panels
}

function groupFloats(wide: number, depth: number): number {
  return Math.floor(wide / PANEL) * panelFloats(depth) + tailWidth(wide) * (depth + 1)
}

/** The panels of each group, one group after the other. */
function packGroups(node: ConvNode): Float32Array {
  const weights = floatsOf(node.inputs[1])
  const bias = floatsOf(node.inputs[2])
  const wide = groupWidth(node)
  const depth = weights.length / bias.length
  const packed = new Float32Array(node.attrs.group * groupFloats(wide, depth))
  for (let group = 0; group < node.attrs.group; group++) {
    const first = group * wide
    const panels = packPanels(depth, bias.subarray(first, first + wide), (k, column) => weights[(first + column) * depth + k] as number)
    packed.set(panels, group * groupFloats(wide, depth))
  }
  return packed
}
