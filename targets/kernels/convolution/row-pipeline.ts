/**
 * A depthwise convolution and its neighbours, computed together a few rows at a time, so that the maps between
 * them never leave the cache. The rows that the depthwise convolution reads are kept in a ring, and its own
 * rows in a buffer (Alwani et al.: "Fused-Layer CNN Accelerators", 2016, the variant without recomputation).
 *
 * Parts are ranges of groups of the sink's rows. Each part has a ring and a buffer of its own. The first
 * windows of a part share rows with the part before it. The part computes these rows, its halo, again.
 */

import type { EmittedFunction } from '../../emitter/emitted-function.ts'
import { inOrder, type NamedParams, namedFunction } from '../../emitter/emitted-function.ts'
import type { Emitter, I32, Local, Scope, Statements } from '../../emitter/emitter.ts'
import type { SizedFunction } from './conv-cover.ts'
import { depthwiseRowFunction } from './depthwise-row.ts'
import { positionOf, type WindowAxis } from './shape/window-axis.ts'
import { keyOf } from './tiles/conv-function.ts'
import type { EmittableShape } from './tiles/emittable-shape.ts'

const FLOAT = 4
const VECTOR = 16

/**
 * Computes the rows that the depthwise convolution reads. Its function has the parameters of a convolution and
 * its `sizes`.
 */
export interface RowSource extends SizedFunction {
  readonly shape: EmittableShape
  /**
   * With 'rows', the function computes rows of the whole map and takes a range of rows. With a number, it
   * computes one row from one row, and its range has this extent.
   */
  readonly range: 'rows' | number
}

/** Reads the rows of the depthwise convolution: a product of `rows` rows at a time. */
export interface RowSink extends SizedFunction {
  readonly shape: EmittableShape
  readonly extent: number
  /** Rows of one product. The number divides the height of the map. */
  readonly rows: number
}

export interface RowPipeline {
  readonly source: RowSource | null
  readonly depthwise: EmittableShape
  readonly sink: RowSink | null
}

/** The operands of a pipeline's function, without the range. Addresses that are not needed are 0. */
export const PIPELINE_OPERANDS = [
  'x',
  'sourceWeights',
  'sourceConstants',
  'weights',
  'constants',
  'sinkWeights',
  'sinkConstants',
  'residual',
  'y',
  'ring',
  'buffer',
] as const

const PARAMS = [...PIPELINE_OPERANDS, 'begin', 'end'] as const

type PipelineParams = NamedParams<(typeof PARAMS)[number]>

/** Rows of the ring: those that the windows of one step of the pipeline span. */
export function ringRows({ source, depthwise, sink }: RowPipeline): number {
  const [axis] = depthwise.axes
  return source ? ((sink?.rows ?? 1) - 1) * axis.stride + span(axis) : 0
}

/** Bytes of the ring and the row of zeros behind it. */
export function ringBytes(p: RowPipeline): number {
  return align((ringRows(p) + 1) * inputRowBytes(p)) + VECTOR
}

/** Bytes of the buffer, which holds results of the depthwise convolution until the sink reads them. */
export function bufferBytes({ depthwise, sink }: RowPipeline): number {
  return sink ? align(sink.rows * depthwise.outWidth * depthwise.channels * FLOAT) : 0
}

/** Ranges that a pipeline's work can be cut into, for each image. */
export function groupsOf({ depthwise, sink }: RowPipeline): number {
  return depthwise.outHeight / (sink?.rows ?? 1)
}

/** Rows of the source that each part but the first computes once more. */
export function haloRows({ source, depthwise }: RowPipeline): number {
  const [axis] = depthwise.axes
  return source ? Math.max(0, span(axis) - axis.stride) : 0
}

/** The function that computes a range of the groups of one image. */
export function pipelineFunction(p: RowPipeline): EmittedFunction {
  const row = depthwiseRowFunction(p.depthwise)
  const calls = [...(p.source ? [p.source.fn] : []), row, ...(p.sink ? [p.sink.fn] : [])]
  const { height, outHeight, node } = p.depthwise
  const rows = [height, outHeight, node.attrs.strides[0], node.attrs.pads[0], node.attrs.dilations[0], p.sink?.rows ?? 1].join('x')
  const sizes = [p.source, p.sink].flatMap((part) => (part ? [part.shape.channels, part.shape.outChannels] : [])).join('x')
  const key = keyOf('rows', rows, sizes, ...calls.map((fn) => fn.key))
  const body = (e: Emitter, scope: Scope, params: PipelineParams) => new PipelineEmitter(e, scope, params, p, row.key).code()
  return namedFunction({ key, names: PARAMS, calls, body })
}

