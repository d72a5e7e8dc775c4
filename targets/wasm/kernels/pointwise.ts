/**
 * 1×1 convolution, stride 1: the matrix product [M,K] · [K,N] with M = batch · height · width.
 *
 * Tiles of rows outside, panels of 8 columns inside, the whole of K innermost: the rows of a tile
 * stay in the nearest cache while the weights stream from the second, in blocks of panels that fit
 * there. M is covered exactly, by tiles of two neighbouring heights. Splits over tiles.
 */

import { callOf, moving, multiplying, type Work } from '../cost.ts'
import type { Kernel } from '../kernel.ts'
import { floatsOf, PANEL, packPanels, panelFloats } from '../pack.ts'
import type { Emitter, I32, Local, Scope, Statements } from '../simd.ts'
import { type ConvNode, type ConvParams, type ConvShape, convCover, convFunction, convShape, keyOf } from './conv-call.ts'
import { EmittedEpilogue, type Epilogue } from './epilogue.ts'
import { RegisterTile, TileLocals } from './register-tile.ts'
import { maxRows, tileCount, tileHeights } from './tile-heights.ts'

const FLOAT = 4

/** Bytes of weights that stay in the second-level cache while all rows use them. */
const BLOCK_BYTES = 2 ** 18

/** M = 1 belongs to `gemv`. */
const MIN_ROWS = 2

export const pointwise: Kernel = {
  name: 'pointwise',
  cover(node, _graph, target) {
    if (node.op !== 'conv') return null
    const shape = convShape(node, target)
    if (!shape || !isPointwise(node, shape)) return null
    const m = shape.batch * shape.outHeight * shape.outWidth
    if (m < MIN_ROWS) return null
    const product: Product = {
      m,
      k: shape.channels,
      n: shape.outChannels,
      relaxed: target.relaxed,
      residual: shape.residual !== undefined,
      epilogue: shape.epilogue,
    }
    return convCover({
      kernel: 'pointwise',
      shape,
      work: pointwiseWork(product),
      fn: pointwiseFunction(product),
      extent: tileCount(m, target.relaxed),
      pack: () => packPointwise(shape),
    })
  },
}

/** 1×1, stride 1, no pads, one group. */
export function isPointwise(node: ConvNode, { kernel: [kh, kw] }: ConvShape): boolean {
  const { group, pads, strides } = node.attrs
  return group === 1 && kh === 1 && kw === 1 && strides.every((s) => s === 1) && pads.every((p) => p === 0)
}

/** Panels of the weights [N,1,1,K] with their bias. */
export function packPointwise({ node, channels }: ConvShape): Float32Array {
  const weights = floatsOf(node.inputs[1])
  return packPanels(channels, floatsOf(node.inputs[2]), (k, column) => weights[column * channels + k] as number)
}

export interface Product {
  readonly m: number
  readonly k: number
  readonly n: number
  readonly relaxed: boolean
  readonly residual: boolean
  readonly epilogue: Epilogue
}

export function pointwiseWork({ m, k, n, relaxed }: Product): Work {
  return callOf(multiplying(m, k, n, relaxed), moving(m * k + k * n, m * n))
}

export function pointwiseFunction(p: Product): ReturnType<typeof convFunction> {
  const heights = tileHeights(p.m, maxRows(p.relaxed))
  const key = keyOf('pointwise', `m${p.m}`, `k${p.k}`, `n${p.n}`, p.epilogue.key, p.residual && 'residual')
  return convFunction(key, (e, scope, params) => {
    const emitter = new PointwiseEmitter(e, scope, params, p, heights[0]?.rows as number)
    return emitter.blocks(() => {
      let firstTile = 0
      let firstRow = 0
      return heights.map(({ rows, count }) => {
        const code = emitter.tiles(rows, firstTile, firstTile + count, firstRow)
        firstTile += count
        firstRow += rows * count
        return code
      })
    })
  })
}

class PointwiseEmitter {
  readonly #e: Emitter
  readonly #params: ConvParams
  readonly #product: Product
  readonly #locals: TileLocals
  readonly #epilogue: EmittedEpilogue
  readonly #tile: Local<I32>
  readonly #panels: Local<I32>
  /** First panel of the block. */
  readonly #block: Local<I32>
  readonly #k: Local<I32>
  readonly #x: Local<I32>
  readonly #panel: Local<I32>
  readonly #y: Local<I32>
  readonly #residual: Local<I32>

  constructor(e: Emitter, scope: Scope, params: ConvParams, product: Product, rows: number) {
    this.#e = e
    this.#params = params
    this.#product = product
    this.#locals = new TileLocals(scope, rows)
    this.#epilogue = new EmittedEpilogue(e, scope, product.epilogue)
    this.#tile = scope.i32()
    this.#panels = scope.i32()
    this.#block = scope.i32()
    this.#k = scope.i32()
    this.#x = scope.i32()
    this.#panel = scope.i32()
    this.#y = scope.i32()
    this.#residual = scope.i32()
  }

