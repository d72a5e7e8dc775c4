/** Decides which constants a bundle may store as float16, and makes their bits. */

import { float16ToNumber, numberToFloat16 } from '../../ir/tensors/float16.ts'
import type { Blob } from '../schedule/schedule.ts'

/** The largest finite float16. */
const LARGEST = 65504
/**
 * The largest allowed root mean square of the rounding error, relative to that of the values. Rounding of
 * values that are neither subnormal nor too large stays below half of it.
 */
const PRECISION = 2 ** -11

export type Float16Weights = { readonly bits: Uint16Array } | { readonly reason: string }

/**
 * The floats of the blob, rounded to nearest with ties to even, or the reason why they must stay float32. There
 * are three reasons: the blob does not hold weights, a value is too large for float16, or so many values are so
 * small that they would lose precision.
 */
export function float16Of({ bytes, role }: Blob): Float16Weights {
  if (role !== 'weights') return { reason: 'exact' }
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  const bits = new Uint16Array(floats.length)
  let [error, power] = [0, 0]
  for (let i = 0; i < floats.length; i++) {
    const x = floats[i] as number
    if (!(Math.abs(x) <= LARGEST)) return { reason: `a value of ${Number(x.toPrecision(6))} is beyond float16` }
    const half = numberToFloat16(x)
    bits[i] = half
    error += (float16ToNumber(half) - x) ** 2
    power += x * x
  }
  return error <= PRECISION ** 2 * power ? { bits } : { reason: 'values so small would lose precision' }
}
