/** What yargs finds wrong with a command line, said in this program's words and with what may have been meant. */

import { UsageError } from './errors.ts'
import { nearest } from './suggest.ts'

export interface Line {
  readonly args: readonly string[]
  /** Absent for the default command. */
  readonly command: string | undefined
  /** Names of the command's options, without dashes. */
  readonly options: readonly string[]
}

/** Options that may be given more than once; all others may not. */
const REPEATABLE = ['dim', 'input-shape', 'input', 'limit', 'reference']
const REPEATABLE_OF: Readonly<Record<string, readonly string[]>> = {
  compile: ['target'],
  verify: ['target'],
  bench: ['target'],
  profile: ['output'],
}

/** Throws `UsageError` where an option that takes a value is there more than once, but means one thing. */
export function checkRepeated({ args, command = 'compile', options }: Line, switches: readonly string[]): void {
  const repeatable = [...REPEATABLE, ...(REPEATABLE_OF[command] ?? [])]
  const end = args.indexOf('--')
  const names = args.slice(0, end < 0 ? args.length : end).flatMap((arg) => {
    const long = /^--([^=]+)/.exec(arg)?.[1]
    return long ? [kebab(long)] : /^-o/.test(arg) ? ['output'] : []
  })
  const single = names.filter((name) => options.includes(name) && !switches.includes(name) && !repeatable.includes(name))
  const repeated = single.find((name, i) => single.indexOf(name) !== i)
  if (repeated) throw new UsageError(`--${repeated} is given more than once`)
}

/** `message` is one of yargs's own, in English. */
export function usageError(message: string, { args, command, options }: Line): UsageError {
  const help = ['mobilenet-compile', command, '--help'].filter(Boolean).join(' ')
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)
  if (unknown) return unknownArguments((unknown[1] as string).split(', ').map(kebab), args, options, help)
  if (/^Not enough non-option arguments/.test(message)) return new UsageError('an argument is missing', help)
  const missing = /^Missing required arguments?: (.*)$/s.exec(message)
  if (missing)
    return new UsageError(
      `missing: ${(missing[1] as string)
        .split(', ')
        .map((name) => `--${name}`)
        .join(', ')}`,
      help,
    )
  const value = /^Not enough arguments following: (.*)$/s.exec(message)
  if (value) return new UsageError(`${(value[1] as string).length > 1 ? '--' : '-'}${value[1]} needs a value`, help)
  const choice = /Argument: (\S+), Given: (.*), Choices: (.*)/.exec(message)
  if (choice) return new UsageError(`--${choice[1]} ${choice[2]}: expected ${(choice[3] as string).replaceAll('"', '')}`)
  return new UsageError(message, message.includes('hint:') ? undefined : help)
}

function unknownArguments(names: readonly string[], args: readonly string[], options: readonly string[], help: string): UsageError {
  const [name] = names
  const isOption = args.some((a) => a.startsWith('-') && kebab(a.replace(/^-+|=.*$/g, '')) === name)
  if (name === undefined || !isOption) return new UsageError(`unexpected argument ${JSON.stringify(name)}`, help)
  const near = nearest(name, options.map(kebab))
  return new UsageError(`unknown option ${name.length > 1 ? '--' : '-'}${name}`, near && near.length > 1 ? `did you mean --${near}?` : help)
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)
}
