/** Every way in which exporters write the parts of the family, and whole networks; quantised ones are in `refused.test.ts`. */

import { type FuzzCase, trimmed } from '../fuzz/case.ts'
import { HARD_SIGMOID, HARD_SWISH, OTHER_ACTIVATIONS, RELU6 } from './activations.ts'
import { DENSE, DENSE_HEADS, RESIZE } from './dense.ts'
import { CLASSIFIER, DROPOUT, EXCITE, FLATTEN, SQUEEZE } from './heads.ts'
import { BATCH_NORM, DILATIONS, PADS, POOLS, TENSORFLOW } from './layers.ts'
import { NETWORKS } from './networks.ts'
import { sketch } from './parts.ts'
import type { Spelling } from './spelling.ts'

export const SPELLINGS: Readonly<Record<string, readonly Spelling[]>> = {
  ReLU6: RELU6,
  'hard-sigmoid': HARD_SIGMOID,
  'hard-swish': HARD_SWISH,
  'other activations': OTHER_ACTIVATIONS,
  squeeze: SQUEEZE,
  excite: EXCITE,
  flatten: FLATTEN,
  dropout: DROPOUT,
  classifier: CLASSIFIER,
  'batch normalisation': BATCH_NORM,
  pads: PADS,
  dilations: DILATIONS,
  pools: POOLS,
  'layout of TensorFlow': TENSORFLOW,
  resize: RESIZE,
  'dense operators': DENSE,
  'dense heads': DENSE_HEADS,
  networks: NETWORKS,
}

export function caseOf({ opset, nhwc, input = [1, 8, 6, 6], deep, build }: Spelling): FuzzCase {
  const net = sketch(opset, nhwc)
  const outputs = [build(net, net.input(...input))].flat()
  const { inputs, constants, nodes } = net
  return trimmed({ opset, inputs, constants, nodes, outputs, target: 'simd128', ...(deep && { deep }) })
}
