/** The work of register tiles, counted with the time in which they leave multiply-adds idle. */

import type { Work } from '../../../target/cost.ts'
import { FLOAT32_TILES } from './tile-arithmetic.ts'
import { maxRows, type TileTarget, tileHeights, tileVectors } from './tile-size.ts'

/** A register tile's start and epilogue take as long as so many steps. */
const TILE_OVERHEAD = 3

/** A register tile's loads of weights take as long as so many rows. */
const TILE_LOADS = 0.5

/** Independent sums that keep the multiply-add units busy. */
const CHAINS = 8

/** The part of the multiply-add units' time that a tile of so many rows uses. */
function occupancy(rows: number): number {
  return Math.min(1, (rows * tileVectors(FLOAT32_TILES)) / CHAINS)
}

/** The time of a tile, in that of a row of a tile that has no overhead. */
function tileTime(rows: number): number {
  return rows / occupancy(rows) + TILE_LOADS
}

/** The product [m,k] · [k,n], counted with the time that its tiles leave multiply-adds idle. */
export function multiplying(m: number, k: number, n: number, target: TileTarget): Work {
  const rows = tileHeights(m, maxRows(target)).reduce((sum, tile) => sum + tile.count * tileTime(tile.rows), 0)
  return { pointwise: rows * (k + TILE_OVERHEAD) * Math.ceil(n / 4) * 4 }
}

/** A dense convolution; `width`: outputs in a row. */
export function convolving(macs: number, width: number): Work {
  return { direct: macs / occupancy(width) }
}
