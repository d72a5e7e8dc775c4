import { describe, expect, it } from 'vitest'
import { canonicaliseActivations } from '../../compiler/passes/canonicalise-activations.ts'
import { canonicaliseClamps } from '../../compiler/passes/canonicalise-clamps.ts'
import { apply, type Value } from '../../ir/graph/graph.ts'
import { conv, filled, graphOf, input, optimised, relu, relu6, scalar } from './build.ts'

const x = input([1, 2, 2, 3])
const add = (a: Value, b: Value): Value => apply('add', [a, b], {})
const mul = (a: Value, b: Value): Value => apply('mul', [a, b], {})
const div = (a: Value, b: Value): Value => apply('div', [a, b], {})
const ops = (y: Value): string => optimised([canonicaliseClamps, canonicaliseActivations], graphOf(y))

const three = scalar(3)
const six = scalar(6)
const sixth = scalar(1 / 6)
const gate = (v: Value): Value => relu6(add(v, three))

const HARD_SWISH: Record<string, (v: Value) => Value> = {
  'x · HardSigmoid': (v) => mul(v, apply('hard-sigmoid', [v], { alpha: Math.fround(1 / 6), beta: 0.5 })),
  'Add3 → Relu → Clip → Mul → Div6': (v) => div(mul(v, relu6(relu(add(v, three)))), six),
  'Add3 → Relu → Clip → Mul(1/6) → Mul': (v) => mul(mul(relu6(relu(add(v, three))), sixth), v),
  'Add3 → Clip → Mul → Div6': (v) => div(mul(gate(v), v), six),
  'Add3 → Clip → Div6 → Mul': (v) => mul(v, div(gate(v), six)),
  'Add3 → Clip → Mul → Mul(1/6)': (v) => mul(sixth, mul(v, relu6(add(three, v)))),
  'x/6 · Clip(Add3)': (v) => mul(mul(v, sixth), gate(v)),
  'max, min and constants of rank 4': (v) => {
    const c = (n: number): Value => filled([1, 1, 1, 1], n)
    return div(mul(v, apply('min', [apply('max', [add(v, c(3)), c(0)], {}), c(6)], {})), c(6))
  },
  'Clip(x/6 + 1/2, 0, 1)': (v) => mul(v, apply('clamp', [add(div(v, six), scalar(0.5))], { min: 0, max: 1 })),
}

const HARD_SIGMOID: Record<string, (v: Value) => Value> = {
  'Add3 → Clip → Div6': (v) => div(gate(v), six),
  'Add3 → Relu → Clip → Mul(1/6)': (v) => mul(relu6(relu(add(three, v))), sixth),
  'Add3 → Clip → Mul(0.16667), dequantised': (v) => mul(gate(v), scalar(0.16667)),
  'Clip(x/6 + 1/2, 0, 1)': (v) => apply('clamp', [add(mul(v, sixth), scalar(0.5))], { min: 0, max: 1 }),
  'Clip(x, -3, 3)/6 + 1/2': (v) => add(div(apply('clamp', [v], { min: -3, max: 3 }), six), scalar(0.5)),
}

describe('canonicalise-activations', () => {
  for (const [spelling, build] of Object.entries(HARD_SWISH)) {
    it(`hard-swish: ${spelling}`, () => {
      expect(ops(build(x)).trim().split('\n').slice(1)).toEqual(['%1 = hard-swish %0 {} : f32[1,2,2,3]'.replace(' {}', '')])
      expect(ops(build(relu6(x)))).toContain('= hard-swish')
    })
  }
  for (const [spelling, build] of Object.entries(HARD_SIGMOID)) {
    it(`hard-sigmoid: ${spelling}`, () => {
      expect(ops(build(x)).trim().split('\n').slice(1)).toEqual([
        '%1 = hard-sigmoid %0 {alpha=0.16666666666666666, beta=0.5} : f32[1,2,2,3]',
      ])
    })
  }
  it('keeps other slopes', () => {
    expect(ops(mul(x, apply('hard-sigmoid', [x], { alpha: 0.2, beta: 0.5 })))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%2)
      %1 = hard-sigmoid %0 {alpha=0.2, beta=0.5} : f32[1,2,2,3]
      %2 = mul %0, %1 : f32[1,2,2,3]
      "
    `)
  })
  it('keeps x · sigmoid(x)', () => {
    expect(ops(mul(x, apply('sigmoid', [x], {})))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%2)
      %1 = sigmoid %0 : f32[1,2,2,3]
      %2 = mul %0, %1 : f32[1,2,2,3]
      "
    `)
  })
  it('sees the gate of one value times another', () => {
    expect(ops(mul(input([1, 2, 2, 3]), div(gate(conv(x, 3)), six)))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3], %1: f32[1,2,2,3]) -> (%4)
      %2 = conv %0, #0f32[3,1,1,3], #1f32[3] : f32[1,2,2,3] // Conv
      %3 = hard-sigmoid %2 {alpha=0.16666666666666666, beta=0.5} : f32[1,2,2,3]
      %4 = mul %1, %3 : f32[1,2,2,3]
      "
    `)
  })
  it('leaves a clamp to [0, 6] that nothing divides', () => {
    expect(ops(mul(x, gate(x)))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[1,2,2,3]) -> (%3)
      %1 = add %0, #0d(3) : f32[1,2,2,3]
      %2 = clamp %1 {max=6, min=0} : f32[1,2,2,3] // Clip
      %3 = mul %0, %2 : f32[1,2,2,3]
      "
    `)
  })
})
