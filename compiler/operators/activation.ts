/** Activations. Some are operators of the IR; others are made of a few of them. */

import type { Value } from '../../ir/graph/graph.ts'
import { numbers } from '../../ir/tensors/tensor.ts'
import { sameShape, sizeOf } from '../../ir/tensors/types.ts'
import type { NodeImport } from './node-import.ts'
import { type OperatorRules, since } from './operator.ts'

const INF = Number.POSITIVE_INFINITY

function relu(node: NodeImport): Value {
  return node.make('clamp', [node.input(0)], { min: 0, max: INF })
}

/** Clip from version 6 on: the bounds are attributes. */
function clipAttributes(node: NodeImport): Value {
  return node.make('clamp', [node.input(0)], { min: node.attrs.float('min', -INF), max: node.attrs.float('max', INF) })
}

/** Clip from version 11 on: the bounds are optional inputs. */
function clipInputs(node: NodeImport): Value {
  const [min, max] = [node.optional(1), node.optional(2)]
  const x = node.input(0)
  for (const bound of [min, max]) {
    if (bound && sizeOf(bound.type.shape) !== 1) throw node.invalid(`bound must be a scalar, has shape [${bound.type.shape}]`)
    if (bound && bound.type.dtype !== x.type.dtype)
      throw node.invalid(`bound of type ${bound.type.dtype} for an input of type ${x.type.dtype}`)
  }
  if (isConstantOrAbsent(min) && isConstantOrAbsent(max)) {
    return node.make('clamp', [x], { min: bound(node, min, -INF), max: bound(node, max, INF) })
  }
  const raised = min ? node.make('max', [x, node.reshape(min, [])], {}) : x
  return max ? node.make('min', [raised, node.reshape(max, [])], {}) : raised
}

function isConstantOrAbsent(value: Value | null): boolean {
  return value === null || value.kind === 'constant'
}

function bound(node: NodeImport, value: Value | null, absent: number): number {
  if (!value) return absent
  const x = numbers(node.known(value, 'bound'))[0] as number
  if (Number.isNaN(x)) throw node.unsupported('a Clip bound is NaN', 'the model is damaged')
  return x
}

function prelu(node: NodeImport): Value {
  const x = node.input(0)
  const result = node.make('prelu', [x, node.input(1)], {})
  if (!sameShape(result.type.shape, x.type.shape)) {
    throw node.invalid(`slope [${node.input(1).type.shape}] does not broadcast to [${x.type.shape}]`)
  }
  return result
}

/** log(1 + exp(x)) as max(x, 0) + log(1 + exp(−|x|)), which does not overflow. */
function softplus(node: NodeImport, x: Value): Value {
  const decay = node.make('exp', [node.make('neg', [node.make('abs', [x], {})], {})], {})
  const log = node.make('log', [node.make('add', [decay, node.scalar(x.type.dtype, 1)], {})], {})
  return node.make('add', [node.make('clamp', [x], { min: 0, max: INF }), log], {})
}

function selu(node: NodeImport): Value {
  const alpha = node.attrs.float('alpha', 1.6732632423543772)
  const gamma = node.attrs.float('gamma', 1.0507009873554805)
  const x = node.input(0)
  return node.make('mul', [node.make('elu', [x], { alpha }), node.scalar(x.type.dtype, gamma)], {})
}

/** x/2 · (1 + erf(x/√2)), or with tanh(√(2/π)·(x + 0.044715·x³)) for erf (Hendrycks & Gimpel, 2016). */
function gelu(node: NodeImport): Value {
  const x = node.input(0)
  const { dtype } = x.type
  const times = (v: Value, k: number): Value => node.make('mul', [v, node.scalar(dtype, k)], {})
  const approximate = node.attrs.string('approximate', 'none')
  const inner = (): Value => {
    if (approximate === 'none') return node.make('erf', [times(x, Math.SQRT1_2)], {})
    if (approximate !== 'tanh') throw node.invalid(`approximate = ${JSON.stringify(approximate)} must be none or tanh`)
    const cube = node.make('mul', [node.make('mul', [x, x], {}), x], {})
    return node.make('tanh', [times(node.make('add', [x, times(cube, 0.044715)], {}), Math.sqrt(2 / Math.PI))], {})
  }
  return node.make('mul', [times(x, 0.5), node.make('add', [inner(), node.scalar(dtype, 1)], {})], {})
}

