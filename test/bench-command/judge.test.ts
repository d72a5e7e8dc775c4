import { describe, expect, test } from 'vitest'
import { borderline, compareBaseline, comparePaired } from '../../compiler/bench/judge.ts'
import { compareLayers } from '../../compiler/bench/layers.ts'
import { normal, sampleOf, uniform } from './random.ts'

const MARGIN = 0.05
const LAUNCHES = 3
const ROUNDS = 35

/** Times of a run of one second on a machine that drifts, and interrupts a third of the runs. */
function machine(seed: number): (factor: number) => number {
  const [next, draw] = [uniform(seed), normal(seed + 1000)]
  let drift = 0
  return (factor) => {
    drift = 0.95 * drift + 0.02 * draw()
    return factor * Math.exp(drift) * (1 + 0.01 * Math.abs(draw())) + (next() < 0.3 ? next() : 0)
  }
}

function paired(seed: number, factor: number): ReturnType<typeof comparePaired> {
  const time = machine(seed)
  const rounds = Array.from({ length: LAUNCHES }, () => sampleOf(ROUNDS, () => 0).map(() => [time(factor), time(1)] as const))
  const side = (k: 0 | 1): number[][] => rounds.map((launch) => launch.map((round) => round[k]))
  return comparePaired(side(0), side(1), MARGIN)
}

describe('two bundles in the same rounds', () => {
  test('a slowdown of 10 % is found in each of 50 measurements', () => {
    const verdicts = sampleOf(50, () => 0).map((_, seed) => paired(seed, 1.1).verdict)
    expect(verdicts.filter((v) => v === 'slower')).toHaveLength(50)
  })

  test('no difference is never a slowdown in 200 measurements', () => {
    const verdicts = sampleOf(200, () => 0).map((_, seed) => paired(seed, 1).verdict)
    expect(verdicts).not.toContain('slower')
    expect(verdicts.filter((v) => v === 'unchanged').length).toBeGreaterThan(190)
  })

  test('a certain slowdown that is tolerated is none', () => {
    expect(paired(7, 1.02).verdict).toBe('unchanged')
  })

  test('faster is faster', () => {
    const { verdict, ratio } = paired(8, 0.8)
    expect(verdict).toBe('faster')
    expect(ratio).toBeCloseTo(0.8, 1)
  })

  test('one launch of three that is slow is not enough', () => {
    const fast = sampleOf(ROUNDS, machine(1).bind(null, 1))
    const slow = fast.map((t) => 1.5 * t)
    expect(comparePaired([slow, fast, fast], [fast, fast, fast], MARGIN).verdict).not.toBe('slower')
  })

  test('few rounds are unclear, and worth more', () => {
    const comparison = comparePaired([[1.2, 1.2]], [[1, 1]], MARGIN)
    expect(comparison.verdict).toBe('unclear')
    expect(borderline(comparison, MARGIN)).toBe(true)
  })
})

describe('against a baseline', () => {
  /** Launches that differ by two percent, of blocks that differ by four. */
  const launches = (seed: number, factor: number): number[][] => {
    const draw = normal(seed)
    return sampleOf(6, () => factor * Math.exp(0.02 * draw())).map((level) => sampleOf(4, () => level * (1 + 0.04 * Math.abs(draw()))))
  }

  test.each([
    [1.12, 'slower'],
    [1, 'unchanged'],
    [0.85, 'faster'],
  ])('a factor of %d is %s', (factor, verdict) => {
    expect(compareBaseline(launches(1, factor), launches(2, 1), MARGIN)).toMatchObject({ verdict })
  })

  test('no difference is hardly ever a slowdown in 200 measurements', () => {
    const verdicts = sampleOf(200, () => 0).map((_, seed) => compareBaseline(launches(seed, 1), launches(seed + 500, 1), MARGIN).verdict)
    expect(verdicts.filter((v) => v === 'slower').length).toBeLessThan(2)
  })

  test('one launch proves nothing', () => {
    expect(compareBaseline([[2, 2, 2, 2, 2]], launches(2, 1), MARGIN).verdict).toBe('unclear')
  })
})

describe('layers', () => {
  const layer = (origins: string[], milliseconds: number, cost = milliseconds * 10) => ({ kernel: 'k', origins, milliseconds, cost })

  test('those that lost most come first', () => {
    const base = [layer(['a'], 1), layer(['b'], 4), layer(['c'], 5)]
    const head = [layer(['a'], 1.5), layer(['b'], 6), layer(['c'], 5.1)]
    expect(compareLayers(head, base, MARGIN)).toEqual([
      { origins: ['b'], kernel: 'k', before: 4, now: 6, ratio: 1.5 },
      { origins: ['a'], kernel: 'k', before: 1, now: 1.5, ratio: 1.5 },
    ])
  })

  test('machines may differ in speed: costs are compared', () => {
    expect(compareLayers([layer(['a'], 2, 10)], [layer(['a'], 1, 10)], MARGIN)).toEqual([])
  })

  test('steps of the same nodes are one layer; new nodes have nothing to compare with', () => {
    const base = [layer(['a'], 1), layer(['a'], 1)]
    expect(compareLayers([layer(['a'], 3), layer(['new'], 9)], base, MARGIN)).toMatchObject([{ origins: ['a'], before: 2, now: 3 }])
  })
})
