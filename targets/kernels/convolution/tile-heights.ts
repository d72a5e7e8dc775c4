/** How the rows of a matrix product divide into register tiles. */

/**
 * Rows of the largest tile whose sums, weights, activation and, without fused multiply-adds, product fit
 * into the 15 vector registers that engines use of x86-64's 16.
 */
export function maxRows(relaxed: boolean): number {
  return relaxed ? 6 : 5
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
export function tileCount(m: number, relaxed: boolean): number {
  return Math.ceil(m / maxRows(relaxed))
}
