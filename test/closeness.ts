/** Elementwise comparison with a named worst element. */

export interface Tolerance {
  readonly rtol: number
  readonly atol: number
}

/** null where |got − want| ≤ atol + rtol·|want| everywhere (NaN equals NaN); else what is worst. */
export function difference(got: ArrayLike<number | bigint>, want: ArrayLike<number | bigint>, { rtol, atol }: Tolerance): string | null {
  if (got.length !== want.length) return `${got.length} elements instead of ${want.length}`
  let worst = 0
  let at = -1
  for (let i = 0; i < got.length; i++) {
    const a = Number(got[i])
    const b = Number(want[i])
    if (Object.is(a, b) || a === b) continue
    const excess = Math.abs(a - b) / (atol + rtol * Math.abs(b))
    if (!(excess <= 1) && !(excess <= worst)) {
      worst = excess
      at = i
    }
  }
  return at < 0 ? null : `element ${at} is ${got[at]} instead of ${want[at]} (${worst.toFixed(1)} × the tolerance)`
}
