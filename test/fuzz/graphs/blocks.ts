/** The blocks of MobileNets, and their relatives. */

import { type ActivationName, activated } from './activations.ts'
import { convolution, pooled } from './convolutions.ts'
import { globalMean } from './head.ts'
import type { Feature, Network } from './network.ts'

export type Block = (net: Network, x: Feature, activation: ActivationName) => Feature

/** Numbers of channels: some fill vectors, some do not. */
export function width(net: Network, least = 1): number {
  return Math.max(least, net.pick.choose([1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 12, 13, 16, 16, 17, 20, 24, 24, 31, 32, 36]))
}

function window(net: Network): [number, number] {
  const k = net.pick.choose([3, 3, 3, 5, 5, 7, 1])
  return net.pick.chance(0.1) ? [k, net.pick.choose([1, 3])] : [k, k]
}

const strideOf = (net: Network, x: Feature): number => (Math.min(x.height, x.width) > 2 ? net.pick.choose([1, 1, 1, 2]) : 1)

function depthwise(net: Network, x: Feature, activation: ActivationName, stride: number): Feature {
  const multiplier = net.pick.chance(0.1) ? 2 : 1
  const dilation = stride === 1 && net.pick.chance(0.15) ? 2 : 1
  const channels = x.channels * multiplier
  return convolution(net, x, { channels, group: x.channels, kernel: window(net), stride, dilation, activation })
}

const separable: Block = (net, x, activation) =>
  convolution(net, depthwise(net, x, activation, strideOf(net, x)), { channels: width(net), activation })

const invertedResidual: Block = (net, x, activation) => {
  const stride = strideOf(net, x)
  const expanded = convolution(net, x, { channels: x.channels * net.pick.choose([1, 2, 3, 6]), activation })
  const mixed = depthwise(net, expanded, activation, stride)
  const gated = net.pick.chance(0.35) ? squeezeExcite(net, mixed) : mixed
  const keeps = gated.height === x.height && gated.width === x.width
  const y = convolution(net, gated, { channels: keeps && net.pick.chance(0.8) ? x.channels : width(net) })
  return residual(net, x, y)
}

/** The sum, where shapes agree. */
function residual(net: Network, x: Feature, y: Feature): Feature {
  if (x.channels !== y.channels || x.height !== y.height || x.width !== y.width) return y
  const op = net.pick.choose(['Add', 'Add', 'Add', 'Sum'])
  const sum = { ...y, name: net.node(op, net.pick.chance(0.5) ? [x.name, y.name] : [y.name, x.name]) }
  return net.pick.chance(0.15) ? activated(net, sum, 'relu') : sum
}

/** A gate per channel from the mean of each. */
function squeezeExcite(net: Network, x: Feature): Feature {
  const mean = globalMean(net, x)
  const inner = convolution(net, mean, {
    channels: Math.max(1, x.channels >> 2),
    activation: net.pick.choose(['relu', 'relu', 'hard-swish', 'other']),
  })
  const gate = convolution(net, inner, { channels: x.channels, activation: net.pick.choose(['hard-sigmoid', 'hard-sigmoid', 'other']) })
  const scaled = net.node('Mul', net.pick.chance(0.5) ? [x.name, gate.name] : [gate.name, x.name])
  return { ...x, name: scaled }
}

const dense: Block = (net, x, activation) =>
  convolution(net, x, { channels: width(net), kernel: window(net), stride: strideOf(net, x), activation })

const grouped: Block = (net, x, activation) => {
  const groups = [2, 3, 4].filter((g) => x.channels % g === 0)
  if (groups.length === 0) return dense(net, x, activation)
  const group = net.pick.choose(groups)
  return convolution(net, x, { channels: group * net.pick.between(1, 6), group, kernel: window(net), activation })
}

/** Two branches joined. */
const joined: Block = (net, x, activation) => {
  const left = convolution(net, x, { channels: width(net), activation })
  const right = convolution(net, x, { channels: width(net), activation: 'relu' })
  const name = net.node('Concat', [left.name, right.name], { axis: net.nhwc ? 3 : net.pick.choose([1, -3]) })
  return { ...left, name, channels: left.channels + right.channels }
}

/** Groups of channels are interleaved, as in ShuffleNet. */
const shuffled: Block = (net, x) => {
  if (net.nhwc || x.channels % 2 !== 0) return x
  const { batch, channels, height, width } = x
  const split = net.node('Reshape', [x.name, net.ints([batch, 2, channels / 2, height, width])])
  const swapped = net.node('Transpose', [split], { perm: [0, 2, 1, 3, 4] })
  return { ...x, name: net.node('Reshape', [swapped, net.ints([batch, -1, height, width])]) }
}

/** Twice as high and wide, as in dense heads. */
const enlarged: Block = (net, x) => {
  if (net.opset < 11 || x.height * x.width > 100) return x
  const mode = net.pick.choose(['nearest', 'linear'])
  const attrs = { mode, coordinate_transformation_mode: net.pick.choose(['half_pixel', 'asymmetric', 'align_corners']) }
  const resized = (nchw: string): string => net.node('Resize', [nchw, net.floats([]), net.floats([1, 1, 2, 2])], attrs)
  const transposed = (nchw: string): string => {
    const weights = net.weights([x.channels, x.channels, 2, 2], x.channels)
    return net.node('ConvTranspose', [nchw, weights], { strides: [2, 2], kernel_shape: [2, 2] })
  }
  const name = net.spatially(x, net.pick.chance(0.6) ? resized : transposed)
  return { ...x, name, height: 2 * x.height, width: 2 * x.width }
}

const pool: Block = (net, x) => pooled(net, x)

export const BLOCKS: readonly Block[] = [
  separable,
  separable,
  separable,
  invertedResidual,
  invertedResidual,
  invertedResidual,
  invertedResidual,
  dense,
  grouped,
  joined,
  shuffled,
  enlarged,
  pool,
]
