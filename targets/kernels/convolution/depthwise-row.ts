/** One row of a depthwise convolution. Its input rows may be anywhere in memory, for example in a ring of rows. */

import type { EmittedFunction } from '../../emitter/emitted-function.ts'
import type { Emitter, I32, Local, Scope, Statements } from '../../emitter/emitter.ts'
import { residentTile } from './depthwise.ts'
import { keyOf } from './tiles/conv-function.ts'
import { DepthwiseTiles, VECTOR, type WindowReader } from './tiles/depthwise-tiles.ts'
import type { EmittableShape } from './tiles/emittable-shape.ts'

/** Window rows up to which their addresses are kept in registers. */
export const MAX_WINDOW_ROWS = 7

/**
 * The function of one row. Its parameters are the weights, the constants, the result row, and then one input
 * row for each window row. The input rows outside the image are rows of zeros.
 */
export function depthwiseRowFunction(shape: EmittableShape): EmittedFunction {
  const { width, channels, kernel, node, epilogue } = shape
  const { strides, pads, dilations } = node.attrs
  const columns = [width, kernel[1], strides[1], pads[1], pads[3], dilations[1]].join('x')
  const params = Array.from({ length: 3 + kernel[0] }, () => 'i32' as const)
  const key = keyOf('depthwise_row', columns, `c${channels}`, `rows${kernel[0]}`, epilogue.key)
  return {
    kind: 'emitted',
    key,
    params,
    emit: (e) => {
      e.func(key, params, (scope, ...locals) => rowCode(e, scope, locals, shape))
    },
  }
}

function rowCode(e: Emitter, scope: Scope, [weights, constants, y, ...rows]: readonly Local<I32>[], shape: EmittableShape): Statements {
  const parameters = { weights: weights as Local<I32>, constants: constants as Local<I32> }
  const tiles = new DepthwiseTiles(e, scope, parameters, shape, residentTile(shape.node.attrs.strides[1], e.target))
  return [tiles.y.set((y as Local<I32>).get()), tiles.row(rowsReader(e, scope, shape, rows))]
}

/** Reads each window row through a pointer of its own. */
function rowsReader(e: Emitter, scope: Scope, shape: EmittableShape, rows: readonly Local<I32>[]): WindowReader {
  const pointers = rows.map(() => scope.i32())
  return {
    start: (offset) => pointers.map((p, i) => p.set(e.iadd((rows[i] as Local<I32>).get(), e.i32(offset)))),
    move: (bytes) => pointers.map((p) => e.bump(p, e.i32(bytes))),
    each: (taps, row) => pointers.map((p, ky) => row(p, 0, taps, (1 + ky * shape.kernel[1]) * VECTOR)),
  }
}
