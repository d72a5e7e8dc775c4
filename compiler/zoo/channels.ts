/** Channel rounding. */

const DIVISOR = 8

/**
 * Rounds a number of channels to the nearest multiple of 8. The result is at least 8, and at most 10 % below
 * `channels` (the rule of the authors' MobileNetV2 code, which V2 and V3 implementations follow).
 */
export function makeDivisible(channels: number): number {
  const nearest = Math.max(DIVISOR, Math.floor((channels + DIVISOR / 2) / DIVISOR) * DIVISOR)
  return nearest < 0.9 * channels ? nearest + DIVISOR : nearest
}
