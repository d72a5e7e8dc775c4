/** The zoo: MobileNets as ONNX models, with untrained but calibrated weights. */

import { seeded } from '../running/seeded.ts'
import type { Architecture } from './architecture.ts'
import { exportModel } from './export.ts'
import type { Layer } from './layers.ts'
import { mobilenetV1, mobilenetV1Cifar } from './mobilenet-v1.ts'
import { mobilenetV2 } from './mobilenet-v2.ts'
import { mobilenetV3Large } from './mobilenet-v3-large.ts'
import { mobilenetV3Small } from './mobilenet-v3-small.ts'
import { calibratedParameters } from './weights.ts'

export const ARCHITECTURES: readonly Architecture[] = [mobilenetV1, mobilenetV1Cifar, mobilenetV2, mobilenetV3Large, mobilenetV3Small]

export interface ModelOptions {
  /** Multiplies the channel counts, which are then rounded to multiples of 8. Default: 1. */
  readonly width?: number
  /** Height and width of the input. Default: 224, and 32 for `mobilenet-v1-cifar`. */
  readonly resolution?: number
  /** Number of logits. Default: 1000, and 10 for `mobilenet-v1-cifar`. */
  readonly classes?: number
  /** Of the weights; an integer. Default: 0. */
  readonly seed?: number
  /** The input's first extent; a string is a symbolic dimension. Default: 1. */
  readonly batch?: number | string
}

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

/** What is wrong with an option's value, or null. */
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

/**
 * An ONNX model: input `input` f32 [batch, 3, resolution, resolution], output `output` f32
 * [batch, classes], logits. Same arguments, same bytes.
 *
 * Throws `RangeError` for an unknown architecture and for values outside `LIMITS`.
 */
export function createModel(architecture: string, options: ModelOptions = {}): Uint8Array {
  const found = findArchitecture(architecture)
  if (!found)
    throw new RangeError(`unknown architecture ${JSON.stringify(architecture)}; known: ${ARCHITECTURES.map((a) => a.name).join(', ')}`)
  const { width = 1, resolution = found.resolution, classes = found.classes, seed = 0, batch = 1 } = options
  check('resolution', resolution)
  check('seed', seed)
  if (typeof batch === 'number') check('batch', batch)
  const layers = layersOf(found, width, classes)
  const parameters = calibratedParameters(layers, { resolution, epsilon: found.epsilon, random: seeded(seed) })
  const metadata = { architecture, width: String(width), seed: String(seed), weights: 'untrained' }
  return exportModel(found, layers, parameters, { resolution, classes, batch, metadata })
}

function check(option: keyof typeof LIMITS, value: number): void {
  const problem = problemWith(option, value)
  if (problem) throw new RangeError(problem)
}
