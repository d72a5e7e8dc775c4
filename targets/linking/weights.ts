/**
 * The packed weights. All targets of a bundle share one file, and each target loads the parts that it needs to
 * its own addresses.
 */

import { ALIGNMENT, type Blob, type Schedule } from '../schedule/schedule.ts'
import { float16Of } from './float16-weights.ts'
import type { WeightSegment } from './module.ts'

/** How weights are stored. In memory they are float32 either way. */
export type WeightFormat = 'f32' | 'f16'

export interface Stored {
  readonly offset: number
  /** Bytes in the file from this blob to the next one. */
  readonly bytes: number
  /** Whether it is stored as float16. It is then twice as long in memory. */
  readonly float16: boolean
}

export interface WeightFile {
  readonly bytes: Uint8Array
  /** Where each blob is stored, by blob key. */
  readonly places: ReadonlyMap<string, Stored>
}

/**
 * Packs every distinct blob once, in order of first use. Blobs stored as float16 come before all others. In a
 * file of format `f16`, `onKept` is called for weights that stay float32, with the reason.
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

/** The distinct blobs, in order of first use. A blob that must be exact in one schedule is exact. */
function distinct(schedules: readonly Schedule[]): Iterable<Blob> {
  const blobs = new Map<string, Blob>()
  for (const blob of schedules.flatMap((s) => s.blobs)) {
    const known = blobs.get(blob.key)
    if (!known || (known.role === 'weights' && blob.role === 'exact')) blobs.set(blob.key, blob)
  }
  return blobs.values()
}

/** `count` float16 values are loaded to address `from` and become float32 at address `to`, which is lower. */
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
 * Gives an address to every blob that the schedule uses, from `base` on. The order is that of the file, so that
 * neighbouring blobs can be loaded as one segment.
 *
 * Blobs stored as float16 are loaded to the second half of the room that they need as float32. They can then be
 * widened in place, from the first to the last, without any extra memory.
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
