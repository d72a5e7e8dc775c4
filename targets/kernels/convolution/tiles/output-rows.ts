/**
 * Code that goes over the output rows of a convolution. It computes where the input of each row starts, and
 * which window rows lie inside the image.
 */

import type { Emitter, I32, Local, Scope, Statements, Stmt } from '../../../emitter/emitter.ts'
import type { ConvShape } from '../shape/conv-shape.ts'
import { interior, type WindowAxis } from '../shape/window-axis.ts'
import type { ConvParams } from './conv-function.ts'

/** Bytes between the rows and between the images of the input. */
export interface InputPitch {
  readonly row: number
  readonly image: number
}

/**
 * How the window rows of the current output row are found: `unrolled` rows are known in the code, `looped` ones
 * have bounds that are computed at run time.
 */
export type WindowRows = 'unrolled' | 'looped'

export class OutputRows {
  /** Address of the first input row that the current output row reads, column 0. */
  readonly base: Local<I32>
  /** The first window row inside the image, and the number of those inside. They are set for looped rows only. */
  readonly firstTap: Local<I32>
  readonly tapCount: Local<I32>
  /**
   * The output row counted over the whole batch, the same counted within its image, and the input row of its
   * first window row.
   */
  readonly #row: Local<I32>
  readonly #inImage: Local<I32>
  readonly #top: Local<I32>
  readonly #e: Emitter
  readonly #params: ConvParams
  readonly #shape: ConvShape
  readonly #axis: WindowAxis
  readonly #pitch: InputPitch

  constructor(e: Emitter, scope: Scope, params: ConvParams, shape: ConvShape, axis: WindowAxis, pitch: InputPitch) {
    this.#e = e
    this.#params = params
    this.#shape = shape
    this.#axis = axis
    this.#pitch = pitch
    this.base = scope.i32()
    this.firstTap = scope.i32()
    this.tapCount = scope.i32()
    this.#row = scope.i32()
    this.#inImage = scope.i32()
    this.#top = scope.i32()
  }

  /** `body` for every output row of the function's range, after `start` has set the row up. */
  each(start: Statements, body: Statements): Statements {
    const e = this.#e
    const { begin, end } = this.#params
    const { stride, pad, output } = this.#axis
    const setUp = [
      this.#inImage.set(this.#shape.batch === 1 ? this.#row.get() : e.irem(this.#row.get(), e.i32(output))),
      this.#top.set(e.isub(e.imul(this.#inImage.get(), e.i32(stride)), e.i32(pad))),
    ]
    return e.forRange(this.#row, begin.get(), () => end.get(), 1, [setUp, start, body])
  }

  /** Points `pointer` to the current row of something laid out like the output. */
  point(pointer: Local<I32>, from: Local<I32>): Stmt {
    const e = this.#e
    const bytes = this.#shape.outWidth * this.#shape.outChannels * 4
    return pointer.set(e.iadd(from.get(), e.imul(this.#row.get(), e.i32(bytes))))
  }

  /**
   * If `unroll`, rows whose whole window is inside the image run the `unrolled` body. All others run the
   * `looped` body.
   */
  windows(unroll: boolean, body: (rows: WindowRows) => Statements): Statements {
    const e = this.#e
    const [from, to] = interior(this.#axis)
    const unrolled = (): Statements => [this.base.set(this.#inputRow(this.#top.get())), body('unrolled')]
    const looped = (): Statements => [this.#bounds(), body('looped')]
    if (!unroll || from === to) return looped()
    if (from === 0 && to === this.#axis.output) return unrolled()
    const inside = e.ltUnsigned(e.isub(this.#inImage.get(), e.i32(from)), e.i32(to - from))
    return e.if(inside, unrolled(), looped())
  }

  /** Runs `body` for every window row inside the image, of which there may be none. */
  eachTap(counter: Local<I32>, body: Statements): Stmt {
    const e = this.#e
    return e.if(e.lt(e.i32(0), this.tapCount.get()), e.repeat(counter, this.tapCount.get(), body))
  }

  /** Computes the bounds: from the first window row with top + ky · dilation ≥ 0 to the last one inside the image. */
  #bounds(): Statements {
    const e = this.#e
    const { kernel, dilation, input } = this.#axis
    const ceilDiv = (a: I32): I32 => (dilation === 1 ? a : e.idiv(e.iadd(a, e.i32(dilation - 1)), e.i32(dilation)))
    const above = e.select(e.lt(this.#top.get(), e.i32(0)), e.isub(e.i32(0), this.#top.get()), e.i32(0))
    const left = (): I32 => e.isub(e.i32(input), this.#top.get())
    const bounded = (value: Local<I32>): Stmt => value.set(e.select(e.lt(value.get(), e.i32(kernel)), value.get(), e.i32(kernel)))
    return [
      this.firstTap.set(ceilDiv(above)),
      bounded(this.firstTap),
      this.tapCount.set(e.select(e.lt(e.i32(0), left()), ceilDiv(left()), e.i32(0))),
      bounded(this.tapCount),
      this.tapCount.set(e.isub(this.tapCount.get(), this.firstTap.get())),
      this.base.set(this.#inputRow(e.iadd(this.#top.get(), e.imul(this.firstTap.get(), e.i32(dilation))))),
    ]
  }

  /** Address of an input row of the current image. */
  #inputRow(row: I32): I32 {
    const e = this.#e
    const { x } = this.#params
    const inImage = e.imul(row, e.i32(this.#pitch.row))
    if (this.#shape.batch === 1) return e.iadd(x.get(), inImage)
    const image = e.imul(e.idiv(this.#row.get(), e.i32(this.#axis.output)), e.i32(this.#pitch.image))
    return e.iadd(x.get(), e.iadd(image, inImage))
  }
}
