/**
 * The calibration loop. It measures how many multiply-adds a second this core can do at the moment. Figures
 * given as a fraction of it can be compared across machines, and in spite of noise.
 */

import binaryen from 'binaryen'
import { Emitter, type I32, type Local, type V128 } from '../../targets/emitter/emitter.ts'
import { TARGETS, type Target } from '../../targets/target/target.ts'

/** The target of the loops for which only the core matters, whatever the measured code uses of it. */
export const PLAIN_SIMD = TARGETS.find((t) => t.simd && !t.relaxed) as Target

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

/**
 * Bytes of weights that the reference loop streams. They are more than a first-level cache holds, and about as
 * many as a second-level cache holds.
 */
const WEIGHT_BYTES = 2 ** 20
const PAGE = 65536
/** Pixels of the reference loop's tile, and vectors of output channels. */
const PIXELS = 4
const COLUMNS = 2
/** Channels after which the activations repeat. */
const CHANNELS = 64

/** Multiply-adds of one round of the reference loop. */
export const REFERENCE_MACS = (WEIGHT_BYTES / 4) * PIXELS

/**
 * A module that exports `spin(times)`. It computes `times` matrix products of `PIXELS` pixels by 1 MiB of
 * weights, as a pointwise convolution does.
 *
 * The calibration loop uses registers only. This loop also becomes slower when something else uses the caches,
 * much as a network does. Over 19 launches on a machine with other load, the times of three networks varied by
 * a factor of 1.2 to 1.4. As a ratio to the calibration loop they still did. As a ratio to this loop, they
 * varied by a factor of 1.1.
 */
export function referenceModule(target: Target): Uint8Array {
  const module = new binaryen.Module()
  try {
    const e = new Emitter(module, target)
    const pages = WEIGHT_BYTES / PAGE + 1
    module.setMemory(pages, pages)
    e.func('spin', ['i32'], (scope, times) => {
      const [count, at] = [scope.i32(), scope.i32()]
      const sums = scope.vectors(PIXELS * COLUMNS)
      const weights = scope.vectors(COLUMNS)
      const pixel = scope.v128()
      const channel = (): I32 => module.i32.and(at.get(), e.i32(4 * (CHANNELS - 1))) as I32
      const products = Array.from({ length: PIXELS }, (_, p) => [
        pixel.set(e.loadSplat(channel(), WEIGHT_BYTES + p * 4 * CHANNELS)),
        sums
          .slice(p * COLUMNS, (p + 1) * COLUMNS)
          .map((sum, c) => sum.set(e.madd((weights[c] as Local<V128>).get(), pixel.get(), sum.get()))),
      ])
      const body = [weights.map((w, c) => w.set(e.load(at.get(), c * 16))), products]
      const once = e.forRange(at, e.i32(0), () => e.i32(WEIGHT_BYTES), COLUMNS * 16, body)
      const keep = sums.map((sum, i) => e.store(e.i32(WEIGHT_BYTES + PAGE / 2 + i * 16), sum.get()))
      return [e.repeat(count, times.get(), once), keep]
    })
    module.addFunctionExport('spin', 'spin')
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}
