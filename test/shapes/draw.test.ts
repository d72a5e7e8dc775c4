import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../compiler/running/seeded.ts'
import { drawShape, LABELS } from '../../examples/shapes/draw.ts'
import { OUTLINES, signedDistance } from '../../examples/shapes/outlines.ts'
import { drawingOf, FRESH, SIDE, TRAINING, toInput, VALIDATION } from '../../examples/shapes/sets.ts'

const ANY_DRAWING = [fc.nat(LABELS.length - 1), fc.nat(2 ** 31)] as const

describe('drawShape', () => {
  it('gives equal bytes for equal arguments, opaque and of the side asked for', () => {
    fc.assert(
      fc.property(...ANY_DRAWING, fc.integer({ min: 8, max: 96 }), (label, seed, side) => {
        const { data, width, height } = drawShape(label, seed, side)
        expect(equal(data, drawShape(label, seed, side).data)).toBe(true)
        expect([width, height, data.length]).toEqual([side, side, side * side * 4])
        expect(data.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('gives other bytes for another seed and another label', () => {
    expect(equal(drawShape(0, 1).data, drawShape(0, 2).data)).toBe(false)
    expect(equal(drawShape(0, 1).data, drawShape(1, 1).data)).toBe(false)
  })

  it('shows something: many pixels differ much from the corners', () => {
    fc.assert(
      fc.property(...ANY_DRAWING, (label, seed) => {
        expect(standingOut(drawShape(label, seed).data)).toBeGreaterThan(60)
      }),
      { numRuns: 60 },
    )
  })

  it('refuses a label that is none', () => {
    for (const label of [-1, LABELS.length, 0.5]) expect(() => drawShape(label, 1)).toThrow(RangeError)
  })
})

const equal = (a: Uint8ClampedArray, b: Uint8ClampedArray): boolean => Buffer.from(a).equals(Buffer.from(b))

/** Pixels that are far in colour from all four corners. */
function standingOut(data: Uint8ClampedArray): number {
  const corners = [0, SIDE - 1, SIDE * (SIDE - 1), SIDE * SIDE - 1]
  const channel = (pixel: number, c: number): number => data[4 * pixel + c] as number
  const distance = (a: number, b: number): number => Math.hypot(...[0, 1, 2].map((c) => channel(a, c) - channel(b, c)))
  return Array.from({ length: SIDE * SIDE }, (_, i) => i).filter((i) => corners.every((corner) => distance(i, corner) > 50)).length
}

describe('outlines', () => {
  it.each(LABELS)('%s lies within the unit and covers a good part of it', (label) => {
    for (let seed = 0; seed < 5; seed++) {
      const outline = OUTLINES[label]?.(seeded(seed)) ?? []
      for (const { x, y } of outline) expect(Math.hypot(x, y)).toBeLessThan(1.21)
      const inside = grid().filter(([x, y]) => signedDistance(outline, x, y) < 0).length
      expect(inside / grid().length).toBeGreaterThan(0.1)
    }
  })

  it('have the distance of a square', () => {
    const square = OUTLINES.square?.(seeded(1)) ?? []
    expect(signedDistance(square, 0, 0)).toBeCloseTo(-0.75)
    expect(signedDistance(square, 1, 0)).toBeCloseTo(0.25)
    expect(signedDistance(square, 1.05, 1.15)).toBeCloseTo(0.5)
  })
})

/** Points over the square from -1 to 1. */
function grid(): [number, number][] {
  return Array.from({ length: 40 * 40 }, (_, i) => [((i % 40) - 19.5) / 20, (Math.floor(i / 40) - 19.5) / 20])
}

describe('sets', () => {
  it('hold every label, and share no seed', () => {
    const labels = new Set(Array.from({ length: LABELS.length }, (_, i) => drawingOf(FRESH, i).label))
    expect([...labels]).toEqual(LABELS.map((_, i) => i))
    const ranges = [TRAINING, VALIDATION, FRESH]
    for (const [i, { firstSeed }] of ranges.entries()) {
      const earlier = ranges[i - 1]
      if (earlier) expect(firstSeed).toBeGreaterThanOrEqual(earlier.firstSeed + earlier.count)
    }
  })

  it('become planes from -1 to 1', () => {
    const input = toInput({ data: new Uint8ClampedArray([0, 51, 255, 255, 255, 102, 0, 255]), width: 2, height: 1 })
    expect([...input].map((v) => Math.round(v * 100) / 100)).toEqual([-1, 1, -0.6, -0.2, 1, -1])
  })
})

it('labels.txt lists the labels in order', () => {
  const text = readFileSync(join(import.meta.dirname, '../../examples/shapes/labels.txt'), 'utf8')
  expect(text.trimEnd().split('\n')).toEqual(LABELS)
})
