/**
 * Graphs of single nodes, for the work that networks have little of. Each comes in several sizes: what a
 * unit takes and what a call takes can only be told apart where their proportion changes.
 */

import { apply, constantValue, type Graph, inputValue, type Value } from '../../ir/graph/graph.ts'
import { fromNumbers } from '../../ir/tensors/tensor.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'

/** Makes a value whose work grows with `n`, the extent of one or two axes. */
type Layer = (n: number) => Value

const SIZES = [6, 18, 48]
const CHANNELS = 24

const input = (shape: Shape, dtype: DType = 'float32', name = 'x'): Value => inputValue(name, { dtype, shape })
const plane = (n: number, dtype: DType = 'float32', name = 'x'): Value => input([1, n, n, CHANNELS], dtype, name)

const WINDOW = { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], ceil: false, countPads: false } as const

const LAYERS: readonly Layer[] = [
  (n) => apply('matmul', [input([n, 2 * n]), input([2 * n, n], 'float32', 'y')], {}),
  (n) => apply('matmul', [input([n, 2 * n], 'int32'), input([2 * n, n], 'int32', 'y')], {}),
  (n) => apply('mul', [plane(n), plane(n, 'float32', 'y')], {}),
  (n) => apply('exp', [plane(n)], {}),
  (n) => apply('softmax', [plane(n)], { axis: 3, log: false }),
  (n) => apply('add', [plane(n, 'int64'), plane(n, 'int64', 'y')], {}),
  (n) => apply('cast', [plane(n, 'uint8')], { to: 'int32' }),
  (n) => apply('reduce', [plane(n)], { fn: 'mean', axes: [1, 2], keepDims: false }),
  (n) => apply('reduce', [plane(n)], { fn: 'max', axes: [3], keepDims: false }),
  (n) => apply('reduce', [plane(n, 'int32')], { fn: 'sum', axes: [3], keepDims: false }),
  (n) => apply('pool', [plane(n)], { fn: 'max', ...WINDOW }),
  (n) => apply('pool', [plane(n)], { fn: 'mean', ...WINDOW }),
  (n) => apply('pool', [plane(n, 'int8')], { fn: 'max', ...WINDOW }),
  (n) => apply('resize', [plane(n)], doubled([1, n, n, CHANNELS])),
  (n) => apply('topk', [input([8, n * n])], { axis: 1, k: 5, largest: true }),
  (n) => apply('arg', [plane(n, 'int32')], { fn: 'max', axis: 3, keepDims: false, last: false }),
  (n) => apply('arg', [plane(n)], { fn: 'max', axis: 3, keepDims: false, last: false }),
  (n) => apply('transpose', [plane(n)], { perm: [0, 3, 1, 2] }),
  (n) => apply('concat', [plane(n), plane(n, 'float32', 'y')], { axis: 3 }),
  (n) => apply('gather', [input([n * n, CHANNELS]), reversed(n * n)], { axis: 0 }),
]

/** Every layer in every size. */
export function unitGraphs(): Graph[] {
  return LAYERS.flatMap((layer) => SIZES.map((n) => graphOf(layer(n))))
}

function graphOf(value: Value): Graph {
  const operands = value.kind === 'result' ? value.node.inputs : []
  return { name: 'unit', inputs: operands.filter((v) => v.kind === 'input'), outputs: [{ name: 'result', value }] }
}

/** Twice as many pixels each way, by bilinear interpolation. */
function doubled(from: Shape) {
  const scales = [1, 2, 2, 1]
  return {
    mode: 'linear',
    coordinates: 'half_pixel',
    rounding: 'round_prefer_floor',
    cubicA: -0.75,
    antialias: false,
    excludeOutside: false,
    extrapolation: 0,
    sizes: from.map((d, i) => d * (scales[i] as number)),
    scales,
    starts: from.map(() => 0),
    ends: from.map(() => 1),
  } as const
}

function reversed(count: number): Value {
  return constantValue(
    fromNumbers(
      { dtype: 'int64', shape: [count] },
      Float64Array.from({ length: count }, (_, i) => count - 1 - i),
    ),
  )
}
