import type { ResizeAttrs } from '../ir/ops/resize.ts'
import type { Shape } from '../ir/tensors/types.ts'

/** Linear, from one shape to another, but for what `how` says. */
export function resizeAttrs(from: Shape, sizes: Shape, how: Partial<ResizeAttrs> = {}): ResizeAttrs {
  return {
    mode: 'linear',
    coordinates: 'half_pixel',
    rounding: 'round_prefer_floor',
    cubicA: -0.75,
    antialias: false,
    excludeOutside: false,
    extrapolation: 0,
    sizes,
    scales: sizes.map((d, i) => d / (from[i] as number)),
    starts: sizes.map(() => 0),
    ends: sizes.map(() => 1),
    ...how,
  }
}
