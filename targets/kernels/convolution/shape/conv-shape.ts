/** One description of a convolution, for every kernel: its extents, its window, its groups and its element types. */

import { macsOf, type NodeOf, resultOf, type Value } from '../../../../ir/graph/graph.ts'
import { type DType, sizeOf } from '../../../../ir/tensors/types.ts'
import type { WindowAxis } from './window-axis.ts'

export type ConvNode = NodeOf<'conv'>

/** The element types of a convolution's operands, of its sums and of its result. */
export interface ElementTypes {
  readonly activations: DType
  readonly weights: DType
  readonly sums: DType
  readonly results: DType
}

export interface ConvShape {
  readonly node: ConvNode
  readonly types: ElementTypes
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly outHeight: number
  readonly outWidth: number
  readonly outChannels: number
  readonly groups: number
  /** Height and width of the window. */
  readonly kernel: readonly [number, number]
  /** How the windows lie over the rows and over the columns of an image. */
  readonly axes: readonly [rows: WindowAxis, columns: WindowAxis]
  /** Added to the sums. */
  readonly residual: Value | undefined
  /** Multiply-adds. */
  readonly macs: number
  /** Whether weights and bias are constants, so that they can be packed when compiling. */
  readonly constant: boolean
}

/** The shape of a convolution; null for what computes nothing. */
export function convShape(node: ConvNode): ConvShape | null {
  const [x, w, bias, residual] = node.inputs as readonly [Value, Value, Value, Value?]
  const y = resultOf(node)
  if ([...node.inputs, y].some((v) => sizeOf(v.type.shape) === 0)) return null
  const [batch, height, width, channels] = x.type.shape as [number, number, number, number]
  const [, outHeight, outWidth, outChannels] = y.type.shape as [number, number, number, number]
  const [, kh, kw] = w.type.shape as [number, number, number]
  const { strides, dilations, pads, group } = node.attrs
  return {
    node,
    types: { activations: x.type.dtype, weights: w.type.dtype, sums: bias.type.dtype, results: y.type.dtype },
    batch,
    height,
    width,
    channels,
    outHeight,
    outWidth,
    outChannels,
    groups: group,
    kernel: [kh, kw],
    axes: [
      { input: height, output: outHeight, kernel: kh, stride: strides[0], dilation: dilations[0], pad: pads[0] },
      { input: width, output: outWidth, kernel: kw, stride: strides[1], dilation: dilations[1], pad: pads[1] },
    ],
    residual,
    macs: macsOf(node),
    constant: w.kind === 'constant' && bias.kind === 'constant',
  }
}

/** The shape of a convolution that is float32 throughout; null for any other. */
export function float32Shape(node: ConvNode): ConvShape | null {
  const shape = convShape(node)
  return shape && Object.values(shape.types).every((dtype) => dtype === 'float32') ? shape : null
}

/**
 * Whether a convolution is 1×1 with stride 1, no pads and one group. It is then a matrix product, with one row
 * of the left matrix for every position.
 */
export function isPointwise({ groups, kernel: [kh, kw], node }: ConvShape): boolean {
  const { pads, strides } = node.attrs
  return groups === 1 && kh === 1 && kw === 1 && strides.every((s) => s === 1) && pads.every((p) => p === 0)
}

/** Every channel has a window of its own, and only one. */
export function isDepthwise({ groups, channels, outChannels }: ConvShape): boolean {
  return groups === channels && outChannels === channels
}
