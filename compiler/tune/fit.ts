/** Finds prices that explain measured samples, by least squares with non-negative coefficients. */

import { median } from 'simple-statistics'
import { type Prices, priceOf, UNITS, type Unit } from '../../targets/target/cost.ts'
import type { Sample } from './samples.ts'

export interface Fit {
  readonly prices: Prices
  /** For each unit, the number of samples that contain some of it. */
  readonly counts: Readonly<Record<Unit, number>>
  /** Median of the error relative to the measured time, with the prices before and after the fit. */
  readonly errorBefore: number
  readonly errorAfter: number
}

/** Below this time errors count less, because reading the clock takes about as long. */
const FLOOR = 2000
/**
 * The weight of the change of a price. A price that changes by its own size counts as much as this number of
 * samples that are wrong by their own size.
 */
const PRIOR = 1
const SWEEPS = 2000

const NAMES = Object.keys(UNITS) as Unit[]

/**
 * Minimises the sum of the squares of relative errors and of relative changes of prices. So a price that few
 * samples depend on stays nearly as it was. The method is coordinate descent (Franc, Hlaváč, Navara:
 * "Sequential Coordinate-wise Algorithm for the Non-negative Least Squares Problem", 2005).
 */
export function fit(samples: readonly Sample[], start: Prices): Fit {
  const rows = samples.map(({ work, nanoseconds }) => {
    const weight = 1 / (nanoseconds + FLOOR)
    return { weight, target: nanoseconds * weight, terms: NAMES.map((unit) => ((work[unit] ?? 0) * start[unit] * weight) / 1000) }
  })
  const factors = NAMES.map(() => 1)
  const residuals = rows.map(({ target, terms }) => target - terms.reduce((a, b) => a + b, 0))
  const squares = NAMES.map((_, j) => rows.reduce((sum, { terms }) => sum + (terms[j] as number) ** 2, PRIOR))
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    NAMES.forEach((_, j) => {
      const old = factors[j] as number
      const slope = rows.reduce((sum, { terms }, i) => sum + (terms[j] as number) * (residuals[i] as number), PRIOR * (1 - old))
      const next = Math.max(0, old + slope / (squares[j] as number))
      factors[j] = next
      rows.forEach(({ terms }, i) => {
        residuals[i] = (residuals[i] as number) - (next - old) * (terms[j] as number)
      })
    })
  }
  const prices = record((unit, j) => round(start[unit] * (factors[j] as number)))
  return {
    prices,
    counts: record((unit) => samples.filter(({ work }) => work[unit]).length),
    errorBefore: errorOf(samples, start),
    errorAfter: errorOf(samples, prices),
  }
}

function errorOf(samples: readonly Sample[], prices: Prices): number {
  return median(samples.map(({ work, nanoseconds }) => Math.abs(priceOf(work, prices) - nanoseconds) / nanoseconds))
}

function record<T>(value: (unit: Unit, index: number) => T): Record<Unit, T> {
  return Object.fromEntries(NAMES.map((unit, i) => [unit, value(unit, i)])) as Record<Unit, T>
}

/** Rounds a price to three digits. A noisy machine cannot tell more. */
function round(price: number): number {
  return Number(price.toPrecision(3))
}
