/**
 * Dense k×k convolution (one group) that reads the image directly. It uses the register tile of a matrix
 * product, whose rows are neighbouring outputs of one image row. Parts are ranges of output rows.
 *
 * It computes stems, strided 1×1 convolutions and any other dense convolution. A stem may read the model's own
 * [N,C,H,W] input without a transpose. Tiles at the left and right border leave out the products that fall
 * outside the image.
 */

import { type Graph, type Node, producer, resultOf, usesOf, type Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Emitter, I32, Local, Scope, Statements, Stmt } from '../../emitter/emitter.ts'
import { floatsOf, headerBytes, packFloat32Panels, panelBytes } from '../../packing/pack.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callOf, moving } from '../../target/cost.ts'
import { callCover } from './conv-cover.ts'
import type { ConvNode, ConvShape } from './shape/conv-shape.ts'
import { leftmost, positionOf, type TileRun, tileRuns, type WindowAxis } from './shape/window-axis.ts'
import { type ConvParams, convFunction, keyOf } from './tiles/conv-function.ts'
import { type EmittableShape, emittableShape } from './tiles/emittable-shape.ts'
import { EmittedEpilogue } from './tiles/epilogue.ts'
import { OutputRows } from './tiles/output-rows.ts'
import { RegisterTile, TileLocals } from './tiles/register-tile.ts'
import { FLOAT32_TILES } from './tiles/tile-arithmetic.ts'
import { maxRows } from './tiles/tile-size.ts'
import { convolving } from './tiles/tile-work.ts'

const FLOAT = 4

/** The element types and instructions of the products. */
const ARITHMETIC = FLOAT32_TILES
const { panels: PANELS } = ARITHMETIC
const PANEL = PANELS.columns

/** The most channels for which a transposed input is read as it is. */
const MAX_PLANES = 4

/**
 * The most steps of a run of inputs that are unrolled, if multiply-adds are fused. Otherwise loops are not
 * unrolled, because V8 11 makes slower code then.
 */
const MAX_UNROLLED = 12

export const direct: Kernel = {
  name: 'direct',
  cover(node, graph, target) {
    const shape = emittableShape(node, target)
    if (shape?.groups !== 1) return null
    const transpose = planarSource(shape.node, graph)
    const input = transpose?.inputs[0]
    const planar = input !== undefined
    const inputs = shape.batch * shape.height * shape.width * shape.channels
    const weights = sizeOf((node.inputs[1] as Value).type.shape)
    return callCover({
      kernel: 'direct',
      shape,
      ...(transpose && input ? { input, nodes: [node, transpose] } : {}),
      work: callOf(convolving(shape.macs, shape.outWidth), moving(inputs + weights, sizeOf(resultOf(node).type.shape))),
      fn: directFunction(shape, planar),
      extent: shape.batch * shape.outHeight,
      pack: () => packDirect(shape, planar),
    })
  },
}

/**
 * The transpose [N,C,H,W] → [N,H,W,C] that only this convolution reads, if there are few channels; otherwise
 * null.
 */
export function planarSource(node: ConvNode, graph: Graph): Node | null {
  const x = node.inputs[0] as Value
  const transpose = producer(x, 'transpose')
  if (transpose?.attrs.perm.join() !== '0,2,3,1' || usesOf(graph, x).length !== 1) return null
  return (x.type.shape[3] as number) <= MAX_PLANES && transpose.inputs[0]?.kind !== 'constant' ? (transpose as Node) : null
}

/**
 * Packs weights [O,kh,kw,C] as panels. For planar inputs, the steps of a window row go through the columns of
 * each channel before the next channel. For other inputs they go through the channels of each column.
 */
export function packDirect({ node, channels, kernel: [, kw] }: ConvShape, planar: boolean): Uint8Array {
  const position = (k: number): number => {
    if (!planar) return k
    const [ky, inRow] = [Math.floor(k / (kw * channels)), k % (kw * channels)]
    return (ky * kw + (inRow % kw)) * channels + Math.floor(inRow / kw)
  }
  return packFloat32Panels(floatsOf(node.inputs[2]), floatsOf(node.inputs[1]), position)
}

