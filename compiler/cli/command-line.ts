/** The command line: its commands, and what its errors look like. */

import { existsSync } from 'node:fs'
import yargs, { type Argv, type CommandModule } from 'yargs'
import { Parser } from 'yargs/helpers'
import { VERSION } from '../bundle/version.ts'
import { type GlobalOptions, Output } from '../terminal/output.ts'
import { benchCommand } from './bench.ts'
import { compileCommand } from './compile.ts'
import { createCommand } from './create.ts'
import { CheckFailed, EXIT, exitCodeOf, formatError, reportsOf, UsageError } from './errors.ts'
import { inspectCommand } from './inspect.ts'
import { profileCommand } from './profile.ts'
import { runCommand } from './run.ts'
import { nearest } from './suggest.ts'
import { tuneCommand } from './tune.ts'
import { helpFor, type KnownOptions, type Line, mistakeIn } from './usage.ts'
import { verifyCommand } from './verify.ts'

/** In the order in which help lists them. Each has arguments of its own type, which yargs checks and a list cannot say. */
const COMMANDS = [
  compileCommand,
  inspectCommand,
  runCommand,
  verifyCommand,
  createCommand,
  profileCommand,
  benchCommand,
  tuneCommand,
] as unknown as CommandModule[]

/** What each command takes, such as `run <bundle> [inputs..]`, by the command's name. */
const USAGES = new Map(COMMANDS.map(({ command }) => [command].flat()[0] as string).map((usage) => [usage.split(' ')[0] as string, usage]))
const NAMES = [...[...USAGES.keys()].sort(), 'completion']

function parser(args: readonly string[]): Argv<GlobalOptions> {
  const base = yargs([...args])
    .scriptName('mobilenet-compile')
    .usage('$0 <command>\n\nCompiles ONNX MobileNets into WebAssembly bundles that contain only that network.')
    .option('json', { type: 'boolean', global: true, describe: 'Print the result as JSON on stdout' })
    .option('quiet', { type: 'boolean', global: true, describe: 'Print nothing but results and errors' })
    .option('verbose', { type: 'boolean', global: true, describe: 'Say more, on stderr' })
    .option('color', { type: 'boolean', global: true, default: true, describe: 'Colours on a terminal; --no-color turns them off' })
  const line = (): Line => ({ ...commandOf(args), args, known: (base as unknown as { getOptions(): KnownOptions }).getOptions() })
  return base
    .middleware(() => checkLine(line()), true)
    .command(COMMANDS)
    .completion('completion', 'Print a completion script for the shell')
    .epilogue('Exit codes: 0 ok, 1 our bug, 2 usage, 3 bad or unsupported model, 4 verification failed, 5 too slow or large.')
    .parserConfiguration({ 'greedy-arrays': false, 'dot-notation': false, 'strip-dashed': true })
    .version(VERSION)
    .help()
    .alias('help', 'h')
    .strict()
    .wrap(Math.min(110, process.stdout.columns || 110))
    .exitProcess(false)
    .fail((message, error) => {
      if (error && error.name !== 'YError') throw error
      checkLine(line())
      throw refused(error?.message ?? message, line())
    }) as Argv<GlobalOptions>
}

function commandOf(args: readonly string[]): Pick<Line, 'usage' | 'named'> {
  const usage = USAGES.get(args[0] ?? '')
  return { usage: usage ?? (USAGES.get('compile') as string), named: usage !== undefined }
}

function checkLine(line: Line): void {
  const mistake = mistakeIn(line)
  if (mistake) throw mistake
}

/** What an option's own conversion refuses, with its own hint or the command's help. */
function refused(message: string, line: Line): UsageError {
  return new UsageError(message, message.includes('hint:') ? undefined : helpFor(line))
}

/** A word that is neither a command nor a file was meant to be one. */
function checkCommand(args: readonly string[]): void {
  const [first] = args
  if (first === undefined || first.startsWith('-') || NAMES.includes(first) || /[./\\]/.test(first) || existsSync(first)) return
  const near = nearest(first, NAMES)
  throw new UsageError(`unknown command ${JSON.stringify(first)}`, near ? `did you mean ${near}?` : `commands: ${NAMES.join(', ')}`)
}

/** Runs one command, printing to the streams of this process; returns the exit code. */
export async function commandLine(args: readonly string[]): Promise<number> {
  if (args.length === 0) {
    parser(args).showHelp('error')
    return EXIT.usage
  }
  try {
    if (args[0] === 'completion' && !args.includes('--help') && !args.includes('-h')) return printCompletion(args)
    checkCommand(args)
    await parser(args).parseAsync()
    return EXIT.ok
  } catch (error) {
    fail(error, args)
    return exitCodeOf(error)
  }
}

/** yargs prints the script and goes on to the default command. */
function printCompletion(args: readonly string[]): number {
  const [, extra] = Parser([...args], GLOBAL_SWITCHES)._
  if (extra !== undefined) throw new UsageError(`unexpected argument ${JSON.stringify(extra)}`, 'mobilenet-compile completion')
  parser(args).showCompletionScript()
  return EXIT.ok
}

const GLOBAL_SWITCHES = { boolean: ['json', 'quiet', 'verbose', 'color'], default: { color: true } }

function fail(error: unknown, args: readonly string[]): void {
  const { json, verbose, color } = Parser([...args], GLOBAL_SWITCHES)
  const output = new Output({ json, color })
  if (!(error instanceof CheckFailed && error.reported)) output.value({ errors: reportsOf(error) })
  output.error(formatError(error, verbose))
}