/** Bytes of one image of the input and of the result. */
export interface ImageBytes {
  readonly x: number
  readonly y: number
}

/** Computes a range of the groups of all images, `groups` for each image, by calls of a pipeline's function. */
export function batchFunction(pipeline: EmittedFunction, groups: number, bytes: ImageBytes): EmittedFunction {
  const key = keyOf('batch', groups, bytes.x, bytes.y, pipeline.key)
  const body = (e: Emitter, scope: Scope, params: PipelineParams) => batchCode(e, scope, params, pipeline, groups, bytes)
  return namedFunction({ key, names: PARAMS, calls: [pipeline], body })
}

/** Makes one call for each image that the range reaches into. */
function batchCode(
  e: Emitter,
  scope: Scope,
  params: PipelineParams,
  { key }: EmittedFunction,
  groups: number,
  bytes: ImageBytes,
): Statements {
  const [image, first, last] = [scope.i32(), scope.i32(), scope.i32()]
  const { begin, end } = params
  const inImage = (from: Local<I32>, size: number): I32 => e.iadd(from.get(), e.imul(image.get(), e.i32(size)))
  const call = e.call(
    key,
    inOrder(PARAMS, {
      ...(Object.fromEntries(PARAMS.map((name) => [name, params[name].get()])) as Record<(typeof PARAMS)[number], I32>),
      x: inImage(params.x, bytes.x),
      y: inImage(params.y, bytes.y),
      residual: inImage(params.residual, bytes.y),
      begin: e.isub(begin.get(), first.get()),
      end: e.isub(last.get(), first.get()),
    }),
  )
  const body = [
    image.set(e.idiv(begin.get(), e.i32(groups))),
    first.set(e.imul(image.get(), e.i32(groups))),
    last.set(e.iadd(first.get(), e.i32(groups))),
    last.set(e.select(e.lt(last.get(), end.get()), last.get(), end.get())),
    call,
    begin.set(last.get()),
  ]
  return e.if(e.lt(begin.get(), end.get()), e.doWhile(body, e.lt(begin.get(), end.get())))
}

class PipelineEmitter {
  readonly #e: Emitter
  readonly #params: PipelineParams
  readonly #pipeline: RowPipeline
  readonly #axis: WindowAxis
  readonly #rowKey: string
  readonly #row: Local<I32>
  /** The next row the source has to compute. */
  readonly #next: Local<I32>
  readonly #zeros: Local<I32>
  readonly #at: Local<I32>
  readonly #count: Local<I32>

  constructor(e: Emitter, scope: Scope, params: PipelineParams, pipeline: RowPipeline, rowKey: string) {
    this.#e = e
    this.#params = params
    this.#pipeline = pipeline
    this.#axis = pipeline.depthwise.axes[0]
    this.#rowKey = rowKey
    this.#row = scope.i32()
    this.#next = scope.i32()
    this.#zeros = scope.i32()
    this.#at = scope.i32()
    this.#count = scope.i32()
  }

