/** MobileNetV1 (Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", 2017, table 1). */

import type { Architecture } from './architecture.ts'
import { makeDivisible } from './channels.ts'
import { classifier, conv, depthwise, type Layer } from './layers.ts'

/** Output channels and stride of each depthwise separable block. */
type Row = readonly [channels: number, stride: number]

const BLOCKS: readonly Row[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
]

/** The same for 32×32 images: the first two reductions, the stem's and the second block's, are left out. */
const CIFAR_BLOCKS = BLOCKS.map(([channels, stride], i): Row => [channels, i === 1 ? 1 : stride])

function build(stemStride: number, rows: readonly Row[], width: number, classes: number): Layer[] {
  const activation = 'relu6'
  let channels = makeDivisible(32 * width)
  const layers: Layer[] = [conv('features.0', 3, channels, { kernel: 3, stride: stemStride, activation })]
  rows.forEach(([base, stride], i) => {
    const outputs = makeDivisible(base * width)
    layers.push(depthwise(`features.${i + 1}.depthwise`, channels, { stride, activation }))
    layers.push(conv(`features.${i + 1}.pointwise`, channels, outputs, { activation }))
    channels = outputs
  })
  return [...layers, ...classifier(channels, [classes], null)]
}

export const mobilenetV1: Architecture = {
  name: 'mobilenet-v1',
  title: 'MobileNetV1',
  resolution: 224,
  classes: 1000,
  epsilon: 1e-3,
  layers: (width, classes) => build(2, BLOCKS, width, classes),
}

export const mobilenetV1Cifar: Architecture = {
  name: 'mobilenet-v1-cifar',
  title: 'MobileNetV1 for CIFAR',
  resolution: 32,
  classes: 10,
  epsilon: 1e-3,
  layers: (width, classes) => build(1, CIFAR_BLOCKS, width, classes),
}
