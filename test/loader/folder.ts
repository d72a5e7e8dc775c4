/** Bundles on disk, as a user has them. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Bundle } from '../../compiler/bundle/bundle.ts'

export type Elements = Float32Array | BigInt64Array | Uint16Array | Uint8Array

export interface LoadedModel {
  readonly target: string
  readonly inputs: readonly { name: string; shape: readonly number[]; dtype: string }[]
  readonly outputs: LoadedModel['inputs']
  run(inputs?: unknown): Record<string, Elements>
  input(name: string): Float32Array
  execute(): void
  output(name: string): Float32Array
  warmup(): void
  dispose(): void
}

export interface Loader {
  load(options?: Record<string, unknown>): Promise<LoadedModel>
}

const folders: string[] = []

export function writeFiles(bundle: Bundle): string {
  const dir = mkdtempSync(join(tmpdir(), 'bundle-'))
  folders.push(dir)
  for (const [name, bytes] of bundle.files) writeFileSync(join(dir, name), bytes)
  return dir
}

export function importFrom(dir: string, file = 'index.js'): Promise<Loader> {
  return import(/* @vite-ignore */ pathToFileURL(join(dir, file)).href)
}

export function removeFolders(): void {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true })
}
