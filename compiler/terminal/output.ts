/** The output of commands. Results go to stdout, everything else to stderr. */

import Table from 'cli-table3'
import picocolors from 'picocolors'

/** Options of every command. */
export interface GlobalOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color?: boolean
}

export type Colors = ReturnType<typeof picocolors.createColors>

export class Output {
  readonly #options: GlobalOptions
  #transient = false
  /** For stdout; does nothing where colours are not wanted. */
  readonly colors: Colors

  constructor(options: GlobalOptions) {
    this.#options = options
    this.colors = picocolors.createColors(wantsColor(options, process.stdout))
  }

  get json(): boolean {
    return this.#options.json === true
  }

  get quiet(): boolean {
    return this.#options.quiet === true
  }

  get verbose(): boolean {
    return this.#options.verbose === true
  }

  /** The result as a person reads it: on stdout, or nowhere with `--json`. */
  text(text: string): void {
    if (this.json) return
    this.endProgress()
    process.stdout.write(line(text))
  }

  /** The result as a program reads it: on stdout with `--json`, else nowhere. */
  value(value: unknown): void {
    if (!this.json) return
    this.endProgress()
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
  }

  /** Text that was asked for beside the result, such as a dump: on stdout, but on stderr with `--json`. */
  dump(text: string): void {
    this.endProgress()
    const stream = this.json ? process.stderr : process.stdout
    stream.write(line(text))
  }

  /** A remark on stderr, unless `--quiet`. */
  note(text: string): void {
    if (this.#options.quiet) return
    this.endProgress()
    process.stderr.write(line(text))
  }

  /** A remark on stderr, only with `--verbose`. */
  detail(text: string): void {
    if (this.verbose) this.note(text)
  }

  /** Errors, always, on stderr. */
  error(text: string): void {
    this.endProgress()
    const red = picocolors.createColors(wantsColor(this.#options, process.stderr)).red
    process.stderr.write(line(text.replace(/^(internal )?error[^:]*:/gm, (head) => red(head))))
  }

  /** Says what is being done now, on a line that the next output removes. Only on a terminal. */
  progress(text: string): void {
    if (this.#options.quiet || !process.stderr.isTTY || isCI()) return
    const width = (process.stderr.columns || 80) - 1
    process.stderr.write(`\r\x1b[K${`${text} …`.slice(0, width)}`)
    this.#transient = true
  }

  endProgress(): void {
    if (this.#transient) process.stderr.write('\r\x1b[K')
    this.#transient = false
  }
}

function wantsColor({ color, json }: GlobalOptions, stream: NodeJS.WriteStream): boolean {
  if (color === false || json || process.env.NO_COLOR) return false
  return process.env.FORCE_COLOR ? process.env.FORCE_COLOR !== '0' : stream.isTTY === true && !isCI() && process.env.TERM !== 'dumb'
}

function isCI(): boolean {
  return Boolean(process.env.CI) && process.env.CI !== 'false'
}

function line(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

const BARE = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid'])
    .map((part) => [part, '']),
)

/** Aligned columns without borders: a head, and rows; the columns of `right` are right-aligned. */
export function table(
  colors: Colors,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const rendered = new Table({
    head: head.map((h) => colors.dim(h)),
    chars: { ...BARE, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_, i) => (right.includes(i) ? 'right' : 'left')),
  })
  rendered.push(...rows.map((row) => [...row]))
  return rendered
    .toString()
    .split('\n')
    .map((row) => `  ${row}`.trimEnd())
    .join('\n')
}

/** Bytes with three digits and decimal units: `14.2 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB']
  const exponent = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1000 ** exponent).toPrecision(3))} ${units[exponent - 1]}`
}

/** `12.3 ms`, and from one second on `1.2 s`. */
export function formatTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${Number(milliseconds.toPrecision(3))} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
