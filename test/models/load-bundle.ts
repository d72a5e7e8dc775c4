/** Loads a bundle as a user would: files in a folder, through the shipped loader. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Bundle } from '../../compiler/index.ts'
import type { TensorData } from '../../ir/tensors/tensor.ts'
import type { TargetName } from '../../targets/target/target.ts'

export interface Port {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: string
}

/** The part of the loader's model that tests use. */
export interface LoadedModel {
  readonly target: string
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  run(inputs: Record<string, TensorData> | TensorData): Record<string, TensorData>
  dispose(): void
}

export interface OpenBundle {
  readonly folder: string
  load(target: TargetName): Promise<LoadedModel>
  /** Removes the folder. */
  close(): void
}

export function openBundle(bundle: Bundle): OpenBundle {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  for (const [name, bytes] of bundle.files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), bytes)
  }
  return {
    folder,
    load: async (target) => {
      const loader = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'index.js')).href)) as {
        load(options: { target: TargetName }): Promise<LoadedModel>
      }
      return loader.load({ target })
    },
    close: () => rmSync(folder, { recursive: true }),
  }
}

/** Inputs by name, in a record that no name can poison. */
export function feeds(names: readonly string[], values: readonly TensorData[]): Record<string, TensorData> {
  const record: Record<string, TensorData> = Object.create(null)
  names.forEach((name, i) => {
    record[name] = values[i] as TensorData
  })
  return record
}
