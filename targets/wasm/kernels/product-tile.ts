/**
 * One row tile of a matrix product: `rows` rows of x times panels of 8 columns, one after the other,
 * the whole of K innermost. Emitted by height and epilogue; extents and pitches are parameters, so
 * that all products of a network share a few functions, which engines optimise in its first layers.
 */

import type { EmittedFunction } from '../kernel.ts'
import { PANEL } from '../pack.ts'
import type { Emitter, I32, Local, Scope, Statements } from '../simd.ts'
import { keyOf } from './conv-call.ts'
import { EmittedEpilogue, type Epilogue } from './epilogue.ts'
import { RegisterTile, TileLocals } from './register-tile.ts'

const FLOAT = 4

export interface TileCode {
  readonly rows: number
  /** Columns of a panel: 8, or fewer in the last one. */
  readonly columns: number
  readonly relaxed: boolean
  readonly residual: boolean
  readonly epilogue: Epilogue
}

/** Pitches are bytes between rows; the residual is laid out like y; `panels` ≥ 1 is how many follow each other. */
const PARAMS = ['x', 'xPitch', 'panel', 'y', 'yPitch', 'residual', 'constants', 'k', 'panels'] as const

export type TileParams = Readonly<Record<(typeof PARAMS)[number], I32>>

type TileOperands = Readonly<Record<(typeof PARAMS)[number], Local<I32>>>

export function tileFunction(tile: TileCode): EmittedFunction {
  const key = keyOf('tile', `${tile.rows}x${tile.columns}`, tile.epilogue.key, tile.residual && 'residual')
  const params = PARAMS.map(() => 'i32' as const)
  return {
    kind: 'emitted',
    key,
    params,
    emit: (e) => {
      e.func(key, params, (scope, ...locals) => {
        const named = Object.fromEntries(PARAMS.map((name, i) => [name, locals[i]])) as TileOperands
        return new TileEmitter(e, scope, named, tile).code()
      })
    },
  }
}

/** Calls `fn`, a function of `tileFunction`. */
export function callTile(e: Emitter, fn: EmittedFunction, params: TileParams): Statements {
  return e.call(
    fn.key,
    PARAMS.map((name) => params[name]),
  )
}

class TileEmitter {
  readonly #e: Emitter
  readonly #params: TileOperands
  readonly #code: TileCode
  readonly #tile: RegisterTile
  readonly #epilogue: EmittedEpilogue
  /** The next element of each row. */
  readonly #rows: readonly Local<I32>[]
  readonly #count: Local<I32>
  readonly #to: Local<I32>
  readonly #from: Local<I32>

  constructor(e: Emitter, scope: Scope, params: TileOperands, code: TileCode) {
    this.#e = e
    this.#params = params
    this.#code = code
    this.#tile = new RegisterTile(e, new TileLocals(scope, code.rows), code.rows, code.columns)
    this.#epilogue = new EmittedEpilogue(e, scope, code.epilogue)
    this.#rows = Array.from({ length: code.rows }, () => scope.i32())
    this.#count = scope.i32()
    this.#to = scope.i32()
    this.#from = scope.i32()
  }

  code(): Statements {
    const e = this.#e
    const { panels } = this.#params
    return this.#code.columns === PANEL ? e.doWhile(this.#panel(), panels.tee(e.isub(panels.get(), e.i32(1)))) : this.#panel()
  }

  #panel(): Statements {
    const e = this.#e
    const { x, xPitch, panel, y, residual, constants, yPitch } = this.#params
    const starts = this.#rows.map((row, i) => row.set(i === 0 ? x.get() : e.iadd((this.#rows[i - 1] as Local<I32>).get(), xPitch.get())))
    return [
      starts,
      this.#tile.start(panel),
      e.bump(panel, e.i32(this.#tile.panelBytes)),
      this.#products(),
      this.#to.set(y.get()),
      this.#code.residual ? this.#from.set(residual.get()) : [],
      this.#tile.finish({
        y: this.#to,
        pitch: yPitch,
        ...(this.#code.residual && { residual: this.#from }),
        constants,
        epilogue: this.#epilogue,
      }),
      e.bump(y, e.i32(PANEL * FLOAT)),
      this.#code.residual ? e.bump(residual, e.i32(PANEL * FLOAT)) : [],
    ]
  }

  /** All of K; moves the row pointers and the panel past it. */
  #products(): Statements {
    return this.#code.relaxed ? this.#byFours() : this.#byTwos()
  }

  #byFours(): Statements {
    const e = this.#e
    const { k } = this.#params
    const steps = (count: number): Statements => [Array.from({ length: count }, (_, i) => this.#step(i)), this.#move(count)]
    const countDown = (body: Statements): Statements => e.doWhile(body, this.#count.tee(e.isub(this.#count.get(), e.i32(1))))
    const whole = this.#count.tee(e.idiv(k.get(), e.i32(4)))
    const rest = this.#count.tee(e.irem(k.get(), e.i32(4)))
    return [e.if(whole, countDown(steps(4))), e.if(rest, countDown(steps(1)))]
  }

  /**
   * Two steps with a branch between them, which is also what an odd K needs: older engines do the arithmetic
   * of a block after all its loads, and the loads of two steps do not fit into the registers.
   */
  #byTwos(): Statements {
    const e = this.#e
    const { k, panel } = this.#params
    const next = this.#count.tee(e.isub(this.#count.get(), e.i32(2)))
    return [
      this.#count.set(k.get()),
      e.doWhile([this.#step(0), e.if(e.lt(e.i32(1), this.#count.get()), this.#step(1)), this.#move(2)], e.lt(e.i32(0), next)),
      e.bump(panel, e.imul(this.#count.get(), e.i32(this.#tile.panelBytes))),
    ]
  }

  /** The step over k that is `i` further than the pointers. */
  #step(i: number): Statements {
    return this.#tile.step(this.#params.panel, i * this.#tile.panelBytes, (row) =>
      this.#e.loadSplat((this.#rows[row] as Local<I32>).get(), i * FLOAT),
    )
  }

  /**
   * Rows move together, and not at every step: engines do not fold the offset of a splat load, so
   * every distinct one costs an addition.
   */
  #move(count: number): Statements {
    const e = this.#e
    return [this.#rows.map((row) => e.bump(row, e.i32(count * FLOAT))), e.bump(this.#params.panel, e.i32(count * this.#tile.panelBytes))]
  }
}
