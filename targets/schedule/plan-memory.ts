/**
 * Memory planning. Every buffer gets an offset in one static arena, such that buffers alive at the same step do
 * not overlap.
 *
 * Finding the smallest arena is NP-hard. Greedy first fit, tried with several orders of the buffers, comes
 * within a few per cent on networks (Pisarchyk, Lee: "Efficient Memory Management for Deep Neural Net
 * Inference", 2020, §5). The smallest result is taken.
 */

import { ALIGNMENT, type Buffer, type PlannedSchedule, type Schedule } from './schedule.ts'

/** The largest sum of bytes alive at one step: no plan can be smaller. */
export function peakLiveBytes(buffers: readonly Buffer[]): number {
  return largest(loadsOf(buffers).loads)
}

type Order = (a: Buffer, b: Buffer) => number

const span = (b: Buffer): number => b.last - b.first

const ORDERS: readonly Order[] = [
  (a, b) => b.bytes - a.bytes || a.id - b.id,
  (a, b) => b.bytes * (span(b) + 1) - a.bytes * (span(a) + 1) || a.id - b.id,
  (a, b) => span(b) - span(a) || b.bytes - a.bytes || a.id - b.id,
  (a, b) => a.first - b.first || b.bytes - a.bytes || a.id - b.id,
]

/**
 * With more buffers than this, only one order is tried. No network has so many, and first fit takes time that
 * grows with the square of their number.
 */
const MANY = 4096

export interface ArenaPlan {
  /** Offsets by buffer id. They are multiples of `ALIGNMENT`. */
  readonly offsets: readonly number[]
  readonly arenaBytes: number
}

/** The smallest plan that greedy first fit finds. Buffer ids must be 0 … n−1. */
export function planArena(buffers: readonly Buffer[]): ArenaPlan {
  const orders = buffers.length > MANY ? ORDERS.slice(0, 1) : [...ORDERS, byLoad(buffers)]
  const plans = orders.map((order) => firstFit(buffers, [...buffers].sort(order)))
  return plans.reduce((best, plan) => (plan.arenaBytes < best.arenaBytes ? plan : best))
}

/** The schedule with an offset for each of its buffers. */
export function planMemory<S extends Schedule>(schedule: S): S & PlannedSchedule {
  return { ...schedule, ...planArena(schedule.buffers) }
}

/** Orders buffers so that those alive at the fullest steps come first, because they decide the size of the arena. */
function byLoad(buffers: readonly Buffer[]): Order {
  const { start, loads } = loadsOf(buffers)
  const load = new Map(buffers.map((b) => [b, largest(loads.slice(b.first - start, b.last - start + 1))]))
  return (a, b) => (load.get(b) as number) - (load.get(a) as number) || b.bytes - a.bytes || a.id - b.id
}

/** The bytes alive at each step. The first entry is for step `start`, which is at most 0. */
function loadsOf(buffers: readonly Buffer[]): { readonly start: number; readonly loads: Float64Array } {
  const start = buffers.reduce((first, b) => Math.min(first, b.first), 0)
  const loads = new Float64Array(buffers.reduce((last, b) => Math.max(last, b.last), start) - start + 2)
  for (const { first, last, bytes } of buffers) {
    loads[first - start] = (loads[first - start] as number) + bytes
    loads[last - start + 1] = (loads[last - start + 1] as number) - bytes
  }
  for (let i = 1; i < loads.length; i++) loads[i] = (loads[i] as number) + (loads[i - 1] as number)
  return { start, loads }
}

function largest(loads: Float64Array): number {
  return loads.reduce((most, x) => Math.max(most, x), 0)
}

function overlaps(a: Buffer, b: Buffer): boolean {
  return a.first <= b.last && b.first <= a.last
}

function firstFit(buffers: readonly Buffer[], order: readonly Buffer[]): ArenaPlan {
  const offsets = new Array<number>(buffers.length).fill(0)
  /** The buffers placed so far, by offset. */
  const placed: Buffer[] = []
  let arenaBytes = 0
  for (const buffer of order) {
    let offset = 0
    for (const other of placed) {
      if (!overlaps(other, buffer)) continue
      const start = offsets[other.id] as number
      if (offset + buffer.bytes <= start) break
      offset = Math.max(offset, align(start + other.bytes))
    }
    offsets[buffer.id] = offset
    const at = placed.findIndex((b) => (offsets[b.id] as number) > offset)
    placed.splice(at < 0 ? placed.length : at, 0, buffer)
    arenaBytes = Math.max(arenaBytes, offset + buffer.bytes)
  }
  return { offsets, arenaBytes: align(arenaBytes) }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
