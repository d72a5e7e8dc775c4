/**
 * The register tile of matrix kernels: rows × 4 or 8 columns of sums, held in vector locals while
 * the k dimension streams by (Goto, van de Geijn: "Anatomy of High-Performance Matrix
 * Multiplication", 2008, inner kernel).
 */

import type { Emitter, I32, Local, Scope, Stmt, V128 } from '../../emitter/emitter.ts'
import type { EmittedEpilogue } from './epilogue.ts'

const LANES = 4
const FLOAT = 4

export interface StoreTarget {
  /** Address of the tile's first result. */
  readonly y: Local<I32>
  /** Bytes between the results of neighbouring rows. If known at run time only, `y` and `residual` are moved to the last row. */
  readonly pitch: number | Local<I32>
  /** Address of what is added to the tile, laid out like the results. */
  readonly residual?: Local<I32>
  readonly constants: Local<I32>
  readonly epilogue: EmittedEpilogue
}

/** Vector locals that the tiles of one function share. */
export class TileLocals {
  readonly sums: readonly Local<V128>[]
  readonly weights: readonly [Local<V128>, Local<V128>]
  readonly activation: Local<V128>

  constructor(scope: Scope, rows: number) {
    this.sums = scope.vectors(rows * 2)
    this.weights = [scope.v128(), scope.v128()]
    this.activation = scope.v128()
  }
}

export class RegisterTile {
  readonly rows: number
  readonly columns: number
  /** Bytes of one row of the packed panel. */
  readonly panelBytes: number
  readonly #e: Emitter
  readonly #locals: TileLocals
  readonly #vectors: number

  /** `columns`: 1 to 8, how many are stored; computed are 4 or 8. */
  constructor(e: Emitter, locals: TileLocals, rows: number, columns: number) {
    this.#e = e
    this.#locals = locals
    this.#vectors = Math.ceil(columns / LANES)
    this.rows = rows
    this.columns = columns
    this.panelBytes = this.#vectors * LANES * FLOAT
  }

  /** Sums start as the bias, at `panel`. */
  start(panel: Local<I32>): Stmt[] {
    return this.#each((row, vector) => {
      const first = this.#sum(0, vector)
      return row === 0 ? first.set(this.#e.load(panel.get(), vector * LANES * FLOAT)) : this.#sum(row, vector).set(first.get())
    })
  }

  /**
   * One k: sums[row] += x[row] · panel row. `x` makes the splat of a row's activation, or null where
   * that row has none.
   */
  step(panel: Local<I32>, offset: number, x: (row: number) => V128 | null): Stmt[] {
    const { weights, activation } = this.#locals
    const loads = this.#range().map((v) => (weights[v] as Local<V128>).set(this.#e.load(panel.get(), offset + v * LANES * FLOAT)))
    const rows = Array.from({ length: this.rows }, (_, row) => {
      const splat = x(row)
      if (splat === null) return []
      const products = this.#range().map((v) => {
        const sum = this.#sum(row, v)
        return sum.set(this.#e.madd(activation.get(), (weights[v] as Local<V128>).get(), sum.get()))
      })
      return [activation.set(splat), ...products]
    })
    return [...loads, ...rows.flat()]
  }

  /** Residual, activation, store. */
  finish(to: StoreTarget): Stmt[] {
    const store = (row: number, vector: number): Stmt => {
      const sum = this.#sum(row, vector)
      const offset = (typeof to.pitch === 'number' ? row * to.pitch : 0) + vector * LANES * FLOAT
      const lanes = Math.min(LANES, this.columns - vector * LANES)
      const add = to.residual ? [sum.set(this.#e.add(sum.get(), this.#e.load(to.residual.get(), offset)))] : []
      const next = vector === 0 && row > 0 ? this.#nextRow(to) : []
      return this.#e.block([next, add, to.epilogue.apply(sum), this.#e.storePart(() => to.y.get(), sum, lanes, offset)])
    }
    return [...to.epilogue.load(to.constants), ...this.#each(store)]
  }

  #nextRow({ y, residual, pitch }: StoreTarget): Stmt[] {
    if (typeof pitch === 'number') return []
    return [y, ...(residual ? [residual] : [])].map((pointer) => this.#e.bump(pointer, pitch.get()))
  }

  #sum(row: number, vector: number): Local<V128> {
    return this.#locals.sums[row * 2 + vector] as Local<V128>
  }

  #range(): number[] {
    return Array.from({ length: this.#vectors }, (_, v) => v)
  }

  #each(body: (row: number, vector: number) => Stmt): Stmt[] {
    return Array.from({ length: this.rows }, (_, row) => this.#range().map((v) => body(row, v))).flat()
  }
}
