/** Padding with a constant, the edge or the reflection. */

import { type NodeOf, resultOf, type Value } from '../../../ir/graph/graph.ts'
import { padSource } from '../../../ir/ops/movement.ts'
import { bytesOf, fromNumbers } from '../../../ir/tensors/tensor.ts'
import { DTYPE_BYTES, sizeOf } from '../../../ir/tensors/types.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callRuntime } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'

/** Of a row: what is before the operand's part, that part, and what is after it. */
const STRETCHES = 3

export const pad: Kernel = {
  name: 'pad',
  cover(node) {
    if (node.op !== 'pad') return null
    const { dtype } = resultOf(node).type
    const size = DTYPE_BYTES[dtype]
    const axes = axesOf(node)
    const rows = sizeOf(axes.slice(0, -1).map((a) => a.extent))
    return runtimeCover({
      kernel: 'pad',
      node,
      work: elementWork(node, { row: rows * STRETCHES }),
      lower(l, y) {
        const value = l.pack(bytesOf(fromNumbers({ dtype, shape: [1] }, [node.attrs.value])))
        const x = l.address(node.inputs[0] as Value)
        const bytes = blockElements(node) * size
        callRuntime(l, 'copy_indexed', { x, y, tables: l.pack(tablesOf(node, axes)), bytes, value, size }, { extent: rows })
      },
    })
  },
}

interface PadAxis {
  readonly input: number
  readonly extent: number
  readonly before: number
}

/** The axes up to the last padded one, neighbours without pads joined; at least one. */
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

/** Elements of the axes after the last padded one: what is copied as a whole. */
function blockElements(node: NodeOf<'pad'>): number {
  return sizeOf(resultOf(node).type.shape.slice(lastPadded(node) + 1))
}

/** The runtime's descriptor (runtime-as/assembly/movement.ts). */
function tablesOf(node: NodeOf<'pad'>, axes: readonly PadAxis[]): Int32Array {
  const tables = axes.flatMap(({ input, extent, before }, axis) => {
    const stride = sizeOf(axes.slice(axis + 1).map((a) => a.input))
    return Array.from({ length: extent }, (_, i) => {
      const source = padSource(i - before, input, node.attrs.mode)
      return source < 0 ? -1 : source * stride
    })
  })
  return Int32Array.from([axes.length, ...axes.map((a) => a.extent), ...tables])
}
