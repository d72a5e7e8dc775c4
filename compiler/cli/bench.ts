/** `bench`: how fast a bundle is, and whether it got slower. */

import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import type { Argv } from 'yargs'
import type { Target } from '../../targets/target/target.ts'
import { baselineOf, baselineRemarks, parseBaseline } from '../bench/baseline.ts'
import { chromiumEngine, NoBrowser } from '../bench/chromium-engine.ts'
import type { Engine } from '../bench/engine.ts'
import { regressions } from '../bench/formats/figures.ts'
import { FORMATS, type Format, formatReport } from '../bench/formats/index.ts'
import { nodeEngine } from '../bench/node-engine.ts'
import type { BenchReport } from '../bench/report.ts'
import { readSubject, type Subject } from '../bench/subject.ts'
import { type GlobalOptions, Output } from '../terminal/output.ts'
import { type ArgumentsOf, command } from './command.ts'
import { CheckFailed, EXIT, UsageError, withFile } from './errors.ts'
import { targetOption } from './model-options.ts'

function builder(argv: Argv<GlobalOptions>) {
  return targetOption(argv)
    .positional('bundle', { type: 'string', demandOption: true, describe: 'Folder that compile has written' })
    .describe('target', 'Modules to measure [default: all that the engine accepts]')
    .option('warmup-runs', { type: 'number', requiresArg: true, default: 20, describe: 'Runs before times count' })
    .option('num-runs', { type: 'number', requiresArg: true, default: 100, describe: 'Rounds, at least' })
    .option('min-secs', { type: 'number', requiresArg: true, describe: 'Seconds of rounds, at least [default: 1]' })
    .option('max-secs', { type: 'number', requiresArg: true, default: 60, describe: 'Seconds in all, at most' })
    .option('browser', { type: 'boolean', describe: 'Measure in Chromium, which needs playwright-core' })
    .option('browser-path', { type: 'string', requiresArg: true, describe: 'Which Chromium [default: CHROME_PATH, or one on PATH]' })
    .option('compare', { type: 'string', requiresArg: true, describe: 'Folder of another bundle, measured in the same rounds' })
    .option('baseline', { type: 'string', requiresArg: true, describe: 'JSON of an earlier bench, perhaps of another machine' })
    .option('max-regression', {
      type: 'string',
      requiresArg: true,
      default: '5%',
      describe: 'Slowdown that is tolerated; more of it ends with exit code 5',
    })
    .option('format', { choices: FORMATS, requiresArg: true, describe: 'Format of the result [default: table, or as --output ends]' })
    .option('output', { alias: 'o', type: 'string', requiresArg: true, describe: 'File for the result' })
    .example('$0 bench dist/', 'measure in Node')
    .example('$0 bench dist/ --browser --target simd128', 'one module, in Chromium')
    .example('$0 bench head/ --compare base/ --max-regression 3%', 'fail where head is slower than base')
    .example('$0 bench dist/ --output bench.json', 'keep a baseline')
    .example('$0 bench dist/ --baseline bench.json --format step-summary', 'compare with it, in a GitHub workflow')
}

type BenchArguments = ArgumentsOf<typeof builder>

export const benchCommand = command({
  command: 'bench <bundle>',
  describe: 'Measure how fast a bundle is, and whether it got slower',
  builder,
  run,
})

/** Loads the back end itself, so that help and usage errors do not wait for it. */
async function run(args: BenchArguments, output: Output): Promise<void> {
  checkLimits(args)
  const maxRegression = parseFraction(args.maxRegression)
  const subject = openSubject(args.bundle)
  const compare = args.compare === undefined ? undefined : openSubject(args.compare)
  const baseline = args.baseline === undefined ? undefined : readBaseline(args.baseline)
  const report = await withEngine(args, async (engine) => {
    const targets = await chooseTargets(engine, subject, { ...args, compareWith: compare, baselineReport: baseline })
    const onLaunch = (launch: number): void => output.progress(`launch ${launch} of ${engine.info.name}`)
    const { minSecs = Math.min(1, args.maxSecs) } = args
    const { bench } = await import('../bench/index.ts')
    return bench(engine, subject, { ...args, minSecs, targets, compare, baseline, maxRegression, onLaunch })
  })
  output.endProgress()
  if (baseline && !compare) for (const remark of baselineRemarks(baseline, report)) output.note(`note: ${remark}`)
  publish(report, args, output)
  const slower = regressions(report)
  if (slower.length > 0) throw new CheckFailed(slower.join('\n'), EXIT.budget, true)
}

