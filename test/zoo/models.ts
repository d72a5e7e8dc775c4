/** Models of the zoo at any size, not calibrated where only shapes matter. */

import { importModel } from '../../compiler/import/import.ts'
import { seeded } from '../../compiler/running/seeded.ts'
import type { Architecture } from '../../compiler/zoo/architecture.ts'
import { findArchitecture, layersOf } from '../../compiler/zoo/catalogue.ts'
import { exportModel } from '../../compiler/zoo/export.ts'
import { proceduralImages } from '../../compiler/zoo/images.ts'
import type { Layer } from '../../compiler/zoo/layers.ts'
import { drawParameters, type Parameters } from '../../compiler/zoo/weights.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { float32, numbers } from '../../ir/tensors/tensor.ts'

const SEED = 1

/** Weights that are not calibrated, whatever the resolution they are used at: quick to make. */
export function quickParameters(layers: readonly Layer[]): Parameters {
  return drawParameters(layers, seeded(SEED))
}

export interface Size {
  readonly resolution: number
  readonly classes: number
}

export function modelOf(architecture: Architecture, layers: readonly Layer[], parameters: Parameters, size: Size): Uint8Array {
  return exportModel(architecture, layers, parameters, { ...size, batch: 1, metadata: {} })
}

/** A network of width 1 whose weights do not matter. */
export function quickModel(name: string, size: Size): Uint8Array {
  const architecture = findArchitecture(name) as Architecture
  const layers = layersOf(architecture, 1, size.classes)
  return modelOf(architecture, layers, quickParameters(layers), size)
}

/** Images [1, 3, resolution, resolution] in NCHW: from shapes to noise. */
export function testImages(count: number, resolution: number, seed: number): Float32Array[] {
  const { data } = proceduralImages(count, resolution, seeded(seed))
  const size = 3 * resolution * resolution
  return Array.from({ length: count }, (_, image) => (data as Float32Array).slice(image * size, (image + 1) * size))
}

/** What the interpreter makes of each image, by the graph as the model states it. */
export function interpretedLogits(model: Uint8Array, images: readonly Float32Array[]): Float64Array[] {
  const graph = importModel(model)
  const shape = graph.inputs[0]?.type.shape ?? []
  return images.map((image) => Float64Array.from(numbers(interpret(graph, [float32(shape, image)])[0] as never)))
}
