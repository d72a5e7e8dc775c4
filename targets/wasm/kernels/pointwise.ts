/**
 * 1×1 convolution, stride 1: the matrix product [M,K] · [K,N] with M = batch · height · width.
 *
 * Tiles of rows outside, panels of 8 columns inside, the whole of K innermost: the rows of a tile
 * stay in the nearest cache while the weights stream from the second, in blocks of panels that fit
 * there. M is covered exactly, by tiles of two neighbouring heights. Splits over tiles. The function
 * knows heights and epilogue; all extents are parameters (see `product-tile.ts`).
 */

import { callOf, moving, multiplying, type Work } from '../cost.ts'
import type { EmittedFunction, Kernel } from '../kernel.ts'
import { floatsOf, PANEL, packPanels, panelFloats } from '../pack.ts'
import type { Emitter, I32, Local, Scope, Statements } from '../simd.ts'
import { type ConvNode, type ConvShape, convCover, convShape, keyOf } from './conv-call.ts'
import type { Epilogue } from './epilogue.ts'
import { inOrder, type NamedParams, namedFunction } from './named-function.ts'
import { callTile, tileFunction } from './product-tile.ts'
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
      ...pointwiseCall(product),
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

/** A function that computes products, and what one product tells it. */
export interface PointwiseCall {
  readonly fn: EmittedFunction
  /** Operands between the constants and the range of tiles. */
  readonly sizes: readonly number[]
  /** Number of tiles. */
  readonly extent: number
  /** Rows of the higher tiles. */
  readonly rows: number
}

export function pointwiseCall(p: Product): PointwiseCall {
  const [first] = tileHeights(p.m, maxRows(p.relaxed))
  const rows = first?.rows as number
  const extent = tileCount(p.m, p.relaxed)
  const sizes: Sizes = { k: p.k, n: p.n, blockPanels: blockPanels(p), tall: p.m - extent * (rows - 1) }
  return { fn: pointwiseFunction(p, rows), sizes: inOrder(SIZES, sizes), extent, rows }
}

/** Full panels of a block, about equally many in each. */
function blockPanels({ k, n }: Product): number {
  const panels = Math.floor(n / PANEL)
  const blocks = Math.max(1, Math.ceil((panels * panelFloats(k) * FLOAT) / BLOCK_BYTES))
  return Math.ceil(panels / blocks)
}

/** `tall`: tiles of the larger height, which are the first. */
export const SIZES = ['k', 'n', 'blockPanels', 'tall'] as const

type Sizes = Readonly<Record<(typeof SIZES)[number], number>>

const PARAMS = ['x', 'weights', 'y', 'residual', 'constants', ...SIZES, 'begin', 'end'] as const

type Params = NamedParams<(typeof PARAMS)[number]>

/** Covers M with tiles of `rows` ≥ 2 rows and of one less. */
function pointwiseFunction({ n, relaxed, residual, epilogue }: Product, rows: number): EmittedFunction {
  const tail = n % PANEL
  const tile = (height: number, columns: number): EmittedFunction => tileFunction({ rows: height, columns, relaxed, residual, epilogue })
  const heights = [rows, rows - 1].map((height): Height => ({ full: tile(height, PANEL), tail: tail > 0 ? tile(height, tail) : null }))
  const key = keyOf('pointwise', rows, tail > 0 && `n${tail}`, epilogue.key, residual && 'residual')
  return namedFunction({
    key,
    names: PARAMS,
    calls: heights.flatMap((h) => [h.full, ...(h.tail ? [h.tail] : [])]),
    body: (e, scope, params) => new PointwiseEmitter(e, scope, params, rows, heights).code(),
  })
}

/** The first row of a tile, where the first `tall` tiles have `rows` rows and the others one less. */
export function firstRow(e: Emitter, rows: number, tile: Local<I32>, tall: Local<I32>): I32 {
  const before = e.select(e.lt(tile.get(), tall.get()), tile.get(), tall.get())
  return e.iadd(e.imul(tile.get(), e.i32(rows - 1)), before)
}

/** The functions for tiles of one height. */
interface Height {
  readonly full: EmittedFunction
  /** For the columns beyond the full panels. */
  readonly tail: EmittedFunction | null
}

