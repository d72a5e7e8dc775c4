/** What the two MobileNetV3 networks share (Howard et al., "Searching for MobileNetV3", 2019). */

import type { Architecture } from './architecture.ts'
import { makeDivisible } from './channels.ts'
import { type Activation, classifier, conv, invertedResidual, type Layer } from './layers.ts'

/**
 * One line of the paper's tables. `se` says whether there is a squeeze-and-excite block. `nl` is the
 * nonlinearity, ReLU or hard-swish.
 */
export type Row = readonly [kernel: number, expanded: number, outputs: number, se: boolean, nl: 'RE' | 'HS', stride: number]

const NONLINEARITY: Record<Row[4], Activation> = { RE: 'relu', HS: 'hard-swish' }

/** `hidden` is the size of the fully connected layer before the classifier, at width 1. */
export function mobilenetV3(name: string, title: string, rows: readonly Row[], hidden: number): Architecture {
  return {
    name,
    title,
    resolution: 224,
    classes: 1000,
    epsilon: 1e-3,
    layers: (width, classes) => build(rows, hidden, width, classes),
  }
}

function build(rows: readonly Row[], hidden: number, width: number, classes: number): Layer[] {
  let inputs = makeDivisible(16 * width)
  const layers: Layer[] = [conv('features.0', 3, inputs, { kernel: 3, stride: 2, activation: 'hard-swish' })]
  rows.forEach(([kernel, expansion, channels, squeeze, nl, stride], i) => {
    const expanded = makeDivisible(expansion * width)
    const outputs = makeDivisible(channels * width)
    const block = { inputs, expanded, outputs, kernel, stride, activation: NONLINEARITY[nl], squeeze }
    layers.push(...invertedResidual(`features.${i + 1}`, block))
    inputs = outputs
  })
  const last = 6 * inputs
  layers.push(conv(`features.${rows.length + 1}`, inputs, last, { activation: 'hard-swish' }))
  return [...layers, ...classifier(last, [makeDivisible(hidden * width), classes], 'hard-swish')]
}
