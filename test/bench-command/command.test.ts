/** The command as users run it. Speed is never asserted here. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import yargs, { type CommandModule } from 'yargs'
import { SCHEMA } from '../../compiler/bench/report.ts'
import { writeBundle } from '../../compiler/bundle/write-bundle.ts'
import { benchCommand } from '../../compiler/cli/bench.ts'
import { compile } from '../../compiler/index.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { CommandLine } from '../cli/spawn.ts'
import { cannotRun } from '../run/needs.ts'
import { onlyInFull } from '../run/short-form.ts'
import { RESULT, reportOf } from './reports.ts'

const cli = new CommandLine()
const QUICK = ['--warmup-runs', '2', '--num-runs', '3', '--min-secs', '0', '--max-secs', '0.5']

/** In this process, which is much quicker. */
async function parsed(...args: string[]): Promise<unknown> {
  const parser = yargs(args)
    .command(benchCommand as CommandModule)
    .strict()
    .exitProcess(false)
  return parser
    .fail((message, error) => {
      throw error ?? new Error(message)
    })
    .parseAsync()
}

beforeAll(async () => {
  await cli.build()
  const model = createModel('mobilenet-v1', { width: 0.25, resolution: 96, classes: 10 })
  writeBundle(await compile(model, { targets: ['simd128'] }), cli.path('tiny'))
  writeBundle(await compile(model, { targets: ['simd128'], profile: true }), cli.path('stepped'))
})

afterAll(() => cli.remove())

describe('usage errors', () => {
  beforeAll(() => {
    mkdirSync(cli.path('empty'))
    writeFileSync(cli.path('text.json'), 'text')
    writeFileSync(cli.path('other.json'), JSON.stringify(reportOf([RESULT])))
  })

  test.each([
    [['empty'], 'empty: is not a bundle, it has no manifest.json'],
    [['nowhere'], 'nowhere: is not a bundle'],
    [['tiny', '--compare', 'empty'], 'empty: is not a bundle'],
    [['tiny', '--num-runs', '0'], '--num-runs 0: expected an integer from 1'],
    [['tiny', '--num-runs', 'many'], '--num-runs NaN'],
    [['tiny', '--warmup-runs', '-1'], '--warmup-runs -1'],
    [['tiny', '--min-secs', '5', '--max-secs', '1'], '--min-secs 5 is more than --max-secs 1'],
    [['tiny', '--max-secs', '0'], '--max-secs 0: expected a positive number'],
    [['tiny', '--max-regression', 'some'], '--max-regression some: expected a share below 100 %'],
    [['tiny', '--max-regression', '200%'], '--max-regression 200%'],
    [['tiny', '--format', 'yaml'], 'format'],
    [['tiny', '--target', 'avx'], 'unknown target "avx"'],
    [['tiny', '--target', 'relaxed-simd'], 'tiny has no relaxed-simd'],
    [['tiny', '--baseline', 'nowhere.json'], 'nowhere.json: no such file or folder'],
    [['tiny', '--baseline', 'text.json'], 'text.json: is not JSON'],
    [['tiny', '--baseline', 'tiny/manifest.json'], 'manifest.json: is not a report of bench'],
    [['tiny', '--baseline', 'other.json'], 'the baseline has no simd128'],
    [['tiny', '--baseline', 'other.json', '--compare', 'tiny'], '--compare and --baseline exclude each other'],
    [['tiny', '--browser-path', '/bin/chromium'], '--browser-path is for --browser'],
    [['tiny', '--browser', '--browser-path', '/nowhere/chromium'], '/nowhere/chromium: cannot be started'],
  ])('%j', async (args, message) => {
    const inFolder = args.map((arg) => (/^(tiny|empty|nowhere|text|other)\b/.test(arg) ? cli.path(arg) : arg))
    const error = await parsed('bench', ...inFolder).then(
      () => null,
      (e: unknown) => e,
    )
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toContain(message)
  })

  test('end with exit code 2, nothing on stdout', () => {
    expect(cli.run('bench', 'empty')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('hint: compile a model') })
  })
})

