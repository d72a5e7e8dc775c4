/** `compile`: a model to a bundle in a folder. */

import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import type { Argv } from 'yargs'
import { printGraph } from '../../ir/graph/print.ts'
import { printSchedule } from '../../targets/schedule/print-schedule.ts'
import type { CostModel } from '../../targets/target/cost.ts'
import { parseCostModel } from '../../targets/target/cost-file.ts'
import { type Bundle, WEIGHTS, wasmName } from '../bundle/bundle.ts'
import { checkedFile, PRESETS, type Preprocess } from '../bundle/preprocess.ts'
import { ForeignFiles, writeBundle } from '../bundle/write-bundle.ts'
import { PassCheck } from '../checking/check-passes.ts'
import { importModel } from '../import/import.ts'
import { compile } from '../index.ts'
import { PASSES } from '../passes/index.ts'
import type { CompileEvents } from '../pipeline.ts'
import { runPasses } from '../rewriting/pass.ts'
import { formatBytes, formatTime, type GlobalOptions, type Output, table } from '../terminal/output.ts'
import { type ArgumentsOf, command } from './command.ts'
import { CompileTrace } from './compile-trace.ts'
import { Dumps } from './dumps.ts'
import { CheckFailed, EXIT, UsageError, withFile } from './errors.ts'
import { type ModelFile, readModel, shapeOptions, targetOption } from './model-options.ts'
import { nearest } from './suggest.ts'
import { uninterrupted } from './uninterrupted.ts'

const FORMATS = ['f32', 'f16'] as const
const EMITS = ['graph', 'schedule', 'wat'] as const

function builder(argv: Argv<GlobalOptions>) {
  const passes = PASSES.map((p) => p.name)
  return shapeOptions(targetOption(argv))
    .positional('model', { type: 'string', demandOption: true, describe: 'ONNX file' })
    .option('output', { alias: 'o', type: 'string', requiresArg: true, describe: 'Folder of the bundle' })
    .option('weights', {
      choices: FORMATS,
      requiresArg: true,
      default: 'f32' as const,
      describe: 'How weights are stored; f16 halves the download, arithmetic stays float32',
    })
    .option('single-file', { type: 'boolean', describe: 'Put modules and weights into index.js' })
    .option('preprocess', {
      type: 'string',
      requiresArg: true,
      describe: 'Take images: torchvision, tensorflow, none, or a .json file',
    })
    .option('labels', { type: 'string', requiresArg: true, describe: 'Text file with a line for each class' })
    .option('max-size', { type: 'string', requiresArg: true, coerce: parseSize, describe: 'Fail if a module has more code, such as 60KB' })
    .option('cost-model', { type: 'string', requiresArg: true, describe: 'Choose kernels by prices that tune has written' })
    .option('emit', { choices: EMITS, requiresArg: true, describe: 'Print what the compiler makes; needs no -o' })
    .option('print-after', {
      type: 'string',
      requiresArg: true,
      coerce: passNames(['all', ...passes]),
      describe: 'Print the graph after this pass, or after all',
    })
    .option('stop-after', {
      type: 'string',
      requiresArg: true,
      coerce: passNames(passes),
      describe: 'Run the passes up to this one and print the graph',
    })
    .option('check', { type: 'boolean', describe: 'Interpret the graph after every pass and name the first that changes the outputs' })
    .option('explain', { type: 'boolean', describe: 'Say which kernels were chosen, and which fusions were missed' })
    .option('profile', { type: 'boolean', describe: 'Make a bundle whose steps the profile command can time' })
    .option('time', { type: 'boolean', describe: 'Say how long each stage and pass took' })
    .example('$0 model.onnx -o dist/', 'compile for every current engine')
    .example('$0 model.onnx -o dist/ --dim batch_size=1', 'give a symbolic dimension its extent')
    .example('$0 model.onnx -o dist/ --target simd128 --max-size 60KB', 'one target, with a limit for its code')
    .example('$0 model.onnx -o dist/ --weights f16', 'half the download')
    .example('$0 model.onnx -o dist/ --preprocess torchvision --labels imagenet.txt', 'images in, labels out')
    .example('$0 compile model.onnx --emit graph', 'show the optimised graph')
}

type CompileArguments = ArgumentsOf<typeof builder>

export const compileCommand = command({
  command: ['compile <model>', '$0'],
  describe: 'Compile an ONNX model into a bundle (the default command)',
  builder,
  run,
})

