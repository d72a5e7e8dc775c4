import { describe, expect, it } from 'vitest'
import { seededInputs } from '../../compiler/running/seeded.ts'
import { apply, constantValue, type Graph, inputValue, type Value } from '../../ir/graph/graph.ts'
import { float32, fromNumbers } from '../../ir/tensors/tensor.ts'
import { type DType, type Shape, sizeOf } from '../../ir/tensors/types.ts'
import { elementwise } from '../../targets/kernels/elementwise/elementwise.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { checkKernel, coverOf } from './harness.ts'

type Build = (...inputs: readonly Value[]) => Value

function graphOf(build: Build, ...types: readonly { readonly dtype: DType; readonly shape: Shape }[]): Graph {
  const inputs = types.map((type, i) => inputValue(`x${i}`, type))
  return { name: 'tree', inputs, outputs: [{ name: 'y', value: build(...inputs) }] }
}

const floats = (...shape: number[]) => ({ dtype: 'float32' as const, shape })
const scalar = (x: number): Value => constantValue(float32([], [x]))
const of = (x: Value | undefined): Value => x as Value

const softplus = (x: Value): Value => apply('log', [apply('add', [apply('exp', [x], {}), scalar(1)], {})], {})
const mish: Build = (x) => apply('mul', [of(x), apply('tanh', [softplus(of(x))], {})], {})

/** Every node of the graph is in the kernel's cover. */
function expectOneCover(graph: Graph, nodes: number): void {
  for (const target of TARGETS) expect(coverOf(elementwise, graph, target)?.nodes.length).toBe(nodes)
}

describe('a fused pass', () => {
  it.each([0, 1, 3, 4, 5, 7, 8, 9, 31])('computes a chain on %i elements', (n) => {
    const graph = graphOf(mish, floats(n))
    expectOneCover(graph, 5)
    checkKernel(elementwise, graph, { tolerance: { rtol: 1e-5, atol: 1e-6 } })
  })

  it('computes a tree with operands that broadcast', () => {
    const build: Build = (x, mean, scale, gate) =>
      apply('mul', [apply('div', [apply('sub', [of(x), of(mean)], {}), of(scale)], {}), of(gate)], {})
    const graph = graphOf(build, floats(2, 3, 5, 6), floats(6), floats(1), floats(2, 1, 1, 6))
    expectOneCover(graph, 3)
    checkKernel(elementwise, graph)
    checkKernel(elementwise, graphOf(build, floats(2, 6, 3, 5), floats(6, 1, 1), floats(6, 3, 1), floats(2, 6, 3, 5)))
  })

  it('computes a diamond whose top has no other reader', () => {
    const graph = graphOf((x) => {
      const top = apply('exp', [of(x)], {})
      return apply('sub', [apply('mul', [top, top], {}), apply('sqrt', [top], {})], {})
    }, floats(13))
    expectOneCover(graph, 4)
    checkKernel(elementwise, graph)
  })

  it('leaves outside what something else reads, and what has fewer elements', () => {
    const x = inputValue('x', floats(4, 8))
    const shared = apply('exp', [x], {})
    const y = apply('neg', [shared], {})
    const other = apply('abs', [shared], {})
    const graph: Graph = { name: 'shared', inputs: [x], outputs: [y, other].map((value) => ({ name: 'y', value })) }
    expectOneCover(graph, 1)
    expectOneCover(
      graphOf((a, b) => apply('mul', [of(a), apply('sigmoid', [of(b)], {})], {}), floats(4, 8), floats(8)),
      1,
    )
  })

  it('converts, computes and converts back', () => {
    const build: Build = (x) => {
      const scaled = apply('mul', [apply('sub', [apply('cast', [of(x)], { to: 'float32' }), scalar(127.5)], {}), scalar(2)], {})
      return apply('cast', [scaled], { to: 'int16' })
    }
    const graph = graphOf(build, { dtype: 'uint8', shape: [2, 3, 7] })
    expectOneCover(graph, 4)
    checkKernel(elementwise, graph, { tolerance: { rtol: 0, atol: 0 } })
  })

  it('compares and chooses, on lanes and one at a time', () => {
    const build: Build = (x, y) => apply('where', [apply('compare', [of(x), of(y)], { fn: 'less' }), apply('neg', [of(x)], {}), of(y)], {})
    for (const dtype of ['float32', 'float64', 'int8', 'uint16', 'int64'] as const) {
      const graph = graphOf(build, { dtype, shape: [3, 7] }, { dtype, shape: [7] })
      if (dtype !== 'uint16') expectOneCover(graph, 3)
      checkKernel(elementwise, graph, { tolerance: { rtol: 0, atol: 0 } })
    }
  })

  it('wraps integers in between, and divides by zero', () => {
    const build: Build = (x, y) => apply('div', [apply('mul', [apply('add', [of(x), of(y)], {}), of(y)], {}), of(x)], {})
    for (const dtype of ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const) {
      const type = { dtype, shape: [6] }
      const inputs = [fromNumbers(type, [0, 1, 100, 127, 255, -128]), fromNumbers(type, [5, 0, 100, 127, 255, -1])]
      checkKernel(elementwise, graphOf(build, type, type), { inputs, tolerance: { rtol: 0, atol: 0 } })
    }
  })

  it('raises to powers beside other functions', () => {
    const graph = graphOf((x, y) => apply('add', [apply('pow', [of(x), of(y)], {}), of(x)], {}), floats(3, 9), floats(9))
    const inputs = seededInputs(graph).map((t) => ({ type: t.type, data: (t.data as Float32Array).map((v) => Math.abs(v) + 0.25) }))
    checkKernel(elementwise, graph, { inputs })
  })

  it('squares where every exponent is 2, whatever their shape', () => {
    for (const dtype of ['float32', 'int32'] as const) {
      for (const [shape, exponents] of [
        [[4, 3], [3]],
        [[4, 1], [3]],
        [
          [4, 3],
          [4, 3],
        ],
        [
          [4, 3],
          [1, 1],
        ],
      ] as const) {
        const squares = constantValue(fromNumbers({ dtype, shape: exponents }, new Array(sizeOf(exponents)).fill(2)))
        const graph = graphOf((x) => apply('neg', [apply('pow', [of(x), squares], {})], {}), { dtype, shape })
        expectOneCover(graph, 2)
        checkKernel(elementwise, graph)
      }
    }
  })

  it('shares functions that differ in constants and extents', () => {
    const keys = [
      graphOf((x) => apply('clamp', [apply('mul', [of(x), scalar(2)], {})], { min: 0, max: 6 }), floats(8)),
      graphOf((x) => apply('clamp', [apply('mul', [of(x), scalar(3)], {})], { min: -1, max: 1 }), floats(2, 5)),
    ].map((graph) => {
      const called: string[] = []
      const address = { kind: 'buffer', buffer: 0, offset: 0 } as const
      for (const target of TARGETS) {
        coverOf(elementwise, graph, target)?.lower({
          target,
          address: () => address,
          pack: () => address,
          intermediate: () => address,
          step: (fn) => called.push(fn.key),
        })
      }
      return called
    })
    expect(keys[0]).toEqual(keys[1])
    expect(keys[0]).toHaveLength(3)
  })
})
