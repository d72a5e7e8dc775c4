/** Seeded samples of known distributions. */

/** Uniform numbers in (0, 1): mulberry32 of Tommy Ettinger, in the public domain. */
export function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32 || 2 ** -33
  }
}

/** Standard normal numbers (Box and Muller). */
export function normal(seed: number): () => number {
  const next = uniform(seed)
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
}

export function sampleOf(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw)
}
