/** The operator table: every ONNX operator that can be imported. */

import type { ImportRule, OperatorRules } from './operator.ts'
import { activationRules } from './ops/activation.ts'
import { arithmeticRules } from './ops/arithmetic.ts'
import { convRules } from './ops/conv.ts'
import { convTransposeRules } from './ops/conv-transpose.ts'
import { logicRules } from './ops/logic.ts'
import { matmulRules } from './ops/matmul.ts'
import { movementRules } from './ops/movement.ts'
import { normalizationRules } from './ops/normalization.ts'
import { orderRules } from './ops/order.ts'
import { padRules } from './ops/pad.ts'
import { poolRules } from './ops/pool.ts'
import { reduceRules } from './ops/reduce.ts'
import { resizeRules } from './ops/resize.ts'
import { shapeRules } from './ops/shape.ts'

/** The opset versions of the default domain whose changes to these operators the rules know. */
export const OLDEST_OPSET = 7
export const NEWEST_OPSET = 26

const FAMILIES: readonly OperatorRules[] = [
  activationRules,
  arithmeticRules,
  convRules,
  convTransposeRules,
  logicRules,
  matmulRules,
  movementRules,
  normalizationRules,
  orderRules,
  padRules,
  poolRules,
  reduceRules,
  resizeRules,
  shapeRules,
]

/** By operator type, of the default domain. */
export const OPERATORS: ReadonlyMap<string, readonly ImportRule[]> = new Map(FAMILIES.flatMap((family) => Object.entries(family)))
