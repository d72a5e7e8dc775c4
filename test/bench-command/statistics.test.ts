import { describe, expect, test } from 'vitest'
import {
  blockMinima,
  median,
  medianInterval,
  quantile,
  rankSumTest,
  ratioOfSamples,
  signedRankTest,
} from '../../compiler/bench/statistics.ts'
import { normal, sampleOf, uniform } from './random.ts'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)

describe('quantiles', () => {
  test('median of odd and even counts, unsorted and untouched', () => {
    const sample = [10, 9, 1]
    expect(median(sample)).toBe(9)
    expect(sample).toEqual([10, 9, 1])
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  test('p90 of 1 to 10', () => {
    expect(quantile(range(10), 0.9)).toBe(9.1)
  })
})

describe('interval of the median', () => {
  test.each([
    [6, 1, 6],
    [10, 2, 9],
    [20, 6, 15],
    [25, 8, 18],
    [100, 40, 61],
  ])('ranks for %i values as tabulated', (n, low, high) => {
    expect(medianInterval(range(n))).toEqual([low, high])
  })

  test('of too few values is their range', () => {
    expect(medianInterval([5])).toEqual([5, 5])
    expect(medianInterval([3, 1, 2])).toEqual([1, 3])
  })

  test('of very many values does not underflow', () => {
    const [low, high] = medianInterval(range(5000))
    expect(low).toBeGreaterThan(2400)
    expect(high).toBeLessThan(2600)
  })

  test('covers the median of a skewed distribution 95 % of the time', () => {
    const draw = normal(1)
    const covered = range(1000).filter(() => {
      const [low, high] = medianInterval(sampleOf(31, () => Math.exp(draw())))
      return low <= 1 && 1 <= high
    })
    expect(covered.length).toBeGreaterThan(935)
  })
})

describe('signed-rank test', () => {
  test('exact probabilities', () => {
    expect(signedRankTest([1, 2, 3, 4, 5])).toBeCloseTo(1 / 32, 12)
    expect(signedRankTest([-1, 2, 3, 4, 5])).toBeCloseTo(2 / 32, 12)
    expect(signedRankTest([-1, -2, -3, -4, -5])).toBe(1)
  })

  test('zeros do not count, ties share ranks', () => {
    expect(signedRankTest([0, 0])).toBe(1)
    expect(signedRankTest([0, 1, 1, 1])).toBeCloseTo(1 / 8, 12)
    expect(signedRankTest([1, 1, -1])).toBeCloseTo(4 / 8, 12)
  })

  test('the normal approximation continues the exact one', () => {
    const draw = normal(5)
    const sample = sampleOf(60, () => draw() + 0.3)
    expect(signedRankTest([...sample, 1e-9])).toBeCloseTo(signedRankTest(sample), 2)
  })

  test('rejects at its level where nothing differs, and nearly always a clear shift', () => {
    const draw = normal(2)
    const rejected = (shift: number): number =>
      range(300).filter(() => signedRankTest(sampleOf(30, () => draw() ** 3 + shift)) < 0.05).length
    const falseAlarms = rejected(0)
    expect(falseAlarms).toBeGreaterThan(5)
    expect(falseAlarms).toBeLessThan(26)
    expect(rejected(1)).toBeGreaterThan(270)
  })
})

describe('rank-sum test', () => {
  test('is small where the first sample is greater', () => {
    expect(rankSumTest([11, 12, 13, 14, 15, 16], [1, 2, 3, 4, 5, 6])).toBeCloseTo(1 / 924, 12)
    expect(rankSumTest([3, 5], [1, 2, 4])).toBeCloseTo(2 / 10, 12)
    expect(rankSumTest([1, 2, 3, 4, 5, 6], [11, 12, 13, 14, 15, 16])).toBeGreaterThan(0.99)
  })

  test('equal values say nothing', () => {
    expect(rankSumTest([2, 2, 2], [2, 2])).toBe(1)
  })

  test('the normal approximation continues the exact one', () => {
    const draw = normal(6)
    const [first, second] = [sampleOf(30, () => draw() + 0.3), sampleOf(30, draw)]
    expect(rankSumTest(first, [...second, median(second)])).toBeCloseTo(rankSumTest(first, second), 2)
  })

  test('rejects at its level whatever the distribution', () => {
    const next = uniform(3)
    const draw = (): number => Math.round(20 * next() ** 4)
    const rejected = range(1000).filter(() => rankSumTest(sampleOf(25, draw), sampleOf(40, draw)) < 0.05)
    expect(rejected.length).toBeGreaterThan(25)
    expect(rejected.length).toBeLessThan(75)
  })
})

describe('ratio of samples', () => {
  test('finds a factor under skewed noise', () => {
    const draw = normal(4)
    const noisy = (factor: number): number[] => sampleOf(60, () => factor * Math.exp(Math.abs(draw()) / 10))
    const { ratio, interval } = ratioOfSamples(noisy(1.1), noisy(1))
    expect(ratio).toBeCloseTo(1.1, 1)
    expect(interval[0]).toBeLessThan(1.1)
    expect(interval[1]).toBeGreaterThan(1.1)
    expect(interval[0]).toBeGreaterThan(1)
  })

  test('of single values', () => {
    expect(ratioOfSamples([3], [2])).toEqual({ ratio: 1.5, interval: [1.5, 1.5] })
  })
})

test('block minima leave a short block at the end out', () => {
  expect(blockMinima([5, 4, 3, 9, 8, 7, 1], 3)).toEqual([3, 7])
  expect(blockMinima([5, 4], 3)).toEqual([4])
})
