/** What a person reads where a file is no model, a graph is none, or inputs are not as the model declares them. */

import { describe, expect, it } from 'vitest'
import { type ImportOptions, importModel } from '../../compiler/import/import.ts'
import { onnxModel, onnxNode, onnxTensor } from '../../compiler/onnx/encode.ts'
import { encodeModel, type GraphProto, int64Halves, type ModelProto, type Partially } from '../../compiler/onnx/proto.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { float32 } from '../../ir/tensors/tensor.ts'

const x = { name: 'x', shape: [2] }
const relu: Partially<ModelProto> = onnxModel({
  name: 'g',
  opset: 17,
  inputs: [x],
  outputs: [{ name: 'y', shape: [2] }],
  nodes: [onnxNode('Relu', ['x'], ['y'], {}, 'n')],
})

/** The whole message with which the model is refused. */
function refused(model: Partially<ModelProto>, options: ImportOptions = {}): string {
  try {
    importModel(encodeModel(model), options)
    return 'accepted'
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Diagnostics) return error.format()
    throw error
  }
}

const withGraph = (graph: Partially<GraphProto>): Partially<ModelProto> => ({ ...relu, graph: { ...relu.graph, ...graph } })

describe('files', () => {
  const ofText = (text: string): string => {
    try {
      importModel(Uint8Array.from(text, (c) => c.charCodeAt(0)))
      return 'accepted'
    } catch (error) {
      return (error as Diagnostic).hint ?? 'no hint'
    }
  }

  it.each([
    ['\x89HDF\r\n', 'this is an HDF5 file (Keras); export it with tf2onnx'],
    ['version https://git-lfs.github.com/spec/v1', 'this is a Git LFS pointer; fetch the file itself with git lfs pull'],
    ['\x1f\x8b\x08', 'this is a gzip archive; unpack it first'],
    ['\x1c\0\0\0TFL3', 'this is a TFLite model; convert it with tf2onnx --tflite'],
    ['  <html>', 'this is HTML or XML, such as the page of a failed download'],
    ['\xff', 'no hint'],
  ])('%j', (text, hint) => {
    expect(ofText(text)).toBe(hint)
  })

  it('without a graph', () => {
    expect(refused({ irVersion: 8 })).toBe('error[invalid-model]: not an ONNX model: the protobuf message has no graph')
  })
})

describe('opsets', () => {
  const importing = (...opsetImport: [string, number][]): string =>
    refused({ ...relu, opsetImport: opsetImport.map(([domain, version]) => ({ domain, version })) })

  it('must be stated once, and exist', () => {
    expect(importing()).toBe('error[invalid-model]: no opset_import for the default domain')
    expect(importing(['com.microsoft', 1])).toBe('error[invalid-model]: no opset_import for the default domain')
    expect(importing(['', 0])).toBe('error[invalid-model]: opset 0 does not exist')
    expect(importing(['', 17], ['ai.onnx', 13])).toBe('error[invalid-model]: opset_import has duplicate entries for domain "": 17 and 13')
    expect(importing(['', 17], ['ai.onnx', 17])).toBe('accepted')
  })

  it('may be too old for an operator', () => {
    const swish = [onnxNode('HardSwish', ['x'], ['y'], {}, 'n')]
    expect(refused({ ...withGraph({ node: swish }), opsetImport: [{ domain: '', version: 11 }] })).toBe(
      'error[invalid-node]: HardSwish "n" (ai.onnx opset 11): this operator is unknown before opset 14',
    )
  })

  it('of operators of other domains', () => {
    const node = [{ ...onnxNode('Fused', ['x'], ['y'], {}, 'n'), domain: 'com.acme' }]
    expect(refused(withGraph({ node }))).toBe(
      'error[unsupported-operator]: Fused "n" (com.acme opset 0): operator Fused of domain com.acme is not supported\n  hint: only operators of the default domain (ai.onnx) are known',
    )
  })
})

describe('operators that are met in practice', () => {
  it.each([
    ['Loop', 'control flow cannot be compiled; export the network without its post-processing'],
    ['NonZero', 'results of run-time length cannot be compiled; export the network without its post-processing'],
  ])('%s', (op, hint) => {
    expect(refused(withGraph({ node: [onnxNode(op, ['x'], ['y'], {}, 'n')] }))).toBe(
      `error[unsupported-operator]: ${op} "n" (ai.onnx opset 17): operator ${op} is not supported\n  hint: ${hint}`,
    )
  })
})

describe('graphs', () => {
  const rows: readonly (readonly [string, Partially<GraphProto>, string])[] = [
    ['no outputs', { output: [] }, 'error[invalid-model]: the graph is empty: it has no outputs'],
    [
      'sparse initialisers',
      { sparseInitializer: [new Uint8Array(1)] },
      'error[unsupported-model]: 1 sparse initializers (with indices) are not supported',
    ],
    ['an input without a name', { input: [{}] }, 'error[invalid-model]: an input without a name'],
    ['an initialiser without a name', { initializer: [{}] }, 'error[invalid-model]: an initializer without a name'],
    [
      'two initialisers of one name',
      { initializer: [onnxTensor('w', float32([1], [1])), onnxTensor('w', float32([1], [1]))] },
      'error[invalid-model]: duplicate initializer "w"',
    ],
    ['no operator', { node: [onnxNode('', ['x'], ['y'], {}, 'n')] }, 'error[invalid-model]: node "n" (no operator) has an empty op_type'],
    ['an output that nothing computes', { output: [{ name: 'z' }] }, 'error[invalid-model]: output "z" is never computed'],
    ['two outputs of one name', { output: [{ name: 'y' }, { name: 'y' }] }, 'error[invalid-model]: duplicate output "y"'],
  ]
  it.each(rows)('%s', (_, graph, message) => {
    expect(refused(withGraph(graph))).toBe(message)
  })
})

