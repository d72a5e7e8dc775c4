/** Bundles and minifies the report's script and styles, with its charting library, into strings in `generated.ts`. */

import { readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname
const library = dirname(createRequire(import.meta.url).resolve('uplot/package.json'))

const { outputFiles } = await build({
  entryPoints: [join(here, 'client', 'main.ts')],
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'ascii',
  legalComments: 'none',
  write: false,
  outdir: here,
})
const text = (extension) => outputFiles.find(({ path }) => path.endsWith(extension)).text
const license = await readFile(join(library, 'LICENSE'), 'utf8')
const lines = [
  "/** Minified parts of the report's page, and the licence of the library inside it. */",
  `export const SCRIPT: string = ${JSON.stringify(text('.js'))}`,
  `export const STYLE: string = ${JSON.stringify(text('.css'))}`,
  `export const LICENSES: string = ${JSON.stringify(`The charts are drawn by uPlot.\n\n${license.trim()}`)}`,
]
const path = join(here, 'generated.ts')
await writeFile(`${path}.tmp`, `${lines.join('\n')}\n`)
await rename(`${path}.tmp`, path)
