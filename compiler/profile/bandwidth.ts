/** The bandwidth loop: how many bytes a second this core can read at all, from a buffer of a given size. */

import binaryen from 'binaryen'
import { TARGETS, type Target } from '../../targets/target.ts'
import { Emitter } from '../../targets/wasm/simd.ts'

const PAGE = 65536
/** Independent sums: enough to cover the latency of an addition on two load ports. */
const CHAINS = 8
const VECTOR = 16
const STRIDE = CHAINS * VECTOR
const PLAIN_SIMD = TARGETS.find((t) => t.name === 'simd128') as Target

/**
 * A module that exports `memory` of at least `bytes`, and `sweep(bytes, times)`: reads the first
 * `bytes` (a positive multiple of `SWEEP_UNIT`) of it, `times` ≥ 1 times over. The memory has to be written
 * before: systems map pages that never were to one page of zeros.
 */
export function bandwidthModule(bytes: number): Uint8Array {
  const module = new binaryen.Module()
  try {
    const e = new Emitter(module, PLAIN_SIMD)
    const pages = Math.ceil(bytes / PAGE)
    module.setMemory(pages, pages, 'memory')
    e.func('sweep', ['i32', 'i32'], (scope, end, times) => {
      const [count, at] = [scope.i32(), scope.i32()]
      const sums = scope.vectors(CHAINS)
      const reads = sums.map((sum, i) => sum.set(e.add(sum.get(), e.load(at.get(), i * VECTOR))))
      const once = e.forRange(at, e.i32(0), () => end.get(), STRIDE, reads)
      return [e.repeat(count, times.get(), once), sums.map((sum, i) => e.store(e.i32(i * VECTOR), sum.get()))]
    })
    module.addFunctionExport('sweep', 'sweep')
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

export const SWEEP_UNIT = STRIDE
