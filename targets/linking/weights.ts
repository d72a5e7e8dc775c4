/** One file of packed weights for all targets of a bundle, and which parts of it each target loads where. */

import { ALIGNMENT, type Blob, type Schedule } from '../schedule/schedule.ts'
import { float16Of } from './float16-weights.ts'
import type { WeightSegment } from './module.ts'

/** How weights are stored. In memory they are float32 either way. */
export type WeightFormat = 'f32' | 'f16'

export interface Stored {
  readonly offset: number
  /** In the file, to the place of the next. */
  readonly bytes: number
  /** Stored as float16: twice as long in memory. */
  readonly float16: boolean
}

export interface WeightFile {
  readonly bytes: Uint8Array
  /** By blob key. */
  readonly places: ReadonlyMap<string, Stored>
}

/**
 * Every distinct blob once, in order of first use, those stored as float16 before all others.
 * `onKept` hears of weights that stay float32 in a file of format `f16`, and why.
 */
export function packWeights(
  schedules: readonly Schedule[],
  format: WeightFormat = 'f32',
  onKept?: (blob: Blob, reason: string) => void,
): WeightFile {
  const contents = [...distinct(schedules)].map((blob) => {
    const rounded = format === 'f16' ? float16Of(blob) : { reason: '' }
    if ('bits' in rounded)
      return { key: blob.key, bytes: new Uint8Array(rounded.bits.buffer), room: align(blob.bytes.length) / 2, float16: true }
    if (blob.role === 'weights' && format === 'f16') onKept?.(blob, rounded.reason)
    return { key: blob.key, bytes: blob.bytes, room: align(blob.bytes.length), float16: false }
  })
  const ordered = [...contents.filter((c) => c.float16), ...contents.filter((c) => !c.float16)]
  const places = new Map<string, Stored>()
  let size = 0
  for (const { key, room, float16 } of ordered) {
    const offset = float16 ? size : align(size)
    places.set(key, { offset, bytes: room, float16 })
    size = offset + room
  }
  const bytes = new Uint8Array(align(size))
  for (const { key, bytes: content } of ordered) bytes.set(content, places.get(key)?.offset)
  return { bytes, places }
}

/** In order of first use. What is exact for one schedule is exact. */
function distinct(schedules: readonly Schedule[]): Iterable<Blob> {
  const blobs = new Map<string, Blob>()
  for (const blob of schedules.flatMap((s) => s.blobs)) {
    const known = blobs.get(blob.key)
    if (!known || (known.role === 'weights' && blob.role === 'exact')) blobs.set(blob.key, blob)
  }
  return blobs.values()
}

/** `count` float16 are loaded to `from`, and become float32 at `to`, which is below it. */
export interface Float16Region {
  readonly from: number
  readonly to: number
  readonly count: number
}

export interface PlacedWeights {
  /** Address in the module's memory, by blob key. */
  readonly addresses: ReadonlyMap<string, number>
  readonly segments: readonly WeightSegment[]
  /** Null where all weights are stored as they are used. */
  readonly float16: Float16Region | null
  /** First address after them. */
  readonly end: number
}

/**
 * Lays the blobs a schedule uses out from `base`, in file order, so that neighbours load as one segment.
 * Those stored as float16 load to the second half of the room that they take as float32, so that they
 * can be widened where they are, from the first to the last, without a byte more.
 */
export function placeWeights(schedule: Schedule, file: WeightFile, base: number): PlacedWeights {
  const addresses = new Map<string, number>()
  const segments: WeightSegment[] = []
  const used = schedule.blobs.map(({ key }) => ({ key, ...(file.places.get(key) as Stored) })).sort((a, b) => a.offset - b.offset)
  const packed = used.reduce((sum, { bytes, float16 }) => sum + (float16 ? bytes : 0), 0)
  let end = base
  for (const { key, offset, bytes, float16 } of used) {
    addresses.set(key, end)
    append(segments, { offset, bytes, address: float16 ? base + packed + (end - base) / 2 : end })
    end += float16 ? 2 * bytes : bytes
  }
  return { addresses, segments, float16: packed > 0 ? { from: base + packed, to: base, count: packed / 2 } : null, end }
}

function append(segments: WeightSegment[], next: WeightSegment): void {
  const last = segments.at(-1)
  const adjoins = last && last.offset + last.bytes === next.offset && last.address + last.bytes === next.address
  if (adjoins) segments[segments.length - 1] = { ...last, bytes: last.bytes + next.bytes }
  else segments.push(next)
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
