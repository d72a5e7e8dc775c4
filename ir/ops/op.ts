/**
 * The definition of an operator: its shape inference, its meaning, and the properties that other code asks it
 * for. Each operator is defined in one place.
 */

import { InferError } from '../diagnostics.ts'
import type { Permutation } from '../tensors/axes.ts'
import type { Tensor } from '../tensors/tensor.ts'
import { formatType, type TensorType } from '../tensors/types.ts'

/** What rewriting and inference may rely on. */
export interface Traits {
  /** Output element i depends on the (broadcast) operand elements at i only. */
  readonly elementwise?: true
  /** The operands may be swapped. */
  readonly commutative?: true
  /** Takes quantised operands: `infer` says how the results are quantised. */
  readonly quantized?: true
  /** Takes bounded operands: `infer` says how the results are bounded. */
  readonly bounded?: true
}

/** The number of operands: either a fixed number, or the least and the most that are allowed. */
export type OperandCount = number | readonly [least: number, most: number]

type Exactly<T, N extends number, L extends readonly T[] = readonly []> = L['length'] extends N ? L : Exactly<T, N, readonly [...L, T]>

/** A list of as many T as `N` says. */
export type Operands<T, N extends OperandCount> = OperandCount extends N
  ? readonly T[]
  : N extends number
    ? Exactly<T, N>
    : N extends readonly [infer Least extends number, number]
      ? readonly [...Exactly<T, Least>, ...T[]]
      : never

/** Every operator has one result or more. */
export type Results<T> = readonly [T, ...T[]]

/** A function of every result. */
export function mapResults<T, U>([first, ...rest]: Results<T>, f: (result: T) => U): Results<U> {
  return [f(first), ...rest.map(f)]
}

/** The same operator, applied to operands whose axes are in another order. */
export interface Permuted<A> {
  /** Its attributes there. */
  readonly attrs: A
  /** Every result is transpose(result there, perm). */
  readonly perm: Permutation
}

/** The attributes of operators that have none. */
export type NoAttrs = Record<never, never>

/**
 * The definition of an operator with attributes `A`. `N` is the number of operands, so that a definition can
 * name each of them. Code that only reads definitions leaves `N` out.
 */
export interface OpDef<A extends object, N extends OperandCount = OperandCount> {
  readonly operands: N
  /**
   * Infers the types of the results. There is no other shape inference. Throws `InferError` where inputs or
   * attributes do not fit.
   */
  infer(inputs: Operands<TensorType, N>, attrs: A): Results<TensorType>
  /**
   * Defines what the operator computes, in simple loops that accumulate in float64. The constant folder calls
   * it, the tests compare with it, and readers can look it up.
   */
  evaluate(inputs: Operands<Tensor, N>, attrs: A, outputs: Results<TensorType>): Results<Tensor>
  readonly traits: Traits
  /**
   * The operator for operands in another order of axes, or null where it needs the order it was written for.
   * Each old operand is transpose(new operand, perm).
   *
   * `inputs` are the types of the old operands. An operand of lower rank than `perm` has been given leading
   * axes of extent 1; scalars stay as they are. Without this function, the operator always needs its own order.
   * Elementwise operators do not define it, because they work in any order.
   */
  permute?(perm: Permutation, attrs: A, inputs: Operands<TensorType, N>): Permuted<A> | null
  /** The number of multiply-adds, for operators that consist of them. */
  macs?(inputs: Operands<TensorType, N>, outputs: Results<TensorType>, attrs: A): number
  /** Attribute values that printed IR leaves out. */
  readonly defaults?: Partial<A>
}

/**
 * Completes a definition. Its `infer` first checks the number of operands, and that no operand is quantised or
 * bounded unless the operator says that it takes such operands. It throws `InferError` where that is not so.
 */
export function defineOp<A extends object, N extends OperandCount>(def: OpDef<A, N>): OpDef<A> {
  const open = def as unknown as OpDef<A>
  return {
    ...open,
    ...(def.traits.elementwise ? { permute: (perm, attrs) => ({ attrs, perm }) } : {}),
    infer(inputs, attrs) {
      if (!takes(def.operands, inputs.length)) throw new InferError(`takes ${formatCount(def.operands)}, has ${inputs.length}`)
      for (const type of inputs) {
        if (type.quantization && !def.traits.quantized) throw new InferError(`takes no quantised operand: ${formatType(type)}`)
        if (type.bound && !def.traits.bounded) throw new InferError(`takes no operand of bounded extent: ${formatType(type)}`)
      }
      return open.infer(inputs, attrs)
    },
  }
}

function takes(count: OperandCount, given: number): boolean {
  return typeof count === 'number' ? given === count : given >= count[0] && given <= count[1]
}

function formatCount(count: OperandCount): string {
  if (typeof count === 'number') return count === 1 ? 'one operand' : `${count} operands`
  const [least, most] = count
  return most === Number.POSITIVE_INFINITY ? `${least} or more operands` : `${least} to ${most} operands`
}
