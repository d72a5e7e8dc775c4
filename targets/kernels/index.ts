/**
 * The list of all kernels. Selection decides by cost alone which kernel computes what. Where costs are equal,
 * the kernel that comes first is taken.
 */

import type { Kernel } from '../selection/kernel.ts'
import { convGeneral } from './convolution/conv-general.ts'
import { depthwise } from './convolution/depthwise.ts'
import { depthwiseScalar } from './convolution/depthwise-scalar.ts'
import { direct } from './convolution/direct.ts'
import { gemv } from './convolution/gemv.ts'
import { expandedDepthwise, invertedResidual, separable } from './convolution/inverted-residual.ts'
import { pointwise } from './convolution/pointwise.ts'
import { pointwiseScalar } from './convolution/pointwise-scalar.ts'
import { scaledPointwise } from './convolution/scaled-pointwise.ts'
import { elementwise } from './elementwise/elementwise.ts'
import { softmax } from './elementwise/softmax.ts'
import { arg } from './runtime/arg.ts'
import { concat } from './runtime/concat.ts'
import { expand } from './runtime/expand.ts'
import { gather } from './runtime/gather.ts'
import { gatherElements } from './runtime/gather-elements.ts'
import { matmul } from './runtime/matmul.ts'
import { nonzero } from './runtime/nonzero.ts'
import { pad } from './runtime/pad.ts'
import { pool } from './runtime/pool.ts'
import { poolIndex } from './runtime/pool-index.ts'
import { reduce } from './runtime/reduce.ts'
import { resize } from './runtime/resize.ts'
import { slice } from './runtime/slice.ts'
import { topk } from './runtime/topk.ts'
import { transpose } from './runtime/transpose.ts'
import { view } from './runtime/view.ts'

export const KERNELS: readonly Kernel[] = [
  pointwise,
  depthwise,
  direct,
  gemv,
  invertedResidual,
  separable,
  scaledPointwise,
  expandedDepthwise,
  pointwiseScalar,
  depthwiseScalar,
  convGeneral,
  matmul,
  pool,
  poolIndex,
  reduce,
  softmax,
  resize,
  elementwise,
  view,
  transpose,
  slice,
  concat,
  pad,
  expand,
  gather,
  gatherElements,
  arg,
  topk,
  nonzero,
]
