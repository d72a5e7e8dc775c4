import { describe, expect, it } from 'vitest'
import { PassCheck } from '../../compiler/checking/check-passes.ts'
import { PASSES } from '../../compiler/passes/index.ts'
import { type Pass, runPasses } from '../../compiler/rewriting/pass.ts'
import type { Graph } from '../../ir/graph/graph.ts'
import { any, op } from '../../ir/graph/pattern.ts'
import { conv, graphOf, input, relu6, toNchw, toNhwc } from './build.ts'

const graph = graphOf(relu6(toNchw(conv(toNhwc(input([1, 3, 2, 2])), 4))))

function checked(passes: readonly Pass[]): Graph {
  const { events } = new PassCheck()
  events.onImport(graph)
  return runPasses(graph, passes, events)
}

describe('check-passes', () => {
  it('passes what keeps the meaning', () => {
    expect(() => checked(PASSES)).not.toThrow()
  })
  it('names the first pass that moved an output', () => {
    const lower: Pass = {
      name: 'lower',
      rules: [
        {
          name: 'lower the ceiling',
          pattern: op('clamp', [any().as('x')], (n) => n.attrs.max === 6),
          replace: ({ get, make }) => make('clamp', [get('x')], { min: 0, max: 0.5 }),
        },
      ],
    }
    expect(() => checked([...PASSES.slice(0, 3), lower, ...PASSES.slice(3)])).toThrow(/^pass lower changes output "y0"/)
  })
})
