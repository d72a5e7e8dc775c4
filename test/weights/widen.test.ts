import { describe, expect, it } from 'vitest'
import { float16ToNumber } from '../../ir/tensors/float16.ts'
import { runtimeModule } from '../../runtime-as/runtime.ts'
import { instantiate } from '../kernels/engine.ts'

const FINITE = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((bits) => (bits & 0x7c00) !== 0x7c00)
const COUNT = 8192

describe.each(['scalar', 'simd'] as const)('widen_f16, %s', (build) => {
  const { memory, exports } = instantiate(runtimeModule(build))
  const widen = exports.widen_f16 as (from: number, to: number, count: number) => void

  it('gives every finite value exactly, in place', () => {
    const to = 1024
    const from = to + 2 * COUNT
    for (let at = 0; at < FINITE.length; at += COUNT) {
      const part = FINITE.subarray(at, at + COUNT)
      memory.fill(0xaa)
      new Uint16Array(memory.buffer, from + 2 * (COUNT - part.length)).set(part)
      widen(from + 2 * (COUNT - part.length), to + 4 * (COUNT - part.length), part.length)
      const got = new Float32Array(memory.buffer, to + 4 * (COUNT - part.length), part.length)
      expect(Buffer.compare(Buffer.from(got.slice().buffer), Buffer.from(Float32Array.from(part, float16ToNumber).buffer))).toBe(0)
      expect(memory[to - 1]).toBe(0xaa)
      expect(memory[to + 4 * COUNT]).toBe(0xaa)
    }
  })

  it('does nothing with none', () => {
    memory.fill(0xaa)
    widen(1024, 1024, 0)
    expect(memory.every((x) => x === 0xaa)).toBe(true)
  })
})
