/** The JavaScript files of a bundle: the minified loader with the bundle's constants in front of it. */

import { allocate } from '../../ir/tensors/tensor.ts'
import { IMAGE, INDEX, INLINE_IMAGE, WORKER } from './generated.ts'
import type { BundleTable } from './table.ts'

/**
 * JSON that is safe inside a script, whatever names the model has. It contains only ASCII and no `<`, so line
 * separators, `</script>` and invisible characters cannot occur in it. It is also a valid TypeScript literal.
 */
export function literal(value: unknown): string {
  return JSON.stringify(value).replace(/[<\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** `index.js`: the loader, which finds the other files beside itself. */
export function emitIndex(table: BundleTable, version: string): string {
  const files = [table.weights, ...table.variants.map((v) => v.file)].map(({ name }) => name)
  const assets = files.map((name) => `"${name}":()=>new URL("./${name}",import.meta.url)`)
  const image = table.image ? `import{classifier as CLASSIFIER}from"./image.js";\n` : 'const CLASSIFIER=undefined;\n'
  return loader(table, version, `ASSETS={${assets.join()}},INLINE={}`, image)
}

/** A loader that contains the files, as base64 after its code, and does not look for files beside itself. */
export function emitSingle(table: BundleTable, files: ReadonlyMap<string, Uint8Array>, version: string): string {
  const inline = [...files].map(([name, bytes]) => `"${name}":"${Buffer.from(bytes).toString('base64')}"`)
  const image = table.image ? `${labelsOf(table)}${INLINE_IMAGE}const CLASSIFIER=IMAGE.classifier;\n` : 'const CLASSIFIER=undefined;\n'
  return `${loader(table, version, 'ASSETS={}', image)}const INLINE={${inline.join()}};\n`
}

function loader({ labels, ...table }: BundleTable, version: string, constants: string, image: string): string {
  return `/* mobilenet-compile ${version} */\n${image}const BUNDLE=${literal(table)},ARRAYS={${arraysOf(table)}},${constants};\n${INDEX}`
}

/** The typed arrays of the ports' element types, and no others: most bundles need one. */
function arraysOf({ inputs, outputs }: Pick<BundleTable, 'inputs' | 'outputs'>): string {
  const dtypes = new Set([...inputs, ...outputs].map(({ dtype }) => dtype))
  return [...dtypes].map((dtype) => `${dtype}:${allocate(dtype, 0).constructor.name}`).join()
}

/**
 * `image.js`, for bundles that take images. The labels are in this file, because a thousand of them are longer
 * than the rest of the loader.
 */
export function emitImage(table: BundleTable, version: string): string {
  return `/* mobilenet-compile ${version} */\n${labelsOf(table)}${IMAGE}`
}

function labelsOf({ labels }: BundleTable): string {
  return `const LABELS=${literal(labels)};\n`
}

/** `worker.js`: the same API from a module worker. */
export function emitWorker(version: string): string {
  return `/* mobilenet-compile ${version} */\n${WORKER}`
}

/**
 * `edge.js`. Edge runtimes refuse to compile bytes, but importing a `.wasm` file there gives a
 * `WebAssembly.Module`. This loader imports the one module named `file`.
 */
export function emitEdge(file: string, version: string): string {
  return [
    `/* mobilenet-compile ${version} */`,
    `import wasm from './${file}'`,
    `import { load as loadModule } from './index.js'`,
    `export const load = (options) => loadModule({ wasm, ...options })`,
    '',
  ].join('\n')
}
