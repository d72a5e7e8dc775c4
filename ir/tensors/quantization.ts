/** Which quantisations a type may have, and how they change when elements move. */

import type { DType, Quantization, Shape, TensorType } from './types.ts'

/** Element types that may be quantised, with the least and largest value that they hold. */
const RANGES: Partial<Record<DType, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
}

/** The reason why `type` cannot have the quantisation that it states; null where it can. */
export function quantizationProblem({ dtype, shape, quantization }: TensorType): string | null {
  if (!quantization) return null
  const { scale, zeroPoint, axis } = quantization
  const range = RANGES[dtype]
  if (!range) return `${dtype} is quantised`
  if (axis !== undefined && !(axis in shape)) return `is quantised along axis ${axis} of [${shape}]`
  const slices = axis === undefined ? 1 : shape[axis]
  if (scale.length !== slices || zeroPoint.length !== slices)
    return `has ${scale.length} scales and ${zeroPoint.length} zero points for ${slices} slices`
  if (scale.some((s) => !(s > 0 && s < Number.POSITIVE_INFINITY))) return 'has a scale that is not positive and finite'
  if (zeroPoint.some((z) => !Number.isInteger(z) || z < range[0] || z > range[1])) return `has a zero point that is no ${dtype}`
  return null
}

/** The quantisation of the slices `chosen` of a quantised axis, which becomes axis `axis`. */
export function slicesOf({ scale, zeroPoint }: Quantization, chosen: readonly number[], axis: number): Quantization {
  return { scale: chosen.map((i) => scale[i] as number), zeroPoint: chosen.map((i) => zeroPoint[i] as number), axis }
}

/** `type` with shape `shape`, where axis a of the operand has become axis `moved(a)`. */
export function withAxisMoved({ dtype, quantization: q }: TensorType, shape: Shape, moved: (axis: number) => number): TensorType {
  if (!q) return { dtype, shape }
  return { dtype, shape, quantization: q.axis === undefined ? q : { ...q, axis: moved(q.axis) } }
}
