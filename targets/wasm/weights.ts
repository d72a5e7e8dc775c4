/** One file of packed weights for all targets of a bundle, and which parts of it each target loads where. */

import { ALIGNMENT, type Blob, type Schedule } from '../../ir/schedule.ts'
import type { Segment } from './module.ts'

export interface WeightFile {
  readonly bytes: Uint8Array
  /** Offset in the file, by blob key. */
  readonly offsets: ReadonlyMap<string, number>
}

/** Every distinct blob once, in order of first use. */
export function packWeights(schedules: readonly Schedule[]): WeightFile {
  const offsets = new Map<string, number>()
  const blobs: Blob[] = []
  let size = 0
  for (const blob of schedules.flatMap((s) => s.blobs)) {
    if (offsets.has(blob.key)) continue
    offsets.set(blob.key, size)
    blobs.push(blob)
    size = align(size + blob.bytes.length)
  }
  const bytes = new Uint8Array(size)
  for (const blob of blobs) bytes.set(blob.bytes, offsets.get(blob.key))
  return { bytes, offsets }
}

export interface PlacedWeights {
  /** Address in the module's memory, by blob key. */
  readonly addresses: ReadonlyMap<string, number>
  readonly segments: readonly Segment[]
  /** First address after them. */
  readonly end: number
}

/** Lays the blobs a schedule uses out from `base`, in file order, so that neighbours load as one segment. */
export function placeWeights(schedule: Schedule, file: WeightFile, base: number): PlacedWeights {
  const addresses = new Map<string, number>()
  const segments: Segment[] = []
  let end = base
  const ordered = schedule.blobs
    .map((blob) => ({ key: blob.key, offset: file.offsets.get(blob.key) as number, bytes: align(blob.bytes.length) }))
    .sort((a, b) => a.offset - b.offset)
  for (const { key, offset, bytes } of ordered) {
    addresses.set(key, end)
    const last = segments.at(-1)
    if (last && last.offset + last.bytes === offset) segments[segments.length - 1] = { ...last, bytes: last.bytes + bytes }
    else segments.push({ offset, bytes, address: end })
    end += bytes
  }
  return { addresses, segments, end }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
