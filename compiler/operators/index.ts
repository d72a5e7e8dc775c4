/** The operator table: every ONNX operator that can be imported. */

import { activationRules } from './activation.ts'
import { arithmeticRules } from './arithmetic.ts'
import { convRules } from './conv.ts'
import { convTransposeRules } from './conv-transpose.ts'
import { logicRules } from './logic.ts'
import { matmulRules } from './matmul.ts'
import { movementRules } from './movement.ts'
import { normalizationRules } from './normalization.ts'
import type { ImportRule, OperatorRules } from './operator.ts'
import { orderRules } from './order.ts'
import { padRules } from './pad.ts'
import { poolRules } from './pool.ts'
import { reduceRules } from './reduce.ts'
import { resizeRules } from './resize.ts'
import { shapeRules } from './shape.ts'

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

/** The import rules of each operator of the default domain, by operator type. */
export const OPERATORS: ReadonlyMap<string, readonly ImportRule[]> = new Map(FAMILIES.flatMap((family) => Object.entries(family)))