  code(): Statements {
    const e = this.#e
    const { sink } = this.#pipeline
    const rows = sink?.rows ?? 1
    const { begin, end } = this.#params
    const step = [this.#source(rows), Array.from({ length: rows }, (_, i) => this.#depthwiseRow(i)), sink ? this.#sink() : []]
    const inRows = (groups: Local<I32>): Statements => (rows === 1 ? [] : groups.set(e.imul(groups.get(), e.i32(rows))))
    return [
      this.#clearZeros(),
      [begin, end].map(inRows),
      this.#startSource(),
      e.forRange(this.#row, begin.get(), () => end.get(), rows, step),
    ]
  }

  /** Starts the source at the first row inside the image that the windows of output rows from `begin` on reach. */
  #startSource(): Statements {
    const e = this.#e
    const { stride, pad } = this.#axis
    if (!this.#pipeline.source) return []
    const top = e.isub(e.imul(this.#params.begin.get(), e.i32(stride)), e.i32(pad))
    const first = this.#next.set(top)
    return pad === 0 ? first : [first, e.if(e.lt(this.#next.get(), e.i32(0)), this.#next.set(e.i32(0)))]
  }

  get #rowBytes(): number {
    return inputRowBytes(this.#pipeline)
  }

  #clearZeros(): Statements {
    const e = this.#e
    if (!leavesImage(this.#axis)) return []
    const vectors = Math.ceil(this.#rowBytes / VECTOR)
    return [
      this.#zeros.set(e.iadd(this.#params.ring.get(), e.i32(ringRows(this.#pipeline) * this.#rowBytes))),
      this.#at.set(this.#zeros.get()),
      e.repeat(this.#count, e.i32(vectors), [e.store(this.#at.get(), e.vector(0)), e.bump(this.#at, e.i32(VECTOR))]),
    ]
  }

  /** Computes the source's rows up to the last one that the windows of output rows [row, row + `rows`) reach. */
  #source(rows: number): Statements {
    const e = this.#e
    const { source } = this.#pipeline
    if (!source) return []
    const { stride, pad, input } = this.#axis
    const end = (): I32 => e.iadd(e.imul(this.#row.get(), e.i32(stride)), e.i32((rows - 1) * stride - pad + span(this.#axis)))
    const more = (): I32 => e.lt(this.#next.get(), e.select(e.lt(end(), e.i32(input)), end(), e.i32(input)))
    return e.if(more(), e.doWhile([this.#sourceRow(source), e.bump(this.#next, e.i32(1))], more()))
  }

  #sourceRow({ shape, fn, sizes = [], range }: RowSource): Statements {
    const e = this.#e
    const { x, sourceWeights, sourceConstants } = this.#params
    const slot = this.#ringRow(this.#next.get())
    const call = (from: I32, to: I32, begin: I32, end: I32): Statements =>
      e.call(fn.key, [from, sourceWeights.get(), to, e.i32(0), sourceConstants.get(), ...sizes.map((size) => e.i32(size)), begin, end])
    if (range === 'rows') {
      const origin = e.isub(slot, e.imul(this.#next.get(), e.i32(this.#rowBytes)))
      return call(x.get(), origin, this.#next.get(), e.iadd(this.#next.get(), e.i32(1)))
    }
    const from = e.iadd(x.get(), e.imul(this.#next.get(), e.i32(shape.width * shape.channels * FLOAT)))
    return call(from, slot, e.i32(0), e.i32(range))
  }

  /** Computes output row `row` + `index`, either into the buffer or directly into the result. */
  #depthwiseRow(index: number): Statements {
    const e = this.#e
    const { depthwise, sink } = this.#pipeline
    const { weights, constants, y, buffer } = this.#params
    const bytes = depthwise.outWidth * depthwise.channels * FLOAT
    const to = sink ? e.iadd(buffer.get(), e.i32(index * bytes)) : e.iadd(y.get(), e.imul(this.#row.get(), e.i32(bytes)))
    const rows = Array.from({ length: this.#axis.kernel }, (_, tap) => this.#inputRow(positionOf(this.#axis, index, tap)))
    return e.call(this.#rowKey, [weights.get(), constants.get(), to, ...rows])
  }

  /** Address of input row `row` · stride + `offset`, or of the row of zeros where there is no such row. */
  #inputRow(offset: number): I32 {
    const e = this.#e
    const { stride, input } = this.#axis
    const position = (): I32 => e.iadd(e.imul(this.#row.get(), e.i32(stride)), e.i32(offset))
    const { source } = this.#pipeline
    const address = source ? this.#ringRow(position()) : e.iadd(this.#params.x.get(), e.imul(position(), e.i32(this.#rowBytes)))
    return leavesImage(this.#axis) ? e.select(e.ltUnsigned(position(), e.i32(input)), address, this.#zeros.get()) : address
  }

  #ringRow(row: I32): I32 {
    const e = this.#e
    const slot = e.irem(row, e.i32(ringRows(this.#pipeline)))
    return e.iadd(this.#params.ring.get(), e.imul(slot, e.i32(this.#rowBytes)))
  }

  #sink(): Statements {
    const e = this.#e
    const { shape, fn, sizes = [], extent } = this.#pipeline.sink as RowSink
    const { buffer, sinkWeights, y, residual, sinkConstants } = this.#params
    const bytes = shape.outWidth * shape.outChannels * FLOAT
    const rowOf = (from: Local<I32>): I32 => e.iadd(from.get(), e.imul(this.#row.get(), e.i32(bytes)))
    const added = shape.residual ? rowOf(residual) : e.i32(0)
    const known = [...sizes, 0, extent].map((size) => e.i32(size))
    return e.call(fn.key, [buffer.get(), sinkWeights.get(), rowOf(y), added, sinkConstants.get(), ...known])
  }
}

/** Input rows that a window spans. */
function span({ kernel, dilation }: WindowAxis): number {
  return (kernel - 1) * dilation + 1
}

function leavesImage(axis: WindowAxis): boolean {
  return axis.pad > 0 || positionOf(axis, axis.output - 1, axis.kernel - 1) >= axis.input
}

function inputRowBytes({ depthwise }: RowPipeline): number {
  return depthwise.width * depthwise.channels * FLOAT
}

function align(bytes: number): number {
  return Math.ceil(bytes / VECTOR) * VECTOR
}
