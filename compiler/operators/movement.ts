/** Operators that move elements: Transpose, Concat, Split, Slice, Gather, GatherElements, space and depth; and Cast. */

import type { Value } from '../../ir/graph/graph.ts'
import { numbers } from '../../ir/tensors/tensor.ts'
import type { NodeImport } from './node-import.ts'
import { type OperatorRules, since } from './operator.ts'

function transpose(node: NodeImport): Value {
  const x = node.input(0)
  const rank = x.type.shape.length
  const perm = node.attrs.ints('perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i)
  if (perm.length !== rank || perm.some((p, i) => p < 0 || p >= rank || perm.indexOf(p) !== i)) {
    throw node.invalid(`perm [${perm}] is not a permutation of the ${rank} axes`)
  }
  return node.make('transpose', [x], { perm })
}

function concat(node: NodeImport): Value {
  const { inputs } = node
  const axis = node.axis(node.attrs.requiredInt('axis'), node.input(0).type.shape.length)
  return inputs.length === 1 ? (inputs[0] as Value) : node.make('concat', inputs, { axis })
}

/** Splits into parts of `sizes` along the axis, or into equal parts, one per output. */
function split(node: NodeImport, sizes: readonly number[] | null): Value[] {
  const x = node.input(0)
  const axis = node.axis(node.attrs.int('axis', 0), x.type.shape.length)
  const extent = x.type.shape[axis] as number
  const parts = sizes ?? equalParts(node, extent)
  if (parts.length !== node.outputCount) throw node.invalid(`split into ${parts.length} parts for ${node.outputCount} outputs`)
  if (parts.some((p) => p < 0) || parts.reduce((a, b) => a + b, 0) !== extent)
    throw node.invalid(`split [${parts}] must be parts of at least 0 that add up to the extent, ${extent}`)
  let start = 0
  return parts.map((size) => {
    const part = sliceAxis(node, x, axis, start, size)
    start += size
    return part
  })
}

/** The extent of equal parts. From opset 18 on, the last part may be smaller. */
function equalParts(node: NodeImport, extent: number): number[] {
  const count = node.outputCount
  if (node.opset < 18 && extent % count !== 0) throw node.invalid(`an extent of ${extent} does not split into ${count} equal parts`)
  const size = Math.ceil(extent / count)
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(size, extent - i * size)))
}

function split13(node: NodeImport): Value[] {
  const sizes = node.optional(1)
  if (node.opset >= 18) {
    const count = node.attrs.int('num_outputs', node.outputCount)
    if (count !== node.outputCount) throw node.invalid(`num_outputs = ${count} for ${node.outputCount} outputs`)
    if (sizes && node.attrs.has('num_outputs')) throw node.invalid('both split and num_outputs are given')
  }
  return split(node, sizes && node.knownInts(sizes, 'split'))
}

function sliceAxis(node: NodeImport, x: Value, axis: number, start: number, size: number): Value {
  const { shape } = x.type
  return node.make('slice', [x], {
    starts: shape.map((_, i) => (i === axis ? start : 0)),
    sizes: shape.with(axis, size),
    steps: shape.map(() => 1),
  })
}

interface Range {
  readonly axes: readonly number[] | null
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly steps: readonly number[] | null
}

/** Slice. Positions are as in Python: negative ones count from the end, and all are clamped to the axis. */
function slice(node: NodeImport, range: Range): Value {
  const x = node.input(0)
  const { shape } = x.type
  const count = range.starts.length
  const axes = (range.axes ?? range.starts.map((_, i) => i)).map((a) => node.axis(a, shape.length, 'axes:'))
  const steps = range.steps ?? axes.map(() => 1)
  if (axes.length !== count || range.ends.length !== count || steps.length !== count)
    throw node.invalid('starts, ends, axes and steps differ in length')
  if (new Set(axes).size !== count) throw node.invalid(`axes [${axes}] name an axis twice`)
  if (steps.some((s) => s === 0)) throw node.invalid('a step is 0')
  const attrs = { starts: shape.map(() => 0), sizes: [...shape], steps: shape.map(() => 1) }
  axes.forEach((axis, i) => {
    const taken = sliceRange(shape[axis] as number, range.starts[i] as number, range.ends[i] as number, steps[i] as number)
    attrs.starts[axis] = taken.start
    attrs.sizes[axis] = taken.size
    attrs.steps[axis] = taken.step
  })
  return node.make('slice', [x], attrs)
}

function sliceRange(extent: number, start: number, end: number, step: number): { start: number; size: number; step: number } {
  const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1]
  const clamp = (at: number, least: number): number => Math.min(Math.max(at < 0 ? at + extent : at, least), high)
  const first = clamp(start, 0)
  const last = clamp(end, low)
  const size = Math.max(0, Math.ceil((last - first) / step))
  return { start: size === 0 ? 0 : first, size, step: size <= 1 ? 1 : step }
}

