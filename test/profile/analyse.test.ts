import { describe, expect, test } from 'vitest'
import { analyse, bandwidthFor, leastMicroseconds, type ProfileLayer } from '../../compiler/profile/analyse.ts'
import { familiesOf } from '../../compiler/profile/families.ts'
import type { Recording } from '../../compiler/profile/recording.ts'
import { recordingOf } from './recordings.ts'

const SIZES = [
  { bytes: 1e6, gbPerS: 100 },
  { bytes: 100e6, gbPerS: 10 },
]

describe('ceilings', () => {
  test('are medians over all rounds', () => {
    const { ceilings } = analyse(recordingOf([1, 2, 3]))
    expect(ceilings.gmacPerS).toBeCloseTo(10, 9)
    expect(ceilings.bandwidths.map((b) => b.bytes)).toEqual([1e6, 100e6])
    expect(ceilings.bandwidths[0]?.gbPerS).toBeCloseTo(100, 9)
    expect(ceilings.bandwidths[1]?.gbPerS).toBeCloseTo(10, 9)
  })

  test('a small buffer is at least as fast as a large one', () => {
    const recording = recordingOf()
    const slowFirst: Recording = { ...recording, work: { ...recording.work, sweeps: [...recording.work.sweeps] } }
    const rounds = recording.rounds.map((r) => ({ ...r, sweeps: [{ begin: 0, end: 50 }, ...r.sweeps.slice(1)] }))
    const { bandwidths } = analyse({ ...slowFirst, rounds }).ceilings
    expect(bandwidths[0]?.gbPerS).toBe(bandwidths[1]?.gbPerS)
  })

  test.each([
    [0, 100],
    [1e6, 100],
    [10e6, Math.sqrt(1000)],
    [100e6, 10],
    [1e12, 10],
  ])('%d bytes are read at %d GB/s', (bytes, expected) => {
    expect(bandwidthFor(bytes, SIZES)).toBeCloseTo(expected, 9)
  })

  test('one size bounds everything', () => {
    for (const bytes of [0, 1e6, 1e9]) expect(bandwidthFor(bytes, SIZES.slice(0, 1))).toBe(100)
  })
})

describe('the roofline', () => {
  test('least times are those of multiply-adds and of bytes', () => {
    const least = leastMicroseconds({ macs: 1e6, traffic: 1e6 }, { gmacPerS: 10, bandwidths: SIZES })
    expect(least).toEqual({ compute: 100, memory: 10 })
  })

  test('calls the longer of the two the bound, and its part of the time the fraction', () => {
    const [first, second, third] = analyse(recordingOf()).layers as [ProfileLayer, ProfileLayer, ProfileLayer]
    expect(first.bound).toBe('compute')
    expect(first.intensity).toBe(40)
    expect(first.ofCeiling).toBeCloseTo(400 / 500, 6)
    expect(second.bound).toBe('memory')
    expect(second.intensity).toBe(0.1)
    expect(second.ofCeiling).toBeCloseTo(10e6 / bandwidthFor(10e6, SIZES) / 1e3 / 800, 6)
    expect(third).toMatchObject({ bound: null, ofCeiling: null, intensity: null, gmacPerS: 0 })
    expect(third.medianUs).toBeCloseTo(0, 6)
  })

  test('multiply-adds and bytes that take equally long count as compute', () => {
    const recording = recordingOf()
    const steps = [{ kernel: 'k', origins: ['n'], macs: 100, traffic: 1000 }, ...recording.steps.slice(1)]
    expect(analyse({ ...recording, steps }).layers[0]?.bound).toBe('compute')
  })
})

describe('times', () => {
  const profile = analyse(recordingOf([1, 3, 2]))

  test('are medians and minima over the rounds, without the cost of the clock', () => {
    expect(profile.layers[0]?.medianUs).toBeCloseTo(1000, 6)
    expect(profile.layers[0]?.minUs).toBeCloseTo(500, 6)
    expect(profile.totals.run.medianUs).toBeCloseTo(2500, 6)
    expect(profile.totals.run.minUs).toBeCloseTo(1250, 6)
    expect(profile.totals.steps.medianUs).toBeCloseTo(2600, 6)
    expect(profile.runs).toBe(3)
  })

  test('shares sum to one', () => {
    expect(profile.layers.reduce((sum, l) => sum + l.share, 0)).toBeCloseTo(1, 12)
    expect(profile.layers[0]?.share).toBeCloseTo(5 / 13, 9)
  })

  test('rates and totals', () => {
    expect(profile.layers[0]?.gmacPerS).toBeCloseTo(4, 6)
    expect(profile.layers[1]?.gbPerS).toBeCloseTo(6.25, 6)
    expect(profile.totals.macs).toBe(5e6)
    expect(profile.totals.gmacPerS).toBeCloseTo(2, 6)
    expect(profile.totals.ofPeak).toBeCloseTo(0.2, 6)
    expect(profile.totals.bytes).toBe(10_100_000)
  })

  test('a step is named after its first node, or its kernel', () => {
    expect(profile.layers.map((l) => l.layer)).toEqual(['/a/Conv', '/b/Gemm', 'copy'])
  })

  test('families are summed, the slowest first', () => {
    const families = familiesOf(profile.layers)
    expect(families.map((f) => [f.family, f.steps, f.macs])).toEqual([
      ['gemv', 1, 1_000_000],
      ['pointwise', 1, 4_000_000],
      ['copy', 1, 0],
    ])
  })

  test('a step that the clock cannot see takes no time, not a negative one', () => {
    expect(analyse({ ...recordingOf(), clock: 5 }).layers.map((l) => l.medianUs)).toEqual([0, 0, 0])
  })
})
