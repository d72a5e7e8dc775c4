/**
 * What resampling along one axis reads: positions in the operand, the taps around them and the weights of the
 * taps (ONNX operator Resize, versions 10 to 19, and its reference implementation). Positions are computed in
 * float32, as onnxruntime does, so that a position halfway between two elements is rounded to the same side.
 */

export const COORDINATES = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'tf_half_pixel_for_nn',
  'align_corners',
  'asymmetric',
  'tf_crop_and_resize',
] as const
export type Coordinates = (typeof COORDINATES)[number]

/** `simple` truncates, or rounds up where the axis shrinks (Resize-10 and Upsample). */
export const ROUNDINGS = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil', 'simple'] as const
export type Rounding = (typeof ROUNDINGS)[number]

export interface Resampling {
  readonly mode: 'nearest' | 'linear' | 'cubic'
  readonly coordinates: Coordinates
  /** How the nearest mode rounds a position. */
  readonly rounding: Rounding
  /**
   * The parameter a of the cubic mode (Keys, "Cubic convolution interpolation for digital image processing",
   * 1981).
   */
  readonly cubicA: number
  /** Whether the filter is stretched where an axis shrinks. */
  readonly antialias: boolean
  /** Taps outside the operand weigh nothing; otherwise they read its edge. */
  readonly excludeOutside: boolean
}

export interface ResampledAxis {
  /** Extent of the operand. */
  readonly from: number
  /** Extent of the result. */
  readonly to: number
  /**
   * Extent of the result over that of the operand, as the model states it. It may differ from to / from,
   * because `to` was rounded.
   */
  readonly scale: number
  /** The part of the operand that tf_crop_and_resize covers, 0 to 1. */
  readonly start: number
  readonly end: number
}

/** Result position i is the sum over t < taps of weights[i·taps + t] · operand[indices[i·taps + t]]. */
export interface Taps {
  readonly count: number
  /**
   * Positions in the operand. The first tap of a result position outside the crop is −1; that position gets the
   * value `extrapolation`.
   */
  readonly indices: Int32Array
  readonly weights: Float64Array
}

const f = Math.fround

/** Position in the operand that result position `x` stands for. */
export function originalPosition(x: number, coordinates: Coordinates, { from, to, scale, start, end }: ResampledAxis): number {
  const s = f(scale)
  const half = (): number => f(f(f(x + 0.5) / s) - 0.5)
  switch (coordinates) {
    case 'half_pixel':
      return half()
    case 'half_pixel_symmetric': {
      const adjustment = f(to / f(s * from))
      return f(f(f(from / 2) * f(1 - adjustment)) + (x + 0.5) / s - 0.5)
    }
    case 'pytorch_half_pixel':
      return to > 1 ? half() : 0
    case 'tf_half_pixel_for_nn':
      return f(f(x + 0.5) / s)
    case 'align_corners':
      return to === 1 ? 0 : f(f(x * (from - 1)) / (to - 1))
    case 'asymmetric':
      return f(x / s)
    case 'tf_crop_and_resize':
      if (to === 1) return f(0.5 * f(f(start) + f(end)) * (from - 1))
      return f(f(f(start) * (from - 1)) + f(f(f(x * f(f(end) - f(start))) * (from - 1)) / (to - 1)))
  }
}

/** The taps of every result position. */
export function tapsOf(axis: ResampledAxis, how: Resampling): Taps {
  const filter = filterOf(axis.scale, how)
  const count = filter.last - filter.first + 1
  const indices = new Int32Array(axis.to * count)
  const weights = new Float64Array(axis.to * count)
  for (let i = 0; i < axis.to; i++) {
    const x = originalPosition(i, how.coordinates, axis)
    const outside = how.coordinates === 'tf_crop_and_resize' && (x < 0 || x > axis.from - 1)
    const base = filter.base(x)
    let total = 0
    for (let t = 0; t < count; t++) {
      const index = base + filter.first + t
      const inside = index >= 0 && index < axis.from
      const weight = how.excludeOutside && how.mode !== 'nearest' && !inside ? 0 : filter.weight(index - x)
      indices[i * count + t] = Math.min(Math.max(index, 0), axis.from - 1)
      weights[i * count + t] = weight
      total += weight
    }
    for (let t = 0; t < count; t++) weights[i * count + t] = (weights[i * count + t] as number) / (total === 0 ? 1 : total)
    if (outside) indices[i * count] = -1
  }
  return { count, indices, weights }
}

interface Filter {
  /** Taps relative to the base. */
  readonly first: number
  readonly last: number
  base(position: number): number
  /** The weight of a tap, by its distance from the position. */
  weight(distance: number): number
}

function filterOf(scale: number, how: Resampling): Filter {
  if (how.mode === 'nearest') return { first: 0, last: 0, base: (x) => round(x, how.rounding, scale < 1), weight: () => 1 }
  const reach = how.mode === 'linear' ? 1 : 2
  const stretch = how.antialias ? Math.min(scale, 1) : 1
  const first = Math.floor(-reach / stretch) + 1
  const kernel = how.mode === 'linear' ? triangle : (d: number): number => cubic(d, how.cubicA)
  return { first, last: 1 - first, base: Math.floor, weight: (d) => kernel(Math.abs(d) * stretch) }
}

function round(x: number, rounding: Rounding, shrinks: boolean): number {
  switch (rounding) {
    case 'round_prefer_floor':
      return Math.ceil(x - 0.5)
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5)
    case 'floor':
      return Math.floor(x)
    case 'ceil':
      return Math.ceil(x)
    case 'simple':
      return shrinks ? Math.ceil(x) : Math.trunc(x)
  }
}

function triangle(d: number): number {
  return Math.max(0, 1 - d)
}

function cubic(d: number, a: number): number {
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
}
