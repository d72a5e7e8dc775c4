/**
 * Depthwise convolution: every channel is convolved with its own kh × kw taps.
 *
 * Vectors run over channels; a tile of neighbouring outputs of one row stays in registers, so an
 * input is loaded once per window row for all outputs that read it. Tiles at the left and right
 * border have code of their own that leaves out the taps outside the image; rows at the top and
 * bottom run a loop over the window rows inside. Splits over output rows.
 */

import { depthwiseCost } from '../cost.ts'
import type { Kernel } from '../kernel.ts'
import { floatsOf, packChannels } from '../pack.ts'
import type { Emitter, I32, Local, Scope, Statements, Stmt, V128 } from '../simd.ts'
import { axesOf, type ConvParams, type ConvShape, convCover, convFunction, convShape, keyOf, macsOf } from './conv-call.ts'
import { EmittedEpilogue } from './epilogue.ts'
import { OutputRows, type WindowRows } from './output-rows.ts'
import { leftmost, positionOf, type TileRun, tileRuns, validTaps, type WindowAxis } from './window-axis.ts'

const FLOAT = 4
const LANES = 4
const VECTOR = FLOAT * LANES

/** 7 divides the width of every MobileNet map at 224²; 7 sums, 7 taps and an input fill 15 registers. */
const MAX_TILE = 7
const MAX_KERNEL_WIDTH = 7

/** Input bytes from which the input and what else is in use no longer stay in the second-level cache. */
const STREAMED = 1.5 * 2 ** 20

/** Multiply-adds per tile and vector up to which the rows of a window are unrolled. */
const MAX_UNROLLED = 200

export const depthwise: Kernel = {
  name: 'depthwise',
  cover(node, _graph, target) {
    if (node.op !== 'conv') return null
    const shape = convShape(node, target)
    if (!shape || !isDepthwise(shape)) return null
    const inputs = shape.batch * shape.height * shape.width * shape.channels
    const outputs = shape.batch * shape.outHeight * shape.outWidth * shape.channels
    return convCover({
      kernel: 'depthwise',
      shape,
      cost: depthwiseCost(macsOf(shape), inputs, outputs, target),
      fn: depthwiseFunction(shape),
      extent: shape.batch * shape.outHeight,
      pack: () => packChannels(shape.kernel[0] * shape.kernel[1], floatsOf(node.inputs[2]), floatsOf(node.inputs[1])),
    })
  },
}

function isDepthwise({ node, channels, outChannels, kernel }: ConvShape): boolean {
  return node.attrs.group === channels && outChannels === channels && kernel[1] <= MAX_KERNEL_WIDTH
}

function depthwiseFunction(shape: ConvShape): ReturnType<typeof convFunction> {
  const { batch, height, width, channels, kernel, node, epilogue, residual } = shape
  const { strides, pads, dilations } = node.attrs
  const size = [batch, height, width, channels].join('x')
  const window = [kernel, strides, pads, dilations].map((list) => list.join('x'))
  const key = keyOf('depthwise', size, ...window, epilogue.key, residual && 'residual')
  return convFunction(key, (e, scope, params) => new DepthwiseEmitter(e, scope, params, shape).code())
}

class DepthwiseEmitter {
  readonly #e: Emitter
  readonly #params: ConvParams
  readonly #shape: ConvShape
  readonly #rows: WindowAxis
  readonly #columns: WindowAxis
  readonly #epilogue: EmittedEpilogue
  readonly #sums: readonly Local<V128>[]
  readonly #taps: readonly Local<V128>[]
  readonly #input: Local<V128>
  readonly #outputRows: OutputRows
  readonly #x: Local<I32>
  readonly #weights: Local<I32>
  readonly #y: Local<I32>
  readonly #residual: Local<I32>
  readonly #tile: Local<I32>
  readonly #block: Local<I32>
  readonly #ky: Local<I32>
  readonly #xRow: Local<I32>
  readonly #tapRow: Local<I32>

