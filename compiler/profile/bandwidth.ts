/** The bandwidth loop. It measures how many bytes a second this core can read from a buffer of a given size. */

import binaryen from 'binaryen'
import { Emitter, type V128 } from '../../targets/emitter/emitter.ts'
import { PLAIN_SIMD } from '../bench/calibrate.ts'

const PAGE = 65536
/**
 * The number of chains of `or` that combine what is read. A few independent chains hide the latency of `or`,
 * which is one cycle. More chains are slower.
 */
const CHAINS = 4
const VECTOR = 16
const VECTORS = 8
const STRIDE = VECTORS * VECTOR

/**
 * A module that exports `memory` of at least `bytes`, and `sweep(bytes, times)`. `sweep` reads the first
 * `bytes` of the memory (a positive multiple of `SWEEP_UNIT`) `times` ≥ 1 times. The memory must have been
 * written before, because operating systems map pages that were never written to a single page of zeros.
 */
export function bandwidthModule(bytes: number): Uint8Array {
  const module = new binaryen.Module()
  try {
    const e = new Emitter(module, PLAIN_SIMD)
    const pages = Math.ceil(bytes / PAGE)
    module.setMemory(pages, pages, 'memory')
    e.func('sweep', ['i32', 'i32'], (scope, end, times) => {
      const [count, at] = [scope.i32(), scope.i32()]
      const chains = scope.vectors(CHAINS)
      const or = (a: V128, b: V128): V128 => module.v128.or(a, b) as V128
      const reads = Array.from({ length: VECTORS }, (_, i) => {
        const chain = chains[i % CHAINS] as (typeof chains)[number]
        return chain.set(or(chain.get(), e.load(at.get(), i * VECTOR)))
      })
      const once = e.forRange(at, e.i32(0), () => end.get(), STRIDE, reads)
      return [e.repeat(count, times.get(), once), chains.map((chain, i) => e.store(e.i32(i * VECTOR), chain.get()))]
    })
    module.addFunctionExport('sweep', 'sweep')
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

export const SWEEP_UNIT = STRIDE
