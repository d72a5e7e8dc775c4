/** Which known word someone may have meant. */

/** The nearest of `known` by edits, if it is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null
  let distance = Math.min(3, Math.max(1, Math.floor(word.length / 2))) + 1
  for (const candidate of known) {
    const d = edits(word, candidate)
    if (d < distance) [best, distance] = [candidate, d]
  }
  return best
}

/** Insertions, deletions and substitutions (Levenshtein), row by row. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substituted, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
