/**
 * One row tile of a matrix product: `rows` rows of x times some panels of 8 columns, one panel after the other,
 * with the whole of K as the innermost loop.
 *
 * The function is specialised by its rows, its columns, the epilogue and whether there is a residual. Extents
 * and pitches are parameters. So all products of a network share a few functions, which engines optimise while
 * the first layers run.
 */

import type { EmittedFunction } from '../../../emitter/emitted-function.ts'
import { inOrder, type NamedParams, namedFunction } from '../../../emitter/emitted-function.ts'
import type { Emitter, I32, Local, Scope, Statements } from '../../../emitter/emitter.ts'
import { headerBytes } from '../../../packing/pack.ts'
import { keyOf } from './conv-function.ts'
import { EmittedEpilogue, type Epilogue } from './epilogue.ts'
import { RegisterTile, TileLocals } from './register-tile.ts'
import type { TileArithmetic } from './tile-arithmetic.ts'

/**
 * With fused multiply-adds, there are two loops one after the other, and these are the steps in one turn of
 * each. A turn also moves pointers and counts. With eight steps in a turn, this costs almost nothing, even on
 * cores that decode few instructions at a time.
 */
const UNROLLED = [8, 1]

export interface TileCode {
  readonly arithmetic: TileArithmetic
  readonly rows: number
  /** Columns of a panel, or fewer of the last one. */
  readonly columns: number
  readonly residual: boolean
  readonly epilogue: Epilogue
}

/**
 * Rows of x follow each other without a gap. `yPitch` is the number of bytes between rows of y and of the
 * residual. `steps` is the number of steps of a panel. `panels` is the number of panels, at least one.
 */
const PARAMS = ['x', 'panel', 'y', 'yPitch', 'residual', 'constants', 'steps', 'panels'] as const

type Param = (typeof PARAMS)[number]

/** The function of a tile. `callTile` names its parameters. */
export function tileFunction(tile: TileCode): EmittedFunction {
  const key = keyOf('tile', `${tile.rows}x${tile.columns}`, tile.epilogue.key, tile.residual && 'residual')
  return namedFunction({ key, names: PARAMS, body: (e, scope, params) => new TileEmitter(e, scope, params, tile).code() })
}

/** Calls `fn`, a function of `tileFunction`. */
export function callTile(e: Emitter, fn: EmittedFunction, operands: Readonly<Record<Param, I32>>): Statements {
  return e.call(fn.key, inOrder(PARAMS, operands))
}

class TileEmitter {
  readonly #e: Emitter
  readonly #params: NamedParams<Param>
  readonly #code: TileCode
  readonly #tile: RegisterTile
  readonly #epilogue: EmittedEpilogue
  /** The next element of each row. */
  readonly #rows: readonly Local<I32>[]
  /** Bytes of a row of x. */
  readonly #pitch: Local<I32>
  /** Steps that are left. */
  readonly #left: Local<I32>
  readonly #to: Local<I32>
  readonly #from: Local<I32>

  constructor(e: Emitter, scope: Scope, params: NamedParams<Param>, code: TileCode) {
    this.#e = e
    this.#params = params
    this.#code = code
    this.#tile = new RegisterTile(e, code.arithmetic, new TileLocals(scope, code.arithmetic, code.rows), code.rows, code.columns)
    this.#epilogue = new EmittedEpilogue(e, scope, code.epilogue)
    this.#rows = Array.from({ length: code.rows }, () => scope.i32())
    this.#pitch = scope.i32()
    this.#left = scope.i32()
    this.#to = scope.i32()
    this.#from = scope.i32()
  }

  code(): Statements {
    const e = this.#e
    const { steps, panels } = this.#params
    const more = panels.tee(e.isub(panels.get(), e.i32(1)))
    return [this.#pitch.set(e.imul(steps.get(), e.i32(this.#code.arithmetic.activationBytes))), e.doWhile(this.#panel(), more)]
  }

  #panel(): Statements {
    const e = this.#e
    const { x, panel, y, residual, constants, yPitch } = this.#params
    const { panels, resultBytes } = this.#code.arithmetic
    const panelResults = panels.columns * resultBytes
    const starts = this.#rows.map((row, i) =>
      row.set(i === 0 ? x.get() : e.iadd((this.#rows[i - 1] as Local<I32>).get(), this.#pitch.get())),
    )
    return [
      starts,
      this.#tile.start(panel),
      e.bump(panel, e.i32(headerBytes(panels, this.#tile.vectors * panels.lanes))),
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
      e.bump(y, e.i32(panelResults)),
      this.#code.residual ? e.bump(residual, e.i32(panelResults)) : [],
    ]
  }

  /** All steps; moves the row pointers and the panel past them. */
  #products(): Statements {
    const { steps } = this.#params
    return [this.#left.set(steps.get()), this.#e.target.relaxed ? UNROLLED.map((count) => this.#unrolled(count)) : this.#guarded()]
  }

  /** A loop that makes `count` steps at a time, as long as so many are left. */
  #unrolled(count: number): Statements {
    const e = this.#e
    const fits = (): I32 => e.ge(this.#left.get(), e.i32(count))
    const steps = Array.from({ length: count }, (_, i) => this.#step(i))
    return e.if(fits(), e.doWhile([steps, this.#move(count), e.bump(this.#left, e.i32(-count))], fits()))
  }

  /**
   * A loop of two steps with a branch between them. The branch ends the loop for an odd K. It also helps older
   * engines, which do all loads of a block before its arithmetic: the loads of two steps would not fit into the
   * registers.
   */
  #guarded(): Statements {
    const e = this.#e
    const { panel } = this.#params
    const isLeft = (steps: number): I32 => e.lt(e.i32(steps), this.#left.get())
    return [
      e.doWhile([this.#step(0), e.if(isLeft(1), this.#step(1)), this.#move(2), e.bump(this.#left, e.i32(-2))], isLeft(0)),
      e.bump(panel, e.imul(this.#left.get(), e.i32(this.#tile.stepBytes))),
    ]
  }

  /** The step that is `i` further than the pointers. */
  #step(i: number): Statements {
    const { arithmetic } = this.#code
    return this.#tile.step(this.#params.panel, i * this.#tile.stepBytes, (row) =>
      arithmetic.activations(this.#e, (this.#rows[row] as Local<I32>).get(), i * arithmetic.activationBytes),
    )
  }

  /**
   * Moves the pointers by `count` steps. The pointers of the rows do not move at every step, because engines do
   * not fold the offset of a splat load: every distinct offset costs an addition.
   */
  #move(count: number): Statements {
    const e = this.#e
    const { activationBytes } = this.#code.arithmetic
    const rows = this.#rows.map((row) => e.bump(row, e.i32(count * activationBytes)))
    return [rows, e.bump(this.#params.panel, e.i32(count * this.#tile.stepBytes))]
  }
}
