/**
 * Depthwise convolution: every channel is convolved with its own kh × kw taps.
 *
 * Vectors run over channels. The sums of a tile of neighbouring outputs of one row stay in registers. So each
 * input is loaded once per window row, for all outputs of the tile that read it. Most rows have the whole
 * window inside the image. Rows at the top and bottom run a loop over those window rows that are inside. Parts
 * are ranges of output rows.
 */

import type { Emitter, I32, Local, Scope, Statements } from '../../emitter/emitter.ts'
import { floatsOf, packChannels } from '../../packing/pack.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callOf, moving } from '../../target/cost.ts'
import type { Target } from '../../target/target.ts'
import { callCover } from './conv-cover.ts'
import { type ConvShape, isDepthwise } from './shape/conv-shape.ts'
import { type ConvParams, convFunction, keyOf } from './tiles/conv-function.ts'
import { DepthwiseTiles, MAX_TILE, VECTOR, type WindowReader } from './tiles/depthwise-tiles.ts'
import { type EmittableShape, emittableShape } from './tiles/emittable-shape.ts'
import { OutputRows } from './tiles/output-rows.ts'

const FLOAT = 4

/** The most taps of a window row that fit into registers. */
export const MAX_KERNEL_WIDTH = 7

/** Bytes of input from which on the input, and what else is in use, no longer stay in the second-level cache. */
const STREAMED = 1.5 * 2 ** 20

/** Window rows are unrolled up to this number of multiply-adds per tile and vector. */
const MAX_UNROLLED = 200

export const depthwise: Kernel = {
  name: 'depthwise',
  cover(node, _graph, target) {
    const shape = emittableShape(node, target)
    if (!shape || !isDepthwise(shape) || shape.kernel[1] > MAX_KERNEL_WIDTH) return null
    const inputs = shape.batch * shape.height * shape.width * shape.channels
    const outputs = shape.batch * shape.outHeight * shape.outWidth * shape.channels
    return callCover({
      kernel: 'depthwise',
      shape,
      work: callOf({ depthwise: shape.macs }, moving(inputs, outputs)),
      fn: depthwiseFunction(shape),
      extent: shape.batch * shape.outHeight,
      pack: () => packDepthwise(shape),
    })
  },
}

/** Blocks of four channels, each with its biases and its taps. */
export function packDepthwise({ node, kernel }: ConvShape): Float32Array {
  return packChannels(kernel[0] * kernel[1], floatsOf(node.inputs[2]), floatsOf(node.inputs[1]))
}

function depthwiseFunction(shape: EmittableShape): ReturnType<typeof convFunction> {
  const { batch, height, width, channels, kernel, node, epilogue, residual } = shape
  const { strides, pads, dilations } = node.attrs
  const size = [batch, height, width, channels].join('x')
  const window = [kernel, strides, pads, dilations].map((list) => list.join('x'))
  const key = keyOf('depthwise', size, ...window, epilogue.key, residual && 'residual')
  return convFunction(key, (e, scope, params) => depthwiseCode(e, scope, params, shape))
}

function depthwiseCode(e: Emitter, scope: Scope, params: ConvParams, shape: EmittableShape): Statements {
  const [axis] = shape.axes
  const row = shape.width * shape.channels * FLOAT
  const rows = new OutputRows(e, scope, params, shape, axis, { row, image: shape.height * row })
  const tiles = new DepthwiseTiles(e, scope, params, shape, maxTile(shape, e.target))
  const readers = { unrolled: unrolledReader(e, scope, shape, rows), looped: loopedReader(e, scope, shape, rows) }
  const unroll = shape.kernel[0] * shape.kernel[1] * MAX_TILE <= MAX_UNROLLED
  const start = [rows.point(tiles.y, params.y), shape.residual ? rows.point(tiles.residual, params.residual) : []]
  return rows.each(
    start,
    rows.windows(unroll, (window) => tiles.row(readers[window])),
  )
}

/**
 * Outputs in a tile, found by measurement (test/bench/NOTES.md). Wide tiles load less. Narrow tiles are faster
 * on maps that are too large for the second-level cache and, on V8 11, without fused multiply-adds.
 */
function maxTile({ node, width, height, channels }: ConvShape, target: Target): number {
  const streamed = height * width * channels * FLOAT >= STREAMED
  if (streamed && node.attrs.strides[1] > 1) return 2
  return streamed ? 4 : residentTile(node.attrs.strides[1], target)
}

/** Outputs in a tile where the inputs are in the first two levels of cache. */
export function residentTile(stride: number, { relaxed }: Target): number {
  return relaxed ? MAX_TILE : stride > 1 ? 3 : 4
}

/** Reads windows that are wholly inside the image, with unrolled code. */
function unrolledReader(e: Emitter, scope: Scope, shape: ConvShape, rows: OutputRows): WindowReader {
  const x = scope.i32()
  const [height, width] = shape.kernel
  const rowBytes = windowRowBytes(shape)
  return {
    start: (offset) => x.set(e.iadd(rows.base.get(), e.i32(offset))),
    move: (bytes) => e.bump(x, e.i32(bytes)),
    each: (taps, row) => Array.from({ length: height }, (_, ky) => row(x, ky * rowBytes, taps, (1 + ky * width) * VECTOR)),
  }
}

/** Reads the window rows that are inside the image, with a loop. */
function loopedReader(e: Emitter, scope: Scope, shape: ConvShape, rows: OutputRows): WindowReader {
  const [x, xRow, tapRow, ky] = [scope.i32(), scope.i32(), scope.i32(), scope.i32()]
  const tapBytes = shape.kernel[1] * VECTOR
  const skipped = (taps: Local<I32>) => e.iadd(taps.get(), e.imul(rows.firstTap.get(), e.i32(tapBytes)))
  return {
    start: (offset) => x.set(e.iadd(rows.base.get(), e.i32(offset))),
    move: (bytes) => e.bump(x, e.i32(bytes)),
    each: (taps, row) => {
      const body = [row(xRow, 0, tapRow, VECTOR), e.bump(xRow, e.i32(windowRowBytes(shape))), e.bump(tapRow, e.i32(tapBytes))]
      return [xRow.set(x.get()), tapRow.set(skipped(taps)), rows.eachTap(ky, body)]
    },
  }
}

/** Bytes between the input rows of neighbouring window rows. */
function windowRowBytes({ node, width, channels }: ConvShape): number {
  return node.attrs.dilations[0] * width * channels * FLOAT
}
