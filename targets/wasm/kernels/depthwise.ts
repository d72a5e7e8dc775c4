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
import { type ConvParams, type ConvShape, convCover, convFunction, convShape, keyOf, macsOf } from './conv-call.ts'
import { EmittedEpilogue } from './epilogue.ts'
import { interior, positionOf, type TileRun, tileRuns, validTaps, type WindowAxis } from './window-axis.ts'

const FLOAT = 4
const LANES = 4
const VECTOR = FLOAT * LANES

/** 7 divides the width of every MobileNet map at 224²; 7 sums, 7 taps and an input fill 15 registers. */
const MAX_TILE = 7
const MAX_KERNEL_WIDTH = 7

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

/** Window axes of a convolution: rows, columns. */
export function axesOf({ node, height, width, outHeight, outWidth, kernel }: ConvShape): readonly [WindowAxis, WindowAxis] {
  const { strides, dilations, pads } = node.attrs
  return [
    { input: height, output: outHeight, kernel: kernel[0], stride: strides[0], dilation: dilations[0], pad: pads[0] },
    { input: width, output: outWidth, kernel: kernel[1], stride: strides[1], dilation: dilations[1], pad: pads[1] },
  ]
}

/** Where the window rows of the current output row are: in the code, or from run-time bounds. */
type WindowRows = 'unrolled' | 'looped'

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
  /** Output row over the batch; output row, its first input row, first valid window row and how many. */
  readonly #row: Local<I32>
  readonly #outRow: Local<I32>
  readonly #top: Local<I32>
  readonly #firstTap: Local<I32>
  readonly #tapCount: Local<I32>
  readonly #base: Local<I32>
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
    this.#row = scope.i32()
    this.#outRow = scope.i32()
    this.#top = scope.i32()
    this.#firstTap = scope.i32()
    this.#tapCount = scope.i32()
    this.#base = scope.i32()
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
    const { begin, end } = this.#params
    return this.#e.forRange(this.#row, begin.get(), () => end.get(), 1, this.#outputRow())
  }

  get #pixelBytes(): number {
    return this.#shape.channels * FLOAT
  }

  get #blocks(): number {
    return Math.ceil(this.#shape.channels / LANES)
  }

  #outputRow(): Statements {
    const e = this.#e
    const { outHeight, outWidth, batch } = this.#shape
    const { y, residual } = this.#params
    const outBytes = outWidth * this.#pixelBytes
    const start = (pointer: Local<I32>, from: Local<I32>): Stmt => pointer.set(e.iadd(from.get(), e.imul(this.#row.get(), e.i32(outBytes))))
    return [
      this.#outRow.set(batch === 1 ? this.#row.get() : e.irem(this.#row.get(), e.i32(outHeight))),
      this.#top.set(e.isub(e.imul(this.#outRow.get(), e.i32(this.#rows.stride)), e.i32(this.#rows.pad))),
      start(this.#y, y),
      this.#shape.residual ? start(this.#residual, residual) : [],
      this.#windowRows(),
    ]
  }

  /** Rows whose window is inside take the unrolled code, if it is worth its size; others loop. */
  #windowRows(): Statements {
    const e = this.#e
    const [from, to] = interior(this.#rows)
    const unroll = to > from && this.#rows.kernel * this.#columns.kernel * MAX_TILE <= MAX_UNROLLED
    const unrolled = (): Statements => [this.#base.set(this.#inputRow(this.#top.get())), this.#tiles('unrolled')]
    if (unroll && from === 0 && to === this.#rows.output) return unrolled()
    if (!unroll) return this.#borderRow()
    const inside = e.ltUnsigned(e.isub(this.#outRow.get(), e.i32(from)), e.i32(to - from))
    return e.if(inside, unrolled(), this.#borderRow())
  }

  /** Address of an input row of the current image. */
  #inputRow(row: I32): I32 {
    const e = this.#e
    const { batch, height, width, outHeight } = this.#shape
    const { x } = this.#params
    const inImage = e.imul(row, e.i32(width * this.#pixelBytes))
    if (batch === 1) return e.iadd(x.get(), inImage)
    const image = e.imul(e.idiv(this.#row.get(), e.i32(outHeight)), e.i32(height * width * this.#pixelBytes))
    return e.iadd(x.get(), e.iadd(image, inImage))
  }

  /** Window rows from the first with top + ky · dilation ≥ 0 up to the last inside the image. */
  #borderRow(): Statements {
    const e = this.#e
    const { kernel, dilation, input } = this.#rows
    const ceilDiv = (a: I32): I32 => e.idiv(e.iadd(a, e.i32(dilation - 1)), e.i32(dilation))
    const above = (): I32 => e.select(e.lt(this.#top.get(), e.i32(0)), e.isub(e.i32(0), this.#top.get()), e.i32(0))
    const left = (): I32 => e.isub(e.i32(input), this.#top.get())
    const bounded = (value: Local<I32>, high: number): Stmt => value.set(e.select(e.lt(value.get(), e.i32(high)), value.get(), e.i32(high)))
    return [
      this.#firstTap.set(ceilDiv(above())),
      bounded(this.#firstTap, kernel),
      this.#tapCount.set(e.select(e.lt(e.i32(0), left()), ceilDiv(left()), e.i32(0))),
      bounded(this.#tapCount, kernel),
      this.#tapCount.set(e.isub(this.#tapCount.get(), this.#firstTap.get())),
      this.#base.set(this.#inputRow(e.iadd(this.#top.get(), e.imul(this.#firstTap.get(), e.i32(dilation))))),
      this.#tiles('looped'),
    ]
  }

  #tiles(rows: WindowRows): Statements {
    const max = Math.min(MAX_TILE, 14 - this.#columns.kernel)
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
      this.#x.set(e.iadd(this.#base.get(), e.i32(left * this.#pixelBytes))),
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
    const skipped = e.imul(this.#firstTap.get(), e.i32(tapBytes))
    const body = [
      this.#windowRow(run, left, this.#xRow, 0, this.#tapRow, VECTOR),
      e.bump(this.#xRow, e.i32(rowBytes)),
      e.bump(this.#tapRow, e.i32(tapBytes)),
    ]
    const loop = [
      this.#xRow.set(this.#x.get()),
      this.#tapRow.set(e.iadd(this.#weights.get(), skipped)),
      e.repeat(this.#ky, this.#tapCount.get(), body),
    ]
    return e.if(e.lt(e.i32(0), this.#tapCount.get()), loop)
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

/** The first input position a tile reads; 0 if it reads none. */
function leftmost(axis: WindowAxis, run: TileRun): number {
  return [...meetingsOf(axis, run).keys()][0] ?? 0
}
