/** Sound models that damage starts from: operators, networks, local functions, external and typed data. */

import { onnxModel, onnxNode } from '../../../compiler/onnx/encode.ts'
import { encodeModel } from '../../../compiler/onnx/proto.ts'
import type { ExternalData } from '../../../compiler/onnx/tensor.ts'
import { createModel } from '../../../compiler/zoo/index.ts'
import { modelOf } from '../case.ts'
import { randomNetwork } from '../graphs/index.ts'
import { randomOperator } from '../operators/index.ts'
import { seedOf } from '../pick.ts'

const OPERATORS = 60
const NETWORKS = 6

export function seedModels(): Uint8Array[] {
  const operators = Array.from({ length: OPERATORS }, (_, i) => modelOf(randomOperator(seedOf(11, i))))
  const networks = Array.from({ length: NETWORKS }, (_, i) => modelOf(randomNetwork(seedOf(12, i)))).filter((m) => m.length < 100_000)
  return [...operators, ...networks, zooModel(), withFunctions(), withExternalData(), withTypedData(), withShapeArithmetic()]
}

/** What external data reads: a file of 64 bytes, whatever its name. */
export const externalData: ExternalData = () => new Uint8Array(64)

function zooModel(): Uint8Array {
  return createModel('mobilenet-v1-cifar', { width: 0.125, classes: 3 })
}

const x = { name: 'x', shape: [1, 4] }
const y = { name: 'y', shape: [1, 4] }

function withFunctions(): Uint8Array {
  const model = onnxModel({
    name: 'f',
    opset: 17,
    inputs: [x],
    outputs: [y],
    nodes: [{ ...onnxNode('Twice', ['x'], ['y']), domain: 'local' }],
  })
  const body = [onnxNode('Add', ['a', 'a'], ['b']), { ...onnxNode('Once', ['b'], ['c']), domain: 'local' }]
  const once = { name: 'Once', domain: 'local', input: ['a'], output: ['b'], node: [onnxNode('Relu', ['a'], ['b'])] }
  const opsetImport = [
    { domain: '', version: 17 },
    { domain: 'local', version: 1 },
  ]
  const functions = [
    { name: 'Twice', domain: 'local', input: ['a'], output: ['c'], node: body, opsetImport },
    { ...once, opsetImport },
  ]
  return encodeModel({ ...model, opsetImport, functions })
}

function withExternalData(): Uint8Array {
  const model = onnxModel({ name: 'e', opset: 17, inputs: [x], outputs: [y], nodes: [onnxNode('Add', ['x', 'w'], ['y'])] })
  const entries = Object.entries({ location: 'weights.bin', offset: '16', length: '16' }).map(([key, value]) => ({ key, value }))
  const initializer = [{ name: 'w', dims: [1, 4], dataType: 1, dataLocation: 1, externalData: entries }]
  return encodeModel({ ...model, graph: { ...model.graph, initializer } })
}

function withTypedData(): Uint8Array {
  const nodes = [onnxNode('Add', ['x', 'f'], ['a']), onnxNode('Reshape', ['a', 'i'], ['b']), onnxNode('Clip', ['b', '', 'h'], ['y'])]
  const model = onnxModel({ name: 't', opset: 17, inputs: [x], outputs: [y], nodes })
  const initializer = [
    { name: 'f', dims: [4], dataType: 1, floatData: [1, 2, 3, 4] },
    { name: 'i', dims: [2], dataType: 7, int64Data: [1, -1] },
    { name: 'h', dims: [], dataType: 1, floatData: [6] },
  ]
  return encodeModel({ ...model, graph: { ...model.graph, initializer } })
}

/** Shapes that are computed, where small changes have large results. */
function withShapeArithmetic(): Uint8Array {
  const nodes = [
    onnxNode('Shape', ['x'], ['s']),
    onnxNode('Mul', ['s', 'k'], ['m']),
    onnxNode('ConstantOfShape', ['m'], ['z']),
    onnxNode('Range', ['zero', 'end', 'one'], ['r']),
    onnxNode('Tile', ['x', 'k'], ['t']),
    onnxNode('Add', ['t', 'z'], ['u']),
    onnxNode('Slice', ['u', 'zero1', 'end1', 'one1'], ['v']),
    onnxNode('Gather', ['v', 'r'], ['w'], { axis: 1 }),
    onnxNode('Concat', ['w', 'w'], ['c'], { axis: 0 }),
    onnxNode('Expand', ['c', 'e'], ['y']),
  ]
  const model = onnxModel({ name: 's', opset: 17, inputs: [x], outputs: [], nodes })
  const ints = (name: string, int64Data: number[], dims = [int64Data.length]) => ({ name, dims, dataType: 7, int64Data })
  const initializer = [
    ints('k', [1, 2]),
    ints('zero', [0], []),
    ints('end', [4], []),
    ints('one', [1], []),
    ints('zero1', [0]),
    ints('end1', [1]),
    ints('one1', [1]),
    ints('e', [3, 2, 4]),
  ]
  return encodeModel({ ...model, graph: { ...model.graph, initializer, output: [{ name: 'y' }] } })
}
