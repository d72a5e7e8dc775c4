/** Whole networks at small width, of the parts in `parts.ts`. */

import type { Feature, Network } from '../fuzz/graphs/network.ts'
import { as, batchNorm, type ConvOptions, clip, conv, gemm, globalMean } from './parts.ts'
import { type Build, type Spelling, spell } from './spelling.ts'

type Activation = (net: Network, x: string) => string

const relu: Activation = (net, x) => net.node('Relu', [x])
const relu6: Activation = (net, x) => clip(net, x, 0, 6)
/** As PyTorch exports it, before and after opset 14. */
const hardSwish: Activation = (net, x) =>
  net.opset < 14
    ? net.node('Div', [net.node('Mul', [x, clip(net, net.node('Add', [x, net.scalar(3)]), 0, 6)]), net.scalar(6)])
    : net.node('HardSwish', [x])

/** Convolution, normalisation, activation. */
function layer(net: Network, x: Feature, options: ConvOptions, activation: Activation | null): Feature {
  const y = conv(net, x, { ...options, bias: false })
  const normal = net.spatially(y, (nchw) => batchNorm(net, nchw, y.channels, { epsilon: 1e-3 }))
  return as(y, activation ? activation(net, normal) : normal)
}

function gated(net: Network, x: Feature): Feature {
  const inner = conv(net, globalMean(net, x), { channels: 4 })
  const outer = conv(net, as(inner, relu(net, inner.name)), { channels: x.channels })
  const gate = net.node('Div', [clip(net, net.node('Add', [outer.name, net.scalar(3)]), 0, 6), net.scalar(6)])
  return as(x, net.node('Mul', [gate, x.name]))
}

interface Block {
  readonly expanded: number
  readonly channels: number
  readonly kernel: number
  readonly stride: number
  readonly gate: boolean
  readonly activation: Activation
}

function bottleneck(net: Network, x: Feature, { expanded, channels, kernel, stride, gate, activation }: Block): Feature {
  const wide = expanded === x.channels ? x : layer(net, x, { channels: expanded }, activation)
  const mixed = layer(net, wide, { channels: expanded, kernel, stride, group: expanded }, activation)
  const y = layer(net, gate ? gated(net, mixed) : mixed, { channels }, null)
  return stride === 1 && channels === x.channels ? as(y, net.node('Add', [x.name, y.name])) : y
}

function classes(net: Network, x: Feature): string {
  const flat = net.node('Flatten', [globalMean(net, x).name])
  return net.node('Softmax', [gemm(net, flat, x.channels, 10, { transB: 1 })], { axis: 1 })
}

const mobileNetV1: Build = (net, x) => {
  let y = layer(net, x, { channels: 8, kernel: 3, stride: 2 }, relu6)
  for (const [channels, stride] of [
    [16, 1],
    [24, 2],
    [24, 1],
    [32, 2],
  ] as const) {
    const mixed = layer(net, y, { channels: y.channels, kernel: 3, stride, group: y.channels }, relu6)
    y = layer(net, mixed, { channels }, relu6)
  }
  return classes(net, y)
}

const mobileNetV2: Build = (net, x) => {
  let y = layer(net, x, { channels: 8, kernel: 3, stride: 2 }, relu6)
  for (const [expanded, channels, stride] of [
    [8, 8, 1],
    [32, 12, 2],
    [48, 12, 1],
    [48, 16, 2],
  ] as const)
    y = bottleneck(net, y, { expanded, channels, stride, kernel: 3, gate: false, activation: relu6 })
  return classes(net, layer(net, y, { channels: 40 }, relu6))
}

const mobileNetV3: Build = (net, x) => {
  let y = layer(net, x, { channels: 8, kernel: 3, stride: 2 }, hardSwish)
  y = bottleneck(net, y, { expanded: 8, channels: 8, kernel: 3, stride: 2, gate: true, activation: relu })
  y = bottleneck(net, y, { expanded: 24, channels: 12, kernel: 3, stride: 1, gate: false, activation: relu })
  y = bottleneck(net, y, { expanded: 32, channels: 12, kernel: 5, stride: 1, gate: true, activation: hardSwish })
  return classes(net, layer(net, y, { channels: 40 }, hardSwish))
}

const OPSETS = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22]
const image = { input: [1, 3, 24, 24], deep: true } as const

export const NETWORKS: readonly Spelling[] = [
  ...spell('MobileNetV1', [9, 13, 17], mobileNetV1, image),
  ...spell('MobileNetV2', OPSETS, mobileNetV2, image),
  ...spell('MobileNetV3', [9, 11, 13, 14, 17, 22], mobileNetV3, image),
  ...spell('MobileNetV1 in NHWC', [9, 13], mobileNetV1, { ...image, nhwc: true }),
  ...spell('MobileNetV3 in NHWC', [11, 14], mobileNetV3, { ...image, nhwc: true }),
  ...spell('MobileNetV2, symbolic batch', [11, 17], mobileNetV2, { ...image, input: [2, 3, 24, 24], symbolic: true }),
]
