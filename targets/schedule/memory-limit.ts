/** Refuses networks that need more memory than they may have, before any of it is allocated. */

import { Diagnostic } from '../../ir/diagnostics.ts'
import type { PlannedSchedule } from './schedule.ts'

/** Addresses are compared as signed integers: no module can use more. */
export const MOST_MEMORY_BYTES = 2 ** 31

/** Throws `Diagnostic` where weights and activations exceed `limitBytes`, or what a module can address. */
export function checkMemory({ blobs, arenaBytes }: PlannedSchedule, limitBytes: number): void {
  const weights = blobs.reduce((sum, blob) => sum + blob.bytes.length, 0)
  const limit = Math.min(limitBytes, MOST_MEMORY_BYTES)
  if (weights + arenaBytes <= limit) return
  throw new Diagnostic({
    code: 'too-large',
    message: `the compiled network needs ${weights + arenaBytes} bytes of memory (${weights} for weights, ${arenaBytes} for activations), more than the limit of ${limit}`,
    hint: 'use smaller inputs or a smaller batch, or raise the limit memoryBytes, which can be 2 GiB at most',
  })
}
