import { constantValue, type Value } from '../../ir/graph/graph.ts'
import { any, constant, op } from '../../ir/graph/pattern.ts'
import { fromNumbers } from '../../ir/tensors/tensor.ts'
import { isFloat, sizeOf } from '../../ir/tensors/types.ts'
import type { Pass } from '../rewriting/pass.ts'
import type { Rule } from '../rewriting/rewrite.ts'

const productWithWeights: Rule = {
  name: 'a product with constant weights is a 1×1 convolution',
  pattern: op('matmul', [any().as('x'), constant().as('w')]),
  replace({ get, make, root }) {
    const [x, w] = [get('x'), get('w')]
    const [k, n] = w.type.shape.slice(-2) as [number, number]
    if (!isFloat(root.type.dtype) || sizeOf(w.type.shape) !== k * n || sizeOf(root.type.shape) === 0 || k === 0) return null
    const rows = make('reshape', [x], { shape: [1, 1, sizeOf(x.type.shape) / k, k] })
    const weights = make('reshape', [make('transpose', [make('reshape', [w], { shape: [k, n] })], { perm: [1, 0] })], {
      shape: [n, 1, 1, k],
    })
    const product = make('conv', [rows, weights, zeros(root, n)], { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 })
    return make('reshape', [product], { shape: root.type.shape })
  },
}

function zeros(like: Value, n: number): Value {
  return constantValue(fromNumbers({ dtype: like.type.dtype, shape: [n] }, new Float64Array(n)))
}

/**
 * Makes 1×1 convolutions of fully connected layers, over one row of M pixels, [1,1,M,K]. They then share
 * epilogues and kernels with other convolutions.
 */
export const matmulToConv: Pass = {
  name: 'matmul-to-conv',
  requires: ['folded'],
  ensures: ['no-constant-matmul'],
  rules: [productWithWeights],
}
