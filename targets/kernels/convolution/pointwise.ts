/**
 * 1×1 convolution, stride 1: the matrix product [M,K] · [K,N] with M = batch · height · width.
 *
 * Tiles of rows outside, panels of 8 columns inside, the whole of K innermost: the rows of a tile
 * stay in the nearest cache while the weights stream from the second, in blocks of panels that fit
 * there. M is covered exactly, by tiles of two neighbouring heights. Splits over tiles. The function
 * knows heights, the columns beyond full panels, epilogue and residual; all else are parameters (see
 * `product-tile.ts`).
 */

import type { Emitter, I32, Local, Scope, Statements } from '../../emitter/emitter.ts'
import { floatsOf, PANEL, packPanels, panelFloats } from '../../packing/pack.ts'
import type { EmittedFunction, Kernel } from '../../selection/kernel.ts'
import { callOf, moving, type Work } from '../../target/cost.ts'
import { type ConvNode, type ConvShape, convCover, convShape, keyOf, type SizedFunction } from './conv-call.ts'
import type { Epilogue } from './epilogue.ts'
import { inOrder, type NamedParams, namedFunction } from './named-function.ts'
import { callTile, tileFunction } from './product-tile.ts'
import { maxRows, tileCount, tileHeights } from './tile-heights.ts'
import { multiplying } from './tile-work.ts'

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

export interface PointwiseCall extends SizedFunction {
  readonly sizes: readonly number[]
  /** Number of tiles. */
  readonly extent: number
  /** Rows of a tall tile; short ones have one less. */
  readonly rows: number
}

export function pointwiseCall(p: Product): PointwiseCall {
  const [first] = tileHeights(p.m, maxRows(p.relaxed))
  const rows = first?.rows as number
  const extent = tileCount(p.m, p.relaxed)
  const sizes: Sizes = { k: p.k, n: p.n, maxBlockPanels: maxBlockPanels(p), tallTiles: p.m - extent * (rows - 1) }
  return { fn: pointwiseFunction(p, rows), sizes: inOrder(SIZES, sizes), extent, rows }
}

/** Full panels of a block, about equally many in each. */
function maxBlockPanels({ k, n }: Product): number {
  const panels = Math.floor(n / PANEL)
  const blocks = Math.max(1, Math.ceil((panels * panelFloats(k) * FLOAT) / BLOCK_BYTES))
  return Math.ceil(panels / blocks)
}

/** The tall tiles are the first ones. */
export const SIZES = ['k', 'n', 'maxBlockPanels', 'tallTiles'] as const

type Sizes = Readonly<Record<(typeof SIZES)[number], number>>

const PARAMS = ['x', 'weights', 'y', 'residual', 'constants', ...SIZES, 'begin', 'end'] as const

type Params = NamedParams<(typeof PARAMS)[number]>

/** `rows` ≥ 2. */
function pointwiseFunction({ n, residual, epilogue }: Product, rows: number): EmittedFunction {
  const tail = n % PANEL
  const tile = (height: number, columns: number): EmittedFunction => tileFunction({ rows: height, columns, residual, epilogue })
  const tiles = (height: number): Tiles => ({ full: tile(height, PANEL), tail: tail > 0 ? tile(height, tail) : null })
  const [tall, short] = [tiles(rows), tiles(rows - 1)]
  const key = keyOf('pointwise', rows, tail > 0 && `n${tail}`, epilogue.key, residual && 'residual')
  return namedFunction({
    key,
    names: PARAMS,
    calls: [tall, short].flatMap((t) => [t.full, ...(t.tail ? [t.tail] : [])]),
    body: (e, scope, params) => new PointwiseEmitter(e, scope, params, { rows, tall, short, residual }).code(),
  })
}

/** The first row of a tile, where the first `tallTiles` have `rows` rows and the others one less. */
export function firstRow(e: Emitter, rows: number, tile: Local<I32>, tallTiles: Local<I32>): I32 {
  const before = e.select(e.lt(tile.get(), tallTiles.get()), tile.get(), tallTiles.get())
  return e.iadd(e.imul(tile.get(), e.i32(rows - 1)), before)
}

/** The functions for tiles of one height. */
interface Tiles {
  readonly full: EmittedFunction
  /** For the columns beyond the full panels. */
  readonly tail: EmittedFunction | null
}

interface PointwiseCode {
  readonly rows: number
  readonly tall: Tiles
  readonly short: Tiles
  readonly residual: boolean
}