async function run(args: CompileArguments, output: Output): Promise<void> {
  if (!args.output && !args.emit && !args.stopAfter && !args.printAfter) {
    throw new UsageError('where to? give a folder with -o', `for example: mobilenet-compile ${args.model} -o dist/`)
  }
  const start = performance.now()
  const model = readModel(args.model, args)
  if (args.stopAfter) return stopAfter(args.stopAfter, model, args, output)
  const dumps = new Dumps(output)
  const { bundle, trace } = await compileModel(model, args, output, dumps)
  if (args.emit === 'graph') dumps.add('graph', trace.graph)
  checkSize(bundle, args.maxSize)
  if (args.output) write(bundle, args.output)
  const milliseconds = performance.now() - start
  if (args.time) output.dump(trace.times(output.colors))
  else output.detail(trace.times(output.colors))
  if (args.output) report(bundle, { model: args.model, folder: args.output, milliseconds, dumped: args.emit !== undefined }, dumps, output)
  else output.value(dumps.value)
}

interface Compiled {
  readonly bundle: Bundle
  readonly trace: CompileTrace
}

async function compileModel(model: ModelFile, args: CompileArguments, output: Output, dumps: Dumps): Promise<Compiled> {
  const trace = new CompileTrace((stage) => output.progress(stage))
  try {
    const bundle = await compile(model.bytes, {
      ...model.options,
      ...events(args, output, dumps, trace),
      targets: args.target?.map((t) => t.name),
      name: model.name,
      profile: args.profile,
      weights: args.weights,
      singleFile: args.singleFile,
      ...(args.preprocess !== undefined && { preprocess: readPreprocess(args.preprocess) }),
      ...(args.labels !== undefined && { labels: readLabels(args.labels) }),
      ...(args.costModel !== undefined && { costModel: readCostModel(args.costModel) }),
    })
    trace.end()
    return { bundle, trace }
  } finally {
    output.endProgress()
  }
}

/** A preset's name, or the content of a file. */
function readPreprocess(path: string): Preprocess {
  if (Object.hasOwn(PRESETS, path)) return path as keyof typeof PRESETS
  if (!/\.json$/i.test(path)) {
    const known = Object.keys(PRESETS)
    const near = nearest(path, known)
    throw new UsageError(
      `--preprocess ${path}: expected ${known.join(', ')} or a .json file`,
      near ? `did you mean ${near}?` : 'for example --preprocess torchvision',
    )
  }
  const text = readText(path)
  try {
    return checkedFile(JSON.parse(text))
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof SyntaxError ? 'is not JSON' : (error as Error).message}`)
  }
}

/** The lines of a text file, without empty ones at its end. */
function readLabels(path: string): string[] {
  return readText(path)
    .replace(/(\r?\n)+$/, '')
    .split(/\r?\n/)
}

/** A text file's content, without the byte order mark that some editors put in front. */
function readText(path: string): string {
  return withFile(path, () => readFileSync(path, 'utf8')).replace(/^\uFEFF/, '')
}

function readCostModel(path: string): CostModel {
  const text = withFile(path, () => readFileSync(path, 'utf8'))
  try {
    return parseCostModel(text)
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : error}`, 'tune -o costs.json makes one')
  }
}

/** Everything that the options ask to see while compiling. */
function events(args: CompileArguments, output: Output, dumps: Dumps, trace: CompileTrace): CompileEvents {
  const check = args.check ? new PassCheck((pass) => output.note(`check: ${pass} keeps the outputs`)) : null
  const perTarget = (kind: string, target: string, text: string): void => dumps.addNamed(kind, target, target, text)
  return {
    onStage: (stage) => trace.stage(stage),
    onImport: (graph) => {
      if (args.printAfter === 'all') dumps.addNamed('after', 'import', 'import', printGraph(graph))
      check?.events.onImport(graph)
    },
    onPass: (pass, graph, milliseconds) => {
      trace.pass(pass, graph, milliseconds)
      if (args.printAfter === 'all' || args.printAfter === pass) dumps.addNamed('after', pass, `after ${pass}`, printGraph(graph))
      check?.events.onPass(pass, graph)
    },
    ...(args.explain && { onExplain: (text) => output.dump(text) }),
    ...(output.verbose && !args.explain && { onRemark: (pass, text) => output.detail(`${pass}: ${text}`) }),
    ...(args.emit === 'schedule' && { onSchedule: (target, schedule) => perTarget('schedule', target, printSchedule(schedule)) }),
    ...(args.emit === 'wat' && { onText: (target: string, wat: string) => perTarget('wat', target, wat) }),
  }
}

