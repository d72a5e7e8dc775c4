import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeNpy } from '../../compiler/running/npy.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { CommandLine } from '../cli/spawn.ts'

const cli = new CommandLine()

beforeAll(async () => {
  await cli.build()
  writeFileSync(cli.path('m.onnx'), createModel('mobilenet-v1-cifar', { width: 0.25 }))
  const data = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i))
  writeFileSync(cli.path('x.npy'), writeNpy({ type: { dtype: 'float32', shape: [1, 3, 32, 32] }, data }))
})

afterAll(() => cli.remove())

interface Report {
  readonly weights: { readonly bytes: number }
  readonly loader: { readonly bytes: number; readonly brotli?: number }
}

function compile(folder: string, ...options: string[]): Report {
  const { code, stdout, stderr } = cli.run('m.onnx', '-o', folder, '--target', 'simd128', '--json', ...options)
  expect([code, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}

const result = (folder: string): string => cli.run('run', folder, 'x.npy', '--json').stdout

it('compile --weights f16 halves the weights', () => {
  const [plain, half] = [compile('plain'), compile('half', '--weights', 'f16')]
  expect(half.weights.bytes).toBeLessThan(0.52 * plain.weights.bytes)
  expect(statSync(cli.path('half/weights.bin')).size).toBe(half.weights.bytes)
  expect(cli.run('m.onnx', '-o', 'other', '--weights', 'f8').code).toBe(2)
})

it('compile --single-file writes a loader that run reads', () => {
  const single = compile('single', '--single-file', '--weights', 'f16')
  expect(readdirSync(cli.path('single'))).not.toContain('weights.bin')
  expect(single.loader).toEqual({ bytes: readFileSync(join(cli.path('single'), 'index.js')).length })
  const output = result('single')
  expect(output).toContain('output')
  expect(output).toBe(result('half'))
})
