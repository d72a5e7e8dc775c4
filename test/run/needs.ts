/** What some tests need and not every machine has. */

import { record } from './ledger.ts'

/**
 * Whether `part` of the tests cannot run. `why` says what is missing, and null that nothing is. The
 * reason is told at the end of the run, where `CI_STRICT=1` makes it a failure.
 */
export function cannotRun(part: string, why: string | null): boolean {
  if (why !== null) record({ missing: part, why })
  return why !== null
}
