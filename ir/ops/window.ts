/** Geometry shared by convolution and pooling: windows sliding over the two spatial axes. */

import { InferError } from '../diagnostics.ts'

export type Pair = readonly [number, number]
/** Top, left, bottom, right. */
export type Pads = readonly [number, number, number, number]

export interface Window {
  readonly kernel: Pair
  readonly strides: Pair
  readonly dilations: Pair
  readonly pads: Pads
}

/** The number of positions from the first tap of a window to the last, both included. */
export function effectiveKernel(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1
}

/**
 * Output height and width. With `ceil` a last partial window counts, unless it would start in the
 * padding after the image (ONNX MaxPool/AveragePool `ceil_mode`; PyTorch has the same rule).
 */
export function outputExtents(input: Pair, w: Window, ceil = false): [number, number] {
  return [0, 1].map((axis) => {
    const before = w.pads[axis as 0 | 1]
    const after = w.pads[(axis + 2) as 2 | 3]
    const span = input[axis as 0 | 1] + before + after - effectiveKernel(w.kernel[axis as 0 | 1], w.dilations[axis as 0 | 1])
    if (span < 0)
      throw new InferError(
        `kernel ${w.kernel.join('×')} with dilations [${w.dilations}] does not fit into dimensions ${input.join('×')} with pads [${w.pads}]`,
      )
    const stride = w.strides[axis as 0 | 1]
    if (!ceil) return Math.floor(span / stride) + 1
    const steps = Math.ceil(span / stride) + 1
    return (steps - 1) * stride >= input[axis as 0 | 1] + before ? steps - 1 : steps
  }) as [number, number]
}

/** Throws `InferError` unless extents are ≥ 1 and pads ≥ 0, all integers. */
export function checkWindow(w: Window): void {
  const positive = [...w.kernel, ...w.strides, ...w.dilations]
  if (positive.some((n) => !Number.isInteger(n) || n < 1)) throw new InferError('kernel, strides and dilations must be at least 1')
  if (w.pads.some((n) => !Number.isInteger(n) || n < 0)) throw new InferError(`negative pads [${w.pads}]`)
}
