import { describe, expect, it } from 'vitest'
import { firstWrongNode } from '../../compiler/checking/bisect.ts'
import { verifyModel } from '../../compiler/checking/verify.ts'
import { compareTensors, TOLERANCES } from '../../compiler/running/compare.ts'
import { apply, type Graph, inputValue, nodesOf } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { float32, type Tensor } from '../../ir/tensors/tensor.ts'
import { targetNamed } from '../../targets/target/target.ts'

const type = { dtype: 'float32', shape: [4] } as const
const x = inputValue('x', type)
let value = apply('clamp', [x], { min: -8, max: 8 }, { name: 'v0', origins: ['n0'] })
for (let i = 1; i < 7; i++) value = apply('add', [value, x], {}, { name: `v${i}`, origins: [`n${i}`] })
const graph: Graph = { name: 'chain', inputs: [x], outputs: [{ name: 'y', value }] }
const inputs = [float32([4], [1, -2, 3, 0.5])]
const tolerance = TOLERANCES.rounding

/** As a compiler would that gets every add from the `wrong`-th node on wrong. */
function faulty(wrong: number) {
  return (cut: Graph, given: readonly Tensor[]): Tensor[] => {
    const count = nodesOf(cut).length
    return interpret(cut, given).map((t) =>
      count > wrong
        ? float32(
            t.type.shape,
            Float32Array.from(t.data as Float32Array, (v) => v + 1),
          )
        : t,
    )
  }
}

describe('firstWrongNode', () => {
  it.each([0, 1, 3, 6])('finds node %i', (wrong) => {
    const found = firstWrongNode(graph, inputs, { target: targetNamed('scalar'), tolerance, run: faulty(wrong) })
    expect(found?.value.name).toBe(`v${wrong}`)
    expect(found?.comparison).toMatchObject({ close: false, beyond: 4, maxAbsolute: 1 })
  })

  it('finds nothing where nothing is wrong', () => {
    expect(firstWrongNode(graph, inputs, { target: targetNamed('scalar'), tolerance, run: interpret })).toBeNull()
  })
})

describe('verifyModel', () => {
  const want = interpret(graph, inputs)[0] as Tensor
  const base = { graph, inputs, targets: [targetNamed('scalar'), targetNamed('simd128')], tolerance }

  it('agrees', () => {
    const result = verifyModel({ ...base, references: new Map([['y', want]]) })
    expect(result).toMatchObject({ ok: true, intermediates: 0, diagnosis: null })
    expect(result.checks.map((c) => [c.target, c.output, c.comparison.close])).toEqual([
      ['scalar', 'y', true],
      ['simd128', 'y', true],
    ])
  })

  it('names the first layer that differs from its reference', () => {
    const references = new Map([
      ['v2', float32([4], [0, 0, 0, 0])],
      ['v4', float32([4], [0, 0, 0, 0])],
      ['y', want],
    ])
    const result = verifyModel({ ...base, references })
    expect([result.ok, result.intermediates]).toEqual([false, 2])
    expect(result.diagnosis).toMatch(/^The first layer that differs from its reference is add "n2" → f32\[4\]: 4 of 4 elements differ/)
  })
})

describe('compareTensors', () => {
  const compare = (a: number[], b: number[]) => compareTensors(float32([a.length], a), float32([b.length], b), { rtol: 0, atol: 0.1 })

  it('takes equal non-finite values as close and no others', () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number
    expect(compare([nan, inf, 1], [nan, inf, 1.05]).close).toBe(true)
    for (const [a, b] of [
      [nan, 1],
      [1, nan],
      [inf, 1],
      [1, inf],
      [inf, -inf],
    ] as const)
      expect(compare([a], [b]).close).toBe(false)
  })

  it('counts, and finds the worst', () => {
    const result = compare([1, 2.5, 3.2], [1, 2, 3])
    expect(result).toMatchObject({ close: false, elements: 3, beyond: 2, sameTop: true, worst: { index: 1, got: 2.5, want: 2 } })
  })
})
