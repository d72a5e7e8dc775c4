/** The number of ranges that a cover can be cut into. */

import type { Address } from '../schedule/schedule.ts'
import type { Target } from '../target/target.ts'
import type { Cover } from './kernel.ts'

const ANYWHERE: Address = { kind: 'buffer', buffer: 0, offset: 0 }

/** The smallest extent of all steps that the cover makes, or 1 where it makes no steps. */
export function extentOf(cover: Cover, target: Target): number {
  const extents: number[] = []
  cover.lower({
    target,
    address: () => ANYWHERE,
    pack: () => ANYWHERE,
    intermediate: () => ANYWHERE,
    step: (_fn, _operands, { extent }) => extents.push(extent),
  })
  return extents.reduce((least, extent) => Math.min(least, extent), extents[0] ?? 1)
}
