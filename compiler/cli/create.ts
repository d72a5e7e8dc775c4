/** `create <architecture> -o m.onnx`: a MobileNet of any size, untrained. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Argv } from 'yargs'
import { formatBytes, type GlobalOptions, type Output } from '../terminal/output.ts'
import { ARCHITECTURES, findArchitecture, LIMITS, problemWith } from '../zoo/catalogue.ts'
import { type ArgumentsOf, command } from './command.ts'
import { UsageError, withFile } from './errors.ts'
import { nearest } from './suggest.ts'

const NAMES = ARCHITECTURES.map((a) => a.name)

function builder(argv: Argv<GlobalOptions>) {
  return argv
    .positional('architecture', { type: 'string', demandOption: true, describe: NAMES.join(', ') })
    .option('output', { alias: 'o', type: 'string', demandOption: true, requiresArg: true, describe: 'File to write' })
    .option('width', { requiresArg: true, describe: 'Multiplies the channel counts [default: 1]' })
    .option('resolution', { requiresArg: true, describe: 'Input height and width [default: 224; CIFAR: 32]' })
    .option('classes', { requiresArg: true, describe: 'Number of logits [default: 1000; CIFAR: 10]' })
    .option('seed', { requiresArg: true, describe: 'Of the weights: same seed, same bytes [default: 0]' })
    .example('$0 create mobilenet-v2 -o v2.onnx', 'MobileNetV2 for 1000 classes at 224×224')
    .example('$0 create mobilenet-v1 -o v1.onnx --width 0.25 --resolution 128', 'the smallest MobileNetV1 of the paper')
    .example('$0 create mobilenet-v3-small -o v3.onnx --classes 10 --seed 7', 'ten classes, other weights')
}

type CreateArguments = ArgumentsOf<typeof builder>

export const createCommand = command({
  command: 'create <architecture>',
  describe: 'Write a MobileNet as an ONNX model, with untrained but calibrated weights',
  builder,
  run,
})

async function run(args: CreateArguments, output: Output): Promise<void> {
  const architecture = findArchitecture(args.architecture)
  if (!architecture) throw unknownArchitecture(args.architecture)
  const path = filePath(args.output)
  const { name, title } = architecture
  const width = numberOption(args, 'width', 1)
  const resolution = numberOption(args, 'resolution', architecture.resolution)
  const classes = numberOption(args, 'classes', architecture.classes)
  const seed = numberOption(args, 'seed', 0)
  output.progress(`calibrating ${title}`)
  const { createModel } = await import('../zoo/index.ts')
  const bytes = createModel(name, { width, resolution, classes, seed })
  withFile(path, () => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  })
  output.note(
    `${path}: ${title}, width ${width}, ${resolution}×${resolution}, ${classes} classes, seed ${seed}, ${formatBytes(bytes.length)}`,
  )
  output.value({ path, architecture: name, width, resolution, classes, seed, bytes: bytes.length })
}

function unknownArchitecture(name: string): UsageError {
  const near = nearest(name, NAMES)
  return new UsageError(
    `unknown architecture ${JSON.stringify(name)}, expected one of ${NAMES.join(', ')}`,
    near ? `did you mean ${near}?` : undefined,
  )
}

function filePath(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new UsageError('--output must be one file')
  return value
}

/** yargs gives a number, but a string where the value is no number, and a list where the option is repeated. */
function numberOption(args: CreateArguments, option: 'width' | 'resolution' | 'classes' | 'seed', absent: number): number {
  const value = args[option] ?? absent
  const number = typeof value === 'number' ? value : Number.NaN
  if (problemWith(option, number) === null) return number
  const { min, max, integer } = LIMITS[option]
  throw new UsageError(`--${option} must be ${integer ? 'an integer' : 'a number'} from ${min} to ${max}, not ${String(value)}`)
}
