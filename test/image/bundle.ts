/** A tiny classifier that takes images, loaded in this process; its input tensor shows what preprocessing makes. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeBundle } from '../../compiler/bundle/write-bundle.ts'
import { type CompileOptions, compile } from '../../compiler/index.ts'
import { type LoadedModel, loadFolder } from '../../compiler/running/load-folder.ts'
import { createModel } from '../../compiler/zoo/index.ts'

export const SIDE = 16
export const CLASSES = 4

let tiny: Uint8Array | undefined

/** The tiny network as ONNX, made once. */
export function tinyModel(): Uint8Array {
  tiny ??= createModel('mobilenet-v2', { width: 0.1, resolution: SIDE, classes: CLASSES })
  return tiny
}

const folders: string[] = []

export type ImageModel = LoadedModel & { classify: NonNullable<LoadedModel['classify']> }

const known = new Map<string, Promise<ImageModel>>()

/** The tiny network with the options: one instance for equal ones. */
export function classifier(options: CompileOptions): Promise<ImageModel> {
  const key = JSON.stringify(options)
  const made = known.get(key) ?? imageModel(tinyModel(), options)
  known.set(key, made)
  return made
}

export async function imageModel(onnx: Uint8Array, options: CompileOptions): Promise<ImageModel> {
  const bundle = await compile(onnx, { targets: ['simd128'], ...options })
  const folder = mkdtempSync(join(tmpdir(), 'image-'))
  folders.push(folder)
  writeBundle(bundle, folder)
  const model = await loadFolder(folder)
  if (!model.classify) throw new Error('the bundle takes no images')
  return model as ImageModel
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
}

/** Pixel c of the pattern that the tests draw. */
export function pattern(width: number, height: number): { data: Uint8Array; width: number; height: number } {
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const third = (Math.floor(x / 3) + Math.floor(y / 2)) % 2 ? 255 : x * y
      data.set([x * x + 3 * y, (17 * x) ^ (29 * y), third, 255], (y * width + x) * 4)
    }
  return { data, width, height }
}
