/** Graphs, what they print as, and how patterns match them. */

import { describe, expect, it } from 'vitest'
import { Diagnostic, Diagnostics, InternalError, printable } from '../../ir/diagnostics.ts'
import { applyFolded, folded, isFoldable } from '../../ir/graph/fold.ts'
import {
  apply,
  constantValue,
  type Graph,
  inputValue,
  makeNode,
  type Node,
  namesOf,
  nodesOf,
  producer,
  renamed,
  resultOf,
  usesOf,
  type Value,
} from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { any, anyOp, constant, elementwise, oneOf, op, scalar, scalarOf } from '../../ir/graph/pattern.ts'
import { printGraph } from '../../ir/graph/print.ts'
import { opDef } from '../../ir/ops/index.ts'
import { float32, int64, numbers, tensor } from '../../ir/tensors/tensor.ts'
import { formatType, stridesOf } from '../../ir/tensors/types.ts'

const x = inputValue('x', { dtype: 'float32', shape: [2] })
const two = constantValue(float32([], [2]), 'two')
const three = constantValue(float32([2], [3, 3]))
const graphOf = (...values: Value[]): Graph => ({ name: 'g', inputs: [x], outputs: values.map((value, i) => ({ name: `y${i}`, value })) })

describe('graphs', () => {
  const sum = apply('add', [x, two], {}, { name: 'sum', origins: ['Add_0', 'Add_1'] })
  const twice = apply('mul', [sum, sum], {})

  it('know nodes in order, readers and producers', () => {
    const graph = graphOf(twice, sum)
    expect(nodesOf(graph).map((n) => n.op)).toEqual(['add', 'mul'])
    expect(nodesOf(graph)).toBe(nodesOf(graph))
    expect(usesOf(graph, sum).map((use) => use.node?.op ?? null)).toEqual(['mul', 'mul', null])
    expect(usesOf(graph, x)).toHaveLength(1)
    expect(usesOf(graph, three)).toEqual([])
    expect(producer(sum, 'add')?.origins).toEqual(['Add_0', 'Add_1'])
    expect([producer(sum, 'mul'), producer(x, 'add'), producer(undefined, 'add')]).toEqual([null, null, null])
  })

  it('have a first result', () => {
    const node = makeNode('add', [x, two], {})
    expect(resultOf(node)).toBe(node.outputs[0])
  })

  it('may give inputs and constants as outputs, the same one twice', () => {
    const outputs = interpret(graphOf(x, two, x), [float32([2], [5, 6])]).map((t) => Array.from(numbers(t)))
    expect(outputs).toEqual([[5, 6], [2], [5, 6]])
  })

  it('are interpreted node by node, on inputs of their own type', () => {
    const seen: string[] = []
    interpret(graphOf(twice), [float32([2], [0, 1])], { onResult: (v, t) => seen.push(`${v.name}=${Array.from(numbers(t))}`) })
    expect(seen).toEqual(['sum=2,3', '=4,9'])
    const refused = (given: Parameters<typeof interpret>[1], is: string): void =>
      expect(() => interpret(graphOf(twice), given)).toThrow(new InternalError(`input 0 must be f32[2], is ${is}`))
    refused([], 'missing')
    refused([float32([3], [1, 2, 3])], 'f32[3]')
    refused([int64([2], [1, 2])], 'i64[2]')
  })
})

describe('folding', () => {
  it('evaluates what depends on constants only, unless that swells the model', () => {
    expect(numbers((applyFolded('add', [two, two], {}) as { tensor: typeof two.tensor }).tensor)[0]).toBe(4)
    const kept = applyFolded('add', [x, two], {})
    expect([kept.kind, kept.kind === 'result' && folded(kept.node)[0] === kept]).toEqual(['result', true])
    const expand = (shape: number[]): boolean => isFoldable(makeNode('expand', [two], { shape }))
    expect([expand([2 ** 18]), expand([2 ** 18 + 1])]).toEqual([true, false])
    expect(isFoldable({ ...makeNode('neg', [two], {}), inputs: [] } as Node)).toBe(false)
  })
})