class PointwiseEmitter {
  readonly #e: Emitter
  readonly #params: Params
  readonly #rows: number
  readonly #heights: readonly Height[]
  readonly #tile: Local<I32>
  /** Full panels. */
  readonly #panels: Local<I32>
  /** The block's first panel, and how many it has. */
  readonly #block: Local<I32>
  readonly #count: Local<I32>
  /** Bytes of a row of x, and of one of y and the residual. */
  readonly #xPitch: Local<I32>
  readonly #yPitch: Local<I32>
  readonly #x: Local<I32>
  readonly #y: Local<I32>
  readonly #residual: Local<I32>

  constructor(e: Emitter, scope: Scope, params: Params, rows: number, heights: readonly Height[]) {
    this.#e = e
    this.#params = params
    this.#rows = rows
    this.#heights = heights
    this.#tile = scope.i32()
    this.#panels = scope.i32()
    this.#block = scope.i32()
    this.#count = scope.i32()
    this.#xPitch = scope.i32()
    this.#yPitch = scope.i32()
    this.#x = scope.i32()
    this.#y = scope.i32()
    this.#residual = scope.i32()
  }

  /** Blocks of panels outside, tiles inside. */
  code(): Statements {
    const e = this.#e
    const { k, n, blockPanels, weights, begin, end } = this.#params
    const left = (): I32 => e.isub(this.#panels.get(), this.#block.get())
    const block = [
      this.#count.set(e.select(e.lt(left(), blockPanels.get()), left(), blockPanels.get())),
      e.forRange(this.#tile, begin.get(), () => end.get(), 1, this.#tileOf()),
      e.bump(weights, this.#blockBytes()),
    ]
    const next = this.#block.tee(e.iadd(this.#block.get(), this.#count.get()))
    return [
      this.#panels.set(e.idiv(n.get(), e.i32(PANEL))),
      this.#xPitch.set(e.imul(k.get(), e.i32(FLOAT))),
      this.#yPitch.set(e.imul(n.get(), e.i32(FLOAT))),
      this.#block.set(e.i32(0)),
      e.doWhile(block, e.lt(next, this.#panels.get())),
    ]
  }

  /** Bytes of the block's panels. */
  #blockBytes(): I32 {
    const e = this.#e
    const depth = e.iadd(this.#params.k.get(), e.i32(1))
    return e.imul(this.#count.get(), e.imul(depth, e.i32(PANEL * FLOAT)))
  }

  /** The block's columns of tile `tile`. */
  #tileOf(): Statements {
    const e = this.#e
    const { x, y, residual, tall } = this.#params
    const [high, low] = this.#heights as [Height, Height]
    const isTall = (): I32 => e.lt(this.#tile.get(), tall.get())
    const row = (): I32 => firstRow(e, this.#rows, this.#tile, tall)
    const inBlock = (from: Local<I32>): I32 =>
      e.iadd(from.get(), e.iadd(e.imul(row(), this.#yPitch.get()), e.imul(this.#block.get(), e.i32(PANEL * FLOAT))))
    return [
      this.#x.set(e.iadd(x.get(), e.imul(row(), this.#xPitch.get()))),
      this.#y.set(inBlock(y)),
      this.#residual.set(inBlock(residual)),
      e.if(isTall(), this.#columns(high), this.#columns(low)),
    ]
  }

  /** Full panels, and in the last block what is beyond them. */
  #columns({ full, tail }: Height): Statements {
    const e = this.#e
    const { weights, constants, k } = this.#params
    const call = (fn: EmittedFunction, panel: I32, y: I32, residual: I32): Statements =>
      callTile(e, fn, {
        x: this.#x.get(),
        panel,
        y,
        yPitch: this.#yPitch.get(),
        residual,
        constants: constants.get(),
        k: k.get(),
        panels: this.#count.get(),
      })
    const whole = call(full, weights.get(), this.#y.get(), this.#residual.get())
    if (!tail) return whole
    const beyond = (from: Local<I32>): I32 => e.iadd(from.get(), e.imul(this.#count.get(), e.i32(PANEL * FLOAT)))
    const isLast = e.eq(e.iadd(this.#block.get(), this.#count.get()), this.#panels.get())
    return [
      e.if(this.#count.get(), whole),
      e.if(isLast, call(tail, e.iadd(weights.get(), this.#blockBytes()), beyond(this.#y), beyond(this.#residual))),
    ]
  }
}
