/** Seeded choices. */

import { seeded } from '../../compiler/running/seeded.ts'

export interface Picker {
  /** Uniform integer from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** True with probability `p`. */
  chance(p: number): boolean
  choose<T>(list: readonly T[]): T
  /** Each element with probability `p`. */
  some<T>(list: readonly T[], p: number): T[]
  shuffled<T>(list: readonly T[]): T[]
  /** For generators of their own. */
  seed(): number
}

export function picking(seed: number): Picker {
  const random = seeded(seed)
  const choose = <T>(list: readonly T[]): T => list[random.integer(list.length)] as T
  return {
    between: (low, high) => low + random.integer(high - low + 1),
    chance: (p) => random.uniform() < p,
    choose,
    some: (list, p) => list.filter(() => random.uniform() < p),
    shuffled: (list) => {
      const rest = [...list]
      return list.map(() => rest.splice(random.integer(rest.length), 1)[0] as (typeof list)[number])
    },
    seed: () => random.integer(2 ** 31),
  }
}

/** The seed of case `index` of a run: neighbours have nothing in common. */
export function seedOf(run: number, index: number): number {
  return Math.imul(run ^ 0x5bd1e995, 0x01000193) ^ Math.imul(index + 1, 0x9e3779b1)
}
