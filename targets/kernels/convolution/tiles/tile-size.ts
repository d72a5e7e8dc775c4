/** How large register tiles are, and how the rows of a matrix product divide into them. */

import type { Target } from '../../../target/target.ts'
import { FLOAT32_TILES, type TileArithmetic } from './tile-arithmetic.ts'

/** Vector registers that engines use of x86-64's 16. */
const REGISTERS = 15

/** Vectors of columns in a row of a tile. */
export function tileVectors({ panels }: TileArithmetic): number {
  return panels.columns / panels.lanes
}

/**
 * Rows of the largest tile whose sums, weights, activation and, without fused multiply-adds, product fit
 * into the registers: 6 with and 5 without.
 */
export function maxRows({ relaxed }: Pick<Target, 'relaxed'>, arithmetic: TileArithmetic = FLOAT32_TILES): number {
  const vectors = tileVectors(arithmetic)
  const others = vectors + 1 + (relaxed ? 0 : 1)
  return Math.floor((REGISTERS - others) / vectors)
}

export interface TileHeight {
  readonly rows: number
  readonly count: number
}

/** `m` rows as the fewest tiles of at most `max` rows, of two neighbouring heights, the higher first. */
export function tileHeights(m: number, max: number): TileHeight[] {
  const tiles = Math.ceil(m / max)
  const low = Math.floor(m / tiles)
  const high = m - low * tiles
  return [
    { rows: low + 1, count: high },
    { rows: low, count: tiles - high },
  ].filter((h) => h.count > 0)
}

/** Number of tiles of `m` rows. */
export function tileCount(m: number, target: Pick<Target, 'relaxed'>): number {
  return Math.ceil(m / maxRows(target))
}
