/** Operators that change only the shape of a tensor, and operators that make tensors from shapes. */

import type { Value } from '../../ir/graph/graph.ts'
import { broadcastShapes } from '../../ir/ops/broadcast.ts'
import { int64, type Tensor } from '../../ir/tensors/tensor.ts'
import { type Shape, sizeOf } from '../../ir/tensors/types.ts'
import type { NodeImport } from './node-import.ts'
import { type OperatorRules, since } from './operator.ts'

/** Reshape. An extent of 0 copies that of the input (unless `allowzero`), and −1 stands for what is left. */
function reshape(node: NodeImport): Value {
  const x = node.input(0)
  const asked = node.knownInts(node.input(1), 'shape')
  const allowZero = node.opset >= 14 && node.attrs.flag('allowzero', false)
  const shape = asked.map((d, i) => (d === 0 && !allowZero ? copiedExtent(node, x.type.shape, i) : d))
  const open = shape.indexOf(-1)
  if (shape.some((d) => d < -1) || shape.lastIndexOf(-1) !== open)
    throw node.invalid(`shape [${asked}] has negative extents; one may be -1`)
  if (open < 0) return node.make('reshape', [x], { shape })
  const rest = sizeOf(shape.filter((d) => d !== -1))
  const extent = sizeOf(x.type.shape) / rest
  if (!Number.isInteger(extent)) throw node.invalid(`cannot reshape [${x.type.shape}] to [${asked}]`)
  return node.make('reshape', [x], { shape: shape.with(open, extent) })
}

function copiedExtent(node: NodeImport, shape: Shape, axis: number): number {
  const extent = shape[axis]
  if (extent === undefined) throw node.invalid(`shape has 0 at ${axis}, beyond the input's shape [${shape}]`)
  return extent
}

/** Flattens to two axes, split before `axis`. */
function flatten(node: NodeImport): Value {
  const x = node.input(0)
  const { shape } = x.type
  const asked = node.attrs.int('axis', 1)
  const axis = asked === shape.length ? asked : node.axis(asked, shape.length)
  return node.make('reshape', [x], { shape: [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))] })
}

function squeeze(node: NodeImport, axes: readonly number[] | null): Value {
  const x = node.input(0)
  const { shape } = x.type
  const dropped = axes ? node.axes(axes, shape.length) : shape.flatMap((d, i) => (d === 1 ? [i] : []))
  if (dropped.some((axis) => shape[axis] !== 1)) throw node.invalid(`cannot squeeze axes [${dropped}] of shape [${shape}]`)
  return node.make('reshape', [x], { shape: shape.filter((_, i) => !dropped.includes(i)) })
}

function unsqueeze(node: NodeImport, axes: readonly number[] | null): Value {
  const x = node.input(0)
  if (!axes) throw node.invalid('required attribute axes is missing')
  const rank = x.type.shape.length + axes.length
  const added = node.axes(axes, rank)
  const rest = [...x.type.shape]
  const shape = Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : (rest.shift() as number)))
  return node.make('reshape', [x], { shape })
}

function axesInput(node: NodeImport): number[] | null {
  const axes = node.optional(1)
  return axes && node.knownInts(axes, 'axes')
}

function expand(node: NodeImport): Value {
  const x = node.input(0)
  const asked = node.knownInts(node.input(1), 'shape')
  if (asked.some((d) => d < 0)) throw node.invalid(`shape [${asked}] has negative extents`)
  return node.make('expand', [x], { shape: broadcastShapes(x.type.shape, asked) })
}

/** The extents of the input: all of them, or those from `start` to `end`. Both are clamped. */
function shape(node: NodeImport): Value {
  const extents = node.input(0).type.shape
  const chosen = node.opset < 15 ? extents : extents.slice(node.attrs.int('start', 0), node.attrs.int('end', extents.length))
  return node.constant(int64([chosen.length], chosen))
}

