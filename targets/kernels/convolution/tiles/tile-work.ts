/** The work of register tiles. It includes the time in which the multiply-add units are idle. */

import type { Work } from '../../../target/cost.ts'
import { FLOAT32_TILES } from './tile-arithmetic.ts'
import { maxRows, type TileTarget, tileHeights, tileVectors } from './tile-size.ts'

/** The start and the epilogue of a register tile take as long as this number of steps. */
const TILE_OVERHEAD = 3

/** The loads of weights of a register tile take as long as this number of rows. */
const TILE_LOADS = 0.5

/** Independent sums that keep the multiply-add units busy. */
const CHAINS = 8

/** The share of the multiply-add units' time that a tile of this many rows uses. */
function occupancy(rows: number): number {
  return Math.min(1, (rows * tileVectors(FLOAT32_TILES)) / CHAINS)
}

/** The time of a tile. The unit is the time of one row of a tile without overhead. */
function tileTime(rows: number): number {
  return rows / occupancy(rows) + TILE_LOADS
}

/** The work of the product [m,k] · [k,n], including the time in which its tiles leave the multiply-add units idle. */
export function multiplying(m: number, k: number, n: number, target: TileTarget): Work {
  const rows = tileHeights(m, maxRows(target)).reduce((sum, tile) => sum + tile.count * tileTime(tile.rows), 0)
  return { pointwise: rows * (k + TILE_OVERHEAD) * Math.ceil(n / 4) * 4 }
}

/** The work of a dense convolution of `macs` multiply-adds. `width` is the number of outputs in a row. */
export function convolving(macs: number, width: number): Work {
  return { direct: macs / occupancy(width) }
}
