/** How large register tiles are, and how the rows of a matrix product divide into them. */

import type { Target } from '../../../target/target.ts'
import { FLOAT32_TILES, type TileArithmetic } from './tile-arithmetic.ts'

/** What a tile's height depends on. */
export type TileTarget = Pick<Target, 'registers' | 'relaxed'>

/** Vector registers that engines keep for themselves, for moves and constants. */
const RESERVED = 1

/** Vectors of columns in a row of a tile. */
export function tileVectors({ panels }: TileArithmetic): number {
  return panels.columns / panels.lanes
}

/**
 * Rows of the largest tile that fits into the target's registers. A tile holds its sums, the weights of a
 * step, one activation and, without fused multiply-adds, one product. Of float32, 16 registers hold 6 rows
 * with fused multiply-adds and 5 without.
 */
export function maxRows({ registers, relaxed }: TileTarget, arithmetic: TileArithmetic = FLOAT32_TILES): number {
  const vectors = tileVectors(arithmetic)
  const others = vectors + 1 + (relaxed ? 0 : 1)
  return Math.floor((registers - RESERVED - others) / vectors)
}

export interface TileHeight {
  readonly rows: number
  readonly count: number
}

/**
 * Divides `m` rows into as few tiles of at most `max` rows as possible. Their heights differ by at most one,
 * and the higher tiles come first.
 */
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
export function tileCount(m: number, target: TileTarget): number {
  return Math.ceil(m / maxRows(target))
}
