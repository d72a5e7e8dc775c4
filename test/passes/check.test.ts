import { describe, expect, it } from 'vitest'
import { difference, passChecker, TOLERANCES } from '../../compiler/check.ts'
import { type Pass, runPasses } from '../../compiler/pass.ts'
import { PASSES } from '../../compiler/passes/index.ts'
import { seeded, seededInputs } from '../../compiler/seeded.ts'
import { apply } from '../../ir/graph.ts'
import { any, op } from '../../ir/pattern.ts'
import { float32 } from '../../ir/tensor.ts'
import { conv, graphOf, input, relu6, toNchw, toNhwc } from './build.ts'

const graph = graphOf(relu6(toNchw(conv(toNhwc(input([1, 3, 2, 2])), 4))))

describe('check', () => {
  it('passes what keeps the meaning', () => {
    expect(() => runPasses(graph, PASSES, passChecker(graph))).not.toThrow()
  })
  it('names the first pass that moved an output', () => {
    const wrong: Pass = {
      name: 'wrong',
      rules: [
        {
          name: 'lower the ceiling',
          pattern: op('clamp', [any().as('x')], (n) => n.attrs.max === 6),
          replace: ({ get, make }) => make('clamp', [get('x')], { min: 0, max: 0.5 }),
        },
      ],
    }
    expect(() => runPasses(graph, [...PASSES.slice(0, 3), wrong, ...PASSES.slice(3)], passChecker(graph))).toThrow(
      /^pass wrong moved output "y0": element \d+ was .* and is 0\.5$/,
    )
  })
  it('measures in named tolerances', () => {
    const want = float32([3], [1, 100, Number.NaN])
    expect(difference(float32([3], [1, 100, Number.NaN]), want, TOLERANCES.exact)).toBeNull()
    expect(difference(float32([3], [1.001, 100, Number.NaN]), want, TOLERANCES.rounding)).toBeNull()
    expect(difference(float32([3], [1, 101, Number.NaN]), want, TOLERANCES.rounding)?.index).toBe(1)
    expect(difference(float32([3], [1, 101, Number.NaN]), want, TOLERANCES.approx)).toBeNull()
    expect(difference(float32([3], [1, 100, 0]), want, TOLERANCES.approx)?.index).toBe(2)
    expect(difference(float32([3], [Number.POSITIVE_INFINITY, 100, Number.NaN]), want, TOLERANCES.approx)?.index).toBe(0)
  })
})

describe('seeded', () => {
  it('gives equal inputs for equal seeds', () => {
    const graphs = graphOf(apply('exp', [input([2, 3])], {}))
    expect(seededInputs(graphs)).toEqual(seededInputs(graphs))
    expect(seededInputs(graphs, 2)).not.toEqual(seededInputs(graphs))
  })
  it('is uniform and normal enough', () => {
    const random = seeded(1)
    const draws = Array.from({ length: 10000 }, () => [random.uniform(), random.normal(), random.integer(4)] as const)
    const mean = (i: 0 | 1 | 2): number => draws.reduce((sum, d) => sum + d[i], 0) / draws.length
    expect(mean(0)).toBeCloseTo(0.5, 1)
    expect(mean(1)).toBeCloseTo(0, 1)
    expect(mean(2)).toBeCloseTo(1.5, 1)
    expect(draws.reduce((sum, d) => sum + d[1] ** 2, 0) / draws.length).toBeCloseTo(1, 1)
  })
})
