/** How fast the machine multiplies and adds right now: independent chains s = s · a + b in registers. */

import binaryen from 'binaryen'
import { Emitter } from '../../targets/emitter/emitter.ts'
import type { Target } from '../../targets/target/target.ts'
import { instantiate, type KernelExport } from '../kernels/engine.ts'

const CHAINS = 12
const ROUNDS = 20_000

export class Calibration {
  readonly macs = CHAINS * 4 * ROUNDS
  readonly run: () => void

  constructor(target: Target) {
    const module = new binaryen.Module()
    module.setMemory(1, 1, 'memory', [])
    const e = new Emitter(module, target)
    e.func('calibrate', ['i32'], (scope, y) => {
      const sums = scope.vectors(CHAINS)
      const [a, b, count] = [scope.v128(), scope.v128(), scope.i32()]
      return [
        a.set(e.load(y.get(), 0)),
        b.set(e.load(y.get(), 16)),
        sums.map((s) => s.set(a.get())),
        e.repeat(
          count,
          e.i32(ROUNDS),
          sums.map((s) => s.set(e.madd(s.get(), a.get(), b.get()))),
        ),
        sums.map((s, i) => e.store(y.get(), s.get(), 32 + i * 16)),
      ]
    })
    module.addFunctionExport('calibrate', 'calibrate')
    const { calibrate } = instantiate(module.emitBinary()).exports
    module.dispose()
    this.run = () => (calibrate as KernelExport)(0)
  }
}
