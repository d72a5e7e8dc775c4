/** The fallback: any grouped convolution, whatever its kernel, stride, dilation, pads and channel multiplier are. */

import type { Value } from '../../../ir/graph/graph.ts'
import { FLOAT32_PANELS, floatsOf, packFloat32Panels, panelsBytes } from '../../packing/pack.ts'
import type { Address } from '../../schedule/schedule.ts'
import type { Kernel, Lowering } from '../../selection/kernel.ts'
import { callRuntime } from '../runtime/runtime-call.ts'
import { elementWork } from '../runtime/runtime-cover.ts'
import { convCover } from './conv-cover.ts'
import { callConv, convWindow } from './runtime-conv.ts'
import { type ConvShape, float32Shape } from './shape/conv-shape.ts'

export const convGeneral: Kernel = {
  name: 'conv-general',
  cover(node) {
    const shape = node.op === 'conv' ? float32Shape(node) : null
    if (!shape) return null
    const { macs } = shape
    const extent = shape.batch * shape.outHeight
    return convCover({
      kernel: 'conv-general',
      shape,
      work: elementWork(shape.node, { general: macs * panelWaste(shape) }),
      lower(l, at) {
        const panels = panelsOf(l, shape)
        callConv(l, 'conv_f32', shape, { ...at, panels, window: l.pack(convWindow(shape)) }, extent)
      },
    })
  },
}

/** The weights of one group as a matrix: products in a sum, and output channels. */
function groupMatrix({ kernel: [kh, kw], channels, outChannels, groups }: ConvShape): { readonly depth: number; readonly wide: number } {
  return { depth: kh * kw * (channels / groups), wide: outChannels / groups }
}

/** Columns of the panels that are computed, divided by those that are used. */
function panelWaste(shape: ConvShape): number {
  const { columns } = FLOAT32_PANELS
  const { wide } = groupMatrix(shape)
  return (Math.ceil(wide / columns) * columns) / wide
}

function panelsOf(l: Lowering, shape: ConvShape): Address {
  if (shape.constant) return l.pack(packGroups(shape), 'weights')
  const [, w, bias] = shape.node.inputs as [Value, Value, Value]
  const { depth, wide } = groupMatrix(shape)
  const panels = l.intermediate(shape.groups * panelsBytes(FLOAT32_PANELS, depth, wide))
  const operands = { weights: l.address(w), bias: l.address(bias), y: panels, wide, depth }
  callRuntime(l, 'pack_panels', operands, { extent: shape.groups })
  return panels
}

/** The panels of each group, one group after the other. */
function packGroups(shape: ConvShape): Uint8Array {
  const weights = floatsOf(shape.node.inputs[1])
  const bias = floatsOf(shape.node.inputs[2])
  const { depth, wide } = groupMatrix(shape)
  const bytes = panelsBytes(FLOAT32_PANELS, depth, wide)
  const packed = new Uint8Array(shape.groups * bytes)
  for (let group = 0; group < shape.groups; group++) {
    const [first, end] = [group * wide, (group + 1) * wide]
    packed.set(packFloat32Panels(bias.subarray(first, end), weights.subarray(first * depth, end * depth)), group * bytes)
  }
  return packed
}
