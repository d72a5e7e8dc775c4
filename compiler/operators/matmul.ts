/** Gemm and MatMul. */

import type { Value } from '../../ir/graph/graph.ts'
import { sameShape } from '../../ir/tensors/types.ts'
import type { NodeImport } from './node-import.ts'
import { type OperatorRules, since } from './operator.ts'

/**
 * alpha · A' · B' + beta · C, where ' means transposed if the attributes say so. A scale is folded into a
 * constant operand.
 */
function gemm(node: NodeImport): Value {
  const [a, b] = [node.input(0), node.input(1)]
  node.requireFloat(a)
  for (const v of [a, b]) if (v.type.shape.length !== 2) throw node.invalid(`operands must have rank 2, one has shape [${v.type.shape}]`)
  const transA = node.attrs.flag('transA', false)
  const transB = node.attrs.flag('transB', false)
  const alpha = node.attrs.float('alpha', 1)
  const beta = node.attrs.float('beta', 1)
  const left = transA ? node.transpose(a, [1, 0]) : a
  const right = transB ? node.transpose(b, [1, 0]) : b
  const product =
    right.kind === 'constant'
      ? node.make('matmul', [left, scaled(node, right, alpha)], {})
      : scaled(node, node.make('matmul', [left, right], {}), alpha)
  const c = node.optional(2)
  if (!c) return product
  const sum = node.make('add', [product, scaled(node, c, beta)], {})
  if (!sameShape(sum.type.shape, product.type.shape))
    throw node.invalid(`C of shape [${c.type.shape}] does not broadcast to [${product.type.shape}]`)
  return sum
}

function scaled(node: NodeImport, x: Value, factor: number): Value {
  return factor === 1 ? x : node.make('mul', [x, node.scalar(x.type.dtype, factor)], {})
}

/**
 * Like numpy.matmul. A vector on the left is a row, a vector on the right is a column, and that axis is dropped
 * from the result.
 */
function matmul(node: NodeImport): Value {
  const [a, b] = [node.input(0), node.input(1)]
  if (a.type.shape.length === 0 || b.type.shape.length === 0) throw node.invalid('a scalar operand has no matrix product')
  const row = a.type.shape.length === 1
  const column = b.type.shape.length === 1
  const left = row ? node.reshape(a, [1, ...a.type.shape]) : a
  const right = column ? node.reshape(b, [...b.type.shape, 1]) : b
  const product = node.make('matmul', [left, right], {})
  const { shape } = product.type
  const lead = shape.slice(0, -2)
  return node.reshape(product, [...lead, ...(row ? [] : shape.slice(-2, -1)), ...(column ? [] : shape.slice(-1))])
}

export const matmulRules: OperatorRules = {
  Gemm: [since(7, 3, gemm), since(11, [2, 3], gemm)],
  MatMul: [since(1, 2, matmul)],
}
