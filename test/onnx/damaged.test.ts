/** Damaged model files: whatever a byte is changed to, import answers with a diagnostic or a graph. */

import { expect, it } from 'vitest'
import { importModel } from '../../compiler/onnx/import.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { float32, int64 } from '../../ir/tensor.ts'
import { ALWAYS, verify } from '../../ir/verify.ts'
import { bytesOf, counting } from './model.ts'

const bytes = bytesOf({
  inputs: { x: counting([1, 2, 6, 6]) },
  shapes: { x: [1, 2, 6, 6] },
  constants: {
    w: counting([4, 2, 3, 3]),
    s: counting([4]),
    lo: float32([], [0]),
    hi: float32([], [6]),
    pads: int64([8], [0, 0, 1, 1, 0, 0, 1, 1]),
    shape: int64([2], [0, -1]),
    fc: counting([64, 3]),
    ends: int64([1], [2 ** 40]),
    zero: int64([1], [0]),
  },
  nodes: [
    { op: 'Pad', in: ['x', 'pads'], out: ['p'] },
    { op: 'Conv', in: ['p', 'w'], out: ['c'], attrs: { kernel_shape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], group: 1 } },
    { op: 'BatchNormalization', in: ['c', 's', 's', 's', 's'], out: ['b'], attrs: { epsilon: { float: 1e-5 } } },
    { op: 'Clip', in: ['b', 'lo', 'hi'], out: ['r'] },
    { op: 'AveragePool', in: ['r'], out: ['a'], attrs: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 } },
    { op: 'Reshape', in: ['a', 'shape'], out: ['f'] },
    { op: 'Slice', in: ['f', 'zero', 'ends'], out: ['g'] },
    { op: 'Gemm', in: ['g', 'fc'], out: ['y0'], attrs: { alpha: { float: 0.5 } } },
    { op: 'Softmax', in: ['y0'], out: ['y'], attrs: { axis: 1 } },
  ],
})

/** Small linear congruential generator (Numerical Recipes). */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function attempt(model: Uint8Array): void {
  try {
    verify(importModel(model), ALWAYS, 'import')
  } catch (error) {
    if (!(error instanceof Diagnostic || error instanceof Diagnostics)) throw error
    expect(error.format()).toMatch(/^error\[/)
  }
}

it('the model itself is right', () => {
  expect(importModel(bytes).outputs[0]?.value.type.shape).toEqual([1, 3])
})

it('cut off anywhere', () => {
  for (let length = 0; length < bytes.length; length += 7) attempt(bytes.slice(0, length))
})

it('with bytes changed', () => {
  const random = generator(1)
  for (let round = 0; round < Number(process.env.FUZZ_ROUNDS ?? 1500); round++) {
    const damaged = bytes.slice()
    for (let i = 0; i <= random(3); i++) {
      const at = random(bytes.length)
      damaged[at] = random(2) === 0 ? random(256) : (damaged[at] as number) ^ (1 << random(8))
    }
    attempt(damaged)
  }
})
