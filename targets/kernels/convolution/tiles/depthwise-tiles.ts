/**
 * One output row of a depthwise convolution. The outer loop goes over tiles of neighbouring outputs, and the
 * inner one over vectors of four channels. The sums stay in registers. Tiles at the left and right border have
 * code of their own, which leaves out the taps outside the image.
 */

import type { Emitter, I32, Local, Scope, Statements, Stmt, V128 } from '../../../emitter/emitter.ts'
import { leftmost, positionOf, type TileRun, tileRuns, validTaps, type WindowAxis } from '../shape/window-axis.ts'
import type { EmittableShape } from './emittable-shape.ts'
import { EmittedEpilogue } from './epilogue.ts'

const FLOAT = 4
const LANES = 4
export const VECTOR = FLOAT * LANES

/**
 * The most outputs in a tile. 7 divides the width of every MobileNet map at an input of 224², and 7 sums, 7
 * taps and an input fill 15 registers.
 */
export const MAX_TILE = 7

/** Code for one window row: inputs at `x` + `xOffset`, taps at `taps` + `tapOffset`. */
export type WindowRowCode = (x: Local<I32>, xOffset: number, taps: Local<I32>, tapOffset: number) => Statements

/** Where the window rows of a tile are. */
export interface WindowReader {
  /** Moves to a byte offset from the start of the input rows. */
  start(offset: number): Statements
  move(bytes: number): Statements
  /** `row` for every window row; `taps` points at the bias before the first tap of the vector's channels. */
  each(taps: Local<I32>, row: WindowRowCode): Statements
}

export class DepthwiseTiles {
  /** Addresses of the results and of the residual. Both are moved past the row. */
  readonly y: Local<I32>
  readonly residual: Local<I32>
  readonly #e: Emitter
  readonly #shape: EmittableShape
  readonly #columns: WindowAxis
  readonly #maxTile: number
  readonly #parameters: { readonly weights: Local<I32>; readonly constants: Local<I32> }
  readonly #epilogue: EmittedEpilogue
  readonly #sums: readonly Local<V128>[]
  readonly #taps: readonly Local<V128>[]
  readonly #input: Local<V128>
  readonly #weights: Local<I32>
  readonly #tile: Local<I32>
  readonly #block: Local<I32>

  /** `maxTile`: most outputs in a tile. */
  constructor(
    e: Emitter,
    scope: Scope,
    parameters: { readonly weights: Local<I32>; readonly constants: Local<I32> },
    shape: EmittableShape,
    maxTile: number,
  ) {
    this.#e = e
    this.#parameters = parameters
    this.#shape = shape
    this.#maxTile = maxTile
    this.#columns = shape.axes[1]
    this.#epilogue = new EmittedEpilogue(e, scope, shape.epilogue)
    this.#sums = scope.vectors(maxTile)
    this.#taps = scope.vectors(shape.kernel[1])
    this.#input = scope.v128()
    this.y = scope.i32()
    this.residual = scope.i32()
    this.#weights = scope.i32()
    this.#tile = scope.i32()
    this.#block = scope.i32()
  }

  row(window: WindowReader): Statements {
    return tileRuns(this.#columns, this.#maxTile).map((run) => this.#run(run, window))
  }

  get #pixelBytes(): number {
    return this.#shape.channels * FLOAT
  }

  get #blocks(): number {
    return Math.ceil(this.#shape.channels / LANES)
  }

  #run(run: TileRun, window: WindowReader): Statements {
    const e = this.#e
    const left = leftmost(this.#columns, run)
    const passed = this.#blocks * VECTOR
    const next = (pointer: Local<I32>): Stmt => e.bump(pointer, e.i32(run.size * this.#pixelBytes - passed))
    const tile = [
      this.#weights.set(this.#parameters.weights.get()),
      e.repeat(this.#block, e.i32(this.#blocks), this.#vector(run, left, window)),
      window.move(run.size * this.#columns.stride * this.#pixelBytes - passed),
      next(this.y),
      this.#shape.residual ? next(this.residual) : [],
    ]
    return [window.start(left * this.#pixelBytes), run.count === 1 ? tile : e.repeat(this.#tile, e.i32(run.count), tile)]
  }

  /** Four channels of a tile's outputs. */
  #vector(run: TileRun, left: number, window: WindowReader): Statements {
    const e = this.#e
    const taps = this.#shape.kernel[0] * this.#shape.kernel[1]
    const bias = (i: number): V128 => (i === 0 ? e.load(this.#weights.get()) : (this.#sums[0] as Local<V128>).get())
    return [
      this.#sums.slice(0, run.size).map((sum, i) => sum.set(bias(i))),
      window.each(this.#weights, (x, xOffset, at, tapOffset) => this.#windowRow(run, left, x, xOffset, at, tapOffset)),
      this.#finish(run.size),
      e.bump(this.#weights, e.i32((1 + taps) * VECTOR)),
      window.move(VECTOR),
      e.bump(this.y, e.i32(VECTOR)),
      this.#shape.residual ? e.bump(this.residual, e.i32(VECTOR)) : [],
    ]
  }

  /** One window row. Each input is loaded once, for all outputs and taps that use it. */
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
    const add = (sum: Local<V128>, i: number): Stmt => sum.set(e.add(sum.get(), e.load(this.residual.get(), i * this.#pixelBytes)))
    const store = (lanes: number): Statements => sums.map((sum, i) => e.storePart(() => this.y.get(), sum, lanes, i * this.#pixelBytes))
    const rest = this.#shape.channels % LANES
    return [
      this.#shape.residual ? sums.map(add) : [],
      this.#epilogue.load(this.#parameters.constants),
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
