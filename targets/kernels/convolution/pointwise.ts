/**
 * 1×1 convolution, stride 1: the matrix product [M,K] · [K,N] with M = batch · height · width.
 *
 * The outer loop goes over tiles of rows, the next one over panels of columns, and the innermost one over the
 * whole of K. The rows of a tile stay in the first-level cache. The weights stream from the second-level cache,
 * in blocks of panels that fit there. Tiles of two neighbouring heights cover M exactly. Parts are ranges of
 * tiles.
 *
 * The function is specialised by the heights, the columns beyond full panels, the epilogue and whether there is
 * a residual. Everything else is a parameter (see `product-tile.ts`).
 */

import type { EmittedFunction } from '../../emitter/emitted-function.ts'
import { inOrder, type NamedParams, namedFunction } from '../../emitter/emitted-function.ts'
import type { Emitter, I32, Local, Scope, Statements } from '../../emitter/emitter.ts'
import { floatsOf, headerBytes, packFloat32Panels, panelBytes, stepBytes } from '../../packing/pack.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callOf, moving, type Work } from '../../target/cost.ts'
import { callCover, type SizedFunction } from './conv-cover.ts'
import { type ConvShape, isPointwise } from './shape/conv-shape.ts'
import { keyOf } from './tiles/conv-function.ts'
import { emittableShape } from './tiles/emittable-shape.ts'
import type { Epilogue } from './tiles/epilogue.ts'
import { callTile, tileFunction } from './tiles/product-tile.ts'
import { FLOAT32_TILES } from './tiles/tile-arithmetic.ts'
import { maxRows, type TileTarget, tileCount, tileHeights } from './tiles/tile-size.ts'
import { multiplying } from './tiles/tile-work.ts'

/** The element types and instructions of the products. */
const ARITHMETIC = FLOAT32_TILES
const { panels: PANELS, activationBytes: ACTIVATION, resultBytes: RESULT } = ARITHMETIC

/** Bytes of weights that stay in the second-level cache while all rows use them. */
const BLOCK_BYTES = 2 ** 18

/** Fewest rows of a product. A product of one row is computed by `gemv`. */
const MIN_ROWS = 2

export const pointwise: Kernel = {
  name: 'pointwise',
  cover(node, _graph, target) {
    const shape = emittableShape(node, target)
    if (!shape || !isPointwise(shape)) return null
    const m = shape.batch * shape.outHeight * shape.outWidth
    if (m < MIN_ROWS) return null
    const product: Product = {
      m,
      k: shape.channels,
      n: shape.outChannels,
      target,
      residual: shape.residual !== undefined,
      epilogue: shape.epilogue,
    }
    return callCover({
      kernel: 'pointwise',
      shape,
      work: pointwiseWork(product),
      ...pointwiseCall(product),
      pack: () => packPointwise(shape),
    })
  },
}

/** Panels of the weights [N,1,1,K] with their bias. */
export function packPointwise({ node }: ConvShape): Uint8Array {
  return packFloat32Panels(floatsOf(node.inputs[2]), floatsOf(node.inputs[1]))
}

/** A product [m,k] · [k,n] for a target. */
export interface Product {
  readonly m: number
  readonly k: number
  readonly n: number
  readonly target: TileTarget
  readonly residual: boolean
  readonly epilogue: Epilogue
}

/** The work of one call for the whole product. */
export function pointwiseWork({ m, k, n, target }: Product): Work {
  return callOf(multiplying(m, k, n, target), moving(m * k + k * n, m * n))
}

export interface PointwiseCall extends SizedFunction {
  readonly sizes: readonly number[]
  /** Number of tiles. */
  readonly extent: number
  /** Rows of a tall tile; short ones have one less. */
  readonly rows: number
}

/** The function that computes a product, with its operands and its range. */
export function pointwiseCall(p: Product): PointwiseCall {
  const [first] = tileHeights(p.m, maxRows(p.target))
  const rows = first?.rows as number
  const extent = tileCount(p.m, p.target)
  const sizes: Sizes = {
    steps: Math.ceil(p.k / PANELS.group),
    n: p.n,
    maxBlockPanels: maxBlockPanels(p),
    tallTiles: p.m - extent * (rows - 1),
  }
  return { fn: pointwiseFunction(p, rows), sizes: inOrder(SIZES, sizes), extent, rows }
}

/** The most full panels of a block. All blocks have about the same number. */
function maxBlockPanels({ k, n }: Product): number {
  const panels = Math.floor(n / PANELS.columns)
  const blocks = Math.max(1, Math.ceil((panels * panelBytes(PANELS, k)) / BLOCK_BYTES))
  return Math.ceil(panels / blocks)
}