/** The function of a convolution; `planar`: its input is [N,C,H,W]. */
export function directFunction(shape: EmittableShape, planar: boolean): ReturnType<typeof convFunction> {
  const { batch, height, width, channels, outChannels, kernel, node, epilogue, residual } = shape
  const { strides, pads, dilations } = node.attrs
  const window = [kernel, strides, pads, dilations].map((list) => list.join('x'))
  const size = [batch, height, width, channels].join('x')
  const key = keyOf('direct', planar && 'planar', size, `n${outChannels}`, ...window, epilogue.key, residual && 'residual')
  return convFunction(key, (e, scope, params) => new DirectEmitter(e, scope, params, shape, planar).code())
}

/**
 * A run of steps that multiply consecutive inputs with consecutive panel rows. A run without tile rows only
 * skips `length` panel rows.
 */
interface InputRun {
  /** Tile rows that have an input here. */
  readonly rows: ReadonlySet<number>
  /** Bytes from the tile's window row to the first of `rows`' first input. */
  readonly offset: number
  readonly length: number
}

class DirectEmitter {
  readonly #e: Emitter
  readonly #params: ConvParams
  readonly #shape: EmittableShape
  readonly #planar: boolean
  readonly #columns: WindowAxis
  /** Bytes between neighbouring columns of the input, and between the input rows that one window reads. */
  readonly #columnBytes: number
  readonly #tapRowBytes: number
  readonly #outputRows: OutputRows
  readonly #locals: TileLocals
  readonly #epilogue: EmittedEpilogue
  readonly #tile: Local<I32>
  readonly #xTile: Local<I32>
  readonly #xRow: Local<I32>
  readonly #x: Local<I32>
  readonly #panels: Local<I32>
  readonly #panel: Local<I32>
  readonly #weights: Local<I32>
  readonly #y: Local<I32>
  readonly #residual: Local<I32>
  readonly #ky: Local<I32>
  readonly #k: Local<I32>

  constructor(e: Emitter, scope: Scope, params: ConvParams, shape: EmittableShape, planar: boolean) {
    const [rows, columns] = shape.axes
    this.#e = e
    this.#params = params
    this.#shape = shape
    this.#planar = planar
    this.#columns = columns
    this.#columnBytes = planar ? FLOAT : shape.channels * FLOAT
    const row = shape.width * this.#columnBytes
    this.#tapRowBytes = row * rows.dilation
    const image = shape.height * shape.width * shape.channels * FLOAT
    this.#outputRows = new OutputRows(e, scope, params, shape, rows, { row, image })
    this.#locals = new TileLocals(scope, ARITHMETIC, maxRows(e.target))
    this.#epilogue = new EmittedEpilogue(e, scope, shape.epilogue)
    this.#tile = scope.i32()
    this.#xTile = scope.i32()
    this.#xRow = scope.i32()
    this.#x = scope.i32()
    this.#panels = scope.i32()
    this.#panel = scope.i32()
    this.#weights = scope.i32()
    this.#y = scope.i32()
    this.#residual = scope.i32()
    this.#ky = scope.i32()
    this.#k = scope.i32()
  }