  constructor(e: Emitter, scope: Scope, params: ConvParams, shape: ConvShape) {
    this.#e = e
    this.#params = params
    this.#shape = shape
    ;[this.#rows, this.#columns] = axesOf(shape)
    this.#epilogue = new EmittedEpilogue(e, scope, shape.epilogue)
    this.#sums = scope.vectors(MAX_TILE)
    this.#taps = scope.vectors(shape.kernel[1])
    this.#input = scope.v128()
    const row = shape.width * this.#pixelBytes
    this.#outputRows = new OutputRows(e, scope, params, shape, this.#rows, { row, image: shape.height * row })
    this.#x = scope.i32()
    this.#weights = scope.i32()
    this.#y = scope.i32()
    this.#residual = scope.i32()
    this.#tile = scope.i32()
    this.#block = scope.i32()
    this.#ky = scope.i32()
    this.#xRow = scope.i32()
    this.#tapRow = scope.i32()
  }

  code(): Statements {
    const { y, residual } = this.#params
    const rows = this.#outputRows
    const unroll = this.#rows.kernel * this.#columns.kernel * MAX_TILE <= MAX_UNROLLED
    const start = [rows.point(this.#y, y), this.#shape.residual ? rows.point(this.#residual, residual) : []]
    return rows.each(
      start,
      rows.windows(unroll, (window) => this.#tiles(window)),
    )
  }

  get #pixelBytes(): number {
    return this.#shape.channels * FLOAT
  }

  get #blocks(): number {
    return Math.ceil(this.#shape.channels / LANES)
  }

  /**
   * Outputs in a tile, by measurement (test/bench/NOTES.md): wide tiles load less, but narrow ones
   * are faster on maps too large for the second-level cache and, on V8 11, without fused
   * multiply-adds.
   */
  get #maxTile(): number {
    const { width, height, channels } = this.#shape
    const streamed = height * width * channels * FLOAT >= STREAMED
    const { relaxed } = this.#e.target
    if (this.#columns.stride > 1) return streamed ? 2 : relaxed ? MAX_TILE : 3
    return relaxed && !streamed ? MAX_TILE : 4
  }

  #tiles(rows: WindowRows): Statements {
    const max = this.#maxTile
    return tileRuns(this.#columns, max).map((run) => this.#run(run, rows))
  }

  #run(run: TileRun, rows: WindowRows): Statements {
    const e = this.#e
    const left = leftmost(this.#columns, run)
    const passed = this.#blocks * VECTOR
    const next = (pointer: Local<I32>, pixels: number): Stmt => e.bump(pointer, e.i32(pixels * this.#pixelBytes - passed))
    const tile = [
      this.#weights.set(this.#params.weights.get()),
      e.repeat(this.#block, e.i32(this.#blocks), this.#vector(run, left, rows)),
      next(this.#x, run.size * this.#columns.stride),
      next(this.#y, run.size),
      this.#shape.residual ? next(this.#residual, run.size) : [],
    ]
    return [
      this.#x.set(e.iadd(this.#outputRows.base.get(), e.i32(left * this.#pixelBytes))),
      run.count === 1 ? tile : e.repeat(this.#tile, e.i32(run.count), tile),
    ]
  }

  /** Four channels of a tile's outputs. */
  #vector(run: TileRun, left: number, rows: WindowRows): Statements {
    const e = this.#e
    const taps = this.#rows.kernel * this.#columns.kernel
    const bias = (i: number): V128 => (i === 0 ? e.load(this.#weights.get()) : (this.#sums[0] as Local<V128>).get())
    return [
      this.#sums.slice(0, run.size).map((sum, i) => sum.set(bias(i))),
      rows === 'unrolled' ? this.#unrolledWindow(run, left) : this.#loopedWindow(run, left),
      this.#finish(run.size),
      e.bump(this.#weights, e.i32((1 + taps) * VECTOR)),
      e.bump(this.#x, e.i32(VECTOR)),
      e.bump(this.#y, e.i32(VECTOR)),
      this.#shape.residual ? e.bump(this.#residual, e.i32(VECTOR)) : [],
    ]
  }

  #unrolledWindow(run: TileRun, left: number): Statements {
    const { kernel, dilation } = this.#rows
    const rowBytes = dilation * this.#shape.width * this.#pixelBytes
    const tapBytes = this.#columns.kernel * VECTOR
    return Array.from({ length: kernel }, (_, ky) =>
      this.#windowRow(run, left, this.#x, ky * rowBytes, this.#weights, VECTOR + ky * tapBytes),
    )
  }

  #loopedWindow(run: TileRun, left: number): Statements {
    const e = this.#e
    const rowBytes = this.#rows.dilation * this.#shape.width * this.#pixelBytes
    const tapBytes = this.#columns.kernel * VECTOR
    const skipped = e.imul(this.#outputRows.firstTap.get(), e.i32(tapBytes))
    const body = [
      this.#windowRow(run, left, this.#xRow, 0, this.#tapRow, VECTOR),
      e.bump(this.#xRow, e.i32(rowBytes)),
      e.bump(this.#tapRow, e.i32(tapBytes)),
    ]
    return [this.#xRow.set(this.#x.get()), this.#tapRow.set(e.iadd(this.#weights.get(), skipped)), this.#outputRows.eachTap(this.#ky, body)]
  }

  /** One window row: each input once, for every output and tap that meet there. */
  #windowRow(run: TileRun, left: number, x: Local<I32>, xOffset: number, taps: Local<I32>, tapOffset: number): Statements {
    const e = this.#e
    const meetings = meetingsOf(this.#columns, run)
    const used = new Set([...meetings.values()].flat().map((m) => m.tap))
    const loads = [...used].sort((a, b) => a - b).map((tap) => this.#tap(tap).set(e.load(taps.get(), tapOffset + tap * VECTOR)))
    const products = [...meetings].map(([position, pairs]) => [
      this.#input.set(e.load(x.get(), xOffset + (position - left) * this.#pixelBytes)),
      pairs.map(({ output, tap }) => {
        const sum = this.#sums[output] as Local<V128>
        return sum.set(e.madd(this.#input.get(), this.#tap(tap).get(), sum.get()))
      }),
    ])
    return [loads, products]
  }

  #tap(tap: number): Local<V128> {
    return this.#taps[tap] as Local<V128>
  }

  /** Activation and store; the last vector may be partial. */
  #finish(size: number): Statements {
    const e = this.#e
    const sums = this.#sums.slice(0, size)
    const add = (sum: Local<V128>, i: number): Stmt => sum.set(e.add(sum.get(), e.load(this.#residual.get(), i * this.#pixelBytes)))
    const store = (lanes: number): Statements => sums.map((sum, i) => e.storePart(() => this.#y.get(), sum, lanes, i * this.#pixelBytes))
    const rest = this.#shape.channels % LANES
    return [
      this.#shape.residual ? sums.map(add) : [],
      this.#epilogue.load(this.#params.constants),
      sums.map((sum) => this.#epilogue.apply(sum)),
      rest === 0 ? store(LANES) : e.if(e.eq(this.#block.get(), e.i32(1)), store(rest), store(LANES)),
    ]
  }
}

interface Meeting {
  /** Output within the tile. */
  readonly output: number
  readonly tap: number
}

/** Which outputs and taps of a tile read which input position, by ascending position inside the image. */
function meetingsOf(axis: WindowAxis, run: TileRun): Map<number, Meeting[]> {
  const byPosition = new Map<number, Meeting[]>()
  for (let output = 0; output < run.size; output++) {
    for (const tap of validTaps(axis, run.start + output)) {
      const position = positionOf(axis, run.start + output, tap)
      const meetings = byPosition.get(position)
      if (meetings) meetings.push({ output, tap })
      else byPosition.set(position, [{ output, tap }])
    }
  }
  return new Map([...byPosition].sort(([a], [b]) => a - b))
}
