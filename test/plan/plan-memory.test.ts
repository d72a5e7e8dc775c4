import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { peakLiveBytes, planArena, planMemory } from '../../targets/schedule/plan-memory.ts'
import { ALIGNMENT, type Buffer } from '../../targets/schedule/schedule.ts'

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

  it('gives the same plans as ever', () => {
    const totals = { peak: 0, arena: 0, offsets: 0 }
    for (const buffers of fc.sample(lifetimes, { numRuns: 300, seed: 13 })) {
      const { offsets, arenaBytes } = planArena(buffers)
      totals.peak += peakLiveBytes(buffers)
      totals.arena += arenaBytes
      totals.offsets += offsets.reduce((a, b) => a + b, 0)
    }
    expect(totals).toMatchInlineSnapshot(`
      {
        "arena": 415664,
        "offsets": 855456,
        "peak": 414624,
      }
    `)
  })

  it('counts what is alive at both ends of a lifetime, and nothing else', () => {
    const buffer = (first: number, last: number, id: number): Buffer => ({ id, bytes: 32 << id, first, last, name: '' })
    expect(peakLiveBytes([buffer(0, 2, 0), buffer(2, 3, 1), buffer(4, 5, 2)])).toBe(128)
    expect(peakLiveBytes([buffer(0, 2, 0), buffer(2, 4, 1), buffer(4, 5, 2)])).toBe(192)
    expect(peakLiveBytes([])).toBe(0)
  })

  it('takes the best of several orders', () => {
    // By size alone, the two small ones lie at different heights, and the large one above both.
    const lives = [
      { bytes: 48, first: 0, last: 1 },
      { bytes: 32, first: 1, last: 2 },
      { bytes: 64, first: 2, last: 3 },
      { bytes: 32, first: 3, last: 4 },
    ]
    const buffers = lives.map((b, id): Buffer => ({ ...b, id, name: '' }))
    expect(planArena(buffers).arenaBytes).toBe(peakLiveBytes(buffers))
  })

  it('puts an offset beside each buffer of a schedule, and keeps the rest', () => {
    const buffers = [{ id: 0, bytes: 20, first: 0, last: 1, name: 'x' }]
    const schedule = { parts: 1, steps: [], buffers, blobs: [], inputs: [], outputs: [] }
    expect(planMemory(schedule)).toEqual({ ...schedule, offsets: [0], arenaBytes: 32 })
  })

  it('reuses memory along a chain', () => {
    const chain = Array.from({ length: 10 }, (_, id): Buffer => ({ id, bytes: 1600, first: id, last: id + 1, name: '' }))
    expect(planArena(chain).arenaBytes).toBe(3200)
  })

  it('plans more buffers than any network has in one order', () => {
    const chain = Array.from({ length: 5000 }, (_, id): Buffer => ({ id, bytes: 16, first: id, last: id + 1, name: '' }))
    expect(planArena(chain).arenaBytes).toBe(32)
  })

  it('plans nothing into nothing', () => {
    expect(planArena([])).toEqual({ offsets: [], arenaBytes: 0 })
  })
})
