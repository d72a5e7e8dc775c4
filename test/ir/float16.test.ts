import { describe, expect, it } from 'vitest'
import { float16ToNumber, numberToFloat16 } from '../../ir/tensors/float16.ts'

const INF = Number.POSITIVE_INFINITY

/** IEEE 754-2008, binary16: 1 sign, 5 exponent and 10 fraction bits. */
const EXACT: readonly (readonly [bits: number, value: number])[] = [
  [0x0000, 0],
  [0x8000, -0],
  [0x0001, 2 ** -24],
  [0x8001, -(2 ** -24)],
  [0x03ff, 1023 * 2 ** -24],
  [0x0400, 2 ** -14],
  [0x3555, 0.333251953125],
  [0x3c00, 1],
  [0xc000, -2],
  [0x7bff, 65504],
  [0xfbff, -65504],
  [0x7c00, INF],
  [0xfc00, -INF],
]

describe('float16', () => {
  it.each(EXACT)('%i is %f', (bits, value) => {
    expect(float16ToNumber(bits)).toBe(value)
    expect(numberToFloat16(value)).toBe(bits)
  })

  it('NaN stays NaN', () => {
    for (const bits of [0x7e00, 0x7c01, 0xffff]) expect(float16ToNumber(bits)).toBeNaN()
    expect(numberToFloat16(Number.NaN) & 0x7fff).toBe(0x7e00)
  })

  it('every number comes back', () => {
    const numbers = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => !Number.isNaN(float16ToNumber(bits)))
    expect(numbers.filter((bits) => numberToFloat16(float16ToNumber(bits)) !== bits)).toEqual([])
    expect(numbers).toHaveLength(0x10000 - 2 * 1023)
  })

  it.each([
    // Between two normal numbers: ties to the even one.
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 + 2 ** -11 + 2 ** -20, 0x3c01],
    [1 + 2 ** -11 - 2 ** -20, 0x3c00],
    // Between two subnormal ones.
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -24, 0x0002],
    [2.5 * 2 ** -24, 0x0002],
    [1.25 * 2 ** -24, 0x0001],
    [1.75 * 2 ** -24, 0x0002],
    [2 ** -25 + 2 ** -40, 0x0001],
    // From the largest subnormal number to the smallest normal one.
    [1023.5 * 2 ** -24, 0x0400],
    // Overflow begins half a step above the largest number.
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [65536, 0x7c00],
    [-1e30, 0xfc00],
    // The argument is a binary32 first.
    [1e-46, 0x0000],
    [2 ** -25 + 2 ** -60, 0x0000],
  ])('%f rounds to %i', (value, bits) => {
    expect(numberToFloat16(value)).toBe(bits)
    expect(numberToFloat16(-value) & 0x7fff).toBe(bits & 0x7fff)
  })
})
