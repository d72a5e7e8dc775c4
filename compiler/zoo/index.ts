/** The zoo: MobileNets as ONNX models, with untrained but calibrated weights. */

import type { Tensor } from '../../ir/tensors/tensor.ts'
import { type Random, seeded } from '../running/seeded.ts'
import { calibrate } from './calibrate.ts'
import { ARCHITECTURES, check, findArchitecture, layersOf } from './catalogue.ts'
import { exportModel } from './export.ts'
import { proceduralImages } from './images.ts'
import type { Layer } from './layers.ts'
import { drawParameters } from './weights.ts'

export interface ModelOptions {
  /** Multiplies the channel counts, which are then rounded to multiples of 8. Default: 1. */
  readonly width?: number
  /** Height and width of the input. Default: 224, and 32 for `mobilenet-v1-cifar`. */
  readonly resolution?: number
  /** Number of logits. Default: 1000, and 10 for `mobilenet-v1-cifar`. */
  readonly classes?: number
  /** Seed of the weights, an integer. Default: 0. */
  readonly seed?: number
  /** The input's first extent; a string is a symbolic dimension. Default: 1. */
  readonly batch?: number | string
}

/**
 * The largest resolution for calibration. Larger networks are calibrated at this size, because larger images
 * cost more and say little more about the statistics.
 */
const MAX_RESOLUTION = 160

/**
 * About how many positions of the last feature map the statistics are measured on, and the most images that
 * this may take.
 */
const LAST_POSITIONS = 100
const IMAGES = { min: 4, max: 16 }

/**
 * Makes an ONNX model. Its input `input` is f32 [batch, 3, resolution, resolution], and its output `output` is
 * f32 [batch, classes], the logits. The same version and the same arguments give the same bytes on every
 * machine.
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
  const random = seeded(seed)
  const images = calibrationImages(layers, Math.min(resolution, MAX_RESOLUTION), random)
  const parameters = calibrate(layers, drawParameters(layers, random), found.epsilon, images)
  const metadata = { architecture, width: String(width), seed: String(seed), weights: 'untrained' }
  return exportModel(found, layers, parameters, { resolution, classes, batch, metadata })
}

function calibrationImages(layers: readonly Layer[], resolution: number, random: Random): Tensor {
  const lastExtent = Math.ceil(resolution / reductionOf(layers))
  const count = Math.round(LAST_POSITIONS / lastExtent ** 2)
  return proceduralImages(Math.min(IMAGES.max, Math.max(IMAGES.min, count)), resolution, random)
}

/** How many times smaller than the image the last feature map is. */
function reductionOf(layers: readonly Layer[]): number {
  return layers.reduce((product, layer) => (layer.kind === 'conv' ? product * layer.stride : product), 1)
}
