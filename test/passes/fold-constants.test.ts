import { describe, expect, it } from 'vitest'
import { foldConstants } from '../../compiler/passes/fold-constants.ts'
import { apply } from '../../ir/graph/graph.ts'
import { INVARIANTS } from '../../ir/graph/verify.ts'
import { filled, graphOf, input, optimised, random, scalar, vector } from './build.ts'

describe('fold-constants', () => {
  it('evaluates what depends on constants only', () => {
    const root = apply('sqrt', [apply('add', [vector(8, 15), scalar(1)], {})], {})
    expect(optimised(foldConstants, graphOf(apply('div', [input([2, 2]), root], {})))).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[2,2]) -> (%1)
      %1 = div %0, #0f32[2] : f32[2,2]
      "
    `)
  })
  it('makes constants of outputs, too', () => {
    expect(optimised(foldConstants, graphOf(apply('neg', [vector(1)], {})))).toMatchInlineSnapshot(`
      "
      graph @test() -> (#1d(-1))
      "
    `)
  })
  it('lets no expand swell the model', () => {
    const wide = apply('expand', [random([1, 1024])], { shape: [300, 1024] })
    const graph = graphOf(apply('add', [input([300, 1024]), apply('neg', [wide], {})], {}))
    expect(optimised(foldConstants, graph)).toMatchInlineSnapshot(`
      "
      graph @test(%0: f32[300,1024]) -> (%3)
      %1 = expand #0f32[1,1024] {shape=[300,1024]} : f32[300,1024]
      %2 = neg %1 : f32[300,1024]
      %3 = add %0, %2 : f32[300,1024]
      "
    `)
    expect(INVARIANTS.folded(graph)).toBeNull()
  })
  it('leaves its invariant broken where it has not run', () => {
    expect(INVARIANTS.folded(graphOf(apply('neg', [filled([3], 1)], {})))).toMatchInlineSnapshot(
      `"neg (no origin): all operands are constant"`,
    )
  })
})
