/** What the runtime's convolution kernels have in common: their operands, and how they are called. */

import { type NodeOf, resultOf, type Value } from '../../../ir/graph/graph.ts'
import type { Activation } from '../../../ir/ops/conv.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import { CLAMP, HARD_SIGMOID, HARD_SWISH, LEAKY_RELU, NONE } from '../../../runtime-as/codes.ts'
import type { Address, F32 } from '../../schedule/schedule.ts'
import type { Cover, Lowering } from '../../selection/kernel.ts'
import type { Work } from '../../target/cost.ts'
import { f32 } from '../runtime/runtime-call.ts'
import { windowDescriptor } from '../runtime/window-descriptor.ts'

export type ConvNode = NodeOf<'conv'>

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

export interface ConvAddresses {
  readonly x: Address
  readonly residual: Address | null
  readonly y: Address
}

/** The cover of a convolution by steps that `lower` makes, given its activations and residual. */
export function convCover(kernel: string, node: ConvNode, work: Work, lower: (l: Lowering, at: ConvAddresses) => void): Cover {
  const [x, w, bias, residual] = node.inputs as [Value, Value, Value, Value?]
  const y = resultOf(node)
  const inputs = [...new Set(residual ? [x, w, bias, residual] : [x, w, bias])].filter((v) => v.kind !== 'constant')
  const overwritable = residual && residual !== x ? inputs.flatMap((v, i) => (v === residual ? [i] : [])) : []
  return {
    kernel,
    nodes: [node],
    inputs,
    outputs: [y],
    work,
    ...(overwritable.length > 0 ? { inPlace: overwritable } : {}),
    lower(l) {
      if (sizeOf(y.type.shape) > 0) lower(l, { x: l.address(x), residual: residual ? l.address(residual) : null, y: l.address(y) })
    },
  }
}

export function convWindow(node: ConvNode): Int32Array {
  const [x, w] = node.inputs as [Value, Value]
  const [, kh, kw] = w.type.shape as [number, number, number]
  const window = { ...node.attrs, kernel: [kh, kw] as const }
  return windowDescriptor({ input: x.type.shape, output: resultOf(node).type.shape, window, groups: node.attrs.group })
}
