/** Channel rounding. */

const DIVISOR = 8

/**
 * The multiple of 8 nearest to `channels`, at least 8, and never more than 10 % below `channels`
 * (the rule of the authors' MobileNetV2 code, which everyone's V2 and V3 follow).
 */
export function makeDivisible(channels: number): number {
  const nearest = Math.max(DIVISOR, Math.floor((channels + DIVISOR / 2) / DIVISOR) * DIVISOR)
  return nearest < 0.9 * channels ? nearest + DIVISOR : nearest
}
