/**
 * Compiles runtime-as/assembly twice, without and with SIMD, and writes both modules to
 * runtime-as/generated.ts.
 *
 * Optimise level 2 is used, because level 3 makes SIMD loops slower. The modules import nothing, start nothing
 * and hold no data, so they can be linked into any memory layout. The build fails where this does not hold.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import asc from 'assemblyscript/asc'

const folder = fileURLToPath(new URL('.', import.meta.url))
const FORBIDDEN_SECTIONS = { 2: 'import', 4: 'table', 8: 'start', 9: 'element', 11: 'data' }

async function compile(simd, outFile) {
  const options = [
    '--optimizeLevel',
    '2',
    '--shrinkLevel',
    '0',
    '--runtime',
    'stub',
    '--noAssert',
    '--use',
    'abort=',
    '--initialMemory',
    '1',
  ]
  const args = ['assembly/index.ts', '--baseDir', folder, '--outFile', outFile, ...options, ...(simd ? ['--enable', 'simd'] : [])]
  const { error, stderr } = await asc.main(args)
  if (error) throw new Error(`asc: ${error.message}\n${stderr}`)
  const binary = readFileSync(outFile)
  checkSections(binary)
  return binary
}

/** Throws where the module has a section that would tie it to a memory layout or to a host. */
function checkSections(binary) {
  let at = 8
  while (at < binary.length) {
    const kind = FORBIDDEN_SECTIONS[binary[at]]
    if (kind) throw new Error(`the runtime has a ${kind} section`)
    const size = varuint(binary, at + 1)
    at = size.next + size.value
  }
}

function varuint(binary, start) {
  let value = 0
  let next = start
  for (let shift = 0; ; shift += 7) {
    const byte = binary[next++]
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return { value, next }
  }
}

/** Writes runtime-as/generated.ts; resolves to the sizes in bytes. */
export async function buildRuntime() {
  const scratch = mkdtempSync(join(tmpdir(), 'runtime-as-'))
  try {
    const scalar = await compile(false, join(scratch, 'scalar.wasm'))
    const simd = await compile(true, join(scratch, 'simd.wasm'))
    const row = (name, binary) => `  ${name}: '${binary.toString('base64')}',\n`
    const text = `/** Written by build.mjs. */\nexport const RUNTIME_WASM = {\n${row('scalar', scalar)}${row('simd', simd)}}\n`
    writeFileSync(join(folder, 'generated.ts'), text)
    return { scalar: scalar.length, simd: simd.length }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const sizes = await buildRuntime()
  console.error(`runtime: scalar ${sizes.scalar} bytes, simd ${sizes.simd} bytes`)
}