describe('types of inputs', () => {
  const typed = (type: object | null): string => refused(withGraph({ input: [{ name: 'x', ...(type ? { type } : {}) }] }))

  it('must be tensors of known element types', () => {
    expect(typed(null)).toBe('error[unsupported-type]: input "x" has no type; only tensors are supported')
    expect(typed({})).toBe('error[unsupported-type]: input "x" has no type; only tensors are supported')
    expect(typed({ sequenceType: new Uint8Array(0) })).toBe(
      'error[unsupported-type]: input "x" has the type sequence; only tensors are supported',
    )
    expect(typed({ tensorType: { elemType: 16 } })).toBe(
      'error[unsupported-type]: input "x" has element type bfloat16, which is not supported',
    )
    expect(typed({ tensorType: { elemType: 99 } })).toBe(
      'error[unsupported-type]: input "x" has element type number 99, which is not supported',
    )
  })

  it('must have a rank', () => {
    const unknown = 'error[unknown-dimension]: shapes with symbolic (dynamic) or unknown dimensions: input "x" [unknown rank]'
    const hint = 'hint: give the whole shape, such as --input-shape 1x3x224x224'
    expect(typed({ tensorType: { elemType: 1 } })).toBe(`${unknown}\n  ${hint}`)
  })

  it('may be negative where they are unknown', () => {
    const dim = [{ dimValue: int64Halves(-1n) }]
    expect(typed({ tensorType: { elemType: 1, shape: { dim } } })).toBe(
      'error[unknown-dimension]: shapes with symbolic (dynamic) or unknown dimensions: input "x" [?]\n  hint: give the whole shape, such as --input-shape 1x3x224x224',
    )
  })
})

describe('shapes that are given', () => {
  const named = onnxModel({
    name: 'g',
    opset: 17,
    inputs: [
      { name: 'a', shape: ['N', 'H'] },
      { name: 'b', shape: ['N', 'H'] },
    ],
    outputs: [{ name: 'y', shape: [null, null] }],
    nodes: [onnxNode('Add', ['a', 'b'], ['y'])],
  })
  const none = withGraph({ input: [], node: [onnxNode('Constant', [], ['y'], { value_float: { float: 1 } })] })
  const a = { name: 'a', shape: [2, 3] }

  it('belong to one input each', () => {
    expect(refused(named, { inputShapes: [{ shape: [1, 2] }] })).toBe(
      'error[invalid-shape]: an input shape without a name needs a model with one input; it has "a", "b"',
    )
    expect(refused(none, { inputShapes: [{ shape: [1] }] })).toBe(
      'error[invalid-shape]: an input shape without a name needs a model with one input; it has none',
    )
    expect(refused(named, { inputShapes: [{ name: 'c', shape: [1] }] })).toBe(
      'error[invalid-shape]: there is no input "c"; the model has "a", "b"',
    )
    expect(refused(named, { inputShapes: [a, a] })).toBe('error[invalid-shape]: two shapes for input "a"')
  })

  it('are extents, as many as declared', () => {
    for (const extent of [-1, 0.5]) {
      expect(refused(named, { inputShapes: [{ name: 'a', shape: [extent, 3] }] })).toBe(
        `error[invalid-shape]: extents of [${extent},3] must be integers and not negative`,
      )
    }
    expect(refused(named, { inputShapes: [{ name: 'a', shape: [2] }] })).toBe(
      'error[invalid-shape]: shape [2] for input "a", which has 2 dimensions',
    )
    expect(refused(withGraph({ input: [{ name: 'x', type: { tensorType: { elemType: 1 } } }] }), { inputShapes: [{ shape: [2] }] })).toBe(
      'accepted',
    )
  })

  it('agree on the dimensions they name', () => {
    for (const extent of [0, 1.5]) {
      expect(refused(named, { dims: { N: extent } })).toBe(`error[invalid-shape]: dimension N = ${extent} must be an integer of at least 1`)
    }
    expect(refused(named, { inputShapes: [a], dims: { N: 1 } })).toBe('error[invalid-shape]: dimension N is both 1 and 2')
    expect(refused(named, { dims: { M: 1, H: 2 } })).toBe(
      'error[unknown-dimension]: shapes with symbolic (dynamic) or unknown dimensions: input "a" [N,2], input "b" [N,2]\n  hint: no dimension is called "M"; or give every symbolic dimension an extent, such as --dim N=1',
    )
    expect(refused(named, { inputShapes: [a] })).toBe('accepted')
  })
})

describe('outputs', () => {
  it('are compared where they say something', () => {
    const declared = (type: object): string => refused(withGraph({ output: [{ name: 'y', type }] }))
    expect(declared({})).toBe('accepted')
    expect(declared({ tensorType: { elemType: 1 } })).toBe('accepted')
    expect(declared({ tensorType: { elemType: 10 } })).toBe(
      'error[type-mismatch]: output "y" is declared with type and shape float16, but the graph computes f32[2]',
    )
    expect(declared({ tensorType: { elemType: 1, shape: { dim: [{}, { dimParam: 'N' }] } } })).toBe(
      'error[type-mismatch]: output "y" is declared with type and shape float32 [?,N], but the graph computes f32[2]',
    )
    expect(declared({ tensorType: { shape: { dim: [] } } })).toBe(
      'error[unsupported-type]: output "y" has element type undefined, which is not supported',
    )
  })
})
