/**
 * The calibration loop: how many multiply-adds a second this core can do at all, right now.
 * Figures given as a fraction of it compare across machines and across noise.
 */

import binaryen from 'binaryen'
import type { Target } from '../../targets/target.ts'
import { Emitter } from '../../targets/wasm/simd.ts'

/** Independent sums: enough to cover the latency of a fused multiply-add on two units. */
const CHAINS = 12
const LANES = 4
const UNROLL = 4

/** A module that exports `spin(times)`: `times` rounds of `CALIBRATION_MACS` multiply-adds, in registers only. */
export function calibrationModule(target: Target): Uint8Array {
  const module = new binaryen.Module()
  try {
    const e = new Emitter(module, target)
    module.setMemory(1, 1)
    e.func('spin', ['i32'], (scope, times) => {
      const sums = scope.vectors(CHAINS)
      const factor = scope.v128()
      const start = sums.map((sum, i) => sum.set(e.vector(i)))
      const round = Array.from({ length: UNROLL }, () => sums.map((sum) => sum.set(e.madd(sum.get(), factor.get(), factor.get()))))
      const keep = sums.map((sum, i) => e.store(e.i32(i * 16), sum.get()))
      return [start, factor.set(e.vector(0.5)), e.repeat(times, times.get(), round), keep]
    })
    module.addFunctionExport('spin', 'spin')
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

/** Multiply-adds of one round. */
export const CALIBRATION_MACS = CHAINS * LANES * UNROLL
