import { describe, expect, it } from 'vitest'
import { nodesOf } from '../../ir/graph/graph.ts'
import { float32, int64, type Tensor, tensor } from '../../ir/tensors/tensor.ts'
import { imported, refusal, run, type TestNode } from './model.ts'

const x = float32([2, 4], [3, 1, 3, 2, 0, 5, 5, 4])
const flags = (...values: number[]): Tensor => tensor('bool', [values.length], Uint8Array.from(values))

function node(op: string, ins: string, outs: string, attrs: TestNode['attrs'] = {}): TestNode {
  return { op, in: ins.split(' '), out: outs.split(' '), attrs }
}

describe('ArgMax and ArgMin', () => {
  it.each([
    ['ArgMax', {}, [1, 4], [0, 1, 1, 1]],
    ['ArgMax', { axis: -1, keepdims: 0 }, [2], [0, 1]],
    ['ArgMax', { axis: 1, select_last_index: 1 }, [2, 1], [2, 2]],
    ['ArgMin', { axis: 1, keepdims: 0 }, [2], [1, 0]],
  ] as const)('%s %o', (op, attrs, shape, values) => {
    expect(run({ inputs: { x }, nodes: [node(op, 'x', 'y', attrs)] })[0]).toEqual({ dtype: 'int64', shape, values })
  })

  it('refuse an axis out of range', () => {
    expect(refusal({ inputs: { x }, nodes: [node('ArgMax', 'x', 'y', { axis: 2 })] })).toMatch(/axis 2 is out of range for rank 2/)
  })
})

describe('TopK', () => {
  const both = (attrs: TestNode['attrs'], k = 2) =>
    run({ inputs: { x }, constants: { k: int64([1], [k]) }, nodes: [node('TopK', 'x k', 'v i', attrs)], outputs: ['v', 'i'] }).map(
      (t) => t.values,
    )

  it('gives values and indices, equal ones by index', () => {
    expect(both({})).toEqual([
      [3, 3, 5, 5],
      [0, 2, 1, 2],
    ])
    expect(both({ largest: 0, sorted: 0 })).toEqual([
      [1, 2, 0, 4],
      [1, 3, 0, 3],
    ])
    expect(both({ axis: 0 }, 1)).toEqual([
      [3, 5, 5, 4],
      [0, 1, 1, 1],
    ])
  })

  it('is one node whose results have the names of the outputs', () => {
    const model = { inputs: { x }, constants: { k: int64([1], [2]) }, nodes: [node('TopK', 'x k', 'v i')], outputs: ['i', 'v'] }
    expect(nodesOf(imported(model)).map((n) => [n.op, n.outputs.map((v) => v.name)])).toEqual([['topk', ['v', 'i']]])
  })

  it('of constants is constants', () => {
    const model = { inputs: { a: x }, constants: { x, k: int64([1], [1]) }, nodes: [node('TopK', 'x k', 'v i')], outputs: ['v', 'i'] }
    expect(nodesOf(imported(model))).toEqual([])
    expect(run(model).map((t) => t.values)).toEqual([
      [3, 5],
      [0, 1],
    ])
  })

  it('has k as an attribute before opset 10', () => {
    const model = { opset: 9, inputs: { x }, nodes: [node('TopK', 'x', 'v i', { k: 1 })], outputs: ['i'] }
    expect(run(model)[0]?.values).toEqual([0, 1])
    expect(nodesOf(imported(model)).map((n) => n.op)).toEqual(['topk'])
  })

  it('refuses k beyond the extent, and one that is not known', () => {
    expect(refusal({ inputs: { x }, constants: { k: int64([1], [5]) }, nodes: [node('TopK', 'x k', 'v i')] })).toMatch(
      /k = 5 of an extent of 4/,
    )
    expect(refusal({ inputs: { x, k: int64([1], [1]) }, nodes: [node('TopK', 'x k', 'v i')] })).toMatch(/k is not known when compiling/)
  })
})

describe('GatherElements', () => {
  it('takes an index per element', () => {
    const model = {
      inputs: { x },
      constants: { i: int64([2, 2], [3, -4, 0, 1]) },
      nodes: [node('GatherElements', 'x i', 'y', { axis: 1 })],
    }
    expect(run(model)[0]?.values).toEqual([2, 3, 0, 5])
  })
  it('refuses an index out of range', () => {
    const model = { inputs: { x }, constants: { i: int64([1, 1], [4]) }, nodes: [node('GatherElements', 'x i', 'y', { axis: 1 })] }
    expect(refusal(model)).toMatch(/index 4 is out of range for an axis of extent 4/)
  })
})

describe('comparison, logic and selection of run-time values', () => {
  const a = float32([3], [1, 2, 3])
  const b = float32([3], [2, 2, 2])
  it.each([
    ['Equal', [0, 1, 0]],
    ['Greater', [0, 0, 1]],
    ['GreaterOrEqual', [0, 1, 1]],
    ['Less', [1, 0, 0]],
    ['LessOrEqual', [1, 1, 0]],
  ])('%s', (op, values) => {
    expect(run({ inputs: { a, b }, nodes: [node(op, 'a b', 'y')] })[0]).toEqual({ dtype: 'bool', shape: [3], values })
  })

  it.each([
    ['And', [0, 0, 0, 1]],
    ['Or', [0, 1, 1, 1]],
    ['Xor', [0, 1, 1, 0]],
  ])('%s', (op, values) => {
    const inputs = { a: flags(0, 0, 1, 1), b: flags(0, 1, 0, 1) }
    expect(run({ inputs, nodes: [node(op, 'a b', 'y')] })[0]).toEqual({ dtype: 'bool', shape: [4], values })
  })

  it('Not and Where', () => {
    const nodes = [node('Not', 'c', 'n'), node('Where', 'n a b', 'y')]
    expect(run({ inputs: { a, b, c: flags(0, 1, 0) }, nodes })[0]?.values).toEqual([1, 2, 3])
    expect(refusal({ inputs: { a, b }, nodes: [node('Where', 'a a b', 'y')] })).toMatch(/operand of type float32/)
  })

  it('are constants where their operands are', () => {
    const nodes = [node('Equal', 'k k', 'e'), node('Where', 'e k z', 'y')]
    const model = { inputs: { a }, constants: { k: int64([2], [1, 2]), z: int64([1], [0]) }, nodes }
    expect(nodesOf(imported(model))).toEqual([])
    expect(run(model)[0]?.values).toEqual([1, 2])
  })
})

describe('ReduceLogSumExp', () => {
  it('does not overflow', () => {
    const large = float32([1, 2], [1000, 1000])
    const [y] = run({ inputs: { x: large }, nodes: [node('ReduceLogSumExp', 'x', 'y', { axes: [1], keepdims: 0 })] })
    expect(y?.shape).toEqual([1])
    expect(y?.values[0]).toBeCloseTo(1000.6931, 3)
  })
})
