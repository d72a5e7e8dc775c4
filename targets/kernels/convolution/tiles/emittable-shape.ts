/** The convolutions that emitted kernels accept. */

import type { Node } from '../../../../ir/graph/graph.ts'
import type { Target } from '../../../target/target.ts'
import { type ConvShape, float32Shape } from '../shape/conv-shape.ts'
import { type Epilogue, epilogueOf } from './epilogue.ts'

/** The shape of a convolution that an emitted kernel may take: float32, with constant weights and bias. */
export interface EmittableShape extends ConvShape {
  readonly epilogue: Epilogue
}

/** The shape of `node` if it is a convolution that kernels emitted for `target` may take, else null. */
export function emittableShape(node: Node, target: Target): EmittableShape | null {
  const shape = node.op === 'conv' && target.simd ? float32Shape(node) : null
  return shape?.constant ? { ...shape, epilogue: epilogueOf(shape.node.attrs.act) } : null
}
