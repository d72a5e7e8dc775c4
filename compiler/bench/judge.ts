/** Whether one bundle is slower than another, or than a baseline: a distribution-free test and a minimum effect. */

import { blockMinima, type Interval, median, medianInterval, rankSumTest, ratioOfSamples, signedRankTest } from './statistics.ts'

/**
 * What interrupts a run only ever adds time, and mostly to single runs. So blocks of consecutive rounds
 * are compared by their minima, which are independent enough for rank tests and far steadier than rounds.
 */
export const BLOCK = 5

/** Errors of the first kind that a test may make. It is small, as every further launch is another test. */
const SIGNIFICANCE = 0.005

export type Verdict = 'slower' | 'faster' | 'unchanged' | 'unclear'

export interface Comparison {
  /** Time now over time before, other things equal; above 1 is slower. */
  readonly ratio: number
  /** Confidence interval of the ratio. */
  readonly interval: Interval
  /** Of a slowdown by chance alone, one-sided. */
  readonly p: number
  readonly verdict: Verdict
}

/** Two bundles in the same rounds: lists by launch and round. The test is Wilcoxon's on ratios of block minima. */
export function comparePaired(head: readonly (readonly number[])[], base: readonly (readonly number[])[], margin: number): Comparison {
  const launches = head.map((times, i) => {
    const before = blockMinima(base[i] as readonly number[], BLOCK)
    return blockMinima(times, BLOCK).map((time, k) => Math.log(time / (before[k] as number)))
  })
  const logs = launches.flat()
  const [low, high] = medianInterval(logs)
  const evidence = { p: signedRankTest(logs), faster: signedRankTest(logs.map((x) => -x)) }
  const effects = launches.map((list) => Math.exp(median(list)))
  return judged(Math.exp(median(logs)), [Math.exp(low), Math.exp(high)], evidence, effects, margin)
}

/**
 * Costs by launch against those of a baseline. What the reference loop does not even out varies from
 * launch to launch, so a launch counts as one value, its median. The test is Mann and Whitney's, the
 * ratio and its interval Hodges and Lehmann's.
 */
export function compareBaseline(head: readonly (readonly number[])[], base: readonly (readonly number[])[], margin: number): Comparison {
  const [now, before] = [head.map(median), base.map(median)]
  const { ratio, interval } = ratioOfSamples(now, before)
  const evidence = { p: rankSumTest(now, before), faster: rankSumTest(before, now) }
  const typical = median(before)
  return judged(
    ratio,
    interval,
    evidence,
    now.map((cost) => cost / typical),
    margin,
  )
}

/** A verdict needs the test, the effect, and most launches. `effects` are the ratios of the launches. */
function judged(
  ratio: number,
  interval: Interval,
  { p, faster }: { readonly p: number; readonly faster: number },
  effects: readonly number[],
  margin: number,
): Comparison {
  const most = (holds: (effect: number) => boolean): boolean => 2 * effects.filter(holds).length > effects.length
  const limit = 1 + margin
  const verdict =
    p < SIGNIFICANCE && ratio > limit && most((r) => r > limit)
      ? 'slower'
      : faster < SIGNIFICANCE && ratio < 1 / limit && most((r) => r < 1 / limit)
        ? 'faster'
        : interval[1] <= limit
          ? 'unchanged'
          : 'unclear'
  return { ratio, interval, p, verdict }
}

/** Whether more rounds could change the verdict: its limit lies within the interval. */
export function borderline({ interval: [low], verdict }: Comparison, margin: number): boolean {
  return verdict === 'unclear' || (verdict === 'slower' && low <= 1 + margin)
}
