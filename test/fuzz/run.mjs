/** `npm run fuzz`: bundles the fuzzer, which the package does not ship, and runs it. */

import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '../..')
/** Inside the package, so that its dependencies and its own name resolve. */
const outdir = join(root, 'dist', `fuzz-${process.pid}`)

await build({
  entryPoints: [join(import.meta.dirname, 'main.ts')],
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  sourcemap: 'inline',
  logLevel: 'error',
})

/** Byte fuzzing must get by with this much. */
const heap = process.argv.includes('bytes') ? ['--max-old-space-size=384'] : []
const flags = ['--enable-source-maps', ...heap, ...(process.versions.node.startsWith('20.') ? ['--experimental-wasm-relaxed-simd'] : [])]
const { status, signal } = spawnSync(process.execPath, [...flags, join(outdir, 'main.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: root,
})
rmSync(outdir, { recursive: true, force: true })
if (signal) console.error(`ended by ${signal}`)
process.exitCode = status ?? 1
