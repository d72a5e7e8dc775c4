/** Which constants a bundle may keep as float16, and their bits. */

import { float16ToNumber, numberToFloat16 } from '../../ir/tensors/float16.ts'
import type { Blob } from '../schedule/schedule.ts'

/** The largest finite float16. */
const LARGEST = 65504
/** Root mean square of the error, relative to that of the values. Rounding what is neither subnormal nor overflowing stays below a half of it. */
const PRECISION = 2 ** -11

export type Float16Weights = { readonly bits: Uint16Array } | { readonly reason: string }

/**
 * The blob's floats, rounded to nearest, ties to even; or the reason why they must stay float32:
 * they are not weights, one of them is beyond float16, or too many are so small that they would lose precision.
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
