/** The outside corpus of malformed models, through the command line as its harness runs it. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TensorData } from '../../ir/tensors/tensor.ts'
import { type DType, sizeOf } from '../../ir/tensors/types.ts'
import { CASES, type Case, expectOutputs, expectRefusal, modelOf, pattern } from '../malformed-corpus.ts'
import type { LoadedModel } from '../models/load-bundle.ts'
import { FULL, sample } from '../run/short-form.ts'
import { CommandLine, type Outcome } from './spawn.ts'

const cli = new CommandLine()

beforeAll(() => cli.build())
afterAll(() => cli.remove())

/** What a refused file may take that is not flagged as slow or big. */
const MOST_BYTES = 300 * 2 ** 20

describe.skipIf(CASES.length === 0)('malformed models through the command line', () => {
  const chosen = sample(CASES, (c, i) => c.expect === 'reject' || i % 8 === 0)
  it.each(chosen.map((c) => [c.case, c] as const))('%s', async (_, c) => {
    const folder = mkdtempSync(join(tmpdir(), 'malformed-'))
    const bundle = join(folder, 'bundle')
    const model = modelOf(c)
    try {
      const outcome = FULL ? measured(model, bundle, c) : await cli.call('compile', model, '-o', bundle, '--target', 'simd128')
      if (outcome.code === 0) await expectAccepted(c, bundle)
      else expectRefused(c, outcome, folder)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** Prints the largest resident set of the process itself; that of `resourceUsage` begins with its parent's. */
const REPORT = `
import { existsSync, readFileSync } from 'node:fs'
const status = '/proc/self/status'
process.on('exit', () => {
  const own = existsSync(status) ? /VmHWM:\\s*(\\d+)/.exec(readFileSync(status, 'utf8'))?.[1] : undefined
  process.stderr.write('\\n' + (own ?? process.resourceUsage().maxRSS))
})`

/** In a process of its own, which reports its memory in KiB as its last line. */
function measured(model: string, bundle: string, c: Case): Outcome {
  const outcome = cli.runWith(
    { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(REPORT)}` },
    'compile',
    model,
    '-o',
    bundle,
  )
  const lines = outcome.stderr.split('\n')
  const bytes = Number(lines.pop()) * 1024
  if (outcome.code !== 0 && !c.flags.some((flag) => flag === 'slow' || flag === 'big')) expect(bytes).toBeLessThan(MOST_BYTES)
  return { ...outcome, stderr: lines.join('\n') }
}

function expectRefused(c: Case, { code, stderr }: Outcome, folder: string): void {
  expectRefusal(c, stderr)
  expect(code).toBe(3)
  expect(stderr).not.toMatch(/^\s+at /m)
  expect(readdirSync(folder)).toEqual([])
}

async function expectAccepted(c: Case, bundle: string): Promise<void> {
  expect(c.expect).not.toBe('reject')
  if (!c.expected_output) return
  const loader = (await import(/* @vite-ignore */ pathToFileURL(join(bundle, 'index.js')).href)) as {
    load(options: object): Promise<LoadedModel>
  }
  const loaded = await loader.load({ target: 'simd128' })
  const results = loaded.run(Object.fromEntries(loaded.inputs.map((port) => [port.name, patterned(port.shape)])))
  expectOutputs(c, (name) => {
    const port = loaded.outputs.find((o) => o.name === name)
    return { type: { dtype: port?.dtype as DType, shape: port?.shape ?? [] }, data: results[name] as TensorData }
  })
}

function patterned(shape: readonly number[]): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => pattern(i))
}
