import { describe, expect, it } from 'vitest'
import { type Rule, rewrite } from '../../compiler/rewriting/rewrite.ts'
import { apply } from '../../ir/graph/graph.ts'
import { any, op } from '../../ir/graph/pattern.ts'
import { graphOf, input, relu, reshape } from './build.ts'

const x = input([2, 2])
const rule = (replace: Rule['replace']): Rule => ({ name: 'test rule', pattern: op('abs', [any().as('x')]), replace })

describe('rewrite', () => {
  it('names rules that loop', () => {
    const looping = rule(({ make, get }) => make('abs', [get('x')], {}))
    expect(() => rewrite(graphOf(apply('abs', [x], {})), [looping], 'test')).toThrowErrorMatchingInlineSnapshot(
      `[InternalError: pass test does not end: rules "test rule" still apply after 102 sweeps]`,
    )
  })
  it('refuses a replacement of another shape', () => {
    const wrong = rule(({ make, get }) => make('reshape', [get('x')], { shape: [4] }))
    expect(() => rewrite(graphOf(apply('abs', [x], {})), [wrong], 'test')).toThrowErrorMatchingInlineSnapshot(
      `[InternalError: rule "test rule" replaces f32[2,2] by f32[4]]`,
    )
  })
  it('reports what it did, and remarks that are true of the result only', () => {
    const remarks: string[] = []
    const rules = [
      rule(({ get, remark, node }) => {
        remark(`saw abs over ${node.inputs[0]?.kind}`)
        return get('x').kind === 'result' ? get('x') : null
      }),
    ]
    rewrite(graphOf(apply('abs', [apply('abs', [relu(apply('abs', [x], {}))], {})], {})), rules, 'test', (text) => remarks.push(text))
    expect(remarks).toEqual(['test rule (2×)', 'saw abs over input'])
  })
  it('returns the graph itself where nothing matches', () => {
    const graph = graphOf(reshape(x, 4))
    expect(rewrite(graph, [rule(() => null)], 'test')).toBe(graph)
  })
})
