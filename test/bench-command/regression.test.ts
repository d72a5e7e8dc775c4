/**
 * What the command is for: it finds a slowdown of a tenth, and is quiet where nothing changed. Takes minutes.
 * On a machine that is very busy a few slowdowns may stay unclear; false alarms may not happen.
 */

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BenchReport } from '../../compiler/bench/report.ts'
import { makeBundle } from '../../compiler/bundle/bundle.ts'
import { writeBundle } from '../../compiler/bundle/write-bundle.ts'
import { linkModel } from '../../compiler/pipeline.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import type { CompiledModule } from '../../targets/linking/module.ts'
import { targetNamed } from '../../targets/target/target.ts'
import { CommandLine } from '../cli/spawn.ts'
import { onlyInFull } from '../run/short-form.ts'
import { repetitions, withRepeatedSteps } from './slowdown.ts'

const QUIET_RUNS = Number(process.env.BENCH_QUIET_RUNS ?? 20)
const SLOW_RUNS = Number(process.env.BENCH_SLOW_RUNS ?? 5)
const MINUTES = 60_000

/** A network with steps, and how to write bundles of it in which they run a number of times each. */
function linked(cli: CommandLine) {
  const model = createModel('mobilenet-v1', { width: 0.5, resolution: 128, classes: 100 })
  const { modules, weights } = linkModel(model, { targets: [targetNamed('simd128')], profile: true })
  const [module] = modules as [CompiledModule]
  const write = (folder: string, { profile = false, times = module.steps.map(() => 1) } = {}): void => {
    const made = { ...module, wasm: withRepeatedSteps(module.wasm, times) }
    writeBundle(makeBundle({ model: { name: 'm', modelHash: '0'.repeat(64) }, modules: [made], weights, profile }), cli.path(folder))
  }
  return { steps: module.steps.length, write }
}

describe.runIf(onlyInFull(4))('a bundle, an equal copy and a copy that is 10 % slower', () => {
  const cli = new CommandLine()

  beforeAll(async () => {
    await cli.build()
    const { steps, write } = linked(cli)
    write('stepped', { profile: true })
    const { stdout } = cli.run('bench', 'stepped', '--json')
    const [result] = (JSON.parse(stdout) as BenchReport).results
    const times = repetitions(result?.layers?.map(({ milliseconds }) => milliseconds) ?? [], 0.1)
    expect(times).toHaveLength(steps)
    write('base')
    write('same')
    write('slow', { times })
    expect(cli.run('bench', 'base', '--output', 'baseline.json').code).toBe(0)
  }, 5 * MINUTES)

  afterAll(() => cli.remove())

  /** How many of `runs` end with exit code 5; prints each. */
  function caught(runs: number, folder: string, ...against: string[]): number {
    const codes = Array.from({ length: runs }, () => {
      const { code, stdout, stderr } = cli.run('bench', folder, ...against, '--json')
      if (code !== 0 && code !== 5) throw new Error(stderr)
      const [result] = (JSON.parse(stdout) as BenchReport).results
      const { ratio, interval, p, verdict } = result?.comparison ?? {}
      console.log(folder, against[0], code, verdict, ratio, interval, p, `${result?.launches} launches`)
      return code
    })
    const count = codes.filter((code) => code === 5).length
    console.log(`${folder} ${against[0]}: ${count} of ${runs} reported as slower`)
    return count
  }

  test.each([
    ['--compare', 'base'],
    ['--baseline', 'baseline.json'],
  ])(
    '%s: quiet over reruns of the equal copy',
    (...against) => {
      expect(caught(QUIET_RUNS, 'same', ...against)).toBe(0)
    },
    40 * MINUTES,
  )

  test.each([
    ['--compare', 'base'],
    ['--baseline', 'baseline.json'],
  ])(
    '%s: finds the slower copy',
    (...against) => {
      expect(caught(SLOW_RUNS, 'slow', ...against)).toBeGreaterThanOrEqual(0.8 * SLOW_RUNS)
    },
    20 * MINUTES,
  )
})

describe.runIf(onlyInFull(1))('a profiling build in which one step got slower', () => {
  const cli = new CommandLine()
  const STEP = 8

  beforeAll(async () => {
    await cli.build()
    const { steps, write } = linked(cli)
    write('base', { profile: true })
    write('slow', { profile: true, times: Array.from({ length: steps }, (_, i) => (i === STEP ? 6 : 1)) })
  })

  afterAll(() => cli.remove())

  test(
    'that step is named, in the table too',
    () => {
      const profile = JSON.parse(readFileSync(cli.path('base/profile.json'), 'utf8'))
      const { code, stdout } = cli.run('bench', 'slow', '--compare', 'base', '--output', 'report.json', '--max-regression', '3%')
      console.log(stdout)
      const report: BenchReport = JSON.parse(readFileSync(cli.path('report.json'), 'utf8'))
      expect(code).toBe(5)
      expect(report.results[0]?.slowed?.[0]?.origins).toEqual(profile.targets.simd128.steps[STEP].origins)
      expect(stdout).toContain('slower layer')
    },
    5 * MINUTES,
  )
})
