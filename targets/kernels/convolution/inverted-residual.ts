/**
 * A depthwise convolution, the convolution that computes its input, and the pointwise convolution that reads
 * its result, as one pipeline of rows. This is the inverted residual block of MobileNetV2 and V3, the separable
 * convolution of V1 and, with a stem in front, the first block of each network. It depends on the size of the
 * maps between them which of the parts are worth fusing. So every combination is a kernel of its own.
 */

import { type Graph, type Node, type NodeOf, producer, resultOf, usesOf, type Value } from '../../../ir/graph/graph.ts'
import { byteSize, sizeOf } from '../../../ir/tensors/types.ts'
import { inOrder } from '../../emitter/emitted-function.ts'
import { type Cover, type Kernel, type Lowering, type StepOperand, scratch } from '../../selection/kernel.ts'
import { callOf, moving, passing, repeated, together, type Work } from '../../target/cost.ts'
import type { Target } from '../../target/target.ts'
import { MAX_KERNEL_WIDTH, packDepthwise } from './depthwise.ts'
import { MAX_WINDOW_ROWS } from './depthwise-row.ts'
import { directFunction, packDirect, planarSource } from './direct.ts'
import { packPointwise, pointwiseCall } from './pointwise.ts'
import {
  batchFunction,
  bufferBytes,
  groupsOf,
  haloRows,
  PIPELINE_OPERANDS,
  pipelineFunction,
  type RowPipeline,
  type RowSink,
  type RowSource,
  ringBytes,
} from './row-pipeline.ts'
import { isDepthwise, isPointwise } from './shape/conv-shape.ts'
import { type EmittableShape, emittableShape } from './tiles/emittable-shape.ts'
import { tileCount } from './tiles/tile-size.ts'
import { convolving, multiplying } from './tiles/tile-work.ts'

/** Source, depthwise convolution, sink. */
export const invertedResidual: Kernel = {
  name: 'inverted-residual',
  cover: (node, graph, target) => sinkCover(node, graph, target, true),
}

/** Depthwise convolution, sink. */
export const separable: Kernel = {
  name: 'separable',
  cover: (node, graph, target) => sinkCover(node, graph, target, false),
}

/** Source, depthwise convolution. */
export const expandedDepthwise: Kernel = {
  name: 'expanded-depthwise',
  cover(node, graph, target) {
    const depthwise = depthwiseShape(node, target)
    const source = depthwise && sourceOf(depthwise, graph, target)
    return source ? pipelineCover('expanded-depthwise', { depthwise, source, sink: null }, target) : null
  },
}

function sinkCover(node: Node, graph: Graph, target: Target, withSource: boolean): Cover | null {
  const shape = emittableShape(node, target)
  if (!shape || !isPointwise(shape)) return null
  const middle = soleProducer(shape.node, graph)
  const depthwise = middle && depthwiseShape(middle, target)
  if (!depthwise) return null
  const source = withSource ? sourceOf(depthwise, graph, target) : null
  if (withSource && !source) return null
  const pipeline = { depthwise, source, sink: sinkOf(shape, target) }
  return pipelineCover(withSource ? 'inverted-residual' : 'separable', pipeline, target)
}

/** The convolution that computes the input of `node`, if nothing else reads it; otherwise null. */
function soleProducer(node: NodeOf<'conv'>, graph: Graph): NodeOf<'conv'> | null {
  const x = node.inputs[0] as Value
  return usesOf(graph, x).length === 1 ? producer(x, 'conv') : null
}

function depthwiseShape(node: Node, target: Target): EmittableShape | null {
  const shape = emittableShape(node, target)
  if (!shape || !isDepthwise(shape) || shape.residual) return null
  const fits = shape.kernel[0] <= MAX_WINDOW_ROWS && shape.kernel[1] <= MAX_KERNEL_WIDTH
  return fits && shape.outHeight > 1 ? shape : null
}

interface Source extends RowSource {
  readonly nodes: readonly Node[]
  readonly input: Value
  pack(): Uint8Array
}

function sourceOf(depthwise: EmittableShape, graph: Graph, target: Target): Source | null {
  const node = soleProducer(depthwise.node, graph)
  const shape = node && emittableShape(node, target)
  if (!shape || shape.residual || shape.groups !== 1) return null
  const input = node.inputs[0] as Value
  const { width, channels: k, outChannels: n, epilogue } = shape
  if (isPointwise(shape) && width > 1) {
    const { fn, sizes, extent } = pointwiseCall({ m: width, k, n, target, residual: false, epilogue })
    return { shape, fn, sizes, range: extent, nodes: [node], input, pack: () => packPointwise(shape) }
  }
  const transpose = planarSource(node, graph)
  const planar = transpose !== null
  const fn = directFunction({ ...shape, batch: 1 }, planar)
  const nodes = transpose ? [node, transpose] : [node]
  return {
    shape,
    fn,
    range: 'rows',
    nodes,
    input: (transpose?.inputs[0] as Value) ?? input,
    pack: () => packDirect(shape, planar),
  }
}

