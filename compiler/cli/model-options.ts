/** Options of the commands that read a model, and the model itself. */

import { readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import type { Argv } from 'yargs'
import { DEFAULT_TARGETS, TARGETS, type TargetName } from '../../targets/target.ts'
import { externalDataBeside } from '../onnx/external.ts'
import type { ImportOptions } from '../onnx/import.ts'
import { UsageError, withFile } from './errors.ts'
import { nearest } from './suggest.ts'

export interface ShapeArguments {
  readonly dim?: readonly string[]
  readonly inputShape?: readonly string[]
}

/** yargs gives one string or a list of them, depending on how often the option is there. */
export function list(value: unknown): string[] {
  return value === undefined ? [] : [value].flat().map(String)
}

export function shapeOptions<T>(argv: Argv<T>) {
  return argv
    .option('dim', { type: 'string', requiresArg: true, coerce: list, describe: 'Extent of a symbolic dimension: name=1 (repeatable)' })
    .option('input-shape', {
      type: 'string',
      requiresArg: true,
      coerce: list,
      describe: 'Shape of an input: [name:]1x3x224x224 (repeatable)',
    })
}

export function targetOption<T>(argv: Argv<T>) {
  return argv.option('target', {
    type: 'string',
    requiresArg: true,
    coerce: parseTargets,
    describe: `Modules to make: ${TARGETS.map((t) => t.name).join(', ')} [default: ${DEFAULT_TARGETS.join(',')}]`,
  })
}

/** Target names separated by commas. */
function parseTargets(value: unknown): TargetName[] | undefined {
  if (value === undefined) return undefined
  const names = list(value).flatMap((v) => v.split(','))
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
  return known.filter((name) => names.includes(name))
}

export interface ModelFile {
  readonly bytes: Uint8Array
  readonly name: string
  readonly options: ImportOptions
}

/** Reads a model and what the command line says of it. External data may only come from the model's folder. */
export function readModel(path: string, args: ShapeArguments): ModelFile {
  const bytes = withFile(path, () => readFileSync(path))
  return {
    bytes,
    name: basename(path, extname(path)),
    options: {
      dims: parseDims(args.dim ?? []),
      inputShapes: (args.inputShape ?? []).map(parseInputShape),
      externalData: externalDataBeside(path),
    },
  }
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
