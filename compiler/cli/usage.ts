/** What is wrong with a command line, found from what its command takes, and what may have been meant. */

import { Parser } from 'yargs/helpers'
import { UsageError } from './errors.ts'
import { nearest } from './suggest.ts'

/** What yargs knows of the options of a command, by their names without dashes. */
export interface KnownOptions {
  readonly key: Readonly<Record<string, unknown>>
  readonly alias: Readonly<Record<string, readonly string[]>>
  readonly boolean: readonly string[]
  /** Those that may be given more than once. */
  readonly array: readonly string[]
  readonly choices: Readonly<Record<string, readonly string[]>>
  /** Those that need a value. */
  readonly narg: Readonly<Record<string, number>>
  readonly demandedOptions: Readonly<Record<string, unknown>>
}

export interface Line {
  readonly args: readonly string[]
  /** What the command takes, such as `run <bundle> [inputs..]`. */
  readonly usage: string
  /** Whether the line begins with the command's name, which it need not for the default one. */
  readonly named: boolean
  readonly known: KnownOptions
}

const ANSWERED_BY_YARGS = ['help', 'version', 'get-yargs-completions']

/** The first mistake in the line, or null. There is none where help, the version or completions are asked for. */
export function mistakeIn(line: Line): UsageError | null {
  const { argv } = Parser.detailed([...line.args], parserOptions(line.known))
  if (ANSWERED_BY_YARGS.some((name) => argv[name])) return null
  const given: Given = { options: argv, operands: argv._.slice(line.named ? 1 : 0).map(String) }
  for (const check of [unknownOption, repeatedOption, missingValue, wrongChoice, missingArgument, unexpectedArgument]) {
    const mistake = check(line, given)
    if (mistake) return mistake
  }
  return null
}

/** The command's own help. */
export function helpFor({ usage, named }: Line): string {
  return named ? `mobilenet-compile ${usage.split(' ')[0]} --help` : 'mobilenet-compile --help'
}

interface Given {
  readonly options: Readonly<Record<string, unknown>>
  readonly operands: readonly string[]
}

/** Values as they are written: nothing is converted, and nothing refused. */
function parserOptions({ alias, boolean, array, narg }: KnownOptions): object {
  const names = Object.keys(narg)
  const configuration = { 'greedy-arrays': false, 'dot-notation': false, 'camel-case-expansion': false, 'parse-numbers': false }
  return { alias, boolean, array, string: names, configuration }
}

function unknownOption({ known, ...line }: Line, { options }: Given): UsageError | null {
  const names = new Set([...Object.keys(known.key), ...Object.entries(known.alias).flat(2)])
  const name = Object.keys(options).find((option) => option !== '_' && !names.has(option))
  if (name === undefined) return null
  const near = nearest(name, Object.keys(known.key))
  return new UsageError(`unknown option ${dashed(name)}`, near && near.length > 1 ? `did you mean --${near}?` : helpFor({ known, ...line }))
}

/** An option that takes a value and means one thing may be there once. */
function repeatedOption({ known }: Line, { options }: Given): UsageError | null {
  const name = Object.keys(known.key).find((option) => Array.isArray(options[option]) && !known.array.includes(option))
  return name === undefined || known.boolean.includes(name) ? null : new UsageError(`--${name} is given more than once`)
}

function missingValue(line: Line): UsageError | null {
  const { alias, narg } = line.known
  const needing = Object.keys(narg).flatMap((name) => [name, ...(alias[name] ?? [])].map(dashed))
  const option = line.args.find((arg, i) => needing.includes(arg) && /^(-[^\d.].*)?$/s.test(line.args[i + 1] ?? ''))
  return option === undefined ? null : new UsageError(`${option} needs a value`, helpFor(line))
}

function wrongChoice({ known }: Line, { options }: Given): UsageError | null {
  for (const [name, choices] of Object.entries(known.choices)) {
    const value = options[name]
    if (value === undefined || choices.includes(String(value))) continue
    return new UsageError(`--${name} ${JSON.stringify(value)}: expected ${choices.join(', ')}`)
  }
  return null
}

function missingArgument(line: Line, { options, operands }: Given): UsageError | null {
  const { required } = operandsOf(line.usage)
  if (required.filter((name) => options[name] === undefined).length > operands.length)
    return new UsageError('an argument is missing', helpFor(line))
  const missing = Object.keys(line.known.demandedOptions).filter((name) => options[name] === undefined && !required.includes(name))
  return missing.length === 0 ? null : new UsageError(`missing: ${missing.map(dashed).join(', ')}`, helpFor(line))
}

function unexpectedArgument(line: Line, { operands }: Given): UsageError | null {
  const { required, rest } = operandsOf(line.usage)
  const extra = operands[required.length]
  return rest || extra === undefined ? null : new UsageError(`unexpected argument ${JSON.stringify(extra)}`, helpFor(line))
}

function operandsOf(usage: string): { readonly required: readonly string[]; readonly rest: boolean } {
  return { required: [...usage.matchAll(/<(\w+)>/g)].map((m) => m[1] as string), rest: usage.includes('..]') }
}

function dashed(name: string): string {
  return name.length > 1 ? `--${name}` : `-${name}`
}
