/** The commands `create` and `inspect`, run in this process. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { CommandModule } from 'yargs'
import yargs from 'yargs'
import type { Manifest } from '../../compiler/bundle/bundle.ts'
import { createCommand } from '../../compiler/cli/create.ts'
import { exitCodeOf } from '../../compiler/cli/errors.ts'
import { inspectCommand } from '../../compiler/cli/inspect.ts'
import { onnxModel, onnxNode } from '../../compiler/onnx/encode.ts'
import { encodeModel } from '../../compiler/onnx/proto.ts'
import { createModel } from '../../compiler/zoo/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'zoo-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Run {
  readonly stdout: string
  readonly error: unknown
}

async function run(...args: readonly string[]): Promise<Run> {
  let stdout = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text
    return true
  })
  const notes = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  try {
    await parse(args)
    return { stdout, error: null }
  } catch (error) {
    return { stdout, error }
  } finally {
    write.mockRestore()
    notes.mockRestore()
  }
}

function parse(args: readonly string[]): Promise<unknown> {
  return yargs([...args])
    .option('json', { type: 'boolean' })
    .command(createCommand as CommandModule)
    .command(inspectCommand as CommandModule)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message)
    })
    .parseAsync()
}

const SMALL = ['--width', '0.25', '--resolution', '32', '--classes', '5', '--seed', '9'] as const

describe('create', () => {
  test('writes what createModel makes, and folders on the way', async () => {
    const path = join(folder, 'new', 'v2.onnx')
    const { stdout, error } = await run('create', 'mobilenet-v2', '-o', path, ...SMALL, '--json')
    expect(error).toBeNull()
    const expected = createModel('mobilenet-v2', { width: 0.25, resolution: 32, classes: 5, seed: 9 })
    expect(readFileSync(path).equals(expected)).toBe(true)
    const report = { path, architecture: 'mobilenet-v2', width: 0.25, resolution: 32, classes: 5, seed: 9, bytes: expected.length }
    expect(JSON.parse(stdout)).toEqual(report)
  })

  test.each([
    [['mobilnet-v2'], /unknown architecture "mobilnet-v2", expected one of mobilenet-v1, .*mobilenet-v3-small/],
    [['mobilenet-v2', '--width', '0'], /--width must be a number from 0.05 to 4, not 0/],
    [['mobilenet-v2', '--width', 'wide'], /--width must be a number from 0.05 to 4, not wide/],
    [['mobilenet-v2', '--resolution', '64.5'], /--resolution must be an integer/],
    [['mobilenet-v2', '--seed', '-1'], /--seed must be an integer/],
    [['mobilenet-v2', '--classes', '5', '--classes', '6'], /--classes must be an integer from 1 to 100000, not 5,6/],
  ])('refuses %j as a matter of usage, and writes nothing', async (args, message) => {
    const path = join(folder, 'refused.onnx')
    const { error } = await run('create', ...args, '-o', path)
    expect(String(error)).toMatch(message)
    expect(exitCodeOf(error)).toBe(2)
    expect(existsSync(path)).toBe(false)
  })
})

describe('inspect', () => {
  const path = join(folder, 'v1.onnx')
  writeFileSync(path, createModel('mobilenet-v1', { width: 0.25, resolution: 32, classes: 5 }))

  test('a table of layers, kinds and totals', async () => {
    const { stdout, error } = await run('inspect', path)
    expect(error).toBeNull()
    expect(stdout).toContain('mobilenet-v1  input: f32[1,3,32,32] → output: f32[1,5]')
    expect(stdout).toMatch(/depthwise 3×3 \/2, relu6 +\/features\.2\.depthwise\/Conv +f32\[1,16,16,16\] +f32\[1,8,8,16\] +160 +9\.22 K/)
    // 13 and the classifier: a map of one pixel needs no pool, so nothing tells it from them.
    expect(stdout).toMatch(/pointwise \(1×1\) +14 /)
    expect(stdout).toMatch(/K parameters, .* multiply-adds in \d+ layers/)
  })

  test('the same as JSON', async () => {
    const report = JSON.parse((await run('inspect', path, '--json')).stdout)
    expect(Object.keys(report)).toEqual(['name', 'inputs', 'outputs', 'layers', 'totals', 'kinds'])
    expect(Object.keys(report.totals)).toEqual(['layers', 'parameters', 'macs', 'weightBytes', 'readBytes', 'writtenBytes'])
  })

  test('everything that is unsupported at once, exit 3', async () => {
    const strange = join(folder, 'strange.onnx')
    const nodes = [onnxNode('Strange', ['x'], ['y'], {}, 'first'), onnxNode('Odd', ['y'], ['z'], {}, 'second')]
    const ports = { inputs: [{ name: 'x', shape: [1, 4] }], outputs: [{ name: 'z', shape: [1, 4] }] }
    writeFileSync(strange, encodeModel(onnxModel({ name: 'strange', opset: 17, nodes, ...ports })))
    const { stdout, error } = await run('inspect', strange)
    expect(stdout).toMatch(/Strange +unsupported-operator .*first/)
    expect(stdout).toMatch(/Odd +unsupported-operator .*second/)
    expect(exitCodeOf(error)).toBe(3)
  })

  test('a bundle', async () => {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(MANIFEST))
    const { stdout, error } = await run('inspect', folder)
    expect(error).toBeNull()
    expect(stdout).toMatch(/simd128 +10\.2 kB +1 MB +3 MB/)
    expect(JSON.parse((await run('inspect', folder, '--json')).stdout)).toEqual(MANIFEST)
  })

  test('a folder that is no bundle, a file that is not there', async () => {
    for (const [args, message] of [
      [join(folder, 'new'), /is no bundle: it has no manifest\.json/],
      [join(folder, 'nothing.onnx'), /no such file/],
    ] as const) {
      const { error } = await run('inspect', args)
      expect(String(error)).toMatch(message)
      expect(exitCodeOf(error)).toBe(2)
    }
  })
})

const MANIFEST: Manifest = {
  modelHash: 'ab'.repeat(32),
  compilerVersion: '1.2.3',
  inputs: [{ name: 'input', shape: [1, 3, 32, 32], dtype: 'float32' }],
  outputs: [{ name: 'output', shape: [1, 5], dtype: 'float32' }],
  preprocessing: null,
  labels: null,
  targets: ['simd128'],
  files: { 'model.simd128.wasm': { bytes: 10_240, sha384: '' } },
  macs: 49_000_000,
  peakMemory: { simd128: 3_000_000 },
  sizes: { code: { simd128: 10_240 }, weights: 2_000_000, loader: 2000, arena: { simd128: 1_000_000 } },
}
