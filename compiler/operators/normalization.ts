/** BatchNormalization, Softmax and LogSoftmax. */

import type { Value } from '../../ir/graph/graph.ts'
import { numbers } from '../../ir/tensors/tensor.ts'
import { type Shape, sameShape, sizeOf } from '../../ir/tensors/types.ts'
import type { NodeImport } from './node-import.ts'
import { type OperatorRules, since } from './operator.ts'

const PARAMETERS = ['scale', 'B', 'mean', 'var'] as const

/**
 * x · factor + shift per channel, with factor = scale / √(var + ε) and shift = B − mean · factor. Constant
 * parameters are computed in float64 and rounded once. Where not `spatial`, there are parameters for every
 * position as well.
 */
function batchNormalization(node: NodeImport, spatial = true): Value {
  const x = node.input(0)
  node.requireFloat(x)
  const epsilon = node.attrs.float('epsilon', 1e-5)
  node.attrs.inert('momentum')
  for (let i = 1; i < node.outputCount; i++) {
    if (node.wants(i)) throw node.unsupported(`output ${i} exists only in training`, 'export the model in eval mode')
  }
  const rank = x.type.shape.length
  if (rank === 0) throw node.invalid('input has rank 0; its shape must be [N, C, spatial dimensions]')
  const channels = x.type.shape[1] ?? 1
  const extents = spatial ? [channels] : x.type.shape.slice(1)
  const parameters = PARAMETERS.map((name, i) => parameter(node, name, i + 1, extents))
  const shape = !spatial ? extents : [channels, ...new Array<number>(Math.max(0, rank - 2)).fill(1)]
  const [factor, shift] = parameters.every((v) => v.kind === 'constant')
    ? foldedParameters(node, parameters, epsilon, x)
    : computedParameters(node, parameters, epsilon, x)
  return node.make('add', [node.make('mul', [x, node.reshape(factor, shape)], {}), node.reshape(shift, shape)], {})
}

function parameter(node: NodeImport, name: string, index: number, extents: Shape): Value {
  const value = node.input(index)
  node.requireFloat(value)
  if (!sameShape(value.type.shape, extents)) throw node.invalid(`${name} has shape [${value.type.shape}], must have [${extents}]`)
  return value
}

function foldedParameters(node: NodeImport, parameters: readonly Value[], epsilon: number, x: Value): [Value, Value] {
  const [scale, bias, mean, variance] = parameters.map((v, i) => numbers(node.known(v, PARAMETERS[i] as string))) as [
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
  ]
  const factor = Float64Array.from(scale, (s, i) => s / Math.sqrt((variance[i] as number) + epsilon))
  const shift = factor.map((f, i) => (bias[i] as number) - (mean[i] as number) * f)
  const { dtype } = x.type
  return [node.numbers(dtype, [factor.length], factor), node.numbers(dtype, [shift.length], shift)]
}

function computedParameters(node: NodeImport, parameters: readonly Value[], epsilon: number, x: Value): [Value, Value] {
  const { dtype } = x.type
  const cast = parameters.map((v) => (v.type.dtype === dtype ? v : node.make('cast', [v], { to: dtype })))
  const [scale, bias, mean, variance] = cast as [Value, Value, Value, Value]
  const deviation = node.make('sqrt', [node.make('add', [variance, node.scalar(dtype, epsilon)], {})], {})
  const factor = node.make('div', [scale, deviation], {})
  return [factor, node.make('sub', [bias, node.make('mul', [mean, factor], {})], {})]
}

/**
 * BatchNormalization from opset 7 on. Before opset 9, statistics could be per activation. Before opset 14, only
 * extra outputs said that the node trains.
 */
function batchNormalization7(node: NodeImport): Value {
  return batchNormalization(node, node.attrs.flag('spatial', true))
}

function batchNormalization14(node: NodeImport): Value {
  if (node.attrs.flag('training_mode', false)) throw node.unsupported('training_mode = 1 is not supported', 'export the model in eval mode')
  return batchNormalization(node)
}

/** Softmax before opset 13: the input is flattened to two axes, split before `axis`. */
function flatSoftmax(node: NodeImport, log: boolean): Value {
  const x = node.input(0)
  node.requireFloat(x)
  const { shape } = x.type
  const axis = node.axis(node.attrs.int('axis', 1), shape.length)
  const flat = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]
  if (axis === shape.length - 1) return node.make('softmax', [x], { axis, log })
  return node.reshape(node.make('softmax', [node.reshape(x, flat)], { axis: 1, log }), shape)
}

function softmax(node: NodeImport, log: boolean): Value {
  const x = node.input(0)
  node.requireFloat(x)
  return node.make('softmax', [x], { axis: node.axis(node.attrs.int('axis', -1), x.type.shape.length), log })
}

export const normalizationRules: OperatorRules = {
  BatchNormalization: [
    since(7, 5, batchNormalization7, 5),
    since(9, 5, (node) => batchNormalization(node), 5),
    since(14, 5, batchNormalization14, 3),
  ],
  Softmax: [since(1, 1, (node) => flatSoftmax(node, false)), since(13, 1, (node) => softmax(node, false))],
  LogSoftmax: [since(1, 1, (node) => flatSoftmax(node, true)), since(13, 1, (node) => softmax(node, true))],
}
