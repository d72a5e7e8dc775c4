import { describe, expect, it } from 'vitest'
import { packWeights, placeWeights } from '../../targets/linking/weights.ts'
import type { Blob, BlobRole, Schedule } from '../../targets/schedule/schedule.ts'

const floats = (key: string, values: readonly number[], role: BlobRole = 'weights'): Blob => ({
  key,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
  role,
})

const scheduleOf = (...blobs: Blob[]): Schedule => ({ parts: 1, steps: [], buffers: [], blobs, inputs: [], outputs: [] })

const TABLE: Blob = { key: 'table', bytes: Uint8Array.of(1, 2, 3, 4), role: 'exact' }
const SMALL = floats('small', [1e-9])
const FIVE = floats('five', [1, 2, 3, 4, 5])
const TWO = floats('two', [0.5, -0.5])
const BASE = 1024

describe('a file of float32', () => {
  const file = packWeights([scheduleOf(TABLE, FIVE), scheduleOf(FIVE, TWO)])

  it('has every blob once, 16-byte aligned, in order of first use', () => {
    expect([...file.places]).toEqual([
      ['table', { offset: 0, bytes: 16, float16: false }],
      ['five', { offset: 16, bytes: 32, float16: false }],
      ['two', { offset: 48, bytes: 16, float16: false }],
    ])
    expect(file.bytes.length).toBe(64)
  })

  it('loads neighbours as one segment', () => {
    expect(placeWeights(scheduleOf(FIVE, TWO), file, BASE)).toEqual({
      addresses: new Map([
        ['five', BASE],
        ['two', BASE + 32],
      ]),
      segments: [{ offset: 16, bytes: 48, address: BASE }],
      float16: null,
      end: BASE + 48,
    })
  })
})

describe('a file of float16', () => {
  const kept: string[] = []
  const file = packWeights([scheduleOf(TABLE, FIVE, SMALL), scheduleOf(FIVE, TWO)], 'f16', ({ key }, reason) => {
    kept.push(`${key}: ${reason}`)
  })

  it('has float16 in front, and says which weights are none', () => {
    expect([...file.places]).toEqual([
      ['five', { offset: 0, bytes: 16, float16: true }],
      ['two', { offset: 16, bytes: 8, float16: true }],
      ['table', { offset: 32, bytes: 16, float16: false }],
      ['small', { offset: 48, bytes: 16, float16: false }],
    ])
    expect(new Uint16Array(file.bytes.buffer, 0, 10)).toEqual(
      Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0, 0, 0, 0x3800, 0xb800),
    )
    expect(kept).toEqual(['small: values so small would lose precision'])
  })

  it('loads float16 behind the room that they leave free', () => {
    const { addresses, segments, float16, end } = placeWeights(scheduleOf(TABLE, FIVE, TWO), file, BASE)
    expect(addresses).toEqual(new Map(Object.entries({ five: BASE, two: BASE + 32, table: BASE + 48 })))
    expect(float16).toEqual({ from: BASE + 24, to: BASE, count: 12 })
    expect(segments).toEqual([
      { offset: 0, bytes: 24, address: BASE + 24 },
      { offset: 32, bytes: 16, address: BASE + 48 },
    ])
    expect(end).toBe(BASE + 64)
  })

  it('leaves out what a target does not use', () => {
    const { segments, float16, end } = placeWeights(scheduleOf(TWO, SMALL), file, BASE)
    expect(segments).toEqual([
      { offset: 16, bytes: 8, address: BASE + 8 },
      { offset: 48, bytes: 16, address: BASE + 16 },
    ])
    expect([float16, end]).toEqual([{ from: BASE + 8, to: BASE, count: 4 }, BASE + 32])
    expect(placeWeights(scheduleOf(TABLE), file, BASE).float16).toBeNull()
  })

  it('keeps exact what one of the targets needs exact', () => {
    const both = packWeights([scheduleOf(TWO), scheduleOf({ ...TWO, role: 'exact' })], 'f16')
    expect(both.places.get('two')).toEqual({ offset: 0, bytes: 16, float16: false })
  })
})