function sliceAttributes(node: NodeImport): Value {
  const [starts, ends] = [node.attrs.ints('starts'), node.attrs.ints('ends')]
  if (!starts || !ends) throw node.invalid('required attributes starts and ends are missing')
  return slice(node, { starts, ends, axes: node.attrs.ints('axes'), steps: null })
}

function sliceInputs(node: NodeImport): Value {
  const ints = (index: number, name: string): number[] | null => {
    const value = node.optional(index)
    return value && node.knownInts(value, name)
  }
  const starts = node.knownInts(node.input(1), 'starts')
  return slice(node, { starts, ends: node.knownInts(node.input(2), 'ends'), axes: ints(3, 'axes'), steps: ints(4, 'steps') })
}

/** Gather or GatherElements. Constant indices that are out of range are errors. */
function gather(node: NodeImport, op: 'gather' | 'gather-elements'): Value {
  const [x, indices] = [node.input(0), node.input(1)]
  const axis = node.axis(node.attrs.int('axis', 0), x.type.shape.length)
  const extent = x.type.shape[axis] as number
  if (indices.kind === 'constant') {
    const bad = Array.from(numbers(indices.tensor)).find((i) => i < -extent || i >= extent)
    if (bad !== undefined) throw node.invalid(`index ${bad} is out of range for an axis of extent ${extent}`)
  }
  return node.make(op, [x, indices], { axis })
}

/** [N, C, H·b, W·b] → [N, C·b², H, W]. */
function spaceToDepth(node: NodeImport): Value {
  const x = node.input(0)
  const block = blockSize(node)
  const [n, c, h, w] = imageShape(node, x)
  if (h % block !== 0 || w % block !== 0) throw node.invalid(`blocksize ${block} does not divide [${x.type.shape}]`)
  const split = node.reshape(x, [n, c, h / block, block, w / block, block])
  return node.reshape(node.transpose(split, [0, 3, 5, 1, 2, 4]), [n, c * block * block, h / block, w / block])
}

/**
 * [N, C·b², H, W] → [N, C, H·b, W·b]. Among the channels, the block is the outermost axis in mode DCR and the
 * innermost one in mode CRD.
 */
function depthToSpace(node: NodeImport): Value {
  const x = node.input(0)
  const block = blockSize(node)
  const mode = node.attrs.string('mode', 'DCR')
  if (mode !== 'DCR' && mode !== 'CRD') throw node.invalid(`mode = ${JSON.stringify(mode)} must be DCR or CRD`)
  const [n, c, h, w] = imageShape(node, x)
  const depth = c / (block * block)
  if (!Number.isInteger(depth)) throw node.invalid(`blocksize ${block} does not divide ${c} channels`)
  const split = node.reshape(x, mode === 'DCR' ? [n, block, block, depth, h, w] : [n, depth, block, block, h, w])
  return node.reshape(node.transpose(split, mode === 'DCR' ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [n, depth, h * block, w * block])
}

function blockSize(node: NodeImport): number {
  const block = node.attrs.requiredInt('blocksize')
  if (block < 1) throw node.invalid(`blocksize = ${block} must be at least 1`)
  return block
}

function imageShape(node: NodeImport, x: Value): [number, number, number, number] {
  if (x.type.shape.length !== 4) throw node.invalid(`input must have rank 4, has shape [${x.type.shape}]`)
  return x.type.shape as unknown as [number, number, number, number]
}

function cast(node: NodeImport): Value {
  const x = node.input(0)
  const to = node.attrs.dtype('to')
  node.attrs.inert(...FLOAT8_ATTRIBUTES)
  return castTo(node, x, to)
}

function castLike(node: NodeImport): Value {
  node.attrs.inert(...FLOAT8_ATTRIBUTES)
  return castTo(node, node.input(0), node.input(1).type.dtype)
}

/** These attributes say how to round to float8 types, which are not supported. */
const FLOAT8_ATTRIBUTES = ['saturate', 'round_mode']

function castTo(node: NodeImport, x: Value, to: Value['type']['dtype']): Value {
  return x.type.dtype === to ? x : node.make('cast', [x], { to })
}

export const movementRules: OperatorRules = {
  Transpose: [since(1, 1, transpose)],
  Concat: [since(4, [1, Number.POSITIVE_INFINITY], concat)],
  Split: [
    since(2, 1, (node) => split(node, node.attrs.ints('split')), Number.POSITIVE_INFINITY),
    since(13, [1, 2], split13, Number.POSITIVE_INFINITY),
  ],
  Slice: [since(1, 1, sliceAttributes), since(10, [3, 5], sliceInputs)],
  Gather: [since(1, 2, (node) => gather(node, 'gather'))],
  GatherElements: [since(11, 2, (node) => gather(node, 'gather-elements'))],
  SpaceToDepth: [since(1, 1, spaceToDepth)],
  DepthToSpace: [since(1, 1, depthToSpace)],
  Cast: [since(6, 1, cast)],
  CastLike: [since(15, 2, castLike)],
}