function swish(node: NodeImport): Value {
  const x = node.input(0)
  const alpha = node.attrs.float('alpha', 1)
  const scaled = alpha === 1 ? x : node.make('mul', [x, node.scalar(x.type.dtype, alpha)], {})
  return node.make('mul', [x, node.make('sigmoid', [scaled], {})], {})
}

function softsign(node: NodeImport): Value {
  const x = node.input(0)
  const divisor = node.make('add', [node.make('abs', [x], {}), node.scalar(x.type.dtype, 1)], {})
  return node.make('div', [x, divisor], {})
}

function mish(node: NodeImport): Value {
  const x = node.input(0)
  return node.make('mul', [x, node.make('tanh', [softplus(node, x)], {})], {})
}

/** x ≥ 0 ? x : alpha·(exp(x/alpha) − 1) (Barron, 2017). Only negative values are divided, so nothing overflows. */
function celu(node: NodeImport): Value {
  const x = node.input(0)
  const alpha = node.scalar(x.type.dtype, node.attrs.float('alpha', 1))
  const elu = node.make('elu', [node.make('div', [x, alpha], {})], { alpha: 1 })
  return chosen(node, [x, node.scalar(x.type.dtype, 0)], node.make('mul', [elu, alpha], {}), x)
}

/** x > alpha ? x : 0 */
function thresholdedRelu(node: NodeImport): Value {
  const x = node.input(0)
  const alpha = node.scalar(x.type.dtype, node.attrs.float('alpha', 1))
  return chosen(node, [alpha, x], x, node.scalar(x.type.dtype, 0))
}

/** a < b ? then : otherwise */
function chosen(node: NodeImport, [a, b]: readonly [Value, Value], then: Value, otherwise: Value): Value {
  return node.make('where', [node.make('compare', [a, b], { fn: 'less' }), then, otherwise], {})
}

export const activationRules: OperatorRules = {
  Relu: [since(6, 1, relu)],
  LeakyRelu: [since(6, 1, (node) => node.make('leaky-relu', [node.input(0)], { alpha: node.attrs.float('alpha', 0.01) }))],
  PRelu: [since(7, 2, prelu)],
  Clip: [since(6, 1, clipAttributes), since(11, [1, 3], clipInputs)],
  Sigmoid: [since(6, 1, (node) => node.make('sigmoid', [node.input(0)], {}))],
  HardSigmoid: [
    since(6, 1, (node) => {
      const alpha = node.attrs.float('alpha', 0.2)
      return node.make('hard-sigmoid', [node.input(0)], { alpha, beta: node.attrs.float('beta', 0.5) })
    }),
  ],
  HardSwish: [since(14, 1, (node) => node.make('hard-swish', [node.input(0)], {}))],
  Tanh: [since(6, 1, (node) => node.make('tanh', [node.input(0)], {}))],
  Elu: [since(6, 1, (node) => node.make('elu', [node.input(0)], { alpha: node.attrs.float('alpha', 1) }))],
  Selu: [since(6, 1, selu)],
  Celu: [since(12, 1, celu)],
  ThresholdedRelu: [since(10, 1, thresholdedRelu)],
  Softplus: [since(1, 1, (node) => softplus(node, node.input(0)))],
  Softsign: [since(1, 1, softsign)],
  Mish: [since(18, 1, mish)],
  Gelu: [since(20, 1, gelu)],
  Swish: [since(24, 1, swish)],
}
