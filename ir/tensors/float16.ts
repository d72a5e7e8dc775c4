/** IEEE 754 binary16 ↔ number. */

const scratch = new DataView(new ArrayBuffer(4))

/** The number that 16 bits stand for, exactly. */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Rounds to nearest, ties to even; overflow goes to infinity. The argument is first rounded to binary32. */
export function numberToFloat16(x: number): number {
  scratch.setFloat32(0, x)
  const bits = scratch.getUint32(0)
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x47800000) return sign | 0x7c00
  if (magnitude < 0x38800000) return sign | roundEven(Math.abs(scratch.getFloat32(0)) * 2 ** 24)
  const rebased = magnitude - 0x38000000
  const half = rebased >>> 13
  const rest = rebased & 0x1fff
  return sign | (half + (rest > 0x1000 || (rest === 0x1000 && (half & 1) === 1) ? 1 : 0))
}

function roundEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
