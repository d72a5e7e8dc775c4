/** Modules whose runs take longer by a known part. */

import binaryen from 'binaryen'
import { readModule } from '../../targets/emitter/emitter.ts'

/** A profiling module whose `step(i)` does its work `times[i]` times, and whose run is all of its steps. */
export function withRepeatedSteps(wasm: Uint8Array, times: readonly number[]): Uint8Array {
  const module = readModule(wasm)
  try {
    const step = binaryen.getExportInfo(module.getExport('step')).value
    const call = (i: number): number => module.call(step, [module.i32.const(i)], binaryen.none)
    const repeated = times.map((n, i) => Array.from({ length: n }, () => call(i)))
    const given = (i: number): number => module.i32.eq(module.local.get(0, binaryen.i32), module.i32.const(i))
    const cases = repeated.map((_, i) =>
      module.if(
        given(i),
        module.block(
          null,
          Array.from({ length: times[i] as number }, () => call(i)),
        ),
      ),
    )
    module.addFunction('repeated-step', binaryen.createType([binaryen.i32]), binaryen.none, [], module.block(null, cases))
    module.addFunction('repeated-run', binaryen.none, binaryen.none, [], module.block(null, repeated.flat()))
    for (const name of ['step', 'run']) {
      module.removeExport(name)
      module.addFunctionExport(`repeated-${name}`, name)
    }
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

/**
 * How often each step has to run so that the whole takes longer by `part`: steps are repeated, the
 * longest first, as long as they fit. Work of the same kind suffers from the same noise.
 */
export function repetitions(milliseconds: readonly number[], part: number): number[] {
  let left = part * milliseconds.reduce((sum, ms) => sum + ms, 0)
  const times = milliseconds.map(() => 1)
  const longest = milliseconds.map((ms, i) => ({ ms, i })).sort((a, b) => b.ms - a.ms)
  for (const { ms, i } of longest) {
    if (ms > left) continue
    times[i] = 2
    left -= ms
  }
  return times
}
