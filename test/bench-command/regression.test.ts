/** What the command is for: it finds a slowdown of a tenth, and is quiet where nothing changed. Takes minutes. */

import { readFileSync } from 'node:fs'
import binaryen from 'binaryen'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BenchReport } from '../../compiler/bench/report.ts'
import { makeBundle } from '../../compiler/bundle.ts'
import { compile } from '../../compiler/index.ts'
import { linkModel } from '../../compiler/pipeline.ts'
import { writeBundle } from '../../compiler/write-bundle.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { readModule } from '../../targets/wasm/simd.ts'
import { CommandLine } from '../cli/spawn.ts'
import { FULL } from '../shared-data.ts'
import { copyBundle, slowCopy } from './slowdown.ts'

const QUIET_RUNS = Number(process.env.BENCH_QUIET_RUNS ?? 20)
const SLOW_RUNS = Number(process.env.BENCH_SLOW_RUNS ?? 5)
const MINUTES = 60_000

if (!FULL) console.log('skipped: catching slowdowns takes minutes; npm run test:full does it')

describe.runIf(FULL)('a bundle, an equal copy and a copy that is 10 % slower', () => {
  const cli = new CommandLine()

  beforeAll(async () => {
    await cli.build()
    const model = createModel('mobilenet-v1', { width: 0.5, resolution: 128, classes: 100 })
    writeBundle(await compile(model, { targets: ['simd128'] }), cli.path('base'))
    copyBundle(cli.path('base'), cli.path('same'))
    await slowCopy(cli.path('base'), cli.path('slow'), 0.1)
    expect(cli.run('bench', 'base', '--output', 'baseline.json').code).toBe(0)
  })

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
      expect(caught(SLOW_RUNS, 'slow', ...against)).toBe(SLOW_RUNS)
    },
    20 * MINUTES,
  )
})

describe.runIf(FULL)('a profiling build in which one step got slower', () => {
  const cli = new CommandLine()
  const STEP = 8

  beforeAll(async () => {
    await cli.build()
    const model = createModel('mobilenet-v1', { width: 0.5, resolution: 128, classes: 100 })
    const { modules, weights } = linkModel(model, { targets: ['simd128'], profile: true })
    const source = { name: 'm', modelHash: '0'.repeat(64) }
    writeBundle(makeBundle({ model: source, modules, weights, profile: true }), cli.path('base'))
    const slower = modules.map((m) => ({ ...m, wasm: withSlowStep(m.wasm, STEP, m.steps.length) }))
    writeBundle(makeBundle({ model: source, modules: slower, weights, profile: true }), cli.path('slow'))
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

/** The module, in which `step(slow)` does its work three times, and a run is all of its steps. */
function withSlowStep(wasm: Uint8Array, slow: number, steps: number): Uint8Array {
  const module = readModule(wasm)
  try {
    const step = binaryen.getExportInfo(module.getExport('step')).value
    const call = (i: number): number => module.call(step, [i], binaryen.none)
    const again = (): number => call(module.local.get(0, binaryen.i32))
    const isSlow = module.i32.eq(module.local.get(0, binaryen.i32), module.i32.const(slow))
    const body = module.block(null, [module.if(isSlow, module.block(null, [again(), again()])), again()])
    module.addFunction('slow-step', binaryen.createType([binaryen.i32]), binaryen.none, [], body)
    const all = Array.from({ length: steps }, (_, i) => module.call('slow-step', [module.i32.const(i)], binaryen.none))
    module.addFunction('slow-run', binaryen.none, binaryen.none, [], module.block(null, all))
    for (const name of ['step', 'run']) {
      module.removeExport(name)
      module.addFunctionExport(`slow-${name}`, name)
    }
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}
