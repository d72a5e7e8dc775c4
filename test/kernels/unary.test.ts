import { describe, expect, it } from 'vitest'
import type { UnaryAttrs, UnaryName } from '../../ir/scalar/functions.ts'
import { float32 } from '../../ir/tensors/tensor.ts'
import type { DType } from '../../ir/tensors/types.ts'
import { elementwise } from '../../targets/kernels/elementwise/elementwise.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { checkKernel, coverOf } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

const ATTRS: UnaryAttrs = {
  clamp: { min: -0.5, max: 0.75 },
  'leaky-relu': { alpha: 0.1 },
  'hard-sigmoid': { alpha: 0.2, beta: 0.4 },
  'hard-swish': {},
  sigmoid: {},
  tanh: {},
  elu: { alpha: 1.5 },
  exp: {},
  log: {},
  sqrt: {},
  abs: {},
  neg: {},
  reciprocal: {},
  floor: {},
  ceil: {},
  erf: {},
}
const NAMES = Object.keys(ATTRS) as UnaryName[]

/** From −range to range, denser at 0. */
function ramp(n: number, range: number): number[] {
  return Array.from({ length: n }, (_, i) => range * ((2 * i + 1) / n - 1) ** 3)
}

/** Where results near 0 come from a difference, in the kernel or (erf) in the reference. */
function atolOf(name: UnaryName): number {
  if (name.startsWith('hard')) return 1e-6
  return name === 'erf' ? 1e-15 : 1e-37
}

describe('unary', () => {
  it.each(NAMES)('%s is accurate to 1e-6', (name) => {
    const x = float32([4001], ramp(4001, name === 'exp' ? 80 : 20))
    checkKernel(elementwise, nodeGraph(name, [[4001]], ATTRS[name]), { inputs: [x], tolerance: { rtol: 1e-6, atol: atolOf(name) } })
  })

  it.each([1, 2, 3, 4, 5, 7, 8, 9])('handles %i elements', (n) => {
    checkKernel(elementwise, nodeGraph('clamp', [[n]], ATTRS.clamp))
    checkKernel(elementwise, nodeGraph('tanh', [[n]], {}))
  })

  it('handles a scalar and an empty tensor', () => {
    checkKernel(elementwise, nodeGraph('neg', [[]], {}))
    checkKernel(elementwise, nodeGraph('neg', [[0, 3]], {}))
  })

  it.each(NAMES)('%s keeps special values', (name) => {
    const special = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
      1e-42,
      -1e-42,
      1e38,
      -1e38,
      88,
      -88,
      104,
      -104,
      89,
      -110,
    ]
    const x = float32([special.length], special)
    checkKernel(elementwise, nodeGraph(name, [[special.length]], ATTRS[name]), {
      inputs: [x],
      tolerance: { rtol: 2e-6, atol: name === 'erf' ? 1e-15 : 2e-38 },
    })
  })

  it.each(['float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as DType[])('works on %s', (dtype) => {
    const operand = { dtype, shape: [3, 7] }
    for (const attrs of [
      { min: 2, max: 5 },
      { min: 0, max: Number.POSITIVE_INFINITY },
      { min: Number.NEGATIVE_INFINITY, max: 4 },
    ]) {
      checkKernel(elementwise, nodeGraph('clamp', [operand], attrs))
    }
    checkKernel(elementwise, nodeGraph('abs', [operand], {}))
    if (!dtype.startsWith('u')) checkKernel(elementwise, nodeGraph('neg', [operand], {}))
  })

  it.each(['float16', 'float64'] as DType[])('leaves functions of %s uncovered', (dtype) => {
    for (const target of TARGETS) expect(coverOf(elementwise, nodeGraph('exp', [{ dtype, shape: [3] }], {}), target)).toBeNull()
  })
})
