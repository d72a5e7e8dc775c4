/**
 * Statistics of times that assume no distribution. All functions take samples in any order and do not change
 * them.
 */

import { errorFunction, quantileSorted, wilcoxonRankSum } from 'simple-statistics'

/** Confidence of every interval. */
const CONFIDENCE = 0.95

export type Interval = readonly [low: number, high: number]

/** The quantile `q` in [0, 1] of a non-empty sample. */
export function quantile(sample: readonly number[], q: number): number {
  return quantileSorted(sorted(sample), q)
}

/** The median of a non-empty sample; of an even number of values, the mean of the middle two. */
export function median(sample: readonly number[]): number {
  return quantile(sample, 0.5)
}

/**
 * The confidence interval of the median, between two order statistics: ranks k and n + 1 − k. k is the largest
 * number whose binomial tail P(B(n, ½) < k) is at most half of the allowed error. For very few values there is
 * no such k, and the interval is their range (Conover, Practical Nonparametric Statistics, §3.2).
 */
export function medianInterval(sample: readonly number[]): Interval {
  const values = sorted(sample)
  const n = values.length
  const k = Math.max(1, tailRank(n, (1 - CONFIDENCE) / 2))
  return [values[k - 1] as number, values[n - k] as number]
}

/** The largest k with P(B(n, ½) < k) ≤ `tail`. */
function tailRank(n: number, tail: number): number {
  let k = 0
  let logTerm = -n * Math.LN2
  for (let cumulative = Math.exp(logTerm); cumulative <= tail && k < n / 2; cumulative += Math.exp(logTerm)) {
    logTerm += Math.log((n - k) / (k + 1))
    k++
  }
  return k
}

/**
 * The one-sided Wilcoxon signed-rank test: the probability that differences which are symmetric about 0 have a
 * positive rank sum of at least this size. Zeros are dropped, and equal values share ranks. It is exact for up
 * to 60 differences. For more it is a normal approximation with continuity correction.
 */
export function signedRankTest(differences: readonly number[]): number {
  const nonZero = differences.filter((d) => d !== 0)
  if (nonZero.length === 0) return 1
  const ranks = sharedRanks(nonZero.map(Math.abs))
  const positive = ranks.reduce((sum, rank, i) => sum + ((nonZero[i] as number) > 0 ? rank : 0), 0)
  if (nonZero.length <= 60) return exactSignedRank(ranks, positive)
  const mean = ranks.reduce((sum, rank) => sum + rank, 0) / 2
  const variance = ranks.reduce((sum, rank) => sum + rank * rank, 0) / 4
  return upperNormalTail((positive - mean - 0.5) / Math.sqrt(variance))
}

/**
 * The probability that, with random signs, the ranks with a positive sign add up to at least `positive`. Doubled
 * ranks are integers, even where equal values share ranks.
 */
function exactSignedRank(ranks: readonly number[], positive: number): number {
  const doubled = ranks.map((rank) => Math.round(2 * rank))
  const total = doubled.reduce((sum, rank) => sum + rank, 0)
  let probabilities = new Float64Array(total + 1)
  probabilities[0] = 1
  for (const rank of doubled) {
    probabilities = probabilities.map((p, sum) => (p + (sum >= rank ? (probabilities[sum - rank] as number) : 0)) / 2)
  }
  return probabilities.subarray(Math.round(2 * positive)).reduce((sum, p) => sum + p, 0)
}

/**
 * The one-sided Mann–Whitney test: the probability that two samples of one distribution give the first a rank
 * sum of at least this size. Equal values share ranks. It is exact for up to 60 values in all. For more it is a
 * normal approximation with continuity and tie correction.
 */
export function rankSumTest(first: readonly number[], second: readonly number[]): number {
  const [n, m] = [first.length, second.length]
  const rankSum = wilcoxonRankSum([...first], [...second])
  const pooled = [...first, ...second]
  if (n + m <= 60) return exactRankSum(sharedRanks(pooled), n, rankSum)
  const ties = tieSizes(pooled).reduce((sum, t) => sum + t ** 3 - t, 0)
  const variance = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
  const excess = rankSum - (n * (n + m + 1)) / 2
  return variance === 0 ? 1 : upperNormalTail((excess - 0.5) / Math.sqrt(variance))
}

/** P(sum of `n` of the ranks, drawn without replacement ≥ `rankSum`). Doubled ranks are integers even where ties share. */
function exactRankSum(ranks: readonly number[], n: number, rankSum: number): number {
  const doubled = ranks.map((rank) => Math.round(2 * rank))
  const total = doubled.reduce((sum, rank) => sum + rank, 0)
  const ways = Array.from({ length: n + 1 }, () => new Float64Array(total + 1))
  const at = (k: number): Float64Array => ways[k] as Float64Array
  at(0)[0] = 1
  for (const rank of doubled)
    for (let k = n; k > 0; k--)
      for (let sum = total; sum >= rank; sum--) at(k)[sum] = (at(k)[sum] as number) + (at(k - 1)[sum - rank] as number)
  const count = (sums: Float64Array): number => sums.reduce((a, b) => a + b, 0)
  return count(at(n).subarray(Math.round(2 * rankSum))) / count(at(n))
}

/**
 * The Hodges–Lehmann estimate of first / second, and its confidence interval. The estimate is the median of all
 * ratios. The ends of the interval are the order statistics of the ratios at which the Mann–Whitney test would
 * reject.
 */
export function ratioOfSamples(first: readonly number[], second: readonly number[]): { ratio: number; interval: Interval } {
  const ratios = Float64Array.from(first.flatMap((a) => second.map((b) => a / b))).sort()
  const [n, m] = [first.length, second.length]
  const spread = 1.96 * Math.sqrt((n * m * (n + m + 1)) / 12)
  const k = Math.max(0, Math.floor((n * m) / 2 - spread))
  const ratio = quantileSorted(ratios as unknown as number[], 0.5)
  return { ratio, interval: [ratios[k] as number, ratios[n * m - 1 - k] as number] }
}

/**
 * The minima of consecutive blocks of `size` values. A shorter block at the end is left out, unless it is the
 * only one.
 */
export function blockMinima(values: readonly number[], size: number): number[] {
  const blocks = Math.max(1, Math.floor(values.length / size))
  return Array.from({ length: blocks }, (_, i) => Math.min(...values.slice(i * size, (i + 1) * size)))
}

function sorted(sample: readonly number[]): number[] {
  return Array.from(Float64Array.from(sample).sort())
}

/** Rank of each value, from 1; equal values share the mean of their ranks. */
function sharedRanks(values: readonly number[]): number[] {
  const ascending = sorted(values)
  const first = new Map<number, number>()
  const count = new Map<number, number>()
  ascending.forEach((v, i) => {
    if (!first.has(v)) first.set(v, i + 1)
    count.set(v, (count.get(v) ?? 0) + 1)
  })
  return values.map((v) => (first.get(v) as number) + ((count.get(v) as number) - 1) / 2)
}

function tieSizes(values: readonly number[]): number[] {
  const count = new Map<number, number>()
  for (const v of values) count.set(v, (count.get(v) ?? 0) + 1)
  return [...count.values()]
}

/** P(Z ≥ z), to about 1e-7. */
function upperNormalTail(z: number): number {
  return Math.max(1e-7, (1 - errorFunction(z / Math.SQRT2)) / 2)
}
