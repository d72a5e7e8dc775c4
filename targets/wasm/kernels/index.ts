/** Every kernel there is. Which one computes what is decided by cost alone; the order breaks ties. */

import type { Kernel } from '../kernel.ts'
import { arg } from './arg.ts'
import { binary } from './binary.ts'
import { cast } from './cast.ts'
import { compare } from './compare.ts'
import { concat } from './concat.ts'
import { convGeneral } from './conv-general.ts'
import { depthwise } from './depthwise.ts'
import { depthwiseScalar } from './depthwise-scalar.ts'
import { direct } from './direct.ts'
import { expand } from './expand.ts'
import { gather } from './gather.ts'
import { gatherElements } from './gather-elements.ts'
import { gemv } from './gemv.ts'
import { expandedDepthwise, invertedResidual, separable } from './inverted-residual.ts'
import { matmul } from './matmul.ts'
import { pad } from './pad.ts'
import { pointwise } from './pointwise.ts'
import { pointwiseScalar } from './pointwise-scalar.ts'
import { pool } from './pool.ts'
import { poolIndex } from './pool-index.ts'
import { reduce } from './reduce.ts'
import { resize } from './resize.ts'
import { scaledPointwise } from './scaled-pointwise.ts'
import { slice } from './slice.ts'
import { softmax } from './softmax.ts'
import { topk } from './topk.ts'
import { transpose } from './transpose.ts'
import { unary } from './unary.ts'
import { view } from './view.ts'
import { where } from './where.ts'

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
  unary,
  binary,
  cast,
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
  compare,
  where,
]
