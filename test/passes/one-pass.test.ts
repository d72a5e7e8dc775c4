import { expect, it } from 'vitest'
import { optimise, schedule } from '../../compiler/pipeline.ts'
import { apply, constantValue, type Graph, inputValue, type Value } from '../../ir/graph/graph.ts'
import { float32, fromNumbers } from '../../ir/tensors/tensor.ts'
import { TARGETS } from '../../targets/target/target.ts'

const x = inputValue('x', { dtype: 'float32', shape: [1, 12, 12, 8] })
const z = inputValue('z', { dtype: 'float32', shape: [1, 12, 12, 8] })
const image = inputValue('image', { dtype: 'uint8', shape: [1, 12, 12, 3] })
const scalar = (v: number): Value => constantValue(float32([], [v]))
const vector = (...v: number[]): Value => constantValue(float32([v.length], v))
const f = (op: 'exp' | 'log' | 'tanh' | 'sigmoid' | 'neg' | 'abs', a: Value): Value => apply(op, [a], {})
const g = (op: 'add' | 'sub' | 'mul' | 'div', a: Value, b: Value): Value => apply(op, [a, b], {})
const clamp = (a: Value, min: number, max = Number.POSITIVE_INFINITY): Value => apply('clamp', [a], { min, max })
const weights = (shape: readonly number[]): Value =>
  constantValue(
    fromNumbers(
      { dtype: 'float32', shape },
      Float64Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(i)),
    ),
  )

const conv = (a: Value, channels: number): Value =>
  apply('conv', [a, weights([8, 1, 1, channels]), weights([8])], { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 })

/** Steps that a graph takes on every target, by what it computes. */
const ONE_PASS: Record<string, { readonly value: Value; readonly steps: number }> = {
  'Mish spelled out': { value: g('mul', x, f('tanh', f('log', g('add', f('exp', x), scalar(1))))), steps: 1 },
  'Mish without overflow': {
    value: g('mul', x, f('tanh', g('add', clamp(x, 0), f('log', g('add', f('exp', f('neg', f('abs', x))), scalar(1)))))),
    steps: 1,
  },
  'HardSwish with its factor last': { value: g('mul', g('mul', x, clamp(g('add', x, scalar(3)), 0, 6)), scalar(1 / 6)), steps: 1 },
  'HardSwish with a division': { value: g('div', g('mul', x, clamp(g('add', x, scalar(3)), 0, 6)), scalar(6)), steps: 1 },
  'HardSwish after a convolution': {
    value: ((y) => g('div', g('mul', y, clamp(g('add', y, scalar(3)), 0, 6)), scalar(6)))(conv(x, 8)),
    steps: 1,
  },
  Swish: { value: g('mul', x, f('sigmoid', x)), steps: 1 },
  'normalisation of bytes': {
    value: g('div', g('sub', apply('cast', [image], { to: 'float32' }), vector(123, 116, 103)), vector(58, 57, 57)),
    steps: 1,
  },
  'a residual sum with an activation': { value: f('sigmoid', g('add', x, z)), steps: 1 },
  'a residual sum of sums': {
    value: clamp(g('add', g('mul', x, vector(1, 2, 3, 4, 5, 6, 7, 8)), g('mul', z, scalar(0.5))), 0, 6),
    steps: 1,
  },
  'a convolution and Mish': { value: ((y) => g('mul', y, f('tanh', f('log', g('add', f('exp', y), scalar(1))))))(conv(x, 8)), steps: 2 },
}

it.each(Object.entries(ONE_PASS))('%s', (_, { value, steps }) => {
  const graph: Graph = { name: 'tree', inputs: [x, z, image], outputs: [{ name: 'y', value }] }
  const optimised = optimise(graph)
  for (const target of TARGETS) expect(schedule(optimised, target).steps.length, target.name).toBe(steps)
})
