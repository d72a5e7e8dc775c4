import { describe, expect, it } from 'vitest'
import { seeded, seededInputs } from '../../compiler/running/seeded.ts'
import { apply } from '../../ir/graph/graph.ts'
import { graphOf, input } from './build.ts'

describe('seeded', () => {
  it('gives equal inputs for equal seeds', () => {
    const graph = graphOf(apply('exp', [input([2, 3])], {}))
    expect(seededInputs(graph)).toEqual(seededInputs(graph))
    expect(seededInputs(graph, 2)).not.toEqual(seededInputs(graph))
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