/** The sink computes several rows at once where this makes its tiles notably fuller. */
function sinkOf(shape: EmittableShape, target: Target): RowSink | null {
  const { outWidth: width, outHeight: height, channels: k, outChannels: n, epilogue, residual } = shape
  const tilesPerRow = (rows: number): number => tileCount(width * rows, target) / rows
  const choices = [1, 2, 4].filter((rows) => height % rows === 0 && rows * width > 1)
  const rows = choices.find((r) => choices.every((other) => tilesPerRow(other) > tilesPerRow(r) * FULLER))
  if (rows === undefined) return null
  const { fn, sizes, extent } = pointwiseCall({ m: rows * width, k, n, target, residual: residual !== undefined, epilogue })
  return { shape, fn, sizes, extent, rows }
}

/** More rows are joined only if the number of tiles falls below this share of that for fewer rows. */
const FULLER = 0.94

interface Pipeline extends RowPipeline {
  readonly source: Source | null
}

function pipelineCover(kernel: string, pipeline: Pipeline, target: Target): Cover | null {
  const { source, depthwise, sink } = pipeline
  if (kernel !== 'expanded-depthwise' && !sink) return null
  const last = sink?.shape ?? depthwise
  const x = source?.input ?? (depthwise.node.inputs[0] as Value)
  const residual = sink?.shape.residual
  const inputs = residual && residual !== x ? [x, residual] : [x]
  return {
    kernel,
    nodes: [...(sink ? [sink.shape.node] : []), depthwise.node, ...(source?.nodes ?? [])],
    inputs,
    outputs: [resultOf(last.node)],
    work: workOf(pipeline, x, target),
    halo: haloOf(pipeline, target),
    ...(inputs.length > 1 ? { inPlace: [1] } : {}),
    lower: (l) => lowerPipeline(l, pipeline, x),
  }
}

/** The work of the pipeline. The maps between the convolutions pass through the ring and the buffer. */
function workOf({ source, depthwise, sink }: Pipeline, x: Value, target: Target): Work {
  const floats = (v: Value | undefined): number => (v ? sizeOf(v.type.shape) : 0)
  const weights = [source?.shape, depthwise, sink?.shape].reduce((sum, s) => sum + floats(s?.node.inputs[1]), 0)
  const between = (source ? floats(depthwise.node.inputs[0]) : 0) + (sink ? floats(resultOf(depthwise.node)) : 0)
  const rows = depthwise.outHeight
  return callOf(
    source ? sourceWork(source, target) : {},
    { depthwise: depthwise.macs },
    sink ? sinkWork(sink, target) : {},
    moving(floats(x) + weights + floats(sink?.shape.residual), floats(resultOf((sink?.shape ?? depthwise).node))),
    passing(between),
    { rowCall: depthwise.batch * ((source ? depthwise.height : 0) + rows + (sink ? rows / sink.rows : 0)) },
  )
}

/** The work of the source's rows that a part computes again. */
function haloOf(pipeline: Pipeline, target: Target): Work {
  const { source } = pipeline
  if (!source) return {}
  const rows = source.shape.batch * source.shape.outHeight
  return repeated(together(sourceWork(source, target), { rowCall: rows }), haloRows(pipeline) / rows)
}

function sourceWork({ shape, range }: Source, target: Target): Work {
  const { batch, height, width, channels, outChannels } = shape
  if (range === 'rows') return convolving(shape.macs, shape.outWidth)
  return repeated(multiplying(width, channels, outChannels, target), batch * height)
}

function sinkWork({ shape, rows }: RowSink, target: Target): Work {
  const { batch, height, width, channels, outChannels } = shape
  return repeated(multiplying(rows * width, channels, outChannels, target), batch * (height / rows))
}

function lowerPipeline(l: Lowering, pipeline: Pipeline, x: Value): void {
  const { source, depthwise, sink } = pipeline
  const constants = ({ epilogue }: EmittableShape): StepOperand => (epilogue.constants.length > 0 ? l.pack(epilogue.constants) : 0)
  const residual = sink?.shape.residual
  const y = resultOf((sink?.shape ?? depthwise).node)
  const operands: Record<(typeof PIPELINE_OPERANDS)[number], StepOperand> = {
    x: l.address(x),
    sourceWeights: source ? l.pack(source.pack(), 'weights') : 0,
    sourceConstants: source ? constants(source.shape) : 0,
    weights: l.pack(packDepthwise(depthwise), 'weights'),
    constants: constants(depthwise),
    sinkWeights: sink ? l.pack(packPointwise(sink.shape), 'weights') : 0,
    sinkConstants: sink ? constants(sink.shape) : 0,
    residual: residual ? l.address(residual) : 0,
    y: l.address(y),
    ring: scratch(ringBytes(pipeline)),
    buffer: sink ? scratch(bufferBytes(pipeline)) : 0,
  }
  const batch = batchOf(x)
  const image = { x: byteSize(x.type) / batch, y: byteSize(y.type) / batch }
  const fn = pipelineFunction(pipeline)
  const macs = [source?.shape, depthwise, sink?.shape].reduce((sum, shape) => sum + (shape?.macs ?? 0), 0)
  const groups = groupsOf(pipeline)
  l.step(batch === 1 ? fn : batchFunction(fn, groups, image), inOrder(PIPELINE_OPERANDS, operands), { extent: batch * groups, macs })
}

function batchOf(x: Value): number {
  return x.type.shape[0] as number
}
