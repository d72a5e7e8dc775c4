/** Pooling. */

import type { Value } from '../../ir/graph/graph.ts'
import type { Reduction } from '../../ir/ops/reduce.ts'
import type { Pair, Window } from '../../ir/ops/window.ts'
import { fromNhwc, pair, readGeometry, spatialRank, TO_NHWC, toPlane } from './geometry.ts'
import type { NodeImport } from './node-import.ts'
import { type OperatorRules, since } from './operator.ts'

interface PoolOptions {
  readonly fn: 'max' | 'mean'
  readonly ceil?: boolean
  readonly countPads?: boolean
  readonly dilated?: boolean
}

function pool(node: NodeImport, { fn, ceil = false, countPads = false, dilated = false }: PoolOptions): Value {
  return windowed(node, { dilated }, (x, window) => node.make('pool', [x], { fn, ...window, ceil, countPads }))
}

/**
 * Applies `compute` to the input in NHWC and to the window that the attributes state. Brings the result back
 * into the order of the input.
 */
function windowed(node: NodeImport, { dilated }: { readonly dilated: boolean }, compute: (x: Value, window: Window) => Value): Value {
  const x = node.input(0)
  const spatial = spatialRank(node, x)
  if (!node.attrs.has('kernel_shape')) throw node.invalid('required attribute kernel_shape is missing')
  const kernel = pair(node, 'kernel_shape', spatial)
  if (kernel.some((k) => k < 1)) throw node.invalid(`kernel_shape [${kernel}] must be at least 1`)
  const image = toPlane(node, x)
  const geometry = readGeometry(node, image.type.shape.slice(2) as unknown as Pair, kernel, spatial, dilated)
  return fromNhwc(node, compute(node.transpose(image, TO_NHWC), { kernel, ...geometry }), spatial)
}

/** MaxPool. ceil_mode and dilations exist from opset 10 on. */
function maxPool(node: NodeImport): readonly (Value | null)[] {
  const columnMajor = node.attrs.flag('storage_order', false)
  const ceil = node.opset >= 10 && node.attrs.flag('ceil_mode', false)
  const options = { ceil, dilated: node.opset >= 10 }
  const pooled = pool(node, { fn: 'max', ...options })
  return [
    pooled,
    node.wants(1) ? windowed(node, options, (x, window) => node.make('pool-index', [x], { ...window, ceil, columnMajor })) : null,
  ]
}

/** AveragePool. ceil_mode exists from opset 10 on, and dilations from opset 19 on. */
function averagePool(node: NodeImport): Value {
  node.requireFloat(node.input(0))
  const countPads = node.attrs.flag('count_include_pad', false)
  const ceil = node.opset >= 10 && node.attrs.flag('ceil_mode', false)
  return pool(node, { fn: 'mean', ceil, countPads, dilated: node.opset >= 19 })
}

/** x [N,C,…] → [N,C,1,…]. */
function globalPool(node: NodeImport, fn: Reduction): Value {
  const x = node.input(0)
  node.requireFloat(x)
  const rank = x.type.shape.length
  if (rank < 2) throw node.invalid(`input has rank ${rank}; its shape must be [N, C, spatial dimensions]`)
  const axes = Array.from({ length: rank - 2 }, (_, i) => i + 2)
  return node.make('reduce', [x], { fn, axes, keepDims: true })
}

export const poolRules: OperatorRules = {
  MaxPool: [since(1, 1, maxPool, 2)],
  AveragePool: [since(7, 1, averagePool)],
  GlobalAveragePool: [since(1, 1, (node) => globalPool(node, 'mean'))],
  GlobalMaxPool: [since(1, 1, (node) => globalPool(node, 'max'))],
}
