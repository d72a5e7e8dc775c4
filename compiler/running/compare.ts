/** Compares two tensors element by element. */

import { numbers, type Tensor } from '../../ir/tensors/tensor.ts'

/** Two numbers are close where |got − want| ≤ atol + rtol · |want|. */
export interface Tolerance {
  readonly rtol: number
  readonly atol: number
}

export const TOLERANCES = {
  /** The same values: integers. */
  exact: { rtol: 0, atol: 0 },
  /** For the same float32 operations in another order, over a whole network. */
  rounding: { rtol: 1e-3, atol: 5e-4 },
  /** For comparisons where one side rounds to float16 on the way. */
  approx: { rtol: 2e-2, atol: 2e-2 },
} as const satisfies Record<string, Tolerance>

export interface Comparison {
  readonly close: boolean
  readonly elements: number
  /** The number of elements that are not close. */
  readonly beyond: number
  readonly maxAbsolute: number
  /** The element that exceeds the tolerance most, or comes nearest to it: its row-major index and both values. */
  readonly worst: { readonly index: number; readonly got: number; readonly want: number } | null
  /** Whether both have their largest element at the same place. */
  readonly sameTop: boolean
}

/**
 * Compares tensors of equal size. Equal infinities are close, and so are two NaN. Any other pair with a value
 * that is not finite is not close.
 */
export function compareTensors(got: Tensor, want: Tensor, tolerance: Tolerance): Comparison {
  const [a, b] = [numbers(got), numbers(want)]
  let [beyond, maxAbsolute, worstExcess, worstIndex] = [0, 0, -1, -1]
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number]
    const difference = Object.is(x, y) || x === y ? 0 : Math.abs(x - y)
    const ratio = difference === 0 ? 0 : difference / (tolerance.atol + tolerance.rtol * Math.abs(y))
    const excess = Number.isNaN(ratio) ? Number.POSITIVE_INFINITY : ratio
    if (excess > 1) beyond++
    if (!(difference <= maxAbsolute)) maxAbsolute = difference
    if (excess > worstExcess) [worstExcess, worstIndex] = [excess, i]
  }
  const worst = worstIndex < 0 ? null : { index: worstIndex, got: a[worstIndex] as number, want: b[worstIndex] as number }
  return { close: beyond === 0, elements: b.length, beyond, maxAbsolute, worst, sameTop: argmax(a) === argmax(b) }
}

function argmax(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i
  return best
}

/** The comparison in one line. */
export function formatComparison({ close, elements, beyond, maxAbsolute, worst, sameTop }: Comparison): string {
  const head = close ? 'equal' : `${beyond} of ${elements} elements differ`
  const at = worst && !close ? `, worst at ${worst.index}: ${short(worst.got)} instead of ${short(worst.want)}` : ''
  return `${head}, largest difference ${short(maxAbsolute)}${at}${sameTop ? '' : ', another element is the largest'}`
}

function short(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toPrecision(6))) : String(x)
}
