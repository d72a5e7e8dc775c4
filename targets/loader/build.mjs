/** Bundles and minifies the loader's entries into strings in `generated.ts`, which compiling a model writes out. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname

async function minified(entry, external = []) {
  const { outputFiles } = await build({
    entryPoints: [join(here, 'client', entry)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'ascii',
    write: false,
    external,
  })
  return outputFiles[0].text
}

const index = await minified('index.ts')
const worker = await minified('worker.ts', ['./index.js'])
const lines = [
  '/** Minified loader entries. */',
  `export const INDEX: string = ${JSON.stringify(index)}`,
  `export const WORKER: string = ${JSON.stringify(worker)}`,
]
await writeFile(join(here, 'generated.ts'), `${lines.join('\n')}\n`)
