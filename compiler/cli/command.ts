/** What the commands have in common: options that yargs types, and output as the global options ask for it. */

import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { type GlobalOptions, Output } from '../terminal/output.ts'

/** The arguments of a command whose options `builder` adds. */
export type ArgumentsOf<Builder> = Builder extends (argv: Argv<GlobalOptions>) => Argv<infer T> ? ArgumentsCamelCase<T> : never

export interface Command<T> {
  /** The command's name and what it takes, such as `run <bundle> [inputs..]`; then its aliases. `$0` makes it the default command. */
  readonly command: string | readonly string[]
  readonly describe: string
  /** Adds the command's options. */
  readonly builder: (argv: Argv<GlobalOptions>) => Argv<T>
  readonly run: (args: ArgumentsCamelCase<T>, output: Output) => void | Promise<void>
}

/** A command as yargs takes it. */
export function command<T extends GlobalOptions>({ run, ...module }: Command<T>): CommandModule<GlobalOptions, T> {
  return { ...module, handler: (args) => run(args, new Output(args)) }
}
