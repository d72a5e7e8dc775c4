import type { UnaryAttrs } from '../../../ir/scalar/functions.ts'

type Bounds = UnaryAttrs['clamp']

/** The bounds of clamp(clamp(x, inner), outer) as one clamp. Where a minimum exceeds its maximum the maximum wins, as in `clamp` itself. */
export function clampOfClamp(outer: Bounds, inner: Bounds): Bounds {
  const within = (x: number): number => Math.min(Math.max(x, outer.min), outer.max)
  return { min: within(Math.min(inner.min, inner.max)), max: within(inner.max) }
}
