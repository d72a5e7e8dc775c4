/** How an operator is defined: once, by its shape inference, its meaning and its traits. */

import type { Tensor } from '../tensors/tensor.ts'
import type { TensorType } from '../tensors/types.ts'

export interface Traits {
  /** Output element i depends on the (broadcast) operand elements at i only. */
  readonly elementwise?: true
  /** The operands may be swapped. */
  readonly commutative?: true
  /** Copies elements without computing. */
  readonly movement?: true
}

export interface OpDef<A extends object> {
  /** Result types; the only shape inference. Throws `InferError` where inputs or attributes do not fit. */
  infer(inputs: readonly TensorType[], attrs: A): readonly TensorType[]
  /** The meaning, in obvious loops that accumulate in f64: constant folder, oracle and documentation at once. */
  evaluate(inputs: readonly Tensor[], attrs: A, outputs: readonly TensorType[]): readonly Tensor[]
  readonly traits: Traits
  /** Multiply-adds, where the operator is made of them. */
  macs?(inputs: readonly TensorType[], outputs: readonly TensorType[], attrs: A): number
  /** Attribute values that printed IR leaves out. */
  readonly defaults?: Partial<A>
}

export function defineOp<A extends object = Record<never, never>>(def: OpDef<A>): OpDef<A> {
  return def
}
