/** `create <architecture> -o m.onnx`: a MobileNet of any size, untrained. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { CommandModule } from 'yargs'
import { ARCHITECTURES, createModel, findArchitecture, type LIMITS, problemWith } from '../zoo/index.ts'
import { UsageError, withFile } from './errors.ts'
import { formatBytes, type GlobalOptions, Output } from './output.ts'
import { nearest } from './suggest.ts'

interface CreateArguments extends GlobalOptions {
  readonly architecture: string
  readonly output: string
  readonly width: number
  readonly resolution?: number
  readonly classes?: number
  readonly seed: number
}

const NAMES = ARCHITECTURES.map((a) => a.name)

export const createCommand: CommandModule<GlobalOptions, CreateArguments> = {
  command: 'create <architecture>',
  describe: 'Write a MobileNet as an ONNX model, with untrained but calibrated weights',
  builder: (argv) =>
    argv
      .positional('architecture', { type: 'string', demandOption: true, describe: NAMES.join(', ') })
      .option('output', { alias: 'o', type: 'string', demandOption: true, requiresArg: true, describe: 'File to write' })
      .option('width', { requiresArg: true, default: 1, coerce: numberFor('width'), describe: 'Multiplies the channel counts' })
      .option('resolution', {
        requiresArg: true,
        coerce: numberFor('resolution'),
        describe: 'Input height and width [default: 224; CIFAR: 32]',
      })
      .option('classes', { requiresArg: true, coerce: numberFor('classes'), describe: 'Number of logits [default: 1000; CIFAR: 10]' })
      .option('seed', { requiresArg: true, default: 0, coerce: numberFor('seed'), describe: 'Of the weights: same seed, same bytes' })
      .example('$0 create mobilenet-v2 -o v2.onnx', 'MobileNetV2 for 1000 classes at 224×224')
      .example('$0 create mobilenet-v1 -o v1.onnx --width 0.25 --resolution 128', 'the smallest MobileNetV1 of the paper')
      .example('$0 create mobilenet-v3-small -o v3.onnx --classes 10 --seed 7', 'ten classes, other weights'),
  handler: (args) => create(args),
}

function create({ architecture: name, output: path, width, seed, ...args }: CreateArguments): void {
  const output = new Output(args)
  const architecture = findArchitecture(name)
  if (!architecture) throw unknownArchitecture(name)
  const { resolution = architecture.resolution, classes = architecture.classes } = args
  output.progress(`calibrating ${architecture.title}`)
  const bytes = createModel(name, { width, resolution, classes, seed })
  withFile(path, () => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  })
  const size = `${resolution}×${resolution}, ${classes} classes, seed ${seed}, ${formatBytes(bytes.length)}`
  output.text(`${path}: ${architecture.title} ${width}, ${size}`)
  output.value({ path, architecture: name, width, resolution, classes, seed, bytes: bytes.length })
}

function unknownArchitecture(name: string): UsageError {
  const near = nearest(name, NAMES)
  return new UsageError(
    `unknown architecture ${JSON.stringify(name)}, expected one of ${NAMES.join(', ')}`,
    near ? `did you mean ${near}?` : undefined,
  )
}

/** Reads an option's value, or says what it may be. */
function numberFor(option: keyof typeof LIMITS): (value: unknown) => number {
  return (value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : typeof value === 'number' ? value : Number.NaN
    const problem = problemWith(option, number)
    if (problem) throw new UsageError(`--${problem.replace(/, is .*/, '')}, not ${String(value)}`)
    return number
  }
}
