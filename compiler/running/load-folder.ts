/** Loads a bundle in this process through the loader that ships in it. */

import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TensorData } from '../../ir/tensors/tensor.ts'
import type { ClassScore, PortSpec } from '../../targets/loader/table.ts'

/** What the loader returns. The bundle's `index.d.ts` declares the same, with the model's own names. */
export interface LoadedModel {
  readonly target: string
  readonly inputs: readonly PortSpec[]
  readonly outputs: readonly PortSpec[]
  run(inputs: Readonly<Record<string, TensorData>>): Record<string, TensorData>
  input(name: string): TensorData
  execute(): void
  output(name: string): TensorData
  /** Only bundles that take images have it. */
  classify?(source: ImagePixels, options?: { readonly topK?: number }): Promise<ClassScore[]>
  warmup(): void
  dispose(): void
}

export interface ImagePixels {
  /** RGBA, row by row. */
  readonly data: Uint8Array | Uint8ClampedArray
  readonly width: number
  readonly height: number
}

interface Loader {
  load(options: object): Promise<LoadedModel>
}

/** Loads a bundle from the files in a folder. `target` is passed to the loader as it is. */
export async function loadFolder(folder: string, target: string | readonly string[] = 'auto'): Promise<LoadedModel> {
  const { load } = (await import(/* @vite-ignore */ pathToFileURL(join(resolve(folder), 'index.js')).href)) as Loader
  return load({ target })
}
