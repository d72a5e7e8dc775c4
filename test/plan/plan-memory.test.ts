import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { peakLiveBytes, planArena } from '../../compiler/plan-memory.ts'
import { ALIGNMENT, type Buffer } from '../../ir/schedule.ts'

const lifetimes = fc
  .array(
    fc.record({ units: fc.integer({ min: 1, max: 64 }), first: fc.integer({ min: -1, max: 30 }), span: fc.integer({ min: 0, max: 12 }) }),
    {
      maxLength: 60,
    },
  )
  .map((list) =>
    list.map(({ units, first, span }, id): Buffer => ({ id, bytes: units * ALIGNMENT, first, last: first + span, name: `b${id}` })),
  )

describe('planArena', () => {
  it('never overlaps buffers that are alive together, and stays inside the arena', () => {
    fc.assert(
      fc.property(lifetimes, (buffers) => {
        const { offsets, arenaBytes } = planArena(buffers)
        for (const a of buffers) {
          const start = offsets[a.id] as number
          expect(start % ALIGNMENT).toBe(0)
          expect(start + a.bytes).toBeLessThanOrEqual(arenaBytes)
          for (const b of buffers) {
            if (a.id >= b.id || a.first > b.last || b.first > a.last) continue
            const other = offsets[b.id] as number
            expect(start + a.bytes <= other || other + b.bytes <= start).toBe(true)
          }
        }
      }),
      { numRuns: 500, seed: 7 },
    )
  })

  it('needs at least the largest sum of live bytes, and seldom much more', () => {
    const ratios: number[] = []
    fc.assert(
      fc.property(lifetimes, (buffers) => {
        const peak = peakLiveBytes(buffers)
        const { arenaBytes } = planArena(buffers)
        expect(arenaBytes).toBeGreaterThanOrEqual(peak)
        ratios.push(peak === 0 ? 1 : arenaBytes / peak)
      }),
      { numRuns: 500, seed: 11 },
    )
    const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length
    expect(mean).toBeLessThan(1.05)
  })

  it('reuses memory along a chain', () => {
    const chain = Array.from({ length: 10 }, (_, id): Buffer => ({ id, bytes: 1600, first: id, last: id + 1, name: '' }))
    expect(planArena(chain).arenaBytes).toBe(3200)
  })

  it('plans nothing into nothing', () => {
    expect(planArena([])).toEqual({ offsets: [], arenaBytes: 0 })
  })
})
