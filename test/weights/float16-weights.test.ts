import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { float16ToNumber } from '../../ir/tensors/float16.ts'
import { float16Of } from '../../targets/linking/float16-weights.ts'
import type { BlobRole } from '../../targets/schedule/schedule.ts'

const halves = (values: readonly number[], role: BlobRole = 'weights') =>
  float16Of({ key: '', bytes: new Uint8Array(Float32Array.from(values).buffer), role })

describe('weights as float16', () => {
  it('are rounded to nearest, ties to even', () => {
    const ulp = 2 ** -10
    expect(halves([1, 1 + 0.49 * ulp, 1 + 0.5 * ulp, 1 + 1.5 * ulp, -1 - 0.51 * ulp, 65504])).toEqual({
      bits: Uint16Array.of(0x3c00, 0x3c00, 0x3c00, 0x3c02, 0xbc01, 0x7bff),
    })
  })

  it('keep zeros, their signs, and subnormals among larger values', () => {
    expect(halves([1, 0, -0, 2 ** -24, -(2 ** -20), 2 ** -26])).toEqual({ bits: Uint16Array.of(0x3c00, 0, 0x8000, 1, 0x8010, 0) })
  })

  it('are within half a unit in the last place wherever they are normal', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: 2 ** -14, max: 60000, noNaN: true }), { minLength: 1 }), (values) => {
        const { bits } = halves(values) as { bits: Uint16Array }
        return values.every((x, i) => Math.abs(float16ToNumber(bits[i] as number) - x) <= x * 2 ** -11)
      }),
    )
  })

  it.each([
    [[1, 70000], 'a value of 70000 is beyond float16'],
    [[1, -65519], 'a value of -65519 is beyond float16'],
    [[1, Number.NaN], 'a value of NaN is beyond float16'],
    [[Number.POSITIVE_INFINITY], 'a value of Infinity is beyond float16'],
    [[1e-6, 3e-7], 'values so small would lose precision'],
    [[1e-9], 'values so small would lose precision'],
  ])('stay float32: %s', (values, reason) => {
    expect(halves(values)).toEqual({ reason })
  })

  it('are exact where a kernel says so', () => {
    expect(halves([1, 2], 'exact')).toEqual({ reason: 'exact' })
  })

  it('may be zero, all of them, or none', () => {
    expect(halves([0, 0])).toEqual({ bits: Uint16Array.of(0, 0) })
    expect(halves([])).toEqual({ bits: new Uint16Array() })
  })
})