/** `steps` is the number of steps of a panel. `tallTiles` is the number of tall tiles, which come first. */
export const SIZES = ['steps', 'n', 'maxBlockPanels', 'tallTiles'] as const

type Sizes = Readonly<Record<(typeof SIZES)[number], number>>

const PARAMS = ['x', 'weights', 'y', 'residual', 'constants', ...SIZES, 'begin', 'end'] as const

type Params = NamedParams<(typeof PARAMS)[number]>

/** `rows` ≥ 2. */
function pointwiseFunction({ n, residual, epilogue }: Product, rows: number): EmittedFunction {
  const tail = n % PANELS.columns
  const tile = (height: number, columns: number): EmittedFunction =>
    tileFunction({ arithmetic: ARITHMETIC, rows: height, columns, residual, epilogue })
  const tiles = (height: number): TileFunctions => ({ full: tile(height, PANELS.columns), tail: tail > 0 ? tile(height, tail) : null })
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
interface TileFunctions {
  readonly full: EmittedFunction
  /** For the columns beyond the full panels; null where there are none. */
  readonly tail: EmittedFunction | null
}

interface PointwiseCode {
  readonly rows: number
  readonly tall: TileFunctions
  readonly short: TileFunctions
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

  /** The loops: over blocks of panels, and inside over tiles. */
  code(): Statements {
    const e = this.#e
    const { steps, n, maxBlockPanels, weights, begin, end } = this.#params
    const left = (): I32 => e.isub(this.#fullPanels.get(), this.#block.get())
    const block = [
      this.#blockPanels.set(e.select(e.lt(left(), maxBlockPanels.get()), left(), maxBlockPanels.get())),
      e.forRange(this.#tile, begin.get(), () => end.get(), 1, this.#tileOf()),
      e.bump(weights, this.#blockBytes()),
    ]
    const next = this.#block.tee(e.iadd(this.#block.get(), this.#blockPanels.get()))
    return [
      this.#fullPanels.set(e.idiv(n.get(), e.i32(PANELS.columns))),
      this.#xPitch.set(e.imul(steps.get(), e.i32(ACTIVATION))),
      this.#yPitch.set(e.imul(n.get(), e.i32(RESULT))),
      this.#block.set(e.i32(0)),
      e.doWhile(block, e.lt(next, this.#fullPanels.get())),
    ]
  }

  /** Bytes of the block's panels. */
  #blockBytes(): I32 {
    const e = this.#e
    const step = stepBytes(PANELS, PANELS.columns)
    const stepsAndHeader = e.iadd(this.#params.steps.get(), e.i32(headerBytes(PANELS, PANELS.columns) / step))
    return e.imul(this.#blockPanels.get(), e.imul(stepsAndHeader, e.i32(step)))
  }

  /** The block's columns of tile `tile`. */
  #tileOf(): Statements {
    const e = this.#e
    const { x, y, residual, tallTiles } = this.#params
    const inBlock = (from: Local<I32>): I32 =>
      e.iadd(from.get(), e.iadd(e.imul(this.#row.get(), this.#yPitch.get()), e.imul(this.#block.get(), e.i32(PANELS.columns * RESULT))))
    return [
      this.#row.set(firstRow(e, this.#code.rows, this.#tile, tallTiles)),
      this.#x.set(e.iadd(x.get(), e.imul(this.#row.get(), this.#xPitch.get()))),
      this.#y.set(inBlock(y)),
      this.#code.residual ? this.#residual.set(inBlock(residual)) : [],
      e.if(e.lt(this.#tile.get(), tallTiles.get()), this.#columns(this.#code.tall), this.#columns(this.#code.short)),
    ]
  }

  /** Full panels, and in the last block what is beyond them. */
  #columns({ full, tail }: TileFunctions): Statements {
    const e = this.#e
    const { weights, constants, steps } = this.#params
    const call = (fn: EmittedFunction, panel: I32, y: I32, residual: I32, panels: I32): Statements =>
      callTile(e, fn, {
        x: this.#x.get(),
        panel,
        y,
        yPitch: this.#yPitch.get(),
        residual,
        constants: constants.get(),
        steps: steps.get(),
        panels,
      })
    const whole = call(full, weights.get(), this.#y.get(), this.#residual.get(), this.#blockPanels.get())
    if (!tail) return whole
    const beyond = (from: Local<I32>): I32 => e.iadd(from.get(), e.imul(this.#blockPanels.get(), e.i32(PANELS.columns * RESULT)))
    const isLast = e.eq(e.iadd(this.#block.get(), this.#blockPanels.get()), this.#fullPanels.get())
    return [
      e.if(this.#blockPanels.get(), whole),
      e.if(isLast, call(tail, e.iadd(weights.get(), this.#blockBytes()), beyond(this.#y), beyond(this.#residual), e.i32(1))),
    ]
  }
}
