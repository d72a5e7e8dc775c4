/**
 * 1×1 convolution of x · scale, scale one factor per channel: the projection after a squeeze-excite
 * gate. Rows are scaled a register tile at a time, right before the product reads them. Splits over
 * tiles.
 */

import { type Graph, type NodeOf, producer, resultOf, usesOf, type Value } from '../../../ir/graph.ts'
import { byteSize, sameShape, sizeOf } from '../../../ir/types.ts'
import { passing, together } from '../cost.ts'
import type { EmittedFunction, Kernel } from '../kernel.ts'
import type { Emitter, I32, Local, Scope, Statements } from '../simd.ts'
import { type ConvNode, convShape, keyOf, macsOf } from './conv-call.ts'
import { isPointwise, type Product, packPointwise, pointwiseFunction, pointwiseWork } from './pointwise.ts'
import { maxRows, type TileHeight, tileCount, tileHeights } from './tile-heights.ts'

const FLOAT = 4
const LANES = 4
const VECTOR = FLOAT * LANES

export const scaledPointwise: Kernel = {
  name: 'scaled-pointwise',
  cover(node, graph, target) {
    if (node.op !== 'conv') return null
    const shape = convShape(node, target)
    const scaling = shape && isPointwise(node, shape) ? scalingOf(node, graph) : null
    if (!shape || !scaling || shape.batch !== 1) return null
    const { outHeight, outWidth, channels: k, outChannels: n, epilogue, residual } = shape
    const m = outHeight * outWidth
    if (m === 1) return null
    const { mul, x, scale } = scaling
    const product: Product = { m, k, n, relaxed: target.relaxed, residual: residual !== undefined, epilogue }
    const fn = scaledFunction(product)
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
          l.address(scale),
          l.scratch(byteSize(x.type)),
        ]
        l.step(fn, operands, { extent: tileCount(m, target.relaxed), macs: macsOf(shape) })
      },
    }
  },
}

interface Scaling {
  readonly mul: NodeOf<'mul'>
  readonly x: Value
  readonly scale: Value
}

/** The product with one factor per channel that makes a convolution's input for it alone. */
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

const PARAMS = Array.from({ length: 9 }, () => 'i32' as const)

/** A function of x, weights, y, residual, constants, scale, memory for the scaled rows, and a range of tiles. */
function scaledFunction(product: Product): EmittedFunction {
  const fn = pointwiseFunction(product)
  const key = keyOf('scaled', fn.key)
  return {
    kind: 'emitted',
    key,
    params: PARAMS,
    calls: [fn],
    emit: (e) => e.func(key, PARAMS, (scope, ...locals) => new ScaledEmitter(e, scope, locals, product, fn.key).code()),
  }
}

class ScaledEmitter {
  readonly #e: Emitter
  readonly #params: readonly Local<I32>[]
  readonly #product: Product
  readonly #productKey: string
  readonly #scope: Scope
  readonly #tile: Local<I32>
  readonly #from: Local<I32>
  readonly #by: Local<I32>
  readonly #to: Local<I32>
  readonly #count: Local<I32>

  constructor(e: Emitter, scope: Scope, params: readonly Local<I32>[], product: Product, productKey: string) {
    this.#e = e
    this.#params = params
    this.#product = product
    this.#productKey = productKey
    this.#scope = scope
    this.#tile = scope.i32()
    this.#from = scope.i32()
    this.#by = scope.i32()
    this.#to = scope.i32()
    this.#count = scope.i32()
  }

  code(): Statements {
    let firstTile = 0
    let firstRow = 0
    return tileHeights(this.#product.m, maxRows(this.#product.relaxed)).map((height) => {
      const code = this.#tiles(height, firstTile, firstRow)
      firstTile += height.count
      firstRow += height.rows * height.count
      return code
    })
  }

  /** The part of the function's range that lies in tiles of one height, the first of them at `row`. */
  #tiles({ rows, count }: TileHeight, first: number, row: number): Statements {
    const e = this.#e
    const [x, weights, y, residual, constants, scale, scaled, begin, end] = this.#params as [
      Local<I32>,
      Local<I32>,
      Local<I32>,
      Local<I32>,
      Local<I32>,
      Local<I32>,
      Local<I32>,
      Local<I32>,
      Local<I32>,
    ]
    const last = first + count
    const from = e.select(e.lt(begin.get(), e.i32(first)), e.i32(first), begin.get())
    const to = (): I32 => e.select(e.lt(end.get(), e.i32(last)), end.get(), e.i32(last))
    const rowBytes = this.#product.k * FLOAT
    const offset = (): I32 => e.imul(e.iadd(e.imul(this.#tile.get(), e.i32(rows)), e.i32(row - first * rows)), e.i32(rowBytes))
    const operands = [scaled, weights, y, residual, constants, this.#tile].map((p) => p.get())
    return e.forRange(this.#tile, from, to, 1, [
      this.#from.set(e.iadd(x.get(), offset())),
      this.#to.set(e.iadd(scaled.get(), offset())),
      this.#by.set(scale.get()),
      this.#scale(rows),
      e.call(this.#productKey, [...operands, e.iadd(this.#tile.get(), e.i32(1))]),
    ])
  }

  /** to[row] = from[row] · by for the rows of a tile. */
  #scale(rows: number): Statements {
    const e = this.#e
    const { k } = this.#product
    const [factor, product] = [this.#scope.v128(), this.#scope.v128()]
    const vector = (lanes: number): Statements => [
      factor.set(e.load(this.#by.get())),
      Array.from({ length: rows }, (_, row) => [
        product.set(e.mul(e.load(this.#from.get(), row * k * FLOAT), factor.get())),
        e.storePart(() => this.#to.get(), product, lanes, row * k * FLOAT),
      ]),
    ]
    const next = [this.#from, this.#by, this.#to].map((p) => e.bump(p, e.i32(VECTOR)))
    const whole = Math.floor(k / LANES)
    return [whole > 0 ? e.repeat(this.#count, e.i32(whole), [vector(LANES), next]) : [], k % LANES > 0 ? vector(k % LANES) : []]
  }
}