  code(): Statements {
    const { y, residual } = this.#params
    const rows = this.#outputRows
    const start = [rows.point(this.#y, y), this.#shape.residual ? rows.point(this.#residual, residual) : []]
    const runs = tileRuns(this.#columns, maxRows(this.#e.target))
    return rows.each(
      start,
      rows.windows(false, () => runs.map((run) => this.#run(run))),
    )
  }

  get #depth(): number {
    const [kh, kw] = this.#shape.kernel
    return kh * kw * this.#shape.channels
  }

  #run(run: TileRun): Statements {
    const e = this.#e
    const n = this.#shape.outChannels
    const left = leftmost(this.#columns, run)
    const full = Math.floor(n / PANEL)
    const passed = Math.ceil(n / PANEL) * PANEL * FLOAT
    const next = (pointer: Local<I32>): Stmt => e.bump(pointer, e.i32(run.size * n * FLOAT - passed))
    const tile = [
      this.#panel.set(this.#params.weights.get()),
      full > 0 ? e.repeat(this.#panels, e.i32(full), this.#panelOf(run, left, PANEL)) : [],
      n % PANEL > 0 ? this.#panelOf(run, left, n % PANEL) : [],
      next(this.#y),
      this.#shape.residual ? next(this.#residual) : [],
      e.bump(this.#xTile, e.i32(run.size * this.#columns.stride * this.#columnBytes)),
    ]
    return [
      this.#xTile.set(e.iadd(this.#outputRows.base.get(), e.i32(left * this.#columnBytes))),
      run.count === 1 ? tile : e.repeat(this.#tile, e.i32(run.count), tile),
    ]
  }

  #panelOf(run: TileRun, left: number, columns: number): Statements {
    const e = this.#e
    const { outChannels, residual, kernel, channels } = this.#shape
    const tile = new RegisterTile(e, ARITHMETIC, this.#locals, run.size, columns)
    const to = { y: this.#y, pitch: outChannels * FLOAT, constants: this.#params.constants, epilogue: this.#epilogue }
    const skipped = e.imul(this.#outputRows.firstTap.get(), e.i32(kernel[1] * channels * tile.stepBytes))
    return [
      tile.start(this.#panel),
      this.#xRow.set(this.#xTile.get()),
      this.#weights.set(e.iadd(e.iadd(this.#panel.get(), e.i32(headerBytes(PANELS, tile.vectors * PANELS.lanes))), skipped)),
      this.#outputRows.eachTap(this.#ky, this.#windowRow(tile, run, left)),
      tile.finish(residual ? { ...to, residual: this.#residual } : to),
      e.bump(this.#panel, e.i32(panelBytes(PANELS, this.#depth))),
      e.bump(this.#y, e.i32(PANEL * FLOAT)),
      residual ? e.bump(this.#residual, e.i32(PANEL * FLOAT)) : [],
    ]
  }

  #windowRow(tile: RegisterTile, run: TileRun, left: number): Statements {
    const e = this.#e
    return [this.#inputRuns(run, left).map((input) => this.#inputRun(tile, input)), e.bump(this.#xRow, e.i32(this.#tapRowBytes))]
  }

  /**
   * The products of one window row in the order of the panel. Those of consecutive inputs are joined into one
   * run.
   */
  #inputRuns(run: TileRun, left: number): InputRun[] {
    const { channels, kernel, height, width } = this.#shape
    const taps = Array.from({ length: kernel[1] }, (_, tap) => this.#tap(run, left, tap))
    if (!this.#planar) return join(taps.map((t) => ({ ...t, length: channels })))
    const plane = height * width * FLOAT
    const planes = Array.from({ length: channels }, (_, c) => taps.map((t) => ({ ...t, offset: t.offset + c * plane, length: 1 })))
    return planes.flatMap(join)
  }

  #tap(run: TileRun, left: number, tap: number): Omit<InputRun, 'length'> {
    const positions = Array.from({ length: run.size }, (_, row) => positionOf(this.#columns, run.start + row, tap))
    const rows = positions.flatMap((p, row) => (p >= 0 && p < this.#columns.input ? [row] : []))
    const first = positions[rows[0] ?? 0] as number
    return { rows: new Set(rows), offset: (first - left) * this.#columnBytes }
  }

  #inputRun(tile: RegisterTile, input: InputRun): Statements {
    const e = this.#e
    const { length, rows, offset } = input
    if (rows.size === 0) return e.bump(this.#weights, e.i32(length * tile.stepBytes))
    const unroll = e.target.relaxed ? 4 : 1
    const steps = (count: number): Statements => [
      Array.from({ length: count }, (_, i) => this.#step(tile, i, rows)),
      e.bump(this.#weights, e.i32(count * tile.stepBytes)),
    ]
    const start = this.#x.set(e.iadd(this.#xRow.get(), e.i32(offset)))
    if (length <= (e.target.relaxed ? MAX_UNROLLED : 1)) return [start, steps(length)]
    const rest = length % unroll
    return [start, e.repeat(this.#k, e.i32(Math.floor(length / unroll)), steps(unroll)), rest > 0 ? steps(rest) : []]
  }

  #step(tile: RegisterTile, i: number, rows: ReadonlySet<number>): Statements {
    const e = this.#e
    const first = Math.min(...rows)
    const pitch = this.#columns.stride * this.#columnBytes
    const splat = (row: number) => (rows.has(row) ? ARITHMETIC.activations(e, this.#x.get(), (row - first) * pitch) : null)
    return [tile.step(this.#weights, i * tile.stepBytes, splat), e.bump(this.#x, e.i32(FLOAT))]
  }
}

/** Joins runs for the same rows whose inputs follow each other. */
function join(runs: readonly InputRun[]): InputRun[] {
  const joined: InputRun[] = []
  for (const s of runs) {
    const last = joined.at(-1)
    const sameRows = last && [...last.rows].join() === [...s.rows].join()
    const follows = sameRows && (s.rows.size === 0 || s.offset === last.offset + last.length * FLOAT)
    if (last && follows) joined[joined.length - 1] = { ...last, length: last.length + s.length }
    else joined.push(s)
  }
  return joined
}
