/** The runtime's description of windows over an image (runtime-as/assembly/window.ts). */

import type { Window } from '../../../ir/ops/window.ts'
import type { Shape } from '../../../ir/tensors/types.ts'

export interface WindowExtents {
  /** [N,H,W,C] */
  readonly input: Shape
  /** [N,OH,OW,O] */
  readonly output: Shape
  readonly window: Window
  /** Let padded positions count in a mean. */
  readonly countPads?: boolean
  readonly groups?: number
}

/** The descriptor as the runtime's pooling and convolutions take it. */
export function windowDescriptor({ input, output, window, countPads = false, groups = 1 }: WindowExtents): Int32Array {
  const [, h, w, c] = input as [number, number, number, number]
  const [, oh, ow, o] = output as [number, number, number, number]
  const { kernel, strides, dilations, pads } = window
  return Int32Array.from([h, w, c, oh, ow, ...kernel, ...strides, ...dilations, ...pads, Number(countPads), o, groups])
}
