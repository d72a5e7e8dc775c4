/** What the runtime's convolution kernels have in common: their operands, and how they are called. */

import { type NodeOf, resultOf, type Value } from '../../../ir/graph/graph.ts'
import type { Activation } from '../../../ir/ops/conv.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Operand } from '../../schedule/schedule.ts'
import type { Cover, Lowering } from '../../selection/kernel.ts'
import { f32 } from '../runtime/runtime-call.ts'
import { windowDescriptor } from '../runtime/window-descriptor.ts'

export type ConvNode = NodeOf<'conv'>

/** Activation code and its two parameters (runtime-as/assembly/activation.ts). */
export function activationOperands(act: Activation | undefined): (Operand | number)[] {
  if (!act) return [0, f32(0), f32(0)]
  switch (act.op) {
    case 'clamp':
      return [1, f32(act.min), f32(act.max)]
    case 'hard-swish':
      return [2, f32(0), f32(0)]
    case 'hard-sigmoid':
      return [3, f32(act.alpha), f32(act.beta)]
    case 'leaky-relu':
      return [4, f32(act.alpha), f32(0)]
  }
}

/** A float32 convolution that computes something. */
export function isFloatConv(node: { readonly op: string } & Pick<ConvNode, 'inputs'>): boolean {
  return node.op === 'conv' && node.inputs[0]?.type.dtype === 'float32' && node.inputs.every((v) => sizeOf(v.type.shape) > 0)
}

/** Weights and bias are known, so they can be packed ahead of time. */
export function hasConstantWeights({ inputs: [, w, bias] }: ConvNode): boolean {
  return w?.kind === 'constant' && bias?.kind === 'constant'
}

export function macsOf(node: ConvNode): number {
  return sizeOf(resultOf(node).type.shape) * sizeOf((node.inputs[1] as Value).type.shape.slice(1))
}

/** The cover of a convolution by steps that `lower` makes, given its activations and residual. */
export function convCover(
  kernel: string,
  node: ConvNode,
  cost: number,
  lower: (l: Lowering, x: Operand, residual: Operand | number, y: Operand) => void,
): Cover {
  const [x, w, bias, residual] = node.inputs as [Value, Value, Value, Value?]
  const y = resultOf(node)
  const inputs = [...new Set(residual ? [x, w, bias, residual] : [x, w, bias])].filter((v) => v.kind !== 'constant')
  const overwritable = residual && residual !== x ? inputs.flatMap((v, i) => (v === residual ? [i] : [])) : []
  return {
    kernel,
    nodes: [node],
    inputs,
    outputs: [y],
    work: { fixed: cost },
    ...(overwritable.length > 0 ? { inPlace: overwritable } : {}),
    lower(l) {
      if (sizeOf(y.type.shape) > 0) lower(l, l.address(x), residual ? l.address(residual) : 0, l.address(y))
    },
  }
}

export function convWindow(node: ConvNode): Int32Array {
  const [x, w] = node.inputs as [Value, Value]
  const [, kh, kw] = w.type.shape as [number, number, number]
  const window = { ...node.attrs, kernel: [kh, kw] as const }
  return windowDescriptor({ input: x.type.shape, output: resultOf(node).type.shape, window, groups: node.attrs.group })
}
