/**
 * What a page downloads, for the four networks.
 *
 *     npm run size -- [--networks v1,v2,v3l,v3s]
 *
 * Bytes as they are, by gzip (level 9) and by Brotli (quality 11; weights, which would take minutes, quality 5).
 * Loader, modules and weights of a bundle, and the weights as float16. Needs `npm run build`.
 */

import { parseArgs } from 'node:util'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import Table from 'cli-table3'
import { compile } from '../../dist/compiler/index.js'
import { createModel } from '../../dist/compiler/zoo/index.js'

const ARCHITECTURES = { v1: 'mobilenet-v1', v2: 'mobilenet-v2', v3l: 'mobilenet-v3-large', v3s: 'mobilenet-v3-small' }
const { values } = parseArgs({ options: { networks: { type: 'string', default: 'v1,v2,v3l,v3s' } } })

function row(network, name, bytes) {
  const heavy = bytes.length > 2 ** 20
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: heavy ? 5 : 11 } })
  return { network, name, raw: bytes.length, gzip: gzipSync(bytes, { level: heavy ? 6 : 9 }).length, brotli: brotli.length }
}

async function rowsOf(network) {
  const model = createModel(ARCHITECTURES[network])
  const { files, manifest } = await compile(model)
  const half = await compile(model, { weights: 'f16' })
  const rows = ['index.js', ...manifest.targets.map((t) => `model.${t}.wasm`), 'weights.bin'].map((name) =>
    row(network, name, files.get(name)),
  )
  const [loader, ...rest] = rows
  const largest = rest.filter(({ name }) => name.endsWith('.wasm')).reduce((a, b) => (a.brotli > b.brotli ? a : b))
  const sum = (key) => loader[key] + largest[key]
  const code = { network, name: 'loader + largest module', raw: sum('raw'), gzip: sum('gzip'), brotli: sum('brotli') }
  return [...rows, row(network, 'weights.bin (f16)', half.files.get('weights.bin')), code]
}

const kilobytes = (bytes) => (bytes / 1000).toFixed(1)
const table = new Table({
  head: ['network', 'file', 'kB', 'gzip', 'brotli'],
  colAligns: ['left', 'left', 'right', 'right', 'right'],
  style: { head: [], border: [] },
})
for (const network of values.networks.split(',')) {
  for (const { name, raw, gzip, brotli } of await rowsOf(network)) {
    table.push([network, name, kilobytes(raw), kilobytes(gzip), kilobytes(brotli)])
  }
}
console.log(table.toString())
