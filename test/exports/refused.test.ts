/** What exporters write too, and what is refused today: by which diagnostic. */

import { expect, it } from 'vitest'
import { tensor } from '../../ir/tensors/tensor.ts'
import { counting, refusal, type TestModel, type TestNode } from '../onnx/model.ts'

const bytes = (shape: readonly number[]) => tensor('uint8', shape, new Uint8Array(shape.reduce((a, b) => a * b, 1)).fill(130))
const constants = {
  scale: { ...counting([1]), type: { dtype: 'float32', shape: [] } },
  zero: bytes([]),
  weights: bytes([4, 2, 1, 1]),
  matrix: bytes([2, 4]),
} as const

function quantised(op: string, inputs: string, domain: string): TestModel {
  const node: TestNode = { op, in: inputs.split(' '), out: ['y'], domain }
  return { opset: 13, inputs: { x: counting([1, 2, 3, 3]), q: bytes([1, 2, 3, 3]), rows: bytes([3, 2]) }, constants, nodes: [node] }
}

const MICROSOFT = 'com.microsoft'
const UNSUPPORTED: readonly (readonly [op: string, inputs: string, domain: string])[] = [
  ['QuantizeLinear', 'x scale zero', ''],
  ['DequantizeLinear', 'q scale zero', ''],
  ['DynamicQuantizeLinear', 'x', ''],
  ['QLinearConv', 'q scale zero weights scale zero scale zero', ''],
  ['QLinearMatMul', 'rows scale zero matrix scale zero scale zero', ''],
  ['ConvInteger', 'q weights zero zero', ''],
  ['MatMulInteger', 'rows matrix zero zero', ''],
  ['QLinearAdd', 'q scale zero q scale zero scale zero', MICROSOFT],
  ['QLinearGlobalAveragePool', 'q scale zero scale zero', MICROSOFT],
  ['QGemm', 'rows scale zero matrix scale zero', MICROSOFT],
  ['If', 'x', ''],
  ['NonMaxSuppression', 'x x', ''],
  ['NonZero', 'x', ''],
  ['GatherND', 'x q', ''],
]

it.each(UNSUPPORTED)('%s is refused', (op, inputs, domain) => {
  const message = refusal(quantised(op, inputs, domain))
  expect(message).toMatch(/^error\[unsupported-operator\]/)
  expect(message).toContain(op)
})

it('batch normalisation in training mode is refused', () => {
  const parameters = { s: counting([2]), b: counting([2]), m: counting([2]), v: counting([2]) }
  const node = { op: 'BatchNormalization', in: ['x', 's', 'b', 'm', 'v'], out: ['y'], attrs: { training_mode: 1 } }
  expect(refusal({ opset: 15, inputs: { x: counting([1, 2, 3, 3]) }, constants: parameters, nodes: [node] })).toMatch(
    /^error\[unsupported-node\].*training_mode/,
  )
})
