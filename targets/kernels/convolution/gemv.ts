/**
 * 1×1 convolution of a single position: a vector times a matrix, as in classifiers and squeeze-excite blocks.
 * Every weight is used only once, so memory limits the speed. Several panels are read at the same time, to have
 * enough independent sums. Parts are ranges of panels.
 */

import type { Emitter, I32, Local, Scope, Statements, Stmt, V128 } from '../../emitter/emitter.ts'
import { FLOAT32_PANELS, panelBytes } from '../../packing/pack.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { callOf, moving } from '../../target/cost.ts'
import { callCover } from './conv-cover.ts'
import { packPointwise } from './pointwise.ts'
import { isPointwise } from './shape/conv-shape.ts'
import { type ConvParams, convFunction, keyOf } from './tiles/conv-function.ts'
import { emittableShape } from './tiles/emittable-shape.ts'
import { EmittedEpilogue, type Epilogue } from './tiles/epilogue.ts'

const FLOAT = 4
const LANES = 4
const VECTOR = LANES * FLOAT
const PANEL = FLOAT32_PANELS.columns

/** Panels per group, largest first. */
const GROUPS = [6, 2, 1] as const

/**
 * A panel is read from this number of positions in k at the same time. Together with the panels of a group,
 * this makes 12 streams, which use more of the cache's prefetchers than one stream does.
 */
const STREAMS = 2

export const gemv: Kernel = {
  name: 'gemv',
  cover(node, _graph, target) {
    const shape = emittableShape(node, target)
    if (!shape || !isPointwise(shape) || shape.batch * shape.outHeight * shape.outWidth !== 1) return null
    const { channels: k, outChannels: n, epilogue } = shape
    return callCover({
      kernel: 'gemv',
      shape,
      work: callOf({ gemv: k * n }, moving(k + k * n, n)),
      fn: gemvFunction(k, n, epilogue, shape.residual !== undefined),
      extent: Math.ceil(n / PANEL),
      pack: () => packPointwise(shape),
    })
  },
}

function gemvFunction(k: number, n: number, epilogue: Epilogue, residual: boolean): ReturnType<typeof convFunction> {
  const key = keyOf('gemv', `k${k}`, `n${n}`, epilogue.key, residual && 'residual')
  return convFunction(key, (e, scope, params) => new GemvEmitter(e, scope, params, { k, n, epilogue, residual }).code())
}

interface VectorProduct {
  readonly k: number
  readonly n: number
  readonly epilogue: Epilogue
  readonly residual: boolean
}

class GemvEmitter {
  readonly #e: Emitter
  readonly #params: ConvParams
  readonly #product: VectorProduct
  readonly #epilogue: EmittedEpilogue
  readonly #sums: readonly Local<V128>[]
  readonly #activation: Local<V128>
  readonly #group: Local<I32>
  readonly #end: Local<I32>
  readonly #k: Local<I32>
  readonly #x: Local<I32>
  readonly #panel: Local<I32>
  readonly #y: Local<I32>
  readonly #residual: Local<I32>

  constructor(e: Emitter, scope: Scope, params: ConvParams, product: VectorProduct) {
    this.#e = e
    this.#params = params
    this.#product = product
    this.#epilogue = new EmittedEpilogue(e, scope, product.epilogue)
    this.#sums = scope.vectors(GROUPS[0] * 2)
    this.#activation = scope.v128()
    this.#group = scope.i32()
    this.#end = scope.i32()
    this.#k = scope.i32()
    this.#x = scope.i32()
    this.#panel = scope.i32()
    this.#y = scope.i32()
    this.#residual = scope.i32()
  }

  code(): Statements {
    const e = this.#e
    const { n } = this.#product
    const { begin, end, weights, y, residual } = this.#params
    const full = Math.floor(n / PANEL)
    const at = (from: Local<I32>, bytes: number): I32 => e.iadd(from.get(), e.imul(begin.get(), e.i32(bytes)))
    return [
      this.#epilogue.load(this.#params.constants),
      this.#group.set(begin.get()),
      this.#end.set(e.select(e.lt(end.get(), e.i32(full)), end.get(), e.i32(full))),
      this.#panel.set(at(weights, this.#panelBytes)),
      this.#y.set(at(y, PANEL * FLOAT)),
      this.#residual.set(at(residual, PANEL * FLOAT)),
      GROUPS.map((panels) => this.#groups(panels)),
      n % PANEL > 0 ? e.if(e.lt(e.i32(full), end.get()), this.#columns(n % PANEL)) : [],
    ]
  }

  get #panelBytes(): number {
    return panelBytes(FLOAT32_PANELS, this.#product.k)
  }

  /** Computes as many groups of `panels` panels as are left. */
  #groups(panels: number): Statements {
    const e = this.#e
    const fits = (): I32 => e.ge(this.#end.get(), e.iadd(this.#group.get(), e.i32(panels)))
    const body = [
      this.#columns(panels * PANEL),
      e.bump(this.#group, e.i32(panels)),
      e.bump(this.#panel, e.i32((panels - 1) * this.#panelBytes)),
      e.bump(this.#y, e.i32(panels * PANEL * FLOAT)),
      e.bump(this.#residual, e.i32(panels * PANEL * FLOAT)),
    ]
    return e.if(fits(), e.doWhile(body, fits()))
  }

  /**
   * Computes `columns` results from full panels, or from the last one if there are fewer than 8. Moves the
   * panel pointer past one panel.
   */
  #columns(columns: number): Statements {
    const e = this.#e
    const { k } = this.#product
    const vectors = Math.ceil(columns / LANES)
    const rowBytes = Math.min(vectors, 2) * VECTOR
    const sums = this.#sums.slice(0, vectors)
    const load = (v: number, row: number): V128 =>
      e.load(this.#panel.get(), Math.floor(v / 2) * this.#panelBytes + row * rowBytes + (v % 2) * VECTOR)
    const stream = Math.floor(k / STREAMS)
    const rest = k - stream * STREAMS
    const step = (row: number): Statements => this.#step(sums, row, (v) => load(v, row))
    const inEach = [
      Array.from({ length: STREAMS }, (_, s) => step(s * stream)),
      e.bump(this.#panel, e.i32(rowBytes)),
      e.bump(this.#x, e.i32(FLOAT)),
    ]
    return [
      this.#x.set(this.#params.x.get()),
      sums.map((sum, v) => sum.set(load(v, 0))),
      e.bump(this.#panel, e.i32(rowBytes)),
      stream > 0 ? e.repeat(this.#k, e.i32(stream), inEach) : [],
      Array.from({ length: rest }, (_, i) => step((STREAMS - 1) * stream + i)),
      e.bump(this.#panel, e.i32((k - stream) * rowBytes)),
      sums.map((sum, v) => this.#finish(sum, v * VECTOR, Math.min(LANES, columns - v * LANES))),
    ]
  }

  /** sums += x[row] · weights, `row` counted from where the pointers are. */
  #step(sums: readonly Local<V128>[], row: number, weights: (vector: number) => V128): Statements {
    const e = this.#e
    return [
      this.#activation.set(e.loadSplat(this.#x.get(), row * FLOAT)),
      sums.map((sum, v) => sum.set(e.madd(this.#activation.get(), weights(v), sum.get()))),
    ]
  }

  #finish(sum: Local<V128>, offset: number, lanes: number): Stmt {
    const e = this.#e
    const add = this.#product.residual ? [sum.set(e.add(sum.get(), e.load(this.#residual.get(), offset)))] : []
    return e.block([add, this.#epilogue.apply(sum), e.storePart(() => this.#y.get(), sum, lanes, offset)])
  }
}
