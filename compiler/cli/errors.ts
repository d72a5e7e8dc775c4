/** How a command ends: every error has an exit code, and says whose mistake it is. */

import { Diagnostic, Diagnostics, InternalError, printable } from '../../ir/diagnostics.ts'

export const EXIT = { ok: 0, internal: 1, usage: 2, model: 3, verification: 4, budget: 5 } as const

const HINT = '\n  hint: '

/** The command line, or a file it names, is wrong. The hint is part of the message, so that no wrapping of the error loses it. */
export class UsageError extends Error {
  constructor(message: string, hint?: string) {
    super(hint ? message + HINT + hint : message)
    this.name = 'UsageError'
  }
}

/** What was asked for has been checked, and does not hold. */
export class CheckFailed extends Error {
  readonly exitCode: number
  /** The command has printed its result, which says so. */
  readonly reported: boolean

  constructor(message: string, exitCode: number, reported = false) {
    super(message)
    this.name = 'CheckFailed'
    this.exitCode = exitCode
    this.reported = reported
  }
}

export interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly node?: { readonly op: string; readonly name: string }
  readonly hint?: string
}

/** The code with which import refuses `--dim` and `--input-shape`. It has no other use, so such an error is one of usage. */
const OF_OPTIONS = 'invalid-shape'

/** The exit code of a command that ends with this error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof CheckFailed) return error.exitCode
  if (error instanceof Diagnostic) return error.code === OF_OPTIONS ? EXIT.usage : EXIT.model
  if (error instanceof Diagnostics) return error.list.every((d) => d.code === OF_OPTIONS) ? EXIT.usage : EXIT.model
  return EXIT.internal
}

/** For `--json`. */
export function reportsOf(error: unknown): ErrorReport[] {
  if (error instanceof Diagnostics) return error.list.flatMap(reportsOf)
  if (error instanceof Diagnostic) {
    const { code, message, node, hint } = error
    return [{ code, message, ...(node && { node: { op: node.opType, name: node.name } }), ...(hint && { hint }) }]
  }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof UsageError) {
    const [text = '', hint] = message.split(HINT)
    return [{ code: 'usage', message: text, ...(hint && { hint }) }]
  }
  return [{ code: error instanceof CheckFailed ? 'check-failed' : 'internal', message }]
}

/** The error as a person reads it. */
export function formatError(error: unknown, verbose: boolean): string {
  if (error instanceof Diagnostic || error instanceof Diagnostics) return error.format()
  if (error instanceof CheckFailed || error instanceof UsageError) return printable(`error: ${error.message}`)
  return formatInternal(error, verbose)
}

function formatInternal(error: unknown, verbose: boolean): string {
  const text =
    error instanceof Error ? (verbose || !(error instanceof InternalError) ? (error.stack ?? error.message) : error.message) : String(error)
  return printable(
    `internal error: ${text}\n  This is a bug of mobilenet-compile, not of your model. Please report it, with the command and, if you can, the model.`,
  )
}

/** Runs `io` and turns the system's error about the file `path` into a usage error. */
export function withFile<T>(path: string, io: () => T): T {
  try {
    return io()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    if (code === null) throw error
    throw new UsageError(`${path}: ${FILE_PROBLEMS[code] ?? `cannot be used (${code})`}`)
  }
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'is a folder, not a file',
  EEXIST: 'exists and is not a folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  EDQUOT: 'no space left in the quota',
  EFBIG: 'a file would become larger than allowed',
}
