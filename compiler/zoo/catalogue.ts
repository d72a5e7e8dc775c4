/** The architectures of the zoo, and the sizes that they can have. */

import type { Architecture } from './architecture.ts'
import type { Layer } from './layers.ts'
import { mobilenetV1, mobilenetV1Cifar } from './mobilenet-v1.ts'
import { mobilenetV2 } from './mobilenet-v2.ts'
import { mobilenetV3Large } from './mobilenet-v3-large.ts'
import { mobilenetV3Small } from './mobilenet-v3-small.ts'

export const ARCHITECTURES: readonly Architecture[] = [mobilenetV1, mobilenetV1Cifar, mobilenetV2, mobilenetV3Large, mobilenetV3Small]

/** Numbers that options may take, both ends included. */
export const LIMITS = {
  width: { min: 0.05, max: 4, integer: false },
  resolution: { min: 16, max: 4096, integer: true },
  classes: { min: 1, max: 100_000, integer: true },
  seed: { min: 0, max: 0xffff_ffff, integer: true },
  batch: { min: 1, max: 4096, integer: true },
} as const

/** The architecture of that name, or null. */
export function findArchitecture(name: string): Architecture | null {
  return ARCHITECTURES.find((a) => a.name === name) ?? null
}

/** The reason why an option cannot have this value; null where it can. */
export function problemWith(option: keyof typeof LIMITS, value: number): string | null {
  const { min, max, integer } = LIMITS[option]
  if (value >= min && value <= max && (!integer || Number.isInteger(value))) return null
  return `${option} must be ${integer ? 'an integer' : 'a number'} from ${min} to ${max}, is ${value}`
}

/** The layers of an architecture at a width. Throws `RangeError` for values outside `LIMITS`. */
export function layersOf(architecture: Architecture, width: number, classes: number): readonly Layer[] {
  check('width', width)
  check('classes', classes)
  return architecture.layers(width, classes)
}

/** Throws `RangeError` for a value outside `LIMITS`. */
export function check(option: keyof typeof LIMITS, value: number): void {
  const problem = problemWith(option, value)
  if (problem) throw new RangeError(problem)
}