describe('printing', () => {
  it('shows attributes sorted, without defaults, and constants by value or type', () => {
    const image = inputValue('i', { dtype: 'float32', shape: [1, 4, 4, 2] })
    const weights = constantValue(float32([2, 1, 1, 2], [1, 2, 3, 4]))
    const attrs = { strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const
    const act = { op: 'clamp', min: 0, max: Number.POSITIVE_INFINITY } as const
    const conv = apply('conv', [image, weights, three], { ...attrs, act }, { origins: ['Conv_0', 'Relu_1'] })
    const swish = apply('conv', [image, weights, three], { ...attrs, act: { op: 'hard-swish' } })
    const bounded = apply('clamp', [conv], { min: Number.NEGATIVE_INFINITY, max: 6 })
    const one = constantValue(int64([1], [7]))
    const graph: Graph = {
      name: 'net\u001b',
      inputs: [image, x],
      outputs: [bounded, swish, one, apply('softmax', [x], { axis: 0, log: true })].map((value) => ({ name: 'y', value })),
    }
    expect(printGraph(graph)).toBe(`graph @net\\u{1b}(%0: f32[1,4,4,2], %1: f32[2]) -> (%3, %4, #1d(7), %5)
%2 = conv %0, #0f32[2,1,1,2], #1f32[2] {act=clamp(0,inf), strides=[2,2]} : f32[1,2,2,2] // Conv_0 + Relu_1
%3 = clamp %2 {max=6, min=-inf} : f32[1,2,2,2]
%4 = conv %0, #0f32[2,1,1,2], #1f32[2] {act=hard-swish, strides=[2,2]} : f32[1,2,2,2]
%5 = softmax %1 {axis=0, log=true} : f32[2]
`)
  })
})

describe('nodes with several results', () => {
  const row = constantValue(float32([4], [3, 0, 5, 1]))
  const attrs = { axis: 0, k: 2, largest: true }
  const found = inputValue('r', { dtype: 'float32', shape: [2, 2] })
  const from = { names: ['where', 'count'], origins: ['NonZero_0'] }
  const both = makeNode('nonzero', [found], {}, from)
  const graph: Graph = { name: 'net', inputs: [found], outputs: both.outputs.map((value) => ({ name: value.name, value })) }

  it('print all of them, with bounds', () => {
    expect(printGraph(graph)).toBe(`graph @net(%0: f32[2,2]) -> (%1, %2)
%1, %2 = nonzero %0 : i64[2,≤4]{count=1}, i64[] // NonZero_0
`)
  })

  it('are interpreted, with zeros after what is there', () => {
    const seen: string[] = []
    const results = interpret(graph, [float32([2, 2], [0, Number.NaN, -0, 2])], { onResult: (v) => seen.push(v.name) })
    expect(results).toEqual([{ ...int64([2, 4], [0, 1, 0, 0, 1, 1, 0, 0]), type: both.outputs[0].type }, int64([], [2])])
    expect(seen).toEqual(['where', 'count'])
  })

  it('are folded together, under their names', () => {
    const values = folded(makeNode('topk', [row], attrs, { names: ['v', 'i'] }))
    expect(values.map((v) => [v.kind, v.name, v.kind === 'constant' && Array.from(numbers(v.tensor))])).toEqual([
      ['constant', 'v', [5, 3]],
      ['constant', 'i', [2, 0]],
    ])
  })

  it('stay nodes where one is bounded', () => {
    const node = makeNode('nonzero', [row], {})
    expect([isFoldable(node), folded(node)]).toEqual([false, node.outputs])
  })

  it('match by the number of the result', () => {
    const { outputs } = makeNode('topk', [found], { axis: 1, k: 1, largest: true })
    const matches = (result?: number): boolean[] =>
      outputs.map((v) => op('topk', [any()], undefined, result === undefined ? {} : { result }).match(v, graph) !== null)
    expect([matches(), matches(0), matches(1), matches(2)]).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [false, false],
    ])
  })

  it('are renamed together', () => {
    const again = renamed(both, { names: ['a', 'b'] })
    expect([namesOf(again), again.origins, again.outputs.map((v) => [v.node === again, v.index])]).toEqual([
      ['a', 'b'],
      ['NonZero_0'],
      [
        [true, 0],
        [true, 1],
      ],
    ])
    expect(again.outputs.map((v) => v.type)).toEqual(both.outputs.map((v) => v.type))
  })
})

