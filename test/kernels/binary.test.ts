import { describe, it } from 'vitest'
import { seededInputs } from '../../compiler/running/seeded.ts'
import type { Graph } from '../../ir/graph/graph.ts'
import type { BinaryName } from '../../ir/scalar/functions.ts'
import { float32, fromNumbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { type DType, type Shape, sizeOf } from '../../ir/tensors/types.ts'
import { elementwise } from '../../targets/kernels/elementwise/elementwise.ts'
import { checkKernel } from './harness.ts'
import { nodeGraph } from './node-graph.ts'

const NAMES: BinaryName[] = ['add', 'sub', 'mul', 'div', 'min', 'max', 'pow', 'prelu']

const SHAPES: [string, Shape, Shape][] = [
  ['equal', [3, 5], [3, 5]],
  ['scalar second', [2, 7], []],
  ['scalar first', [], [2, 7]],
  ['per channel', [2, 3, 3, 6], [6]],
  ['per channel, NCHW', [2, 6, 3, 3], [6, 1, 1]],
  ['per image and channel', [2, 3, 2, 5], [2, 1, 1, 5]],
  ['per image and channel first', [2, 1, 1, 5], [2, 3, 2, 5]],
  ['outer product', [4, 1], [1, 9]],
  ['alternating', [2, 1, 3, 1, 2], [1, 4, 3, 5, 2]],
  ['eight axes', [2, 1, 2, 1, 2, 1, 2, 1], [1, 2, 1, 2, 1, 2, 1, 3]],
  ['one element', [1, 1], [1]],
  ['empty', [0, 4], [4]],
]

/** Positive first operands, so that powers are numbers. */
function positive(graph: Graph): Tensor[] {
  return seededInputs(graph).map((t) => ({ type: t.type, data: (t.data as Float32Array).map((v) => Math.abs(v) + 0.25) }))
}

/** Operands whose powers a double holds exactly. */
function smallPowers(graph: Graph): Tensor[] {
  return graph.inputs.map((v, i) =>
    fromNumbers(
      v.type,
      Array.from({ length: sizeOf(v.type.shape) }, (_, k) => (k % 7) + i),
    ),
  )
}

describe('binary', () => {
  describe.each(NAMES)('%s', (name) => {
    it.each(SHAPES)('broadcasts: %s', (_, a, b) => {
      const graph = nodeGraph(name, [a, b], {})
      checkKernel(elementwise, graph, { tolerance: { rtol: 1e-6, atol: 1e-6 }, ...(name === 'pow' ? { inputs: positive(graph) } : {}) })
    })

    it.each([1, 3, 4, 5, 8, 9, 17])('handles %i elements', (n) => {
      checkKernel(elementwise, nodeGraph(name, [[n], [n]], {}))
    })
  })

  it.each(['float64', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as DType[])('works on %s', (dtype) => {
    for (const name of NAMES) {
      const graph = nodeGraph(
        name,
        [
          { dtype, shape: [2, 3, 5] },
          { dtype, shape: [3, 1] },
        ],
        {},
      )
      checkKernel(elementwise, graph, name === 'pow' ? { inputs: smallPowers(graph) } : {})
    }
  })

  it('reads constants', () => {
    checkKernel(elementwise, nodeGraph('mul', [[2, 3, 8], float32([8], [1, 2, 3, 4, 5, 6, 7, 8])], {}))
    checkKernel(elementwise, nodeGraph('sub', [float32([], [1]), [7]], {}))
  })

  it.each([
    [50, 3],
    [7, 3],
    [67, 2],
    [36, 5],
  ])('joins %i short rows of %i that meet a constant', (rows, inner) => {
    const row = float32([inner], [1, 2, -3, 4, 5].slice(0, inner))
    checkKernel(elementwise, nodeGraph('sub', [[rows, inner], row], {}))
    checkKernel(elementwise, nodeGraph('sub', [row, [rows, inner]], {}))
  })

  it('squares', () => {
    checkKernel(elementwise, nodeGraph('pow', [[2, 7], float32([1], [2])], {}))
  })

  it('raises to integral and other powers', () => {
    const bases = [2, -2, 3.5, -1, 0, 10, 1e-20, 1e20, Number.POSITIVE_INFINITY, -3]
    const exponents = [3, 3, -2.5, -7, 4, 38, 1.5, 1.9, -2, 0.5]
    const n = bases.length
    checkKernel(elementwise, nodeGraph('pow', [[n], [n]], {}), {
      inputs: [float32([n], bases), float32([n], exponents)],
      tolerance: { rtol: 1e-6, atol: 1e-37 },
    })
  })

  it('propagates NaN', () => {
    const inputs = [float32([2, 3], [Number.NaN, 1, 2, 3, Number.NaN, 5]), float32([3], [0, Number.NaN, 1])]
    for (const name of ['min', 'max', 'add'] as const) checkKernel(elementwise, nodeGraph(name, [[2, 3], [3]], {}), { inputs })
  })

  it('adds a value to itself', () => {
    const graph = nodeGraph('add', [[9], [9]], {})
    checkKernel(elementwise, graph)
  })
})
