/** Which known word someone may have meant. */

import { closestMatch } from 'leven'

/** The nearest of `known` by insertions, deletions and substitutions, if half of the word and no more than three of them suffice. */
export function nearest(word: string, known: readonly string[]): string | null {
  const maxDistance = Math.min(3, Math.max(1, Math.floor(word.length / 2)))
  return closestMatch(word, [...known], { maxDistance }) ?? null
}
