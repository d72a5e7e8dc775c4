/** Refuses networks that need more memory than they may have, before any of it is allocated. */

import { Diagnostic } from '../../ir/diagnostics.ts'
import type { PlannedSchedule } from '../../targets/schedule/schedule.ts'
import { type Limits, MOST_MEMORY_BYTES } from './limits.ts'

/** Throws `Diagnostic` where weights and activations exceed the limit, or what a module can address. */
export function checkMemory({ blobs, arenaBytes }: PlannedSchedule, { memoryBytes }: Limits): void {
  const weights = blobs.reduce((sum, blob) => sum + blob.bytes.length, 0)
  const limit = Math.min(memoryBytes, MOST_MEMORY_BYTES)
  if (weights + arenaBytes <= limit) return
  throw new Diagnostic({
    code: 'too-large',
    message: `the compiled network needs ${weights + arenaBytes} bytes of memory (${weights} for weights, ${arenaBytes} for activations), more than the limit of ${limit}`,
    hint: 'use smaller inputs or a smaller batch, or raise the limit memoryBytes, which can be 2 GiB at most',
  })
}
