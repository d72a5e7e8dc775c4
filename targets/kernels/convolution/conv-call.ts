/** What all emitted convolution kernels have in common: what they accept, and how they are called. */

import type { NodeOf, Value } from '../../../ir/graph/graph.ts'
import { resultOf } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import type { Emitter, Scope, Statements } from '../../emitter/emitter.ts'
import type { Cover, EmittedFunction } from '../../selection/kernel.ts'
import type { Work } from '../../target/cost.ts'
import type { Target } from '../../target/target.ts'
import { type Epilogue, epilogueOf } from './epilogue.ts'
import { type NamedParams, namedFunction } from './named-function.ts'
import type { WindowAxis } from './window-axis.ts'

export type ConvNode = NodeOf<'conv'>

/** A float32 convolution with constant weights, by its extents. */
export interface ConvShape {
  readonly node: ConvNode
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly outHeight: number
  readonly outWidth: number
  readonly outChannels: number
  readonly kernel: readonly [number, number]
  readonly residual: Value | undefined
  readonly epilogue: Epilogue
}

/** The shape of a convolution that an emitted kernel may take: SIMD, float32, constant weights and bias, nothing empty. */
export function convShape(node: ConvNode, target: Target): ConvShape | null {
  const [x, w, bias, residual] = node.inputs
  const y = resultOf(node)
  if (!target.simd || !x || x.type.dtype !== 'float32' || w?.kind !== 'constant' || bias?.kind !== 'constant') return null
  if (sizeOf(y.type.shape) === 0 || sizeOf(w.type.shape) === 0 || sizeOf(x.type.shape) === 0) return null
  const [batch, height, width, channels] = x.type.shape as [number, number, number, number]
  const [, outHeight, outWidth, outChannels] = y.type.shape as [number, number, number, number]
  const [, kh, kw] = w.type.shape as [number, number, number, number]
  const epilogue = epilogueOf(node.attrs.act)
  return { node, batch, height, width, channels, outHeight, outWidth, outChannels, kernel: [kh, kw], residual, epilogue }
}

/** Window axes of a convolution: rows, columns. */
export function axesOf({ node, height, width, outHeight, outWidth, kernel }: ConvShape): readonly [WindowAxis, WindowAxis] {
  const { strides, dilations, pads } = node.attrs
  return [
    { input: height, output: outHeight, kernel: kernel[0], stride: strides[0], dilation: dilations[0], pad: pads[0] },
    { input: width, output: outWidth, kernel: kernel[1], stride: strides[1], dilation: dilations[1], pad: pads[1] },
  ]
}

/** Parameters of convolutions that are specialised by shape; addresses that do not apply are 0. */
const PARAMS = ['x', 'weights', 'y', 'residual', 'constants', 'begin', 'end'] as const

export type ConvParams = NamedParams<(typeof PARAMS)[number]>

/** The function `key` with the parameters of a convolution. */
export function convFunction(key: string, body: (e: Emitter, scope: Scope, params: ConvParams) => Statements): EmittedFunction {
  return namedFunction({ key, names: PARAMS, body })
}

/** A function that computes convolutions, and what one of them tells it. */
export interface SizedFunction {
  readonly fn: EmittedFunction
  /** Operands between constants and range, of a function that is not specialised by shape. */
  readonly sizes?: readonly number[]
}

export interface ConvCall extends SizedFunction {
  readonly kernel: string
  readonly shape: ConvShape
  /** Where the activations come from, if not the convolution's own operand. */
  readonly input?: Value
  readonly nodes?: Cover['nodes']
  readonly work: Work
  /** Size of the range it can be split over. */
  readonly extent: number
  pack(): Float32Array
}

/** The cover of a convolution by one call of `fn`. */
export function convCover(call: ConvCall): Cover {
  const { shape, fn, sizes = [], extent } = call
  const { node, residual, epilogue } = shape
  const x = call.input ?? (node.inputs[0] as Value)
  const y = resultOf(node)
  return {
    kernel: call.kernel,
    nodes: call.nodes ?? [node],
    inputs: residual ? [x, residual] : [x],
    outputs: [y],
    work: call.work,
    extent,
    ...(residual && residual !== x ? { inPlace: [1] } : {}),
    lower(l) {
      const operands = [
        l.address(x),
        l.pack(call.pack(), 'weights'),
        l.address(y),
        residual ? l.address(residual) : 0,
        epilogue.constants.length > 0 ? l.pack(epilogue.constants) : 0,
        ...sizes,
      ]
      l.step(fn, operands, { extent, macs: macsOf(shape) })
    },
  }
}

export function macsOf(shape: ConvShape): number {
  return sizeOf(resultOf(shape.node).type.shape) * sizeOf((shape.node.inputs[1] as Value).type.shape.slice(1))
}

/** Parts of function keys, joined without the empty ones. */
export function keyOf(...parts: readonly (string | number | false | undefined)[]): string {
  return parts.filter((p) => p !== '' && p !== false && p !== undefined).join('_')
}
