/** Options of the commands that read a model, and the model itself. */

import { readFileSync, statSync } from 'node:fs'
import { basename, extname } from 'node:path'
import type { Argv } from 'yargs'
import { Diagnostic } from '../../ir/diagnostics.ts'
import { DEFAULT_TARGETS, TARGETS, type Target, type TargetName } from '../../targets/target/target.ts'
import type { ImportOptions } from '../import/import.ts'
import { completeLimits, DEFAULT_LIMITS, type Limits } from '../limits/limits.ts'
import { externalDataBeside } from '../onnx/external.ts'
import { UsageError, withFile } from './errors.ts'
import { nearest } from './suggest.ts'

export interface ShapeArguments {
  readonly dim?: readonly string[]
  readonly inputShape?: readonly string[]
  readonly limit?: Partial<Limits>
}

/** An option that may be given more than once. */
export const REPEATABLE = { type: 'string', array: true, requiresArg: true } as const

/** Adds the options that say which shapes a model has and what it may ask for. */
export function shapeOptions<T>(argv: Argv<T>) {
  return argv
    .option('dim', { ...REPEATABLE, describe: 'Extent of a symbolic dimension: name=1 (repeatable)' })
    .option('input-shape', { ...REPEATABLE, describe: 'Shape of an input: [name:]1x3x224x224 (repeatable)' })
    .option('limit', {
      ...REPEATABLE,
      coerce: parseLimits,
      describe: 'What a model may ask for: name=number, such as memoryBytes=512MiB (repeatable); docs/limits.md lists them',
    })
}

/** Limits from texts such as `nodes=500` and `memoryBytes=512MiB`. */
function parseLimits(texts: readonly string[]): Partial<Limits> {
  const known = Object.keys(DEFAULT_LIMITS)
  const entries = texts.map((text) => {
    const match = /^(\w+)=(\d+)(|[KMG]i?B)$/.exec(text)
    const name = match?.[1] ?? text.split('=')[0] ?? ''
    if (!known.includes(name)) {
      const near = nearest(name, known)
      throw new UsageError(
        `--limit ${text}: there is no limit ${JSON.stringify(name)}`,
        near ? `did you mean ${near}?` : `limits: ${known.join(', ')}`,
      )
    }
    const number = Number(match?.[2]) * unitOf(match?.[3] ?? '')
    if (!Number.isSafeInteger(number))
      throw new UsageError(`--limit ${text}: expected name=number`, `for example --limit ${name}=${DEFAULT_LIMITS[name as keyof Limits]}`)
    return [name, number] as const
  })
  return Object.fromEntries(entries)
}

/** Bytes of a unit such as `KB` (1000) or `KiB` (1024). */
function unitOf(unit: string): number {
  return (unit.includes('i') ? 1024 : 1000) ** ['', 'K', 'M', 'G'].indexOf(unit.charAt(0))
}

/** Adds the option that names the targets to compile for; absent, it is undefined. */
export function targetOption<T>(argv: Argv<T>) {
  return argv.option('target', {
    ...REPEATABLE,
    coerce: parseTargets,
    describe: `Modules to make: ${TARGETS.map((t) => t.name).join(', ')} [default: ${DEFAULT_TARGETS.map((t) => t.name).join(',')}]`,
  })
}

/** Target names separated by commas. */
function parseTargets(lists: readonly string[]): Target<TargetName>[] {
  const names = lists.flatMap((list) => list.split(','))
  const known = TARGETS.map((t) => t.name)
  for (const name of names) {
    const near = nearest(name, known)
    if (!(known as string[]).includes(name)) {
      throw new UsageError(
        `--target: unknown target ${JSON.stringify(name)}, expected ${known.join(', ')}`,
        near ? `did you mean ${near}?` : undefined,
      )
    }
  }
  return TARGETS.filter((t) => names.includes(t.name))
}

export interface ModelFile {
  readonly bytes: Uint8Array
  readonly name: string
  readonly options: ImportOptions
}

/** Reads a model and what the command line says of it. External data may only come from the model's folder. */
export function readModel(path: string, args: ShapeArguments): ModelFile {
  const limits = args.limit ?? {}
  const { fileBytes } = completeLimits(limits)
  checkSize(
    path,
    withFile(path, () => sizeOfFile(path)),
    fileBytes,
  )
  const bytes = withFile(path, () => readFileSync(path))
  return {
    bytes,
    name: basename(path, extname(path)),
    options: {
      dims: parseDims(args.dim ?? []),
      inputShapes: (args.inputShape ?? []).map(parseInputShape),
      externalData: externalDataBeside(path, fileBytes),
      limits,
    },
  }
}

/** The size in bytes, known before anything is read. Devices and pipes, which may never end, are refused. */
function sizeOfFile(path: string): number {
  const status = statSync(path)
  if (status.isDirectory()) throw new UsageError(`${path}: is a folder, not a file`)
  if (!status.isFile()) throw new UsageError(`${path}: is a device or a pipe, not a file`)
  return status.size
}

function checkSize(path: string, bytes: number, most: number): void {
  if (bytes <= most) return
  throw new Diagnostic({
    code: 'too-large',
    message: `${path} is no ONNX model to be read: its ${bytes} bytes exceed the limit of ${most}`,
    hint: 'protobuf files have 2 GiB at most; --limit fileBytes=… sets another limit',
  })
}

function parseDims(texts: readonly string[]): Record<string, number> {
  const entries = texts.map((text) => {
    const match = /^(.+)=(\d+)$/s.exec(text)
    const extent = Number(match?.[2])
    if (!match || extent < 1 || !Number.isSafeInteger(extent)) {
      throw new UsageError(`--dim ${text}: expected name=extent with an extent of at least 1`, 'for example --dim batch_size=1')
    }
    return [match[1] as string, extent] as const
  })
  for (const [name] of entries) {
    if (entries.filter(([other]) => other === name).length > 1) throw new UsageError(`--dim ${name} is given more than once`)
  }
  return Object.fromEntries(entries)
}

function parseInputShape(text: string): { name?: string; shape: number[] } {
  const colon = text.lastIndexOf(':')
  const extents = text.slice(colon + 1)
  if (!/^\d+(x\d+)*$/.test(extents)) {
    throw new UsageError(`--input-shape ${text}: expected extents joined by x`, 'for example --input-shape input:1x3x224x224')
  }
  const shape = extents.split('x').map(Number)
  if (shape.some((d) => d < 1 || !Number.isSafeInteger(d))) throw new UsageError(`--input-shape ${text}: extents must be at least 1`)
  return colon < 0 ? { shape } : { name: text.slice(0, colon), shape }
}
