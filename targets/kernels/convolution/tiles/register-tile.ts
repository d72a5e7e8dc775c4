/**
 * The register tile of matrix kernels. Its sums, rows × one or more vectors of columns, stay in vector locals
 * while the loop over k runs (the inner kernel of Goto, van de Geijn: "Anatomy of High-Performance Matrix
 * Multiplication", 2008).
 */

import type { Emitter, I32, Local, Scope, Stmt, V128 } from '../../../emitter/emitter.ts'
import { stepBytes } from '../../../packing/pack.ts'
import type { EmittedEpilogue } from './epilogue.ts'
import type { TileArithmetic } from './tile-arithmetic.ts'
import { tileVectors } from './tile-size.ts'

/** Bytes of a vector. */
const VECTOR = 16

export interface StoreTarget {
  /** Address of the tile's first result. */
  readonly y: Local<I32>
  /**
   * Bytes between the results of neighbouring rows. If this is a local, `finish` leaves `y` and `residual` at
   * the last row.
   */
  readonly pitch: number | Local<I32>
  /** Address of what is added to the tile, laid out like the results. */
  readonly residual?: Local<I32>
  readonly constants: Local<I32>
  readonly epilogue: EmittedEpilogue
}

/** Vector locals that the tiles of one function share. */
export class TileLocals {
  /** The sums of the largest tile, row by row. */
  readonly sums: readonly Local<V128>[]
  readonly weights: readonly Local<V128>[]
  readonly activation: Local<V128>

  constructor(scope: Scope, arithmetic: TileArithmetic, rows: number) {
    const vectors = tileVectors(arithmetic)
    this.sums = scope.vectors(rows * vectors)
    this.weights = scope.vectors(vectors)
    this.activation = scope.v128()
  }
}

/** The code of one tile: `start`, as many `step`s as there are in the panel, `finish`. */
export class RegisterTile {
  readonly rows: number
  readonly columns: number
  /** Vectors of a row. */
  readonly vectors: number
  /** Bytes of one step of the packed panel, which is as wide as the tile's vectors. */
  readonly stepBytes: number
  readonly #e: Emitter
  readonly #arithmetic: TileArithmetic
  readonly #locals: TileLocals

  /**
   * `columns` is the number of columns that are stored: at least 1, and at most those of a panel. Whole vectors
   * are computed.
   */
  constructor(e: Emitter, arithmetic: TileArithmetic, locals: TileLocals, rows: number, columns: number) {
    const { lanes } = arithmetic.panels
    this.#e = e
    this.#arithmetic = arithmetic
    this.#locals = locals
    this.vectors = Math.ceil(columns / lanes)
    this.rows = rows
    this.columns = columns
    this.stepBytes = stepBytes(arithmetic.panels, this.vectors * lanes)
  }

  /** Sets the sums to the start values in the panel's header. */
  start(panel: Local<I32>): Stmt[] {
    return this.#each((row, vector) => {
      const first = this.#sum(0, vector)
      const start = (): V128 => this.#arithmetic.start(this.#e, panel.get(), vector * VECTOR)
      return row === 0 ? first.set(start()) : this.#sum(row, vector).set(first.get())
    })
  }

  /**
   * One step: sums[row] += x[row] · the weights at `panel` + `offset`. `x` gives a row's activations in all
   * lanes. They are loaded so or taken out of a vector with the activations of several steps. `x` gives null
   * where the row has none.
   */
  step(panel: Local<I32>, offset: number, x: (row: number) => V128 | null): Stmt[] {
    const { weights, activation } = this.#locals
    const { panels } = this.#arithmetic
    const vectorBytes = stepBytes(panels, panels.lanes)
    const loads = this.#range().map((v) =>
      (weights[v] as Local<V128>).set(this.#arithmetic.weights(this.#e, panel.get(), offset + v * vectorBytes)),
    )
    const rows = Array.from({ length: this.rows }, (_, row) => {
      const spread = x(row)
      return spread === null ? [] : [activation.set(spread), ...this.#range().map((v) => this.#product(row, v))]
    })
    return [...loads, ...rows.flat()]
  }

  #product(row: number, vector: number): Stmt {
    const { weights, activation } = this.#locals
    const sum = this.#sum(row, vector)
    return sum.set(this.#arithmetic.multiplyAdd(this.#e, activation.get(), (weights[vector] as Local<V128>).get(), sum.get()))
  }

  /** Adds the residual, applies the activation and stores the results. */
  finish(to: StoreTarget): Stmt[] {
    const store = (row: number, vector: number): Stmt => {
      const sum = this.#sum(row, vector)
      const { panels, resultBytes } = this.#arithmetic
      const offset = (typeof to.pitch === 'number' ? row * to.pitch : 0) + vector * panels.lanes * resultBytes
      const lanes = Math.min(panels.lanes, this.columns - vector * panels.lanes)
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
    return this.#locals.sums[row * tileVectors(this.#arithmetic) + vector] as Local<V128>
  }

  #range(): number[] {
    return Array.from({ length: this.vectors }, (_, v) => v)
  }

  #each(body: (row: number, vector: number) => Stmt): Stmt[] {
    return Array.from({ length: this.rows }, (_, row) => this.#range().map((v) => body(row, v))).flat()
  }
}