function stopAfter(pass: string, model: ModelFile, args: CompileArguments, output: Output): void {
  if (args.output) throw new UsageError('--stop-after makes no bundle: leave -o out')
  const trace = new CompileTrace(() => {})
  const dumps = new Dumps(output)
  const watched = events(args, output, dumps, trace)
  const imported = importModel(model.bytes, model.options)
  watched.onImport?.(imported)
  const graph = runPasses(imported, PASSES, { ...watched, stopAfter: pass })
  if (output.json || (args.printAfter !== pass && args.printAfter !== 'all')) dumps.add('graph', printGraph(graph))
  output.value(dumps.value)
}

function write(bundle: Bundle, folder: string): void {
  try {
    withFile(folder, () => uninterrupted(() => writeBundle(bundle, folder)))
  } catch (error) {
    if (!(error instanceof ForeignFiles)) throw error
    throw new UsageError(error.message, 'choose another folder, or move these files away')
  }
}

function checkSize(bundle: Bundle, limit: number | undefined): void {
  if (limit === undefined) return
  const over = Object.entries(bundle.manifest.sizes.code).filter(([, bytes]) => bytes > limit)
  if (over.length === 0) return
  const list = over.map(([target, bytes]) => `${wasmName(target)} has ${formatBytes(bytes)}`).join(', ')
  throw new CheckFailed(`${list}, more than the ${formatBytes(limit)} of --max-size; nothing was written`, EXIT.budget)
}

interface Outcome {
  readonly model: string
  readonly folder: string
  readonly milliseconds: number
  /** Something else that was asked for is on stdout. */
  readonly dumped: boolean
}

function report(bundle: Bundle, { model, folder, milliseconds, dumped }: Outcome, dumps: Dumps, output: Output): void {
  const { targets, peakMemory, sizes } = bundle.manifest
  const brotli = (name: string): number => brotliCompressSync(bundle.files.get(name) as Uint8Array).length
  const code = targets.map((target) => ({
    target,
    bytes: sizes.code[target] as number,
    brotli: brotli(wasmName(target)),
    peakMemory: peakMemory[target] as number,
  }))
  const inline = !bundle.files.has(WEIGHTS)
  const loader = { bytes: sizes.loader, ...(!inline && { brotli: brotli('index.js') }) }
  const files = [...bundle.files.keys()]
  const weights = { bytes: sizes.weights }
  output.value({ model, folder, milliseconds: Math.round(milliseconds), targets: code, weights, loader, files, ...dumps.value })
  if (output.json || output.quiet) return
  const { bold, dim, green } = output.colors
  const rows = [
    ...code.map((c) => [wasmName(c.target), formatBytes(c.bytes), formatBytes(c.brotli), formatBytes(c.peakMemory)]),
    [inline ? 'weights, in index.js' : WEIGHTS, formatBytes(sizes.weights), '', ''],
    ['index.js', formatBytes(loader.bytes), loader.brotli === undefined ? '' : formatBytes(loader.brotli), ''],
  ]
  const head = `${green('✓')} ${model} → ${bold(folder)} ${dim(`(${files.length} files, ${formatTime(milliseconds)})`)}`
  const text = `${head}\n\n${table(output.colors, ['file', 'bytes', 'brotli', 'peak memory'], rows, [1, 2, 3])}\n`
  if (dumped) output.note(text)
  else output.text(text)
}

function passNames(known: readonly string[]): (value: unknown) => string | undefined {
  return (value) => {
    if (value === undefined || known.includes(String(value))) return value as string | undefined
    const near = nearest(String(value), known)
    throw new UsageError(`unknown pass ${JSON.stringify(value)}`, near ? `did you mean ${near}?` : `passes: ${known.join(', ')}`)
  }
}

/** Bytes, from `60KB`, `1.5MiB` or `4096`. */
function parseSize(value: unknown): number | undefined {
  if (value === undefined) return undefined
  const match = /^(\d+(?:\.\d+)?)\s*(|k|m)(i?)b?$/i.exec(String(value))
  if (!match) throw new UsageError(`--max-size ${value}: expected a size such as 60KB or 64KiB`)
  const base = match[3] ? 1024 : 1000
  return Number(match[1]) * base ** ['', 'k', 'm'].indexOf((match[2] as string).toLowerCase())
}