class PointwiseEmitter {
  readonly #e: Emitter
  readonly #params: Params
  readonly #code: PointwiseCode
  readonly #tile: Local<I32>
  readonly #row: Local<I32>
  readonly #fullPanels: Local<I32>
  /** The block's first panel, and how many it has. */
  readonly #block: Local<I32>
  readonly #blockPanels: Local<I32>
  /** Bytes of a row of x, and of one of y and the residual. */
  readonly #xPitch: Local<I32>
  readonly #yPitch: Local<I32>
  readonly #x: Local<I32>
  readonly #y: Local<I32>
  readonly #residual: Local<I32>

  constructor(e: Emitter, scope: Scope, params: Params, code: PointwiseCode) {
    this.#e = e
    this.#params = params
    this.#code = code
    this.#tile = scope.i32()
    this.#row = scope.i32()
    this.#fullPanels = scope.i32()
    this.#block = scope.i32()
    this.#blockPanels = scope.i32()
    this.#xPitch = scope.i32()
    this.#yPitch = scope.i32()
    this.#x = scope.i32()
    this.#y = scope.i32()
    this.#residual = scope.i32()
  }

  /** Blocks of panels outside, tiles inside. */
  code(): Statements {
    const e = this.#e
    const { k, n, maxBlockPanels, weights, begin, end } = this.#params
    const left = (): I32 => e.isub(this.#fullPanels.get(), this.#block.get())
    const block = [
      this.#blockPanels.set(e.select(e.lt(left(), maxBlockPanels.get()), left(), maxBlockPanels.get())),
      e.forRange(this.#tile, begin.get(), () => end.get(), 1, this.#tileOf()),
      e.bump(weights, this.#blockBytes()),
    ]
    const next = this.#block.tee(e.iadd(this.#block.get(), this.#blockPanels.get()))
    return [
      this.#fullPanels.set(e.idiv(n.get(), e.i32(PANEL))),
      this.#xPitch.set(e.imul(k.get(), e.i32(FLOAT))),
      this.#yPitch.set(e.imul(n.get(), e.i32(FLOAT))),
      this.#block.set(e.i32(0)),
      e.doWhile(block, e.lt(next, this.#fullPanels.get())),
    ]
  }

  /** Bytes of the block's panels. */
  #blockBytes(): I32 {
    const e = this.#e
    const depth = e.iadd(this.#params.k.get(), e.i32(1))
    return e.imul(this.#blockPanels.get(), e.imul(depth, e.i32(PANEL * FLOAT)))
  }

  /** The block's columns of tile `tile`. */
  #tileOf(): Statements {
    const e = this.#e
    const { x, y, residual, tallTiles } = this.#params
    const inBlock = (from: Local<I32>): I32 =>
      e.iadd(from.get(), e.iadd(e.imul(this.#row.get(), this.#yPitch.get()), e.imul(this.#block.get(), e.i32(PANEL * FLOAT))))
    return [
      this.#row.set(firstRow(e, this.#code.rows, this.#tile, tallTiles)),
      this.#x.set(e.iadd(x.get(), e.imul(this.#row.get(), this.#xPitch.get()))),
      this.#y.set(inBlock(y)),
      this.#code.residual ? this.#residual.set(inBlock(residual)) : [],
      e.if(e.lt(this.#tile.get(), tallTiles.get()), this.#columns(this.#code.tall), this.#columns(this.#code.short)),
    ]
  }

  /** Full panels, and in the last block what is beyond them. */
  #columns({ full, tail }: Tiles): Statements {
    const e = this.#e
    const { weights, constants, k } = this.#params
    const call = (fn: EmittedFunction, panel: I32, y: I32, residual: I32, panels: I32): Statements =>
      callTile(e, fn, {
        x: this.#x.get(),
        panel,
        y,
        yPitch: this.#yPitch.get(),
        residual,
        constants: constants.get(),
        k: k.get(),
        panels,
      })
    const whole = call(full, weights.get(), this.#y.get(), this.#residual.get(), this.#blockPanels.get())
    if (!tail) return whole
    const beyond = (from: Local<I32>): I32 => e.iadd(from.get(), e.imul(this.#blockPanels.get(), e.i32(PANEL * FLOAT)))
    const isLast = e.eq(e.iadd(this.#block.get(), this.#blockPanels.get()), this.#fullPanels.get())
    return [
      e.if(this.#blockPanels.get(), whole),
      e.if(isLast, call(tail, e.iadd(weights.get(), this.#blockBytes()), beyond(this.#y), beyond(this.#residual), e.i32(1))),
    ]
  }
}
