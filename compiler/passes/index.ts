/** The target-neutral passes, in order. */

import type { Pass } from '../rewriting/pass.ts'
import { canonicaliseActivations } from './canonicalise-activations.ts'
import { canonicaliseClamps } from './canonicalise-clamps.ts'
import { canonicalisePooling } from './canonicalise-pooling.ts'
import { cse } from './cse.ts'
import { foldBatchNorm } from './fold-batch-norm.ts'
import { foldConstants } from './fold-constants.ts'
import { foldPad } from './fold-pad.ts'
import { fuseActivation } from './fuse-activation.ts'
import { fuseResidual } from './fuse-residual.ts'
import { layout } from './layout.ts'
import { matmulToConv } from './matmul-to-conv.ts'
import { removeIdentities } from './remove-identities.ts'
import { simplifyMovement } from './simplify-movement.ts'
import { widenFloat16 } from './widen-float16.ts'

export const PASSES: readonly Pass[] = [
  widenFloat16, // first, so that constants are folded in float32 and no later pass meets another float type
  foldConstants, // patterns below look for constants, not for what computes them
  removeIdentities, // pads of nothing and their like would hide neighbours from each other
  cse, // patterns below ask for the same value twice, and for values with one reader
  canonicaliseClamps, // hard activations are spelled with clamps
  canonicaliseActivations, // while only scalars matter, before layout moves anything
  layout, // everything below reads channels off the last axis
  canonicalisePooling, // knows images as NHWC; gives reductions whose results need only reshapes
  matmulToConv, // before the reshapes it adds are simplified
  simplifyMovement, // brings arithmetic next to the convolutions it will be folded into
  foldPad, // before scales are folded forward, which depends on padding
  foldBatchNorm, // bias and scale go below residual and activation
  fuseResidual, // below the activation: act(conv + bias + residual)
  fuseActivation, // last of the epilogue
]
