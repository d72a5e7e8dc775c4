import { describe, expect, it } from 'vitest'
import { formatCostModel, parseCostModel } from '../../targets/target/cost-file.ts'
import { targetNamed } from '../../targets/target/target.ts'

const PRICES = { ...targetNamed('simd128').prices, pointwise: 1 }

describe('cost model files', () => {
  it('are read as they were written, of all targets or of some', () => {
    expect(parseCostModel(formatCostModel('a machine', { simd128: PRICES }))).toEqual({ simd128: PRICES })
  })

  const file = (targets: unknown): string => JSON.stringify({ schema: 'mobilenet-compile/cost-model/1', targets })

  it.each([
    ['{', 'is not JSON'],
    ['[]', 'is not a cost model: its "schema" is not "mobilenet-compile/cost-model/1"'],
    [file(null), 'has no "targets"'],
    [file({ neon: PRICES }), 'has a target "neon", expected scalar, simd128, relaxed-simd'],
    [file({ simd128: 3 }), 'has no prices for simd128'],
    [file({ simd128: { ...PRICES, magic: 1 } }), 'prices "magic", which is no unit'],
    [file({ simd128: { ...PRICES, inner: -1 } }), 'simd128.inner: expected a price of at least 0 picoseconds, got -1'],
    [file({ simd128: { ...PRICES, inner: undefined } }), 'simd128.inner: expected a price of at least 0 picoseconds, got undefined'],
    [file({ simd128: { ...PRICES, inner: '7' } }), 'simd128.inner: expected a price of at least 0 picoseconds, got "7"'],
  ])('%s: %s', (text, message) => {
    expect(() => parseCostModel(text)).toThrow(new Error(message))
  })
})
