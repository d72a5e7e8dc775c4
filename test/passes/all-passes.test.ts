import fc from 'fast-check'
import { describe, it } from 'vitest'
import { PASSES } from '../../compiler/passes/index.ts'
import { runPasses } from '../../compiler/rewriting/pass.ts'
import { count } from '../run/short-form.ts'
import { expectSameMeaning } from './build.ts'
import { randomGraph } from './random-graph.ts'

describe('all passes', () => {
  it('keep the meaning of random graphs', () => {
    const property = fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), (seed, steps) => {
      const graph = randomGraph(seed, steps)
      expectSameMeaning(runPasses(graph, PASSES), graph)
    })
    fc.assert(property, { numRuns: count(3000, 150), seed: 1 })
  })
})
