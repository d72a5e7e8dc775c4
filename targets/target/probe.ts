/** The smallest module that only engines with a target's instructions accept. */

import type { TargetName } from './target.ts'

/** A module of one function of one value: i32.const, i8x16.splat of it, or f32x4.relaxed_madd of those; dropped. */
export function probe(target: TargetName): Uint8Array<ArrayBuffer> {
  const splat = [65, 0, 253, 15]
  const code = { scalar: [65, 0], simd128: splat, 'relaxed-simd': [...splat, ...splat, ...splat, 253, 133, 2] }[target]
  const body = [0, ...code, 26, 11]
  const sections = [1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, body.length + 2, 1, body.length, ...body]
  return Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, ...sections)
}
