/** `run`: a bundle on given inputs. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Argv } from 'yargs'
import { printable } from '../../ir/diagnostics.ts'
import { numbers, type Tensor, type TensorData } from '../../ir/tensors/tensor.ts'
import { formatType } from '../../ir/tensors/types.ts'
import type { ClassScore } from '../../targets/loader/table.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { MANIFEST } from '../bundle/bundle.ts'
import { type LoadedModel, loadFolder } from '../running/load-folder.ts'
import { writeNpy } from '../running/npy.ts'
import { type GlobalOptions, type Output, table } from '../terminal/output.ts'
import { type ArgumentsOf, command } from './command.ts'
import { UsageError, withFile } from './errors.ts'
import { isImage, readImage } from './image-files.ts'
import { assignTensors, parseNamedPath } from './tensor-files.ts'

function builder(argv: Argv<GlobalOptions>) {
  return argv
    .positional('bundle', { type: 'string', demandOption: true, describe: 'Folder that compile has written' })
    .positional('inputs', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'Inputs: [name=]file, .npy or ONNX .pb; or one .jpg or .png',
    })
    .option('output', { alias: 'o', type: 'string', requiresArg: true, describe: 'Write outputs as .npy: a file, or a folder for several' })
    .option('top-k', { type: 'number', requiresArg: true, default: 5, describe: 'How many of the largest elements to print' })
    .option('target', {
      choices: ['auto', ...TARGETS.map((t) => t.name)] as const,
      default: 'auto' as const,
      describe: 'Which module to run',
    })
    .example('$0 run dist/ image.npy', 'print the top classes')
    .example('$0 run dist/ photo.jpg', 'classify an image, with a bundle made with --preprocess')
    .example('$0 run dist/ input=image.npy -o result.npy', 'write the output')
}

type RunArguments = ArgumentsOf<typeof builder>

export const runCommand = command({
  command: 'run <bundle> [inputs..]',
  describe: 'Run a bundle on inputs and print the top classes',
  builder,
  run,
})

interface NamedTensor {
  readonly name: string
  readonly tensor: Tensor
}

async function run(args: RunArguments, output: Output): Promise<void> {
  if (!Number.isSafeInteger(args.topK) || args.topK < 1) throw new UsageError(`--top-k ${args.topK}: expected an integer of at least 1`)
  const model = await open(args.bundle, args.target)
  if (args.inputs.some(isImage)) return classify(model, args, output)
  const inputs = assignTensors('input', model.inputs, args.inputs.map(parseNamedPath))
  const results = model.run(Object.fromEntries(model.inputs.map(({ name }, i) => [name, (inputs[i] as Tensor).data])))
  const tensors = outputsOf(model, (name) => results[name] as TensorData)
  const files = args.output ? write(tensors, args.output) : []
  report(model.target, tensors, args.topK, files, output)
}

function outputsOf({ outputs }: LoadedModel, read: (name: string) => TensorData): NamedTensor[] {
  return outputs.map(({ name, dtype, shape }) => ({ name, tensor: { type: { dtype, shape }, data: read(name) } }))
}

async function classify(model: LoadedModel, { bundle, inputs, topK, output: place }: RunArguments, output: Output): Promise<void> {
  const [path] = inputs
  if (!model.classify) throw new UsageError(`${bundle}: takes no images`, 'compile the model with --preprocess')
  if (inputs.length !== 1 || path === undefined) throw new UsageError('give one image, and nothing else')
  const classes = await model.classify(readImage(path), { topK })
  const tensors = outputsOf(model, model.output)
  const files = place ? write(tensors, place) : []
  output.value({ target: model.target, image: path, classes, ...(files.length > 0 && { files }) })
  if (files.length > 0) output.note(`wrote ${files.join(', ')} (${model.target})`)
  else output.text(`${output.colors.bold(path)} (${model.target})\n${classTable(classes, output)}`)
}

function classTable(classes: readonly ClassScore[], output: Output): string {
  const labelled = classes.some(({ label }) => label !== undefined)
  const rows = classes.map(({ index, label, score }) => [
    ...(labelled ? [printable(label ?? '')] : []),
    String(index),
    `${(100 * score).toFixed(1)} %`,
  ])
  const head = [...(labelled ? ['label'] : []), 'index', 'score']
  return table(output.colors, head, rows, labelled ? [1, 2] : [0, 1])
}

async function open(folder: string, target: string): Promise<LoadedModel> {
  if (!existsSync(join(folder, MANIFEST))) throw new UsageError(`${folder}: is not a bundle, it has no ${MANIFEST}`)
  try {
    return await loadFolder(folder, target)
  } catch (error) {
    throw new UsageError(`${folder}: ${error instanceof Error ? error.message : error}`)
  }
}

/** One output goes to a file, several to a folder; returns the paths. */
function write(tensors: readonly NamedTensor[], place: string): string[] {
  const single = tensors.length === 1 && /\.npy$/i.test(place)
  if (!single) withFile(place, () => mkdirSync(place, { recursive: true }))
  return tensors.map(({ name, tensor }) => {
    const path = single ? place : join(place, npyName(name))
    withFile(path, () => writeFileSync(path, writeNpy(tensor)))
    return path
  })
}

/** The name of a value's file. Characters that paths or systems reserve become `_`. */
export function npyName(value: string): string {
  return `${value.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_') || '_'}.npy`
}

function report(target: string, tensors: readonly NamedTensor[], count: number, files: readonly string[], output: Output): void {
  const outputs = tensors.map(({ name, tensor }) => ({ name, ...tensor.type, rows: topRows(tensor, count) }))
  output.value({ target, outputs, ...(files.length > 0 && { files }) })
  if (files.length > 0) output.note(`wrote ${files.join(', ')} (${target})`)
  else
    for (const { rows, ...port } of outputs)
      output.text(`${output.colors.bold(port.name)} ${formatType(port)} (${target})\n${topTable(rows, output)}`)
}

interface Top {
  readonly index: number
  readonly value: number
}

/** The largest elements of each row; a row is the last axis, after extents of 1 at the end. */
function topRows({ type, data }: Tensor, count: number): Top[][] {
  const values = numbers({ type, data })
  const width = type.shape.findLast((d) => d !== 1) ?? 1
  return Array.from({ length: width === 0 ? 0 : values.length / width }, (_, row) =>
    Array.from({ length: width }, (_, index) => ({ index, value: values[row * width + index] as number }))
      .sort((a, b) => b.value - a.value || a.index - b.index)
      .slice(0, count),
  )
}

/** How many rows are printed. The JSON has all of them. */
const SHOWN_ROWS = 8

function topTable(rows: readonly (readonly Top[])[], output: Output): string {
  const many = rows.length > 1
  const lines = rows
    .slice(0, SHOWN_ROWS)
    .flatMap((row, r) =>
      row.map(({ index, value }) => [...(many ? [String(r)] : []), String(index), Number(value.toPrecision(6)).toString()]),
    )
  const text = table(output.colors, [...(many ? ['row'] : []), 'index', 'value'], lines, many ? [0, 1, 2] : [0, 1])
  return rows.length > SHOWN_ROWS ? `${text}\n  … ${rows.length - SHOWN_ROWS} more rows` : text
}
