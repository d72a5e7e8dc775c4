/** What tests say to the reporter of their run, from whatever process they are in. */

import { appendFileSync } from 'node:fs'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of a file with one `Entry` of JSON per line. */
    ledger: string
  }
}

/**
 * `missing`: a part that cannot run on this machine, and why. `left`: so many cases are left to the
 * long form of the tests.
 */
export type Entry = { readonly missing: string; readonly why: string } | { readonly left: number }

/** Nothing where no reporter listens. */
export function record(entry: Entry): void {
  const ledger = inject('ledger')
  if (ledger) appendFileSync(ledger, `${JSON.stringify(entry)}\n`)
}