/** A small tensor becomes a constant, a large one an expanded scalar. */
function constantOfShape(node: NodeImport): Value {
  const asked = node.knownInts(node.input(0), 'shape')
  if (asked.some((d) => d < 0)) throw node.invalid(`shape [${asked}] has negative extents`)
  const proto = node.attrs.tensor('value')
  const value = proto ? node.constant(node.readTensor(proto)) : node.scalar('float32', 0)
  if (sizeOf(value.type.shape) !== 1) throw node.invalid(`value must have one element, has shape [${value.type.shape}]`)
  return node.make('expand', [node.reshape(value, [])], { shape: asked })
}

/** Repeats the whole tensor `repeats[i]` times along axis i. */
function tile(node: NodeImport): Value {
  const x = node.input(0)
  const repeats = node.knownInts(node.input(1), 'repeats')
  const { shape: extents } = x.type
  if (repeats.length !== extents.length || repeats.some((r) => r < 0))
    throw node.invalid(`repeats [${repeats}] must be one number of at least 0 for each axis of [${extents}]`)
  const split = node.reshape(
    x,
    extents.flatMap((d) => [1, d]),
  )
  const repeated = node.make('expand', [split], { shape: extents.flatMap((d, i) => [repeats[i] as number, d]) })
  return node.reshape(
    repeated,
    extents.map((d, i) => d * (repeats[i] as number)),
  )
}

/** The constant, which exactly one of the attributes holds. */
function constant(node: NodeImport): Value {
  const { attrs } = node
  const given = ['value', 'value_float', 'value_floats', 'value_int', 'value_ints'].filter((name) => attrs.has(name))
  const foreign = ['sparse_value', 'value_string', 'value_strings'].find((name) => attrs.has(name))
  if (foreign) throw node.unsupported(`attribute ${foreign} is not supported`, 'strings and sparse tensors cannot be compiled')
  if (given.length !== 1) throw node.invalid(`${given.length} values are given; a constant has one`)
  const proto = attrs.tensor('value')
  if (proto) return node.constant(node.readTensor(proto))
  const floats = attrs.floats('value_floats')
  if (floats) return node.numbers('float32', [floats.length], floats)
  if (attrs.has('value_float')) return node.scalar('float32', attrs.float('value_float', 0))
  const ints = attrs.ints('value_ints')
  return ints ? node.constant(int64([ints.length], ints)) : node.constant(int64([], [attrs.int('value_int', 0)]))
}

/** Dropout outside training. It returns the input itself, and a mask that keeps every element. */
function dropout(node: NodeImport): readonly Value[] {
  const x = node.input(0)
  node.attrs.inert('ratio', 'seed')
  const training = node.optional(2)
  if (training && isTrue(node.known(training, 'training_mode')))
    throw node.unsupported('training_mode is true', 'export the model in eval mode')
  if (!node.wants(1)) return [x]
  return [x, node.make('expand', [node.scalar(node.opset < 10 ? x.type.dtype : 'bool', 1)], { shape: x.type.shape })]
}

function isTrue(t: Tensor): boolean {
  return Array.from<number | bigint>(t.data).some((v) => Number(v) !== 0)
}

export const shapeRules: OperatorRules = {
  Reshape: [since(5, 2, reshape)],
  Flatten: [since(1, 1, flatten)],
  Squeeze: [since(1, 1, (node) => squeeze(node, node.attrs.ints('axes'))), since(13, [1, 2], (node) => squeeze(node, axesInput(node)))],
  Unsqueeze: [since(1, 1, (node) => unsqueeze(node, node.attrs.ints('axes'))), since(13, 2, (node) => unsqueeze(node, axesInput(node)))],
  Expand: [since(8, 2, expand)],
  Tile: [since(6, 2, tile)],
  Shape: [since(1, 1, shape)],
  Size: [since(1, 1, (node) => node.constant(int64([], [sizeOf(node.input(0).type.shape)])))],
  ConstantOfShape: [since(9, 1, constantOfShape)],
  Constant: [since(1, 0, constant)],
  Identity: [since(1, 1, (node) => node.input(0))],
  Dropout: [since(7, 1, dropout, 2), since(12, [1, 3], dropout, 2)],
}
