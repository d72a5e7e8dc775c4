/** What all kernels of the precompiled runtime have in common: how they name functions and types, and what they cost. */

import { type Node, resultOf, type Value } from '../../../ir/graph/graph.ts'
import { byteSize, type DType, sameShape, sizeOf } from '../../../ir/tensors/types.ts'
import type { RuntimeKernelName } from '../../../runtime-as/kernels.ts'
import type { Operand } from '../../schedule/schedule.ts'
import type { Cover, Lowering, RuntimeFunction } from '../../selection/kernel.ts'

export function runtimeFunction(name: RuntimeKernelName): RuntimeFunction {
  return { kind: 'runtime', key: name }
}

/** The runtime's type codes. */
export const TYPE_CODE: Readonly<Record<DType, number>> = {
  float32: 0,
  float64: 1,
  float16: 2,
  int8: 3,
  uint8: 4,
  int16: 5,
  uint16: 6,
  int32: 7,
  uint32: 8,
  int64: 9,
  uint64: 10,
  bool: 11,
}

/** Suffix of the kernels that are written per type. */
export const TYPE_SUFFIX = {
  float64: 'f64',
  int8: 'i8',
  uint8: 'u8',
  int16: 'i16',
  uint16: 'u16',
  int32: 'i32',
  uint32: 'u32',
  int64: 'i64',
  uint64: 'u64',
} as const

export type SuffixedType = keyof typeof TYPE_SUFFIX

export function isSuffixed(dtype: DType): dtype is SuffixedType {
  return dtype in TYPE_SUFFIX
}

export function f32(value: number): Operand {
  return { kind: 'f32', value }
}

/** `bytes` further on in the same memory. */
export function shifted(operand: Operand, bytes: number): Operand {
  if (operand.kind === 'buffer' || operand.kind === 'blob') return { ...operand, offset: operand.offset + bytes }
  return operand
}

const CALL = 50
/** Bytes per nanosecond that a kernel which only moves data reads and writes. */
const BANDWIDTH = 10

/** Nanoseconds of a call that moves its operands and spends `perElement` on every element of the result. */
export function elementCost(node: Node, perElement: number): number {
  const y = resultOf(node)
  const bytes = [...node.inputs, y].reduce((sum, v) => sum + byteSize(v.type), 0)
  return CALL + bytes / BANDWIDTH + perElement * sizeOf(y.type.shape)
}

export interface RuntimeCover {
  readonly kernel: string
  readonly node: Node
  /** Nanoseconds. */
  readonly cost: number
  /** The kernel reads element i of an operand before it writes element i of the result. */
  readonly inPlace?: boolean
  lower(l: Lowering, y: Operand): void
}

/** The cover of one single-output node; nothing is executed where the result is empty. */
export function runtimeCover({ kernel, node, cost, inPlace, lower }: RuntimeCover): Cover {
  const y = resultOf(node)
  const inputs = [...new Set(node.inputs)].filter((v) => v.kind !== 'constant')
  const overwritable = inPlace ? inputs.flatMap((v, i) => (fits(v, y) ? [i] : [])) : []
  return {
    kernel,
    nodes: [node],
    inputs,
    outputs: [y],
    work: { fixed: cost },
    ...(overwritable.length > 0 ? { inPlace: overwritable } : {}),
    lower(l) {
      if (sizeOf(y.type.shape) > 0) lower(l, l.address(y))
    },
  }
}

function fits(v: Value, y: Value): boolean {
  return v.type.dtype === y.type.dtype && sameShape(v.type.shape, y.type.shape)
}

/** Whether kernels compute on a type: float16 is only converted, since graphs are widened to float32 before. */
export function isComputed(dtype: DType): boolean {
  return dtype !== 'float16'
}
