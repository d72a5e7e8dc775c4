/** Padding with a constant, the edge or the reflection. */

import type { NodeOf, Value } from '../../../ir/graph/graph.ts'
import { padSource } from '../../../ir/ops/movement.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { indexedCopyCover } from './indexed-copy.ts'

export const pad: Kernel = {
  name: 'pad',
  cover(node) {
    if (node.op !== 'pad') return null
    return indexedCopyCover({ kernel: 'pad', node, offsets: offsetsOf(node), value: node.attrs.value })
  },
}

interface PadAxis {
  readonly input: number
  readonly extent: number
  readonly before: number
}

/** The axes up to the last padded one, at least one. Neighbouring axes without pads are joined. */
function axesOf(node: NodeOf<'pad'>): PadAxis[] {
  const { shape } = (node.inputs[0] as Value).type
  const { before, after } = node.attrs
  const axes: PadAxis[] = []
  for (let axis = 0; axis <= lastPadded(node); axis++) {
    const input = shape[axis] as number
    const extent = input + (before[axis] as number) + (after[axis] as number)
    const last = axes.at(-1)
    if (last && last.input === last.extent && input === extent) {
      axes[axes.length - 1] = { input: last.input * input, extent: last.extent * extent, before: 0 }
    } else axes.push({ input, extent, before: before[axis] as number })
  }
  return axes.length > 0 ? axes : [{ input: 1, extent: 1, before: 0 }]
}

function lastPadded({ attrs: { before, after } }: NodeOf<'pad'>): number {
  return before.findLastIndex((p, axis) => p + (after[axis] as number) > 0)
}

/** For each axis and each index of the result, the index that it reads along that axis, or −1 in the padding. */
function offsetsOf(node: NodeOf<'pad'>): Int32Array[] {
  const axes = axesOf(node)
  return axes.map(({ input, extent, before }, axis) => {
    const stride = sizeOf(axes.slice(axis + 1).map((a) => a.input))
    return Int32Array.from({ length: extent }, (_, i) => {
      const source = padSource(i - before, input, node.attrs.mode)
      return source < 0 ? -1 : source * stride
    })
  })
}
