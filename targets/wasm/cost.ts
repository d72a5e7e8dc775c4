/**
 * Analytic cost of kernels, in nanoseconds on the reference machine (one 3.1 GHz x86-64 server
 * core): the larger of what computing and what moving the data takes, and a constant per call.
 */

import type { Target } from '../target.ts'

/** Multiply-adds per nanosecond, from `test/bench/layers.ts`. */
const RATES = {
  pointwise: { relaxed: 20, plain: 11 },
  gemv: { relaxed: 16, plain: 10 },
  depthwise: { relaxed: 15, plain: 10 },
  direct: { relaxed: 15, plain: 9 },
} as const

/** Bytes per nanosecond from and to the outer caches. */
const READ_BANDWIDTH = 80
const WRITE_BANDWIDTH = 20

const CALL = 50
const FLOAT = 4

/** Steps over k that a register tile's start and epilogue take the time of. */
const TILE_OVERHEAD = 3

/** Independent sums that keep the multiply-add units busy. */
const CHAINS = 8

/** Rows of sums in a tile are two vectors wide. */
function occupancy(rows: number): number {
  return Math.min(1, (rows * 2) / CHAINS)
}

export function pointwiseCost(m: number, k: number, n: number, target: Target): number {
  const macs = m * (k + TILE_OVERHEAD) * Math.ceil(n / 4) * 4
  return CALL + Math.max(macs / rate('pointwise', target) / occupancy(m), bytesTime(m * k + k * n, m * n))
}

export function gemvCost(k: number, n: number, target: Target): number {
  return CALL + Math.max((k * n) / rate('gemv', target), bytesTime(k + k * n, n))
}

export function depthwiseCost(macs: number, inputs: number, outputs: number, target: Target): number {
  return CALL + Math.max(macs / rate('depthwise', target), bytesTime(inputs, outputs))
}

/** `width`: outputs in a row. */
export function directCost(macs: number, width: number, inputs: number, outputs: number, target: Target): number {
  return CALL + Math.max(macs / rate('direct', target) / occupancy(width), bytesTime(inputs, outputs))
}

function rate(kernel: keyof typeof RATES, target: Target): number {
  return target.relaxed ? RATES[kernel].relaxed : RATES[kernel].plain
}

function bytesTime(read: number, written: number): number {
  return (read * FLOAT) / READ_BANDWIDTH + (written * FLOAT) / WRITE_BANDWIDTH
}
