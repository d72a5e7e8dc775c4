/** The work of register tiles, counted with the time in which they leave multiply-adds idle. */

import type { Work } from '../../../target/cost.ts'
import type { Target } from '../../../target/target.ts'
import { FLOAT32_TILES } from './tile-arithmetic.ts'
import { maxRows, tileHeights, tileVectors } from './tile-size.ts'

/** Steps over k that a register tile's start and epilogue take the time of. */
const TILE_OVERHEAD = 3

/** Rows that a register tile's loads of weights take the time of. */
const TILE_LOADS = 0.5

/** Independent sums that keep the multiply-add units busy. */
const CHAINS = 8

/** The part of the multiply-add units' time that a tile of so many rows uses. */
function occupancy(rows: number): number {
  return Math.min(1, (rows * tileVectors(FLOAT32_TILES)) / CHAINS)
}

/** Rows that a tile takes the time of. */
function tileTime(rows: number): number {
  return rows / occupancy(rows) + TILE_LOADS
}

/** The product [m,k] · [k,n], counted with the time that its tiles leave multiply-adds idle. */
export function multiplying(m: number, k: number, n: number, target: Pick<Target, 'relaxed'>): Work {
  const rows = tileHeights(m, maxRows(target)).reduce((sum, tile) => sum + tile.count * tileTime(tile.rows), 0)
  return { pointwise: rows * (k + TILE_OVERHEAD) * Math.ceil(n / 4) * 4 }
}

/** A dense convolution; `width`: outputs in a row. */
export function convolving(macs: number, width: number): Work {
  return { direct: macs / occupancy(width) }
}
