/** What the runtime's convolution kernels have in common: their operands. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import type { Activation } from '../../../ir/ops/conv.ts'
import { CLAMP, HARD_SIGMOID, HARD_SWISH, LEAKY_RELU, NONE } from '../../../runtime-as/codes.ts'
import type { F32 } from '../../schedule/schedule.ts'
import { f32 } from '../runtime/runtime-call.ts'
import { windowDescriptor } from '../runtime/window-descriptor.ts'
import type { ConvShape } from './conv-shape.ts'

export interface ActivationOperands {
  /** The runtime's code. */
  readonly activation: number
  readonly p: F32
  readonly q: F32
}

/** An activation and its two parameters. */
export function activationOperands(act: Activation | undefined): ActivationOperands {
  const operands = (activation: number, p = 0, q = 0): ActivationOperands => ({ activation, p: f32(p), q: f32(q) })
  switch (act?.op) {
    case undefined:
      return operands(NONE)
    case 'clamp':
      return operands(CLAMP, act.min, act.max)
    case 'hard-swish':
      return operands(HARD_SWISH)
    case 'hard-sigmoid':
      return operands(HARD_SIGMOID, act.alpha, act.beta)
    case 'leaky-relu':
      return operands(LEAKY_RELU, act.alpha)
  }
}

/** The runtime's descriptor of a convolution's windows (runtime-as/assembly/window.ts). */
export function convWindow({ node, kernel, groups }: ConvShape): Int32Array {
  const [x] = node.inputs as [Value]
  const window = { ...node.attrs, kernel }
  return windowDescriptor({ input: x.type.shape, output: resultOf(node).type.shape, window, groups })
}
