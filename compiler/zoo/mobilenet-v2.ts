/** MobileNetV2 (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, table 2). */

import type { Architecture } from './architecture.ts'
import { makeDivisible } from './channels.ts'
import { classifier, conv, invertedResidual, type Layer } from './layers.ts'

/** Expansion factor, output channels, repetitions, stride of the first. */
const STAGES: readonly (readonly [expansion: number, channels: number, repeats: number, stride: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
]

export const mobilenetV2: Architecture = {
  name: 'mobilenet-v2',
  title: 'MobileNetV2',
  resolution: 224,
  classes: 1000,
  epsilon: 1e-5,
  layers(width, classes) {
    const activation = 'relu6'
    let inputs = makeDivisible(32 * width)
    const layers: Layer[] = [conv('features.0', 3, inputs, { kernel: 3, stride: 2, activation })]
    let index = 1
    for (const [expansion, channels, repeats, first] of STAGES) {
      const outputs = makeDivisible(channels * width)
      for (let i = 0; i < repeats; i++) {
        const stride = i === 0 ? first : 1
        const block = { inputs, expanded: inputs * expansion, outputs, kernel: 3, stride, activation, squeeze: false } as const
        layers.push(...invertedResidual(`features.${index++}`, block))
        inputs = outputs
      }
    }
    // The last convolution never shrinks: it feeds the classifier, which needs its features at any width.
    const last = makeDivisible(1280 * Math.max(1, width))
    layers.push(conv(`features.${index}`, inputs, last, { activation }))
    return [...layers, ...classifier(last, [classes], null)]
  },
}
