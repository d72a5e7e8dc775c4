/** Bundles and minifies the loader's entries into strings in `generated.ts`, which compiling a model writes out. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname

async function minified(entry, external = [], more = {}) {
  const { outputFiles } = await build({
    entryPoints: [join(here, 'client', entry)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'ascii',
    write: false,
    external,
    ...more,
  })
  return outputFiles[0].text
}

const index = await minified('index.ts')
const image = await minified('image.ts')
const inlineImage = await minified('image.ts', [], { format: 'iife', globalName: 'IMAGE' })
const worker = await minified('worker.ts', ['./index.js'])
const lines = [
  '/** Minified loader entries. */',
  `export const INDEX: string = ${JSON.stringify(index)}`,
  `export const IMAGE: string = ${JSON.stringify(image)}`,
  `export const INLINE_IMAGE: string = ${JSON.stringify(inlineImage)}`,
  `export const WORKER: string = ${JSON.stringify(worker)}`,
]
await writeFile(join(here, 'generated.ts'), `${lines.join('\n')}\n`)
