/** Steps by the kind of their kernel. */

import type { ProfileLayer } from './analyse.ts'

export interface FamilyTotals {
  readonly family: string
  readonly steps: number
  /** Sum of the steps' medians. */
  readonly medianUs: number
  readonly share: number
  readonly macs: number
}

/** Sums over the steps of each family, the slowest first. */
export function familiesOf(layers: readonly ProfileLayer[]): FamilyTotals[] {
  const sums = new Map<string, FamilyTotals>()
  for (const { family, medianUs, share, macs } of layers) {
    const sum = sums.get(family) ?? { family, steps: 0, medianUs: 0, share: 0, macs: 0 }
    sums.set(family, {
      family,
      steps: sum.steps + 1,
      medianUs: sum.medianUs + medianUs,
      share: sum.share + share,
      macs: sum.macs + macs,
    })
  }
  return [...sums.values()].sort((a, b) => b.medianUs - a.medianUs)
}
