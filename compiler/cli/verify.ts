/** `verify`: a model, compiled, against reference outputs. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Argv } from 'yargs'
import { type Graph, nodesOf } from '../../ir/graph/graph.ts'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import { DEFAULT_TARGETS, type Target } from '../../targets/target/target.ts'
import type { Verification } from '../checking/verify.ts'
import { importModel } from '../import/import.ts'
import { formatComparison, TOLERANCES } from '../running/compare.ts'
import { runnable } from '../running/run-module.ts'
import type { GlobalOptions, Output } from '../terminal/output.ts'
import { type ArgumentsOf, command } from './command.ts'
import { CheckFailed, EXIT, UsageError, withFile } from './errors.ts'
import { REPEATABLE, readModel, shapeOptions, targetOption } from './model-options.ts'
import { npyName } from './run.ts'
import { assignTensors, fitted, isFolder, type NamedPath, type NamedValue, parseNamedPath, readTensorFile } from './tensor-files.ts'

const { rtol, atol } = TOLERANCES.rounding

function builder(argv: Argv<GlobalOptions>) {
  const files = { ...REPEATABLE, demandOption: true } as const
  return shapeOptions(targetOption(argv))
    .positional('model', { type: 'string', demandOption: true, describe: 'ONNX file' })
    .option('input', { ...files, describe: 'Input: [name=]file, .npy or ONNX .pb (repeatable)' })
    .option('reference', { ...files, describe: 'Expected output: [name=]file, or a folder with one .npy per value (repeatable)' })
    .option('rtol', { type: 'number', requiresArg: true, default: rtol, describe: 'Relative tolerance' })
    .option('atol', { type: 'number', requiresArg: true, default: atol, describe: 'Absolute tolerance' })
    .example('$0 verify model.onnx --input x.npy --reference y.npy', 'compare the outputs')
    .example('$0 verify model.onnx --input x.npy --reference values/', 'name the first layer that differs')
}

type VerifyArguments = ArgumentsOf<typeof builder>

export const verifyCommand = command({
  command: 'verify <model>',
  describe: 'Compile a model, run it, and compare with reference outputs',
  builder,
  run,
})

async function run(args: VerifyArguments, output: Output): Promise<void> {
  for (const key of ['rtol', 'atol'] as const)
    if (!(args[key] >= 0)) throw new UsageError(`--${key} ${args[key]}: expected a number of at least 0`)
  const model = readModel(args.model, args)
  const graph = importModel(model.bytes, model.options)
  const inputs = assignTensors('input', portsOf(graph.inputs), args.input.map(parseNamedPath))
  const references = readReferences(graph, args.reference.map(parseNamedPath))
  const wanted = args.target ?? DEFAULT_TARGETS
  const targets = wanted.filter(runnable)
  const skipped = wanted.filter((t) => !targets.includes(t))
  if (targets.length === 0) throw new UsageError(`this Node runs none of ${wanted.map((t) => t.name).join(', ')}`)
  const tolerance = { rtol: args.rtol, atol: args.atol }
  const { verifyModel } = await import('../checking/verify.ts')
  const result = verifyModel({ graph, inputs, references, targets, tolerance, onProgress: (what) => output.progress(what) })
  report(result, skipped, output)
  if (!result.ok) throw new CheckFailed(`${args.model} does not compute the reference`, EXIT.verification, true)
}

function portsOf(values: Graph['inputs']): NamedValue[] {
  return values.map(({ name, type }) => ({ name, dtype: type.dtype, shape: type.shape }))
}

/** References by value name; every file must belong to a value. */
function readReferences(graph: Graph, paths: readonly NamedPath[]): ReadonlyMap<string, Tensor> {
  const outputs = graph.outputs.map(({ name, value }) => ({ name, dtype: value.type.dtype, shape: value.type.shape }))
  const files = paths.filter(({ path }) => !isFolder(path))
  const found = new Map<string, Tensor>()
  for (const { path } of paths.filter((p) => !files.includes(p)))
    for (const [name, t] of readFolder(graph, outputs, path)) found.set(name, t)
  const named = files.map((f) => f.name ?? (outputs.length === 1 ? (outputs[0] as NamedValue).name : null))
  const ports = outputs.filter((o) => named.includes(o.name))
  const tensors = assignTensors('output', ports.length === named.length ? ports : outputs, files)
  tensors.forEach((t, i) => {
    found.set((ports[i] as NamedValue).name, t)
  })
  return found
}

/** The `.npy` files that are named like a value of the model. */
function readFolder(graph: Graph, outputs: readonly NamedValue[], folder: string): [string, Tensor][] {
  const values = new Map(nodesOf(graph).flatMap((node) => node.outputs.map((v) => [npyName(v.name), v.name] as const)))
  for (const { name } of outputs) values.set(npyName(name), name)
  const files = withFile(folder, () => readdirSync(folder)).filter((file) => values.has(file))
  if (files.length === 0)
    throw new UsageError(
      `${folder}: no .npy file is named like a value of the model`,
      `for example ${npyName(outputs[0]?.name ?? 'output')}`,
    )
  return files.map((file) => {
    const name = values.get(file) as string
    const tensor = readTensorFile(join(folder, file))
    const output = outputs.find((o) => o.name === name)
    return [name, output ? fitted(tensor, output, join(folder, file)) : tensor]
  })
}

function report(result: Verification, skipped: readonly Target[], output: Output): void {
  output.value({ ...result, skipped: skipped.map((t) => t.name) })
  for (const check of result.checks) {
    if (output.quiet && check.comparison.close) continue
    const mark = check.comparison.close ? output.colors.green('✓') : output.colors.red('✗')
    output.text(`${mark} ${check.target} ${JSON.stringify(check.output)}: ${formatComparison(check.comparison)}`)
  }
  if (result.intermediates > 0 && result.ok && !output.quiet)
    output.text(`${output.colors.green('✓')} ${result.intermediates} values in between are equal too`)
  if (result.diagnosis) output.text(`\n${result.diagnosis}\n`)
  for (const { name } of skipped) output.note(`${name}: this Node does not run it`)
}