  /** `body` for every block of panels; once, and without a loop, if all are in one. */
  blocks(body: () => Statements): Statements {
    const e = this.#e
    const step = this.#blockPanels
    const more = (): I32 => e.lt(this.#block.tee(e.iadd(this.#block.get(), e.i32(step))), e.i32(this.#fullPanels))
    return step >= this.#fullPanels ? body() : [this.#block.set(e.i32(0)), e.doWhile(body(), more())]
  }

  get #fullPanels(): number {
    return Math.floor(this.#product.n / PANEL)
  }

  /** Panels of a block, about equally many in each. */
  get #blockPanels(): number {
    const blocks = Math.ceil((this.#fullPanels * panelFloats(this.#product.k) * FLOAT) / BLOCK_BYTES)
    return Math.ceil(this.#fullPanels / Math.max(1, blocks))
  }

  /** The part of tiles [first, end) that lies in the function's range; tile `first` starts at row `row`. */
  tiles(rows: number, first: number, end: number, row: number): Statements {
    const e = this.#e
    const { begin, end: last } = this.#params
    const from = e.select(e.lt(begin.get(), e.i32(first)), e.i32(first), begin.get())
    const to = (): I32 => e.select(e.lt(last.get(), e.i32(end)), last.get(), e.i32(end))
    return e.forRange(this.#tile, from, to, 1, this.#rowTile(rows, row - first * rows))
  }

  /** The block's columns of the rows from tile · rows + `base`. */
  #rowTile(rows: number, base: number): Statements {
    const e = this.#e
    const { n, k } = this.#product
    const { x, y, residual, weights } = this.#params
    const full = this.#fullPanels
    const step = this.#blockPanels
    const blocked = step < full
    const rowOf = (from: Local<I32>, rowBytes: number): I32 =>
      e.iadd(from.get(), e.iadd(e.imul(this.#tile.get(), e.i32(rows * rowBytes)), e.i32(base * rowBytes)))
    const columnOf = (from: I32, bytes: number): I32 => (blocked ? e.iadd(from, e.imul(this.#block.get(), e.i32(bytes))) : from)
    const left = (): I32 => e.isub(e.i32(full), this.#block.get())
    const count = blocked ? e.select(e.lt(left(), e.i32(step)), left(), e.i32(step)) : e.i32(full)
    const tail = (): Statements => this.#panelOf(rows, n % PANEL)
    return [
      this.#x.set(rowOf(x, k * FLOAT)),
      this.#y.set(columnOf(rowOf(y, n * FLOAT), PANEL * FLOAT)),
      this.#product.residual ? this.#residual.set(columnOf(rowOf(residual, n * FLOAT), PANEL * FLOAT)) : [],
      this.#panel.set(columnOf(weights.get(), panelFloats(k) * FLOAT)),
      full > 0 ? e.repeat(this.#panels, count, this.#panelOf(rows, PANEL)) : [],
      n % PANEL === 0 ? [] : blocked ? e.if(e.ge(e.i32(step), left()), tail()) : tail(),
    ]
  }

  #panelOf(rows: number, columns: number): Statements {
    const e = this.#e
    const { n, k, residual } = this.#product
    const tile = new RegisterTile(e, this.#locals, rows, columns)
    const to = { y: this.#y, rowBytes: n * FLOAT, constants: this.#params.constants, epilogue: this.#epilogue }
    return [
      tile.start(this.#panel),
      e.bump(this.#panel, e.i32(tile.panelBytes)),
      this.#products(tile),
      tile.finish(residual ? { ...to, residual: this.#residual } : to),
      e.bump(this.#x, e.i32(-k * FLOAT)),
      e.bump(this.#y, e.i32(PANEL * FLOAT)),
      residual ? e.bump(this.#residual, e.i32(PANEL * FLOAT)) : [],
    ]
  }

  /** All of K, unrolled where fused multiply-adds can use it; moves the row and panel pointers past it. */
  #products(tile: RegisterTile): Statements {
    const e = this.#e
    const { k, relaxed } = this.#product
    const unroll = relaxed ? 4 : 1
    const times = Math.floor(k / unroll)
    const steps = (count: number): Statements => [
      Array.from({ length: count }, (_, i) => this.#step(tile, i)),
      e.bump(this.#panel, e.i32(count * tile.panelBytes)),
    ]
    const loop = times > 1 ? e.repeat(this.#k, e.i32(times), steps(unroll)) : times === 1 ? steps(unroll) : []
    return [loop, k % unroll > 0 ? steps(k % unroll) : []]
  }

  /**
   * The row pointer moves by one element a step, and rows differ by a constant offset: engines do
   * not fold the offset of a splat load, so every distinct one would cost an addition.
   */
  #step(tile: RegisterTile, i: number): Statements {
    const e = this.#e
    const rowBytes = this.#product.k * FLOAT
    return [tile.step(this.#panel, i * tile.panelBytes, (row) => e.loadSplat(this.#x.get(), row * rowBytes)), e.bump(this.#x, e.i32(FLOAT))]
  }
}
