/** Conv. */

import type { Value } from '../../ir/graph/graph.ts'
import type { Pair } from '../../ir/ops/window.ts'
import { sizeOf } from '../../ir/tensors/types.ts'
import { fromNhwc, pair, readGeometry, spatialRank, TO_NHWC, toPlane } from './geometry.ts'
import type { NodeImport } from './node-import.ts'
import { type OperatorRules, since } from './operator.ts'

/** x [N,C,H,W] · w [O,C/group,kh,kw] + b [O]; weights become [O,kh,kw,C/group]. */
function conv(node: NodeImport): Value {
  const [x, w] = [node.input(0), node.input(1)]
  node.requireFloat(x)
  const spatial = spatialRank(node, x)
  if (w.type.shape.length !== x.type.shape.length) {
    throw node.invalid(`weights of rank ${w.type.shape.length} for an input of rank ${x.type.shape.length}`)
  }
  const image = toPlane(node, x)
  const weights = toPlane(node, w)
  const kernel = kernelOf(node, weights, spatial)
  const group = node.attrs.int('group', 1)
  if (group < 1) throw node.invalid(`group = ${group} must be at least 1`)
  const geometry = readGeometry(node, image.type.shape.slice(2) as unknown as Pair, kernel, spatial)
  const outputs = w.type.shape[0] as number
  const bias = node.optional(2) ?? node.numbers(x.type.dtype, [outputs], new Float64Array(outputs))
  const operands = [node.transpose(image, TO_NHWC), node.transpose(weights, TO_NHWC), bias]
  return fromNhwc(node, node.make('conv', operands, { ...geometry, group }), spatial)
}

/** The extents of the kernel, taken from the weights. The attribute `kernel_shape` may repeat them. */
function kernelOf(node: NodeImport, weights: Value, spatial: 1 | 2): Pair {
  const own = weights.type.shape.slice(2) as unknown as Pair
  if (sizeOf(own) === 0) throw node.invalid(`weights of shape [${weights.type.shape}] have an empty kernel`)
  if (!node.attrs.has('kernel_shape')) return own
  const stated = pair(node, 'kernel_shape', spatial)
  if (stated[0] !== own[0] || stated[1] !== own[1]) throw node.invalid(`kernel_shape [${stated}] differs from the weights' [${own}]`)
  return own
}

export const convRules: OperatorRules = {
  Conv: [since(1, [2, 3], conv)],
}
