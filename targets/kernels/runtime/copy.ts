/** A plain copy of memory, for outputs that no kernel writes. */

import type { RuntimeFunction } from '../../selection/kernel.ts'

/** Operands: to, from, bytes. */
export const copyFunction: RuntimeFunction = { kind: 'runtime', key: 'copy' }
