/**
 * Resampling, with one call for each axis that changes. With nearest resampling, elements of any type are only
 * copied.
 */

import { type NodeOf, resultOf, type Value } from '../../../ir/graph/graph.ts'
import { type ResizeStep, resizeOrder } from '../../../ir/ops/resize.ts'
import { bytesOf, fromNumbers } from '../../../ir/tensors/tensor.ts'
import { DTYPE_BYTES, sizeOf } from '../../../ir/tensors/types.ts'
import type { Address } from '../../schedule/schedule.ts'
import type { Cover, Kernel, Lowering } from '../../selection/kernel.ts'
import { indexedCopyCover } from './indexed-copy.ts'
import { callRuntime, f32 } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'
import { TYPE_CODE } from './type-code.ts'

type ResizeNode = NodeOf<'resize'>

export const resize: Kernel = {
  name: 'resize',
  cover(node) {
    if (node.op !== 'resize' || sizeOf(resultOf(node).type.shape) === 0) return null
    if (node.attrs.mode === 'nearest')
      return indexedCopyCover({ kernel: 'resize', node, offsets: copiedAxes(node), value: node.attrs.extrapolation })
    const { dtype } = resultOf(node).type
    return dtype === 'float32' || dtype === 'float64' ? blendCover(node) : null
  },
}

function stepsOf(node: ResizeNode): ResizeStep[] {
  return resizeOrder((node.inputs[0] as Value).type.shape, node.attrs)
}

/**
 * For each axis up to the last one that changes (at least one), the place that each index reads, in blocks; −1
 * outside the crop.
 */
function copiedAxes(node: ResizeNode): Int32Array[] {
  const { shape } = (node.inputs[0] as Value).type
  const taps = new Map(stepsOf(node).map((step) => [step.axis, step.taps]))
  const last = Math.max(0, ...taps.keys())
  return shape.slice(0, last + 1).map((extent, axis) => {
    const stride = sizeOf(shape.slice(axis + 1, last + 1))
    const indices = taps.get(axis)?.indices ?? Int32Array.from({ length: extent }, (_, i) => i)
    return indices.map((i) => (i < 0 ? -1 : i * stride))
  })
}

function blendCover(node: ResizeNode): Cover {
  const steps = stepsOf(node)
  const reads = steps.reduce((sum, s) => sum + s.outer * s.to * s.inner * s.taps.count, 0)
  return runtimeCover({
    kernel: 'resize',
    node,
    work: elementWork(node, resultOf(node).type.dtype === 'float32' ? { blend: reads } : { anyRead: reads }),
    lower(l, y) {
      const size = DTYPE_BYTES[resultOf(node).type.dtype]
      let x = l.address(node.inputs[0] as Value)
      if (steps.length === 0) callRuntime(l, 'copy', { x, y }, { extent: sizeOf(node.attrs.sizes) * size })
      steps.forEach((step, i) => {
        const to = i === steps.length - 1 ? y : l.intermediate(step.outer * step.to * step.inner * size)
        lowerStep(l, node, step, x, to)
        x = to
      })
    },
  })
}

function lowerStep(l: Lowering, node: ResizeNode, step: ResizeStep, x: Address, y: Address): void {
  const { outer, from, to, inner, taps } = step
  const { dtype } = resultOf(node).type
  const { extrapolation } = node.attrs
  const operands = { x, y, count: taps.count, from, to, inner }
  const info = { extent: outer * to }
  if (dtype === 'float32') {
    const table = l.pack(tapTable(step, Float32Array.from(taps.weights)))
    callRuntime(l, 'resize_f32', { ...operands, taps: table, value: f32(extrapolation) }, info)
  } else {
    const value = l.pack(bytesOf(fromNumbers({ dtype, shape: [1] }, [extrapolation])))
    const table = l.pack(tapTable(step, taps.weights))
    callRuntime(l, 'resize_any', { ...operands, type: TYPE_CODE[dtype], taps: table, value }, info)
  }
}

/** The runtime's tables (runtime-as/assembly/resize.ts). */
function tapTable({ inner, taps }: ResizeStep, weights: Float32Array | Float64Array): Uint8Array {
  const offsets = taps.indices.map((i) => (i < 0 ? -1 : i * inner))
  const start = Math.ceil(offsets.length / 2) * 8
  const table = new Uint8Array(start + weights.byteLength)
  table.set(new Uint8Array(offsets.buffer))
  table.set(new Uint8Array(weights.buffer), start)
  return table
}
