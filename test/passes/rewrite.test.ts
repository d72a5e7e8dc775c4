import { describe, expect, it } from 'vitest'
import { cse } from '../../compiler/passes/cse.ts'
import { runPasses } from '../../compiler/rewriting/pass.ts'
import { type Rule, type RuleContext, rewrite } from '../../compiler/rewriting/rewrite.ts'
import { apply, makeNode, type NodeOf, nodesOf, type ResultValue, type Value } from '../../ir/graph/graph.ts'
import { any, op } from '../../ir/graph/pattern.ts'
import { expectSameMeaning, graphOf, input, relu, reshape } from './build.ts'

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
  it('gives the nodes that a rule makes the origins of all that they stand for', () => {
    const inner = apply('abs', [x], {}, { origins: ['Inner'] })
    const outer = apply('abs', [inner], {}, { name: 'y', origins: ['Outer'] })
    const made: Value[] = []
    const merge: Rule = {
      name: 'merge',
      pattern: op('abs', [op('abs', [any().as('x')]).as('inner')]),
      replace({ get, make }) {
        made.push(make('abs', [get('x')], {}))
        return make('neg', [make('neg', [made[0] as Value], {})], {})
      },
    }
    const graph = rewrite(graphOf(outer), [merge], 'test')
    expect(nodesOf(graph).map((n) => [n.op, n.origins.join(' + '), n.outputs[0].name])).toEqual([
      ['abs', 'Inner + Outer', 'y'],
      ['neg', 'Inner + Outer', 'y'],
      ['neg', 'Inner + Outer', 'y'],
    ])
    expect(made.map((v) => v.kind === 'result' && v.node.origins)).toEqual([[]])
  })

  describe('of a node with two results', () => {
    const row = input([2, 5])
    const node = makeNode('topk', [row], { axis: 1, k: 2, largest: true }, { names: ['values', 'indices'], origins: ['TopK'] })
    const [values, indices] = node.outputs as readonly [Value, Value]
    const replacing = (result: number, replace: Rule['replace']): Rule => ({
      name: `replace result ${result}`,
      pattern: op('topk', [any().as('x')], (n) => n.attrs.largest, { result }),
      replace,
    })
    const both = graphOf(values, indices)

    it('replaces one, in terms of the other', () => {
      const rule = replacing(0, ({ get, make, root }) => make('gather-elements', [get('x'), root.node.outputs[1] as Value], { axis: 1 }))
      const graph = rewrite(both, [rule], 'test')
      expect(nodesOf(graph).map((n) => [n.op, n.outputs.map((v) => v.name)])).toEqual([
        ['topk', ['values', 'indices']],
        ['gather-elements', ['values']],
      ])
      expectSameMeaning(graph, both)
    })

    it('replaces both, each by its own', () => {
      const sorted = (get: (name: string) => Value, make: RuleContext['make']): Value =>
        make('neg', [make('topk', [make('neg', [get('x')], {})], { axis: 1, k: 2, largest: false })], {})
      const rules = [
        replacing(0, ({ get, make }) => sorted(get, make)),
        replacing(1, ({ get, make }) => {
          const other = make('topk', [make('neg', [get('x')], {})], { axis: 1, k: 2, largest: false })
          return (other as ResultValue).node.outputs[1] as Value
        }),
      ]
      const graph = rewrite(both, rules, 'test')
      expect(
        nodesOf(graph)
          .filter((n) => n.op === 'topk')
          .map((n) => (n as NodeOf<'topk'>).attrs.largest),
      ).toEqual([false, false])
      expect(nodesOf(graph).every((n) => n.origins.join() === 'TopK')).toBe(true)
      expectSameMeaning(graph, both)
      const merged = runPasses(graph, [cse])
      expect(nodesOf(merged).map((n) => n.op)).toEqual(['neg', 'topk', 'neg'])
      expectSameMeaning(merged, both)
    })

    it('rebuilds both where an operand changes', () => {
      const below = makeNode('topk', [apply('abs', [apply('abs', [row], {})], {})], { axis: 1, k: 1, largest: true }, { names: ['v', 'i'] })
      const before = graphOf(...below.outputs)
      const once: Rule = { name: 'abs once', pattern: op('abs', [op('abs').as('inner')]), replace: ({ get }) => get('inner') }
      const graph = rewrite(before, [once], 'test')
      expect(nodesOf(graph).map((n) => [n.op, n.outputs.map((v) => v.name)])).toEqual([
        ['abs', ['']],
        ['topk', ['v', 'i']],
      ])
      expectSameMeaning(graph, before)
    })
  })

  it('returns the graph itself where nothing matches', () => {
    const graph = graphOf(reshape(x, 4))
    expect(rewrite(graph, [rule(() => null)], 'test')).toBe(graph)
  })
})
