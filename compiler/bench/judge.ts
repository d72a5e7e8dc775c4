/**
 * Decides whether one bundle is slower than another, or than a baseline. It uses a test that assumes no
 * distribution, and a minimum effect.
 */

import { blockMinima, type Interval, median, medianInterval, rankSumTest, ratioOfSamples, signedRankTest } from './statistics.ts'

/**
 * Rounds in a block. Interruptions only make runs slower, and mostly affect single runs. So blocks of
 * consecutive rounds are compared by their minima. These are independent enough for rank tests, and vary far
 * less than rounds.
 */
export const BLOCK = 5

/**
 * The probability of an error of the first kind in one test. It is small, because every further launch is
 * another test.
 */
const SIGNIFICANCE = 0.005

export type Verdict = 'slower' | 'faster' | 'unchanged' | 'unclear'

export interface Comparison {
  /** The time now divided by the time before, with everything else equal. Above 1 is slower. */
  readonly ratio: number
  /** Confidence interval of the ratio. */
  readonly interval: Interval
  /** The probability of such a slowdown by chance alone, one-sided. */
  readonly p: number
  readonly verdict: Verdict
}

/**
 * Compares two bundles measured in the same rounds. The lists are by launch and round. The test is Wilcoxon's
 * signed-rank test on the ratios of block minima.
 */
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
 * Compares costs with those of a baseline. Both are by launch. The reference loop does not compensate
 * everything that differs between launches, so each launch counts as one value, its median. The test is that of
 * Mann and Whitney. The ratio and its interval are those of Hodges and Lehmann.
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

/**
 * The verdict. A slowdown must pass the test, exceed the minimum effect, and appear in most launches. `effects`
 * are the ratios of the launches.
 */
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

/** Whether more rounds could change the verdict: it is unclear, or its limit lies within the interval. */
export function borderline({ interval: [low], verdict }: Comparison, margin: number): boolean {
  return verdict === 'unclear' || (verdict === 'slower' && low <= 1 + margin)
}
