/**
 * 1×1 convolution of x · scale, with one scale per channel: the projection after a squeeze-excite gate. The
 * rows of one register tile are scaled right before the product reads them. They go into scratch memory that
 * all tiles of a part use. Parts are ranges of tiles.
 */

import { type Graph, type NodeOf, producer, resultOf, usesOf, type Value } from '../../../ir/graph/graph.ts'
import { sameShape, sizeOf } from '../../../ir/tensors/types.ts'
import type { EmittedFunction } from '../../emitter/emitted-function.ts'
import { inOrder, type NamedParams, namedFunction } from '../../emitter/emitted-function.ts'
import type { Emitter, I32, Local, Scope, Statements } from '../../emitter/emitter.ts'
import { type Kernel, scratch } from '../../selection/kernel.ts'
import { passing, together } from '../../target/cost.ts'
import { firstRow, type PointwiseCall, type Product, packPointwise, pointwiseCall, pointwiseWork, SIZES } from './pointwise.ts'
import { type ConvNode, isPointwise } from './shape/conv-shape.ts'
import { keyOf } from './tiles/conv-function.ts'
import { emittableShape } from './tiles/emittable-shape.ts'

const FLOAT = 4
const LANES = 4
const VECTOR = FLOAT * LANES

export const scaledPointwise: Kernel = {
  name: 'scaled-pointwise',
  cover(node, graph, target) {
    const shape = emittableShape(node, target)
    const scaling = shape && isPointwise(shape) ? scalingOf(shape.node, graph) : null
    if (!shape || !scaling || shape.batch !== 1) return null
    const { outHeight, outWidth, channels: k, outChannels: n, epilogue, residual } = shape
    const m = outHeight * outWidth
    if (m === 1) return null
    const { mul, x, scale } = scaling
    const product: Product = { m, k, n, target, residual: residual !== undefined, epilogue }
    const call = pointwiseCall(product)
    const y = resultOf(node)
    return {
      kernel: 'scaled-pointwise',
      nodes: [node, mul],
      inputs: residual ? [x, scale, residual] : [x, scale],
      outputs: [y],
      work: together(pointwiseWork(product), passing(m * k)),
      ...(residual && residual !== x && residual !== scale ? { inPlace: [2] } : {}),
      lower(l) {
        const operands = [
          l.address(x),
          l.pack(packPointwise(shape), 'weights'),
          l.address(y),
          residual ? l.address(residual) : 0,
          epilogue.constants.length > 0 ? l.pack(epilogue.constants) : 0,
          ...call.sizes,
          l.address(scale),
          scratch(scratchBytes(call, k)),
        ]
        l.step(scaledFunction(call), operands, { extent: call.extent, macs: shape.macs })
      },
    }
  },
}

interface Scaling {
  readonly mul: NodeOf<'mul'>
  readonly x: Value
  readonly scale: Value
}

/**
 * The multiplication with one factor per channel that computes the input of `node`, if nothing else reads it;
 * otherwise null.
 */
function scalingOf(node: ConvNode, graph: Graph): Scaling | null {
  const scaled = node.inputs[0] as Value
  const mul = producer(scaled, 'mul')
  if (!mul || usesOf(graph, scaled).length !== 1) return null
  const channels = scaled.type.shape.at(-1)
  const isScale = ({ type: { shape } }: Value): boolean => shape.at(-1) === channels && sizeOf(shape) === channels
  const scale = mul.inputs.find(isScale)
  const x = mul.inputs.find((v) => v !== scale)
  return scale && x && sameShape(x.type.shape, scaled.type.shape) ? { mul, x, scale } : null
}

const PARAMS = ['x', 'weights', 'y', 'residual', 'constants', ...SIZES, 'scale', 'scaled', 'begin', 'end'] as const

type Params = NamedParams<(typeof PARAMS)[number]>

/** A product's function that also takes the factors and memory for the scaled rows of a tile. */
function scaledFunction(product: PointwiseCall): EmittedFunction {
  const key = keyOf('scaled', product.fn.key)
  const body = (e: Emitter, scope: Scope, params: Params) => new ScaledEmitter(e, scope, params, product).code()
  return namedFunction({ key, names: PARAMS, calls: [product.fn], body })
}

/** Bytes of a tile's rows of `k` floats, with room for the vector that ends the last row. */
function scratchBytes({ rows }: PointwiseCall, k: number): number {
  return rows * k * FLOAT + VECTOR
}

class ScaledEmitter {
  readonly #e: Emitter
  readonly #params: Params
  readonly #product: PointwiseCall
  readonly #tile: Local<I32>
  /** Bytes of a row. */
  readonly #pitch: Local<I32>
  /** Bytes from the first row to the tile's. */
  readonly #offset: Local<I32>
  /** Bytes from the tile's first row to the one being scaled, and to the end of its last. */
  readonly #row: Local<I32>
  readonly #end: Local<I32>
  readonly #from: Local<I32>
  readonly #by: Local<I32>
  readonly #to: Local<I32>
  readonly #count: Local<I32>

  constructor(e: Emitter, scope: Scope, params: Params, product: PointwiseCall) {
    this.#e = e
    this.#params = params
    this.#product = product
    this.#tile = scope.i32()
    this.#pitch = scope.i32()
    this.#offset = scope.i32()
    this.#row = scope.i32()
    this.#end = scope.i32()
    this.#from = scope.i32()
    this.#by = scope.i32()
    this.#to = scope.i32()
    this.#count = scope.i32()
  }

  /** Scales the rows of each tile, and makes the product read them instead of x. */
  code(): Statements {
    const e = this.#e
    const { begin, end, steps, tallTiles, scaled, weights, y, residual, constants } = this.#params
    const { fn, rows } = this.#product
    const others = [weights, y, residual, constants, ...inOrder(SIZES, this.#params)].map((p) => p.get())
    const product = e.call(fn.key, [
      e.isub(scaled.get(), this.#offset.get()),
      ...others,
      this.#tile.get(),
      e.iadd(this.#tile.get(), e.i32(1)),
    ])
    const next = this.#row.tee(e.iadd(this.#row.get(), this.#pitch.get()))
    const tile = [
      this.#offset.set(e.imul(firstRow(e, rows, this.#tile, tallTiles), this.#pitch.get())),
      this.#end.set(e.imul(e.isub(e.i32(rows), e.ge(this.#tile.get(), tallTiles.get())), this.#pitch.get())),
      this.#row.set(e.i32(0)),
      e.doWhile(this.#scaleRow(), e.lt(next, this.#end.get())),
      product,
    ]
    return [this.#pitch.set(e.imul(steps.get(), e.i32(FLOAT))), e.forRange(this.#tile, begin.get(), () => end.get(), 1, tile)]
  }

  /** Scales one row in whole vectors. The last vector may reach into the next row, which is written later. */
  #scaleRow(): Statements {
    const e = this.#e
    const { x, scale, scaled, steps } = this.#params
    const vectors = e.idiv(e.iadd(steps.get(), e.i32(LANES - 1)), e.i32(LANES))
    return [
      this.#from.set(e.iadd(x.get(), e.iadd(this.#offset.get(), this.#row.get()))),
      this.#by.set(scale.get()),
      this.#to.set(e.iadd(scaled.get(), this.#row.get())),
      e.repeat(this.#count, vectors, [
        e.store(this.#to.get(), e.mul(e.load(this.#from.get()), e.load(this.#by.get()))),
        [this.#from, this.#by, this.#to].map((p) => e.bump(p, e.i32(VECTOR))),
      ]),
    ]
  }
}
