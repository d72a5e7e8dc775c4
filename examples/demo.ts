/**
 * Compiles a small trained network and lets it name drawings. Then creates MobileNetV2, compiles it for every target,
 * checks it against the reference interpreter, runs it, and prints how fast and how large the result is.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { type Bundle, wasmName } from '../compiler/bundle/bundle.ts'
import { writeBundle } from '../compiler/bundle/write-bundle.ts'
import { importModel } from '../compiler/import/import.ts'
import { compile } from '../compiler/index.ts'
import { compareTensors, formatComparison, TOLERANCES } from '../compiler/running/compare.ts'
import { type LoadedModel, loadFolder } from '../compiler/running/load-folder.ts'
import { runnable } from '../compiler/running/run-module.ts'
import { seededInputs } from '../compiler/running/seeded.ts'
import { formatBytes, formatTime, Output, table } from '../compiler/terminal/output.ts'
import { createModel } from '../compiler/zoo/index.ts'
import { interpret } from '../ir/graph/interpret.ts'
import type { Tensor } from '../ir/tensors/tensor.ts'
import { TARGETS, type Target, targetNamed } from '../targets/target/target.ts'
import { classifyDrawings, compileShapes } from './classify-drawings.ts'

const RELAXED_FLAG = '--experimental-wasm-relaxed-simd'

/** Node 20 has relaxed SIMD only behind a flag, so the demo starts itself again with this flag. Returns whether it did. */
function ranWithFlag(): boolean {
  if (runnable(targetNamed('relaxed-simd')) || process.execArgv.includes(RELAXED_FLAG)) return false
  if (spawnSync(process.execPath, [RELAXED_FLAG, '--eval', '0']).status !== 0) return false
  const child = spawnSync(process.execPath, [RELAXED_FLAG, import.meta.filename], { stdio: 'inherit' })
  process.exitCode = child.status ?? 1
  return true
}

/** Prints `text`, does the work, and prints how long it took. */
async function step<T>(text: string, work: () => T | Promise<T>): Promise<T> {
  process.stdout.write(`${text} … `)
  const start = performance.now()
  const result = await work()
  process.stdout.write(`${formatTime(performance.now() - start)}\n`)
  return result
}

const { colors } = new Output({})

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number
}

/** Milliseconds in which the engine optimises the code in the background. */
const WARM_UP = 1500
/** The largest number of timed runs. */
const RUNS = 50
/** Milliseconds for all timed runs: a slow network is run less often. */
const RUN_TIME = 3000

function time(model: LoadedModel): number {
  const start = performance.now()
  model.execute()
  return performance.now() - start
}

/** Median milliseconds of one run. It works on the model's own memory, without copies. */
async function latency(model: LoadedModel): Promise<number> {
  const begin = performance.now()
  while (performance.now() - begin < WARM_UP) {
    time(model)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const runs = Math.max(5, Math.min(RUNS, Math.round(RUN_TIME / time(model))))
  return median(Array.from({ length: runs }, () => time(model)))
}

interface Measured {
  readonly target: string
  readonly check: string
  readonly milliseconds: number | null
}

async function measure(folder: string, target: Target, input: Tensor, want: Tensor): Promise<Measured> {
  if (!runnable(target)) return { target: target.name, check: `not run: Node ${process.versions.node} lacks it`, milliseconds: null }
  const model = await loadFolder(folder, target.name)
  const [given, result] = [model.inputs[0]?.name as string, model.outputs[0]?.name as string]
  const got = { type: want.type, data: model.run({ [given]: input.data })[result] as Tensor['data'] }
  const comparison = compareTensors(got, want, TOLERANCES.rounding)
  if (!comparison.close) process.exitCode = 1
  const milliseconds = await latency(model)
  model.dispose()
  return { target: target.name, check: comparison.close ? 'equal' : formatComparison(comparison), milliseconds }
}

function targetTable(bundle: Bundle, measured: readonly Measured[]): string {
  const rows = measured.map(({ target, check, milliseconds }) => {
    const wasm = bundle.files.get(wasmName(target)) as Uint8Array
    const sizes = [wasm.length, brotliCompressSync(wasm).length, bundle.manifest.peakMemory[target] as number]
    return [target, milliseconds === null ? '–' : formatTime(milliseconds), check, ...sizes.map(formatBytes)]
  })
  const head = ['target', 'median latency', 'against interpreter', 'code', 'brotli', 'peak memory']
  return table(colors, head, rows, [1, 3, 4, 5])
}

/** What a visitor's browser fetches: the loader, one module and the weights. */
function downloadTable(bundle: Bundle, best: string): string {
  const files = ['index.js', wasmName(best), 'weights.bin'].map((name) => ({ name, bytes: bundle.files.get(name) as Uint8Array }))
  const sizes = files.map(({ name, bytes }) => ({ name, raw: bytes.length, brotli: brotliSize(bytes) }))
  const sum = (key: 'raw' | 'brotli'): number => sizes.reduce((total, size) => total + size[key], 0)
  const rows = [...sizes, { name: 'together', raw: sum('raw'), brotli: sum('brotli') }]
  return table(
    colors,
    ['download', 'raw', 'brotli'],
    rows.map(({ name, raw, brotli }) => [name, formatBytes(raw), formatBytes(brotli)]),
    [1, 2],
  )
}

/** Size at the quality that servers use: the best for small files, a fast one for large files. */
function brotliSize(bytes: Uint8Array): number {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: bytes.length > 1e6 ? 5 : 11 } }).length
}

async function shapes(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'shapes-'))
  const targets = TARGETS.map((t) => t.name)
  await step('Compiling examples/shapes, a MobileNet that knows twelve shapes', () => compileShapes(folder, targets))
  const named = await step('Drawing one of each and classifying it', () => classifyDrawings(folder, colors))
  process.stdout.write(`\n${named}\n\n`)
}

async function mobilenetV2(): Promise<void> {
  const model = await step('Creating MobileNetV2 1.0, 224×224, with calibrated random weights', () => createModel('mobilenet-v2'))
  const targets = TARGETS.map((t) => t.name)
  const bundle = await step(`Compiling it for ${targets.join(', ')}`, () => compile(model, { targets, name: 'mobilenet-v2' }))
  const folder = mkdtempSync(join(tmpdir(), 'mobilenet-v2-'))
  writeBundle(bundle, folder)
  const graph = importModel(model)
  const [input] = seededInputs(graph) as [Tensor]
  const [want] = (await step('Running the reference interpreter', () => interpret(graph, [input]))) as [Tensor]
  const measured = await step('Running each module on one thread', async () => {
    const results: Measured[] = []
    for (const target of TARGETS) results.push(await measure(folder, target, input, want))
    return results
  })
  const best = measured.findLast((m) => m.milliseconds !== null)?.target ?? 'scalar'
  process.stdout.write(`\n${targetTable(bundle, measured)}\n\n${downloadTable(bundle, best)}\n\n`)
  process.stdout.write(`Node ${process.versions.node}, ${process.arch}. The bundle is in ${folder}\n`)
}

if (!ranWithFlag()) {
  await shapes()
  await mobilenetV2()
}
