/**
 * Analytic cost of kernels, in nanoseconds on the reference machine (one 3.1 GHz x86-64 server
 * core): what computing takes, what moving the data takes, and a constant per call. Coefficients
 * are from test/bench (see its NOTES.md).
 */

import type { Target } from '../target.ts'
import { maxRows, tileHeights } from './kernels/tile-heights.ts'

/** Multiply-adds per nanosecond on data in the first two cache levels. */
const RATES = {
  pointwise: { relaxed: 21.5, plain: 12.4 },
  gemv: { relaxed: 16, plain: 10 },
  depthwise: { relaxed: 15, plain: 10 },
  direct: { relaxed: 15, plain: 9 },
} as const

/** Bytes per nanosecond between the core and the second-level cache, and between that and what is outside. */
const INNER_BANDWIDTH = 60
const OUTER_BANDWIDTH = 30

/** Bytes that a step reads and writes from which on they do not stay in the second-level cache from one step to the next. */
const RESIDENT = 1.25 * 2 ** 20

const CALL = 50
/** A call from within a pipeline of rows: of a function as hot as its caller. */
const ROW_CALL = 30
const FLOAT = 4

/** Steps over k that a register tile's start and epilogue take the time of. */
const TILE_OVERHEAD = 3

/** Rows that a register tile's loads of weights take the time of. */
const TILE_LOADS = 0.5

/** Independent sums that keep the multiply-add units busy. */
const CHAINS = 8

/** Rows of sums in a tile are two vectors wide. */
function occupancy(rows: number): number {
  return Math.min(1, (rows * 2) / CHAINS)
}

/** Rows that a tile takes the time of. */
function tileTime(rows: number): number {
  return rows / occupancy(rows) + TILE_LOADS
}

/** What a step computes, without moving its data: in nanoseconds. */
export const computing = {
  pointwise(m: number, k: number, n: number, target: Target): number {
    const rows = tileHeights(m, maxRows(target.relaxed)).reduce((sum, tile) => sum + tile.count * tileTime(tile.rows), 0)
    return (rows * (k + TILE_OVERHEAD) * Math.ceil(n / 4) * 4) / rate('pointwise', target)
  },
  depthwise(macs: number, target: Target): number {
    return macs / rate('depthwise', target)
  },
  /** `width`: outputs in a row. */
  direct(macs: number, width: number, target: Target): number {
    return macs / rate('direct', target) / occupancy(width)
  },
} as const

/** Time to bring in `read` floats and take out `written` ones. */
export function moving(read: number, written: number): number {
  const bytes = (read + written) * FLOAT
  return bytes / (bytes < RESIDENT ? INNER_BANDWIDTH : OUTER_BANDWIDTH)
}

export function pointwiseCost(m: number, k: number, n: number, target: Target): number {
  return CALL + computing.pointwise(m, k, n, target) + moving(m * k + k * n, m * n)
}

/** Scaling `floats` values that are in the nearest cache right before they are used. */
export function scalingCost(floats: number): number {
  return (2 * floats * FLOAT) / INNER_BANDWIDTH
}

export function gemvCost(k: number, n: number, target: Target): number {
  return CALL + Math.max((k * n) / rate('gemv', target), moving(k + k * n, n))
}

export function depthwiseCost(macs: number, inputs: number, outputs: number, target: Target): number {
  return CALL + computing.depthwise(macs, target) + moving(inputs, outputs)
}

/** `width`: outputs in a row. */
export function directCost(macs: number, width: number, inputs: number, outputs: number, target: Target): number {
  return CALL + computing.direct(macs, width, target) + moving(inputs, outputs)
}

/**
 * Convolutions computed together by rows. `computing`: the sum of theirs; `between`: floats of the
 * maps between them; `rowCalls`: how often a part is called.
 */
export function pipelineCost(work: { computing: number; read: number; written: number; between: number; rowCalls: number }): number {
  const inner = (2 * work.between * FLOAT) / INNER_BANDWIDTH
  return CALL + work.computing + moving(work.read, work.written) + inner + work.rowCalls * ROW_CALL
}

function rate(kernel: keyof typeof RATES, target: Target): number {
  return target.relaxed ? RATES[kernel].relaxed : RATES[kernel].plain
}
