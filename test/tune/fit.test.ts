import { describe, expect, it } from 'vitest'
import { seeded } from '../../compiler/running/seeded.ts'
import { fit } from '../../compiler/tune/fit.ts'
import type { Sample } from '../../compiler/tune/samples.ts'
import { type Prices, priceOf, type Work } from '../../targets/target/cost.ts'
import { targetNamed } from '../../targets/target/target.ts'

const START = targetNamed('relaxed-simd').prices

/** Steps of random size, as they would take under `prices`, with errors of up to `noise`. */
function samplesUnder(prices: Prices, works: readonly ((size: number) => Work)[], noise = 0): Sample[] {
  const random = seeded(1)
  return Array.from({ length: 300 }, (_, i) => {
    const work = (works[i % works.length] as (size: number) => Work)(1e4 + 1e7 * random.uniform())
    return { kernel: `k${i}`, work, nanoseconds: priceOf(work, prices) * (1 + noise * (2 * random.uniform() - 1)) }
  })
}

const WORKS: readonly ((size: number) => Work)[] = [
  (n) => ({ pointwise: n, inner: n, call: 1 }),
  (n) => ({ pointwise: n, outer: n, call: 1 }),
  (n) => ({ depthwise: n, inner: 2 * n, call: 1 }),
  (n) => ({ gemv: n, outer: 4 * n, call: 1 }),
]

describe('fit', () => {
  it('finds the prices that samples were made with', () => {
    const true_ = { ...START, pointwise: 70, depthwise: 40, gemv: 20, inner: 12, outer: 50 }
    const { prices, errorBefore, errorAfter } = fit(samplesUnder(true_, WORKS, 0.05), START)
    for (const unit of ['pointwise', 'depthwise', 'inner', 'outer'] as const) {
      expect(Math.abs(prices[unit] / true_[unit] - 1), unit).toBeLessThan(0.15)
    }
    expect(errorBefore).toBeGreaterThan(0.2)
    expect(errorAfter).toBeLessThan(0.04)
  })

  it('leaves prices alone that no sample has', () => {
    const { prices, counts } = fit(samplesUnder({ ...START, pointwise: 90 }, WORKS.slice(0, 1)), START)
    expect([prices.depthwise, prices.direct, prices.rowCall]).toEqual([START.depthwise, START.direct, START.rowCall])
    expect([counts.pointwise, counts.depthwise]).toEqual([300, 0])
  })

  it('gives no negative prices', () => {
    const samples = samplesUnder(START, [(n) => ({ pointwise: n, inner: n })]).map((s, i) => ({
      ...s,
      work: { ...s.work, inner: 1e6 / (i + 1) },
      nanoseconds: s.nanoseconds / (1 + 1 / (i + 1)),
    }))
    for (const price of Object.values(fit(samples, START).prices)) expect(price).toBeGreaterThanOrEqual(0)
  })
})