describe('patterns', () => {
  const y = apply('add', [two, x], {}, { name: 'y' })
  const graph = graphOf(apply('neg', [y], {}), y)
  const bound = (pattern: ReturnType<typeof op>, value: Value): string[] | null => {
    const match = pattern.match(value, graph)
    return match && [...match].map(([name, v]) => `${name}=${v.name}`)
  }

  it('match operands of commutative ops in either order, others in theirs', () => {
    expect(bound(op('add', [any().as('a'), constant().as('b')]), y)).toEqual(['a=x', 'b=two'])
    expect(bound(op('sub', [any(), constant()]), apply('sub', [two, x], {}))).toBeNull()
    expect(bound(op('add', [any(), any(), any()]), y)).toBeNull()
    expect(bound(op('mul'), y)).toBeNull()
    expect(bound(op('add'), x)).toBeNull()
    expect(
      bound(
        op('softmax', undefined, (n) => n.attrs.log),
        apply('softmax', [x], { axis: 0, log: false }),
      ),
    ).toBeNull()
  })

  it('bind a name to one value', () => {
    expect(bound(op('mul', [any().as('a'), any().as('a')]), apply('mul', [x, x], {}))).toEqual(['a=x'])
    expect(bound(op('mul', [any().as('a'), any().as('a')]), apply('mul', [x, two], {}))).toBeNull()
  })

  it('count readers, choose alternatives, and forget those that failed', () => {
    expect(bound(op('neg', [any().once().as('only')]), apply('neg', [y], {}))).toBeNull()
    const either = oneOf(op('add', [any().as('lost'), scalar(9)]), op('add', [any().as('kept'), scalar(2)]))
    expect(bound(either, y)).toEqual(['kept=x'])
    expect([[...(either.roots ?? [])], oneOf(either, any()).roots]).toEqual([['add'], null])
    expect(bound(anyOp('neg', 'add').as('r'), y)).toEqual(['r=y'])
    expect(bound(anyOp('neg'), x)).toBeNull()
  })

  it('know scalars', () => {
    expect([scalarOf(two), scalarOf(three), scalarOf(x)]).toEqual([2, null, null])
    expect(bound(scalar(2.00001), two)).toEqual([])
    expect(bound(scalar(2.001), two)).toBeNull()
    expect(bound(scalar(), three)).toBeNull()
    expect(bound(scalar(), two)).toEqual([])
  })

  it('know how many operands elementwise ops have', () => {
    const flags = constantValue(tensor('bool', [2], Uint8Array.of(1, 0)))
    expect([1, 2].map((n) => bound(elementwise(n as 1 | 2), y) !== null)).toEqual([false, true])
    expect([1, 2].map((n) => bound(elementwise(n as 1 | 2), apply('neg', [x], {})) !== null)).toEqual([true, false])
    expect([1, 2].map((n) => bound(elementwise(n as 1 | 2), apply('compare', [x, x], { fn: 'less' })) !== null)).toEqual([false, true])
    expect([1, 2].map((n) => bound(elementwise(n as 1 | 2), apply('where', [flags, x, x], {})) !== null)).toEqual([false, false])
  })
})

describe('tensors and types', () => {
  it('hold what they say', () => {
    expect(() => float32([3], [1, 2])).toThrow(new RangeError('2 elements for shape [3]'))
    expect(() => tensor('int8', [2], Float32Array.of(1, 2))).toThrow(new TypeError('Float32Array for dtype int8'))
    expect(float32([1], Float32Array.of(1)).data).toEqual(Float32Array.of(1))
  })

  it('have strides and a text', () => {
    expect([stridesOf([2, 3, 4]), stridesOf([])]).toEqual([[12, 4, 1], []])
    expect(['float16', 'uint8', 'int64', 'bool'].map((dtype) => formatType({ dtype: dtype as 'bool', shape: [1, 2] }))).toEqual([
      'f16[1,2]',
      'u8[1,2]',
      'i64[1,2]',
      'bool[1,2]',
    ])
  })

  it('count multiply-adds', () => {
    const type = (...shape: number[]) => ({ dtype: 'float32', shape }) as const
    expect(opDef('conv').macs?.([type(1, 8, 8, 4), type(6, 3, 3, 4)], [type(1, 6, 6, 6)], {})).toBe(3 * 3 * 4 * 6 * 6 * 6)
    expect(opDef('matmul').macs?.([type(2, 3), type(3, 4)], [type(2, 4)], {})).toBe(24)
    expect(opDef('neg').macs).toBeUndefined()
  })
})

describe('diagnostics', () => {
  it('show nodes, missing inputs and hints', () => {
    const node = { opType: 'Clip', name: 'c"\n', domain: '', opset: 17, inputs: [x.type, null] }
    const one = new Diagnostic({ code: 'invalid-node', message: 'no', node, hint: 'yes\u0007' })
    expect(one.format()).toBe('error[invalid-node]: Clip "c\\"\\n" (ai.onnx opset 17): no\n  inputs: f32[2], –\n  hint: yes\\u{7}')
    const both = new Diagnostics([one, new Diagnostic({ code: 'too-large', message: 'big' })])
    expect([both.message, both.format()]).toEqual(['no; big', `${one.format()}\nerror[too-large]: big`])
    expect(printable('a\u2028b\u{e0001}')).toBe('a\\u{2028}b\\u{e0001}')
  })
})
