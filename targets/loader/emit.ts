/** The JavaScript files of a bundle: the minified loader with the bundle's constants in front of it. */

import { IMAGE, INDEX, INLINE_IMAGE, WORKER } from './generated.ts'
import type { BundleTable } from './table.ts'

/**
 * JSON that is safe inside a script, whatever the model's names are: ASCII only, and no `<`, so neither
 * line separators nor `</script>` nor invisible characters get through. Also valid as a TypeScript literal.
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

/** A loader that carries the files itself, as base64 behind its code, and looks for none beside it. */
export function emitSingle(table: BundleTable, files: ReadonlyMap<string, Uint8Array>, version: string): string {
  const inline = [...files].map(([name, bytes]) => `"${name}":"${Buffer.from(bytes).toString('base64')}"`)
  const image = table.image ? `${labelsOf(table)}${INLINE_IMAGE}const CLASSIFIER=IMAGE.classifier;\n` : 'const CLASSIFIER=undefined;\n'
  return `${loader(table, version, 'ASSETS={}', image)}const INLINE={${inline.join()}};\n`
}

function loader({ labels, ...table }: BundleTable, version: string, constants: string, image: string): string {
  return `/* mobilenet-compile ${version} */\n${image}const BUNDLE=${literal(table)},${constants};\n${INDEX}`
}

/** `image.js`, of bundles that take images. The labels are there: a thousand of them are more than the rest of the loader. */
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
 * Edge runtimes refuse to compile bytes: there, importing a `.wasm` file gives a `WebAssembly.Module`.
 * The loader imports the one module named `file`.
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
