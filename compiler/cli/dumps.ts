/** What the compiler makes, as text that was asked for. */

import type { Output } from '../terminal/output.ts'

/** Prints dumps as they come, or keeps them for the one JSON value that `--json` prints. */
export class Dumps {
  readonly #output: Output
  readonly #value: Record<string, string | Record<string, string>> = {}

  constructor(output: Output) {
    this.#output = output
  }

  /** Adds a text that is the only one of its kind. */
  add(kind: string, text: string): void {
    if (this.#output.json) this.#value[kind] = text
    else this.#output.dump(text)
  }

  /** Adds one of several texts of a kind, such as one per target. People see the heading above it. */
  addNamed(kind: string, name: string, heading: string, text: string): void {
    if (this.#output.json) this.#value[kind] = { ...(this.#value[kind] as Record<string, string> | undefined), [name]: text }
    else this.#output.dump(`;; ${heading}\n${text}`)
  }

  /** By kind, for JSON; a kind of several texts has them by name. Empty without `--json`. */
  get value(): Readonly<Record<string, unknown>> {
    return this.#value
  }
}
