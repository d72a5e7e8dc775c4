/** The short form of the tests (`npm test`) runs some of the cases that the long form (`npm run test:full`) runs. */

import { record } from './ledger.ts'

/** Whether this is the long form. */
export const FULL = process.env.TEST_FULL === '1'

/** All cases in the long form, those that `kept` chooses in the short one. Those that are left out are counted. */
export function sample<T>(cases: readonly T[], kept: (value: T, index: number) => boolean): readonly T[] {
  if (FULL) return cases
  const chosen = cases.filter(kept)
  leave(cases.length - chosen.length)
  return chosen
}

/** Every `step`-th of the cases, from the first on. */
export function every<T>(step: number, cases: readonly T[]): readonly T[] {
  return sample(cases, (_, index) => index % step === 0)
}

/** How many random cases to run. */
export function count(long: number, short: number): number {
  if (!FULL) leave(long - short)
  return FULL ? long : short
}

/** FULL, for `describe.runIf` and `it.runIf`: so many cases run in the long form only. */
export function onlyInFull(cases: number): boolean {
  if (!FULL) leave(cases)
  return FULL
}

function leave(cases: number): void {
  if (cases > 0) record({ left: cases })
}
