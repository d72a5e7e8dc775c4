/** Calls of the precompiled runtime: its kernels by name, and their operands by name. */

import { inOrder, type OperandType, type ParamsOf, type RUNTIME_KERNELS, type RuntimeKernelName } from '../../../runtime-as/kernels.ts'
import type { Address, F32 } from '../../schedule/schedule.ts'
import type { Lowering } from '../../selection/kernel.ts'

/** What a caller passes for an operand of each type. */
interface Given {
  readonly ptr: Address
  readonly 'ptr?': Address | null
  readonly i32: number
  readonly f32: F32
}

/** The operands of kernel `N`, by name. Where `N` is one of several kernels, it has the operands of all of them. */
export type RuntimeOperands<N extends RuntimeKernelName> = All<
  N extends unknown ? { readonly [P in keyof ParamsOf<N>]: Given[ParamsOf<N>[P] & OperandType] } : never
>

/** The intersection of a union's members. */
type All<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void ? I : never

/** Names of the kernels that compute a range. Steps may call no others. */
export type RangedKernelName = {
  [N in RuntimeKernelName]: (typeof RUNTIME_KERNELS)[N]['range'] extends true ? N : never
}[RuntimeKernelName]

export interface RangeInfo {
  /** The kernel computes [0, extent), in parts that may run in any order or at the same time. */
  readonly extent: number
  readonly macs?: number
}

/** Adds a call of the runtime's kernel `name` to the schedule. */
export function callRuntime<N extends RangedKernelName>(
  l: Pick<Lowering, 'step'>,
  name: N,
  operands: RuntimeOperands<N>,
  info: RangeInfo,
): void {
  const values = inOrder(name, operands as Readonly<Record<keyof ParamsOf<N>, Given[OperandType]>>)
  l.step(
    { kind: 'runtime', key: name },
    values.map((value) => value ?? 0),
    info,
  )
}

/** A number as a float32 operand. */
export function f32(value: number): F32 {
  return { kind: 'f32', value }
}
