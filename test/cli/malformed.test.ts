/** The outside corpus of malformed models, through the command line as its harness runs it. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromNumbers, type TensorData } from '../../ir/tensor.ts'
import { type DType, sizeOf } from '../../ir/types.ts'
import type { LoadedModel } from '../models/load-bundle.ts'
import { difference } from '../onnx/conformance.ts'
import { FULL, sharedData } from '../shared-data.ts'
import { CommandLine, type Outcome } from './spawn.ts'

interface Case {
  readonly case: string
  readonly expect: 'reject' | 'accept' | 'either'
  readonly cause?: string
  readonly flags: readonly string[]
  readonly expected_output?: string
}

interface Expected {
  readonly outputs: Readonly<
    Record<string, { readonly type: DType; readonly dims: readonly number[]; readonly data: readonly (number | string)[] }>
  >
}

const corpus = sharedData('malformed')
const cases = corpus ? (JSON.parse(readFileSync(join(corpus, 'index.json'), 'utf8')) as { cases: Case[] }).cases : []
const cli = new CommandLine()

beforeAll(() => cli.build())
afterAll(() => cli.remove())

/** What a refused file may take that is not flagged as slow or big. */
const MOST_BYTES = 300 * 2 ** 20

describe.skipIf(!corpus)('malformed models through the command line', () => {
  const chosen = cases.filter((c, i) => FULL || c.expect === 'reject' || i % 8 === 0)
  it.each(chosen.map((c) => [c.case, c] as const))('%s', async (name, c) => {
    const folder = mkdtempSync(join(tmpdir(), 'malformed-'))
    const bundle = join(folder, 'bundle')
    const model = join(corpus as string, 'cases', name, 'model.onnx')
    try {
      const outcome = FULL ? measured(model, bundle, c) : await cli.call('compile', model, '-o', bundle, '--target', 'simd128')
      if (outcome.code === 0) await expectAccepted(c, model, bundle)
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
  expect(c.expect, stderr).not.toBe('accept')
  expect(code).toBe(3)
  expect(stderr).toMatch(new RegExp(c.cause ?? '.', 'i'))
  expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|^\s+at /m)
  expect(readdirSync(folder)).toEqual([])
}

async function expectAccepted(c: Case, model: string, bundle: string): Promise<void> {
  expect(c.expect).not.toBe('reject')
  if (!c.expected_output) return
  const path = join(model, '..', c.expected_output)
  expect(existsSync(path)).toBe(true)
  const { outputs } = JSON.parse(readFileSync(path, 'utf8')) as Expected
  const loader = (await import(/* @vite-ignore */ pathToFileURL(join(bundle, 'index.js')).href)) as {
    load(options: object): Promise<LoadedModel>
  }
  const loaded = await loader.load({ target: 'simd128' })
  const results = loaded.run(Object.fromEntries(loaded.inputs.map((port) => [port.name, pattern(port.shape)])))
  for (const [name, { type, dims, data }] of Object.entries(outputs)) {
    const want = fromNumbers({ dtype: type, shape: dims }, data.map(Number))
    const port = loaded.outputs.find((o) => o.name === name)
    const got = { type: { dtype: port?.dtype as DType, shape: port?.shape ?? [] }, data: results[name] as TensorData }
    expect(difference(got, want, { rtol: 1e-3, atol: 1e-5 }), `output ${name}`).toBeNull()
  }
}

/** x[i] = ((i · 7919) mod 2003) / 1001.5 − 1 */
function pattern(shape: readonly number[]): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7919) % 2003) / 1001.5 - 1)
}