test('JSON on stdout has the documented fields', () => {
  const { code, stdout, stderr } = cli.run('bench', 'tiny', '--json', ...QUICK)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({
    schema: SCHEMA,
    bundle: { folder: 'tiny', modelHash: expect.stringMatching(/^[\da-f]{64}$/), macs: expect.any(Number) },
    engine: { name: 'node', version: process.versions.node },
    results: [{ target: 'simd128', launches: expect.any(Number), memoryBytes: expect.any(Number) }],
  })
  const [{ milliseconds, rounds, gmacs, fraction, costs }] = report.results
  expect(milliseconds.min).toBeGreaterThan(0)
  expect(milliseconds.median).toBeGreaterThanOrEqual(milliseconds.min)
  expect(milliseconds.p90).toBeGreaterThanOrEqual(milliseconds.median)
  expect(rounds).toBeGreaterThanOrEqual(1)
  expect(gmacs).toBeGreaterThan(0)
  expect(fraction).toBeGreaterThan(0)
  expect(costs.flat().every((cost: number) => cost > 0)).toBe(true)
})

test('two bundles, of which one has steps', () => {
  const { stdout } = cli.run('bench', 'stepped', '--compare', 'tiny', '--max-regression', '99%', '--json', ...QUICK)
  const [result] = JSON.parse(stdout).results
  expect(result.comparison).toMatchObject({ against: 'bundle', ratio: expect.any(Number), p: expect.any(Number) })
  expect(result.base.milliseconds.median).toBeGreaterThan(0)
  expect(result.layers.length).toBeGreaterThan(20)
  expect(result.layers[0].milliseconds).toBeGreaterThan(0)
  expect(result.base.layers).toBeUndefined()
})

describe('baselines', () => {
  test('are written, read, and normalised: one that nothing can hold is a regression with exit code 5', () => {
    expect(cli.run('bench', 'tiny', '--output', 'out/base.json', ...QUICK)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('simd128'),
    })
    const baseline = JSON.parse(readFileSync(cli.path('out/base.json'), 'utf8'))
    baseline.results[0].costs = Array.from({ length: 8 }, () => [1e-6])
    writeFileSync(cli.path('fast.json'), JSON.stringify(baseline))
    const { code, stdout, stderr } = cli.run('bench', 'tiny', '--baseline', 'fast.json', ...QUICK.slice(0, -1), '20')
    expect(code).toBe(5)
    expect(stdout).toContain('slower than the baseline by more than 5 %')
    expect(stderr).toContain('slower than the baseline')
  })

  test('of slower bundles pass', () => {
    const baseline = reportOf([{ ...RESULT, target: 'simd128', costs: Array.from({ length: 8 }, () => [1e9]) }])
    writeFileSync(cli.path('slow.json'), JSON.stringify(baseline))
    const { code, stderr } = cli.run('bench', 'tiny', '--baseline', 'slow.json', ...QUICK)
    expect(code).toBe(0)
    expect(stderr).toContain('note: the baseline is of another model')
  })
})

describe('where results go', () => {
  test('--output has the format that its name ends in; the table is on stdout', () => {
    const { stdout, stderr } = cli.run('bench', 'tiny', '--output', 'result.xml', ...QUICK)
    expect(readFileSync(cli.path('result.xml'), 'utf8')).toContain('<testsuite name="bench tiny" tests="1" failures="0">')
    expect(stdout).toContain('median ms')
    expect(stderr).toContain('wrote result.xml')
  })

  test('--format alone is on stdout', () => {
    const { stdout } = cli.run('bench', 'tiny', '--format', 'gha', ...QUICK)
    expect(JSON.parse(stdout)).toMatchObject([{ name: 'simd128', unit: 'ms' }])
  })

  test('a step summary is appended to what GitHub names', () => {
    writeFileSync(cli.path('summary.md'), 'before\n')
    cli.runWith({ GITHUB_STEP_SUMMARY: cli.path('summary.md') }, 'bench', 'tiny', '--format', 'step-summary', ...QUICK)
    expect(readFileSync(cli.path('summary.md'), 'utf8')).toMatch(/^before\n### Benchmark of tiny\n\n\| target \|/)
  })
})

const hasChromium = (): boolean =>
  !cannotRun('bench in Chromium', spawnSync('chromium', ['--version']).error ? 'there is no chromium on PATH' : null)

test.runIf(onlyInFull(1) && hasChromium())('in Chromium', () => {
  const { code, stdout } = cli.run('bench', 'stepped', '--compare', 'tiny', '--max-regression', '99%', '--browser', '--json', ...QUICK)
  expect(code).toBe(0)
  const { engine, results } = JSON.parse(stdout)
  expect(engine).toMatchObject({ name: 'chromium', version: expect.stringMatching(/^\d+\./) })
  expect(results[0].layers.length).toBeGreaterThan(20)
  expect(results[0].loadMilliseconds).toBeGreaterThan(0)
})