function checkLimits({ warmupRuns, numRuns, minSecs, maxSecs, compare, baseline, browser, browserPath }: BenchArguments): void {
  if (!Number.isSafeInteger(warmupRuns) || warmupRuns < 0) throw new UsageError(`--warmup-runs ${warmupRuns}: expected an integer from 0`)
  if (!Number.isSafeInteger(numRuns) || numRuns < 1) throw new UsageError(`--num-runs ${numRuns}: expected an integer from 1`)
  if (minSecs !== undefined && !(minSecs >= 0)) throw new UsageError(`--min-secs ${minSecs}: expected a number of seconds`)
  if (!(maxSecs > 0)) throw new UsageError(`--max-secs ${maxSecs}: expected a positive number of seconds`)
  if (minSecs !== undefined && minSecs > maxSecs) throw new UsageError(`--min-secs ${minSecs} is more than --max-secs ${maxSecs}`)
  if (compare !== undefined && baseline !== undefined) throw new UsageError('--compare and --baseline exclude each other')
  if (browserPath !== undefined && !browser) throw new UsageError('--browser-path is for --browser')
}

/** `5%` or `0.05`. */
function parseFraction(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(text.trim())
  const value = Number(match?.[1]) / (match?.[2] ? 100 : 1)
  if (!match || !(value < 1))
    throw new UsageError(`--max-regression ${text}: expected a share below 100 %`, 'for example --max-regression 5%')
  return value
}

function openSubject(folder: string): Subject {
  try {
    return readSubject(folder)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), 'compile a model with -o <folder> first')
  }
}

function readBaseline(path: string): BenchReport {
  const text = withFile(path, () => readFileSync(path, 'utf8'))
  try {
    return parseBaseline(text)
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : error}`, 'bench --output baseline.json makes one')
  }
}

async function withEngine<T>({ browser, browserPath }: BenchArguments, use: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = browser ? await openBrowser(browserPath) : nodeEngine()
  try {
    return await use(engine)
  } finally {
    await engine.close()
  }
}

async function openBrowser(path: string | undefined): Promise<Engine> {
  try {
    return await chromiumEngine(path)
  } catch (error) {
    throw error instanceof NoBrowser ? new UsageError(error.message, error.hint) : error
  }
}

interface Wanted {
  readonly target?: readonly Target[] | undefined
  readonly compareWith: Subject | undefined
  readonly baselineReport: BenchReport | undefined
}

/** The targets to measure. Those that are asked for must be in all bundles and run in the engine; by default, they are all that do. */
async function chooseTargets(engine: Engine, subject: Subject, { target, compareWith, baselineReport }: Wanted): Promise<Target[]> {
  const absent: [string, (target: Target) => boolean][] = [
    [`${subject.folder} has no`, (t) => !subject.targets.includes(t)],
    [`${compareWith?.folder} has no`, (t) => compareWith?.targets.includes(t) === false],
    ['the baseline has no', (t) => baselineReport !== undefined && !baselineOf(baselineReport, t.name)],
  ]
  const wanted = target ?? subject.targets
  const present = wanted.filter((t) => !absent.some(([, lacks]) => lacks(t)))
  const { runnableTargets } = await import('../bench/measure.ts')
  const runnable = await runnableTargets(engine, present)
  const refused: typeof absent = [...absent, [`${engine.info.name} ${engine.info.version} does not accept`, (t) => !runnable.includes(t)]]
  const missing = (target ?? (runnable.length === 0 ? wanted : [])).find((t) => !runnable.includes(t))
  if (missing) throw new UsageError(`${refused.find(([, lacks]) => lacks(missing))?.[0]} ${missing.name}`)
  return runnable
}

/** Writes the report to the file that is named, or that its format is for, and prints a table. Without a file, it prints the report. */
function publish(report: BenchReport, args: BenchArguments, output: Output): void {
  const format = args.format ?? formatOf(args.output)
  const place = args.output ?? (format === 'step-summary' ? process.env.GITHUB_STEP_SUMMARY : undefined)
  if (place !== undefined) {
    const write = args.output === undefined ? appendFileSync : writeFileSync
    withFile(place, () => {
      mkdirSync(dirname(place), { recursive: true })
      write(place, formatReport(report, format, PLAIN))
    })
    output.note(`wrote ${place}`)
  }
  output.value(report)
  output.text(formatReport(report, place === undefined ? format : 'table', output.colors))
}

/** Files have no colours. */
const PLAIN = new Output({ color: false }).colors

function formatOf(path: string | undefined): Format {
  const formats: Readonly<Record<string, Format>> = { '.json': 'json', '.xml': 'junit', '.md': 'step-summary' }
  return (path !== undefined && formats[extname(path).toLowerCase()]) || 'table'
}
