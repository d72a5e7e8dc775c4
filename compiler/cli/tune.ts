/** `tune`: the cost model's prices on this machine. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import type { Argv } from 'yargs'
import { UNITS, type Unit } from '../../targets/target/cost.ts'
import { formatCostModel } from '../../targets/target/cost-file.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { runnable } from '../running/run-module.ts'
import { type GlobalOptions, type Output, table } from '../terminal/output.ts'
import type { TunedTarget } from '../tune/index.ts'
import { type ArgumentsOf, command } from './command.ts'
import { UsageError, withFile } from './errors.ts'
import { targetOption } from './model-options.ts'
import { relaunch } from './relaunch.ts'

function builder(argv: Argv<GlobalOptions>) {
  return targetOption(argv)
    .describe('target', 'Targets to measure [default: all]')
    .option('output', { alias: 'o', type: 'string', requiresArg: true, describe: 'Cost model to write, for compile --cost-model' })
    .option('num-runs', { type: 'number', requiresArg: true, default: 30, describe: 'Runs to time of every network and layer' })
    .example('$0 tune -o costs.json', 'refit the cost model on this machine')
    .example('$0 compile model.onnx -o dist/ --cost-model costs.json', 'let it choose the kernels')
}

type TuneArguments = ArgumentsOf<typeof builder>

export const tuneCommand = command({
  command: 'tune',
  describe: 'Refit the prices by which kernels are chosen to this machine; takes a few minutes',
  builder,
  run,
})

async function run(args: TuneArguments, output: Output): Promise<void> {
  const { numRuns, target: targets = TARGETS } = args
  if (!Number.isSafeInteger(numRuns) || numRuns < 1) throw new UsageError(`--num-runs ${numRuns}: expected an integer of at least 1`)
  const missing = targets.filter((t) => !runnable(t))
  if (missing.length > 0) return relaunch(missing)
  const { tune, pricesOf } = await import('../tune/index.ts')
  const tuned = await tune({ targets, rounds: numRuns, onProgress: (what) => output.progress(what) })
  const path = args.output
  if (path !== undefined) {
    const machine = `${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}`
    withFile(path, () => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, formatCostModel(machine, pricesOf(tuned)))
    })
  }
  output.text(tuned.map((t) => report(t, output)).join('\n\n'))
  output.value({ targets: tuned, ...(path !== undefined && { path }) })
  if (path !== undefined) output.note(`wrote ${path}`)
}

function report({ target, before, prices, counts, errorBefore, errorAfter }: TunedTarget, { colors }: Output): string {
  const rows = (Object.keys(UNITS) as Unit[]).map((unit) => [
    UNITS[unit],
    picoseconds(before[unit]),
    picoseconds(prices[unit]),
    String(counts[unit]),
  ])
  const errors = `median error of a step's estimate: ${percent(errorBefore)} before, ${percent(errorAfter)} after`
  return `${colors.bold(target)}\n${table(colors, ['price of a', 'committed', 'here', 'steps'], rows, [1, 2, 3])}\n  ${errors}`
}

function picoseconds(price: number): string {
  return price < 1000 ? `${Number(price.toPrecision(3))} ps` : `${Number((price / 1000).toPrecision(3))} ns`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
