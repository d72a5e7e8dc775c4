/** Graphs of one node, from input types. */

import { apply, constantValue, type Graph, inputValue, type Value } from '../../ir/graph/graph.ts'
import type { AttrsOf, OpName } from '../../ir/ops/index.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'

/** A shape is a float32 input, a tensor a constant. */
export type Operand = Shape | { readonly dtype: DType; readonly shape: Shape } | Tensor

export function nodeGraph<K extends OpName>(op: K, operands: readonly Operand[], attrs: AttrsOf<K>): Graph {
  const values = operands.map((operand, i): Value => {
    if ('data' in operand) return constantValue(operand)
    return inputValue(`x${i}`, 'dtype' in operand ? operand : { dtype: 'float32', shape: operand })
  })
  const y = apply(op, values, attrs)
  return { name: op, inputs: values.filter((v) => v.kind === 'input'), outputs: [{ name: 'y', value: y }] }
}
