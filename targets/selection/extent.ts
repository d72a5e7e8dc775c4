/** Into how many ranges a cover can be cut. */

import type { Address } from '../schedule/schedule.ts'
import type { Target } from '../target/target.ts'
import type { Cover } from './kernel.ts'

const ANYWHERE: Address = { kind: 'buffer', buffer: 0, offset: 0 }

/** The smallest extent of the steps that the cover makes; 1 where it makes none. */
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
