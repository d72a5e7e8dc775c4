/** Parts of exported graphs, in the one spelling that is asked for. */

import type { FuzzAttr } from '../fuzz/case.ts'
import { type Feature, Network } from '../fuzz/graphs/network.ts'
import { picking } from '../fuzz/pick.ts'

export type Attrs = Readonly<Record<string, FuzzAttr>>

export interface ConvOptions {
  readonly channels: number
  readonly kernel?: number
  readonly stride?: number
  readonly dilation?: number
  /** Default: those that keep the extents at stride 1. */
  readonly pads?: readonly [top: number, left: number, bottom: number, right: number]
  readonly group?: number
  /** Default: true. */
  readonly bias?: boolean
  /** Instead of `pads` and `kernel_shape`. */
  readonly attrs?: Attrs
}

/** An empty graph of an opset; equal seeds give equal weights. */
export function sketch(opset: number, nhwc = false): Network {
  return new Network(picking(opset + 1), opset, nhwc)
}

export function conv(net: Network, x: Feature, options: ConvOptions): Feature {
  const { channels, kernel = 1, stride = 1, dilation = 1, group = 1, bias = true } = options
  const depth = x.channels / group
  const weights = net.weights([channels, depth, kernel, kernel], depth * kernel * kernel)
  return convOf(net, x, { ...options, stride, dilation, group, kernel }, [weights, ...(bias ? [net.uniform([channels], -0.5, 0.5)] : [])])
}

/** With weights that are made elsewhere. */
export function convOf(net: Network, x: Feature, options: ConvOptions, weights: readonly string[]): Feature {
  const { channels, kernel = 1, stride = 1, dilation = 1, group = 1 } = options
  const half = ((kernel - 1) / 2) * dilation
  const pads = options.pads ?? [half, half, half, half]
  const attrs = options.attrs ?? { kernel_shape: [kernel, kernel], pads }
  const all = { strides: [stride, stride], dilations: [dilation, dilation], group, ...attrs }
  const name = net.spatially(x, (nchw) => net.node('Conv', [nchw, ...weights], all))
  const extent = (size: number, before: number, after: number): number =>
    Math.floor((size + before + after - (kernel - 1) * dilation - 1) / stride) + 1
  return { ...x, name, channels, height: extent(x.height, pads[0], pads[2]), width: extent(x.width, pads[1], pads[3]) }
}

/** The same map under another name. */
export function as(x: Feature, name: string): Feature {
  return { ...x, name }
}

export function clip(net: Network, x: string, low: number, high: number): string {
  if (net.opset < 11) return net.node('Clip', [x], { min: { float: low }, max: { float: high } })
  return net.node('Clip', [x, net.scalar(low), net.scalar(high)])
}

/** A constant as the output of a node. */
export function constantNode(
  net: Network,
  values: readonly number[],
  shape: readonly number[],
  dtype: 'float32' | 'int64' = 'float32',
): string {
  return net.node('Constant', [], { value: { tensor: { dtype, shape, fill: values } } })
}

export function globalMean(net: Network, x: Feature): Feature {
  return { ...x, height: 1, width: 1, name: net.spatially(x, (nchw) => net.node('GlobalAveragePool', [nchw])) }
}

export interface BatchNormOptions {
  readonly epsilon?: number
  readonly attrs?: Attrs
}

/** As a node on a map in NCHW, or on a matrix of `channels` columns. */
export function batchNorm(net: Network, x: string, channels: number, { epsilon = 1e-5, attrs = {} }: BatchNormOptions = {}): string {
  const parameter = (low: number, high: number): string => net.uniform([channels], low, high)
  const parameters = [parameter(0.5, 1.5), parameter(-0.5, 0.5), parameter(-0.5, 0.5), parameter(0.3, 1.5)]
  return net.node('BatchNormalization', [x, ...parameters], { epsilon: { float: epsilon }, ...attrs })
}

/** A Pad node; `pads` has those before all axes, then those after. */
export function pad(net: Network, x: string, pads: readonly number[], attrs: Attrs = {}, value?: string): string {
  if (net.opset < 11) return net.node('Pad', [x], { pads, ...attrs })
  return net.node('Pad', [x, net.ints(pads), ...(value === undefined ? [] : [value])], attrs)
}

/** A matrix by a constant one, with what stands for the bias. */
export function gemm(net: Network, x: string, from: number, to: number, attrs: Attrs = {}, bias: readonly number[] | null = [to]): string {
  const weights = net.weights('transB' in attrs && attrs.transB === 1 ? [to, from] : [from, to], from)
  return net.node('Gemm', [x, weights, ...(bias ? [net.uniform(bias, -0.5, 0.5)] : [])], attrs)
}

export function squeeze(net: Network, x: string, axes: readonly number[]): string {
  return net.withAxes('Squeeze', x, axes, 13)
}

export function unsqueeze(net: Network, x: string, axes: readonly number[]): string {
  return net.withAxes('Unsqueeze', x, axes, 13)
}

/** Elements `from` … `to` of the shape of `x`. */
export function extents(net: Network, x: string, from: number, to: number): string {
  const shape = net.node('Shape', [x])
  if (net.opset < 10) return net.node('Slice', [shape], { axes: [0], starts: [from], ends: [to] })
  return net.node('Slice', [shape, net.ints([from]), net.ints([to]), net.ints([0])])
}
