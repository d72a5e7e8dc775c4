import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { DEFAULT_LIMITS } from '../../compiler/limits/limits.ts'
import { dataTypeOf } from '../../compiler/onnx/dtype.ts'
import { onnxModel, onnxNode, onnxTensor } from '../../compiler/onnx/encode.ts'
import { externalDataBeside } from '../../compiler/onnx/external.ts'
import {
  decodeModel,
  encodeModel,
  encodeTensorProto,
  int64BigInt,
  int64Halves,
  int64Number,
  type Partially,
  type TensorProto,
} from '../../compiler/onnx/proto.ts'
import { readTensor, readTensorProto } from '../../compiler/onnx/tensor.ts'
import { Diagnostic } from '../../ir/diagnostics.ts'
import { float32, numbers, tensor } from '../../ir/tensors/tensor.ts'
import { bytesOf, counting, imported, refusal, run } from './model.ts'

const relu = { inputs: { x: counting([1, 2]) }, nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }] }

describe('protobuf', () => {
  it('a field that is there with the value 0 is not an absent one', () => {
    const dim = [{ dimValue: 0 }, {}]
    const info = { name: 'x', type: { tensorType: { elemType: 1, shape: { dim } } } }
    const decoded = decodeModel(encodeModel({ graph: { input: [info] } })).graph?.input[0]?.type?.tensorType?.shape?.dim
    expect(decoded?.map((d) => Object.hasOwn(d, 'dimValue'))).toEqual([true, false])
  })

  it('an attribute without a value has the default of its type', () => {
    const attribute = [
      { name: 'auto_pad', type: 3 },
      { name: 'group', type: 2 },
    ]
    const model = onnxModel({ name: 'g', opset: 17, inputs: [{ name: 'x', shape: [1, 1, 2, 2] }], outputs: [], nodes: [] })
    const nodes = [{ opType: 'MaxPool', input: ['x'], output: ['y'], attribute }]
    expect(refusal(encodeModel({ ...model, graph: { ...model.graph, node: nodes, output: [{ name: 'y' }] } }))).toMatch(
      /kernel_shape is missing/,
    )
    const conv = [{ opType: 'Conv', input: ['x', 'x'], output: ['y'], attribute }]
    expect(refusal(encodeModel({ ...model, graph: { ...model.graph, node: conv, output: [{ name: 'y' }] } }))).toMatch(
      /group = 0 must be at least 1/,
    )
  })

  it('encodes the same model to the same bytes, and decodes what it encodes', () => {
    const bytes = bytesOf(relu)
    expect(bytesOf(relu)).toEqual(bytes)
    expect(encodeModel(decodeModel(bytes))).toEqual(bytes)
    expect(decodeModel(bytes).graph?.node[0]?.opType).toBe('Relu')
  })

  it.each([0n, 1n, -1n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)])('64-bit integer %s', (value) => {
    expect(int64BigInt(int64Halves(value))).toBe(value)
    expect(int64Number(int64Halves(value))).toBe(Number(value))
    expect(int64BigInt(int64Halves(BigInt.asUintN(64, value), true))).toBe(BigInt.asUintN(64, value))
  })
})

describe('tensors', () => {
  const read = (proto: Partially<TensorProto>) => readTensorProto(encodeTensorProto({ name: 't', ...proto }))

  it.each([
    ['float32', { floatData: [0.5, -2] }, [0.5, -2]],
    ['float64', { doubleData: [0.1, -2] }, [0.1, -2]],
    ['float16', { int32Data: [0x3c00, 0xc000] }, [1, -2]],
    ['int8', { int32Data: [127, -128] }, [127, -128]],
    ['uint16', { int32Data: [0, 65535] }, [0, 65535]],
    ['bool', { int32Data: [0, 1] }, [0, 1]],
    ['uint32', { uint64Data: [1, 4294967295] }, [1, 4294967295]],
    ['int64', { int64Data: [int64Halves(-5n), 7] }, [-5, 7]],
  ] as const)('%s in its typed field', (dtype, field, values) => {
    const t = read({ dims: [2], dataType: dataTypeOf(dtype), ...field })
    expect([t.type, Array.from(numbers(t))]).toEqual([{ dtype, shape: [2] }, values])
  })

  it('raw data of any element type', () => {
    const t = tensor('int64', [2], BigInt64Array.from([1n, -(2n ** 62n)]))
    expect(readTensorProto(encodeTensorProto(onnxTensor('t', t)))).toEqual(t)
  })

  it.each([
    ['too short', { rawData: new Uint8Array(7) }, /raw_data has a length of 7 bytes, float32 \[2\] needs 8/],
    ['twice', { rawData: new Uint8Array(8), floatData: [1, 2] }, /both raw_data and typed data/],
    ['absent', {}, /has 0 data elements/],
    ['of a foreign type', { dataType: 16, rawData: new Uint8Array(4) }, /element type bfloat16 is unsupported/],
    ['of a negative extent', { dims: [-2] }, /negative dimension/],
    ['too large', { dims: [1 << 20, 1 << 20] }, /too large/],
  ])('data %s', (_, proto, message) => {
    expect(() => read({ dims: [2], dataType: 1, ...proto })).toThrow(message)
  })
})

describe('external data', () => {
  const root = mkdtempSync(join(tmpdir(), 'onnx-external-'))
  const folder = join(root, 'model')
  afterAll(() => rmSync(root, { recursive: true }))
  mkdirSync(join(folder, 'sub'), { recursive: true })
  writeFileSync(join(root, 'secret.bin'), new Uint8Array(8))
  writeFileSync(join(folder, 'sub', 'w.bin'), new Uint8Array(float32([4], [0, 1, 2, 3]).data.buffer))
  symlinkSync(join(root, 'secret.bin'), join(folder, 'link.bin'))

  const external = (entries: Record<string, string>) => {
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }))
    const proto = encodeModel(
      onnxModel({
        name: 'g',
        opset: 17,
        inputs: [{ name: 'x', shape: [2] }],
        outputs: [{ name: 'y', shape: [2] }],
        nodes: [onnxNode('Identity', ['w'], ['y'])],
        initializers: [{ name: 'w', dims: [2], dataType: 1, dataLocation: 1, externalData }],
      }),
    )
    const graph = importModel(proto, { externalData: externalDataBeside(join(folder, 'm.onnx')) })
    const value = graph.outputs[0]?.value
    return value?.kind === 'constant' ? Array.from(numbers(value.tensor)) : null
  }

  it('is read at its offset', () => {
    expect(external({ location: 'sub/w.bin', offset: '8', length: '8' })).toEqual([2, 3])
    expect(external({ location: 'sub/w.bin' })).toEqual([0, 1])
  })

  it.each([
    ['../secret.bin', /outside the model's folder/],
    ['link.bin', /link to a path outside/],
    ['/etc/passwd', /absolute path/],
    ['C:\\w.bin', /absolute path/],
    ['\\\\host\\share', /absolute path/],
    ['file:///etc/passwd', /URL/],
    ['sub', /directory or device/],
    ['nowhere.bin', /not found/],
    ['', /location\) is missing/],
  ])('%j is refused', (location, message) => {
    expect(() => external({ location })).toThrow(message)
  })

  it.each([
    [{ offset: '12' }, /offset 12 \+ length 8 exceed the size/],
    [{ offset: '-8' }, /offset "-8" is an invalid number/],
    [{ length: '16' }, /differs from the size of the tensor/],
  ])('%j is refused', (entries, message) => {
    expect(() => external({ location: 'sub/w.bin', ...entries })).toThrow(message)
  })

  it('needs a reader', () => {
    const proto = { dims: [2], dataType: 1, dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] }
    const decoded = decodeModel(encodeModel({ graph: { initializer: [proto] } })).graph?.initializer[0] as TensorProto
    expect(() => readTensor(decoded, { label: 'w', limits: DEFAULT_LIMITS })).toThrow(/no reader of external data was given/)
  })
})

describe('graphs', () => {
  it('initialisers that are listed as inputs are no inputs', () => {
    const bytes = encodeModel(
      onnxModel({
        name: 'g',
        opset: 9,
        inputs: [
          { name: 'w', shape: [2] },
          { name: 'x', shape: [2] },
        ],
        outputs: [{ name: 'y', shape: [2] }],
        nodes: [onnxNode('Add', ['x', 'w'], ['y'])],
        initializers: [onnxTensor('w', float32([2], [1, 2]))],
      }),
    )
    expect(importModel(bytes).inputs.map((v) => v.name)).toEqual(['x'])
  })

  it('values keep the names of the ONNX values, nodes those of the ONNX nodes', () => {
    const graph = imported({
      inputs: { x: counting([1, 1, 2, 2]) },
      constants: { w: counting([1, 1, 1, 1]) },
      nodes: [{ op: 'Conv', in: ['x', 'w'], out: ['conv_out'], name: 'features/0' }],
    })
    const value = graph.outputs[0]?.value
    expect(value?.name).toBe('conv_out')
    expect(value?.kind === 'result' && value.node.origins).toEqual(['features/0'])
    expect(value?.kind === 'result' && value.node.inputs[0]?.name).toBe('')
  })

  it('names are data', () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', 'a\u0000b']
    const nodes = names.map((name, i) => ({ op: 'Neg', in: [names[i - 1] ?? 'toString'], out: [name] }))
    expect(run({ inputs: { toString: counting([1]) }, nodes })[0]?.values).toEqual([1])
  })

  it('nodes may stand in any order without a cycle', () => {
    const nodes = [
      { op: 'Neg', in: ['a'], out: ['b'] },
      { op: 'Abs', in: ['x'], out: ['a'] },
    ]
    expect(run({ inputs: { x: counting([1]) }, nodes, outputs: ['b'] })[0]?.values).toEqual([-1])
  })

  it('nodes that no output reads need no rule', () => {
    const nodes = [
      { op: 'NonMaxSuppression', in: ['x'], out: ['dead'] },
      { op: 'Relu', in: ['x'], out: ['y'] },
    ]
    expect(run({ inputs: { x: counting([1]) }, nodes, outputs: ['y'] })[0]?.values).toEqual([1])
  })

  it('a chain longer than the call stack', () => {
    const length = 20_000
    const nodes = Array.from({ length }, (_, i) => ({ op: 'Neg', in: [i === 0 ? 'x' : `v${i - 1}`], out: [`v${i}`] }))
    expect(run({ inputs: { x: counting([1]) }, nodes })[0]?.values).toEqual([1])
    expect(run({ inputs: { x: counting([1]) }, nodes: nodes.toReversed(), outputs: [`v${length - 1}`] })[0]?.values).toEqual([1])
  })

  it('folding has a budget: four elements for each that the file holds, and some more', () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, i) => ({ op: 'Neg', in: [i === 0 ? 'c' : `v${i - 1}`], out: [`v${i}`], name: `n${i}` }))
    const model = { inputs: { x: counting([1]) }, constants: { c: counting([64]) }, options: { limits: { foldedElements: 0 } } }
    expect(imported({ ...model, nodes: chain(4) }).outputs[0]?.value.kind).toBe('constant')
    expect(refusal({ ...model, nodes: chain(5) })).toMatchInlineSnapshot(`
      "error[too-large]: neg "n4" (ai.onnx opset 17): this constant takes more elements or work to compute when compiling than the limits foldedElements and foldedWork allow
        inputs: f32[64]
        hint: simplify the model before (onnxsim), or raise the limits"
    `)
  })

  it('counts have limits', () => {
    expect(() => importModel(bytesOf(relu), { limits: { nodes: 0 } })).toThrow(Diagnostic)
    expect(() => importModel(bytesOf(relu), { limits: { elements: 1 } })).toThrow(/too large/)
  })
})

describe('symbolic dimensions', () => {
  const model = { ...relu, shapes: { x: ['N', null] }, inputs: { x: counting([1, 2]) } } as const

  it('by input shape, which also binds their names', () => {
    const options = { inputShapes: [{ shape: [3, 2] }] }
    expect(imported({ ...model, options }).outputs[0]?.value.type.shape).toEqual([3, 2])
    expect(() => imported({ ...model, options: { ...options, dims: { N: 2 } } })).toThrow(/N is both 2 and 3/)
  })

  it('by name, the rest stays unknown', () => {
    expect(() => imported({ ...model, options: { dims: { N: 2 } } })).toThrow(/input "x" \[2,\?\]/)
  })

  it('an input shape replaces fixed extents too', () => {
    expect(imported({ ...relu, options: { inputShapes: [{ name: 'x', shape: [8, 2] }] } }).outputs[0]?.value.type.shape).toEqual([8, 2])
    expect(() => imported({ ...relu, options: { inputShapes: [{ name: 'z', shape: [8] }] } })).toThrow(/no input "z"; the model has "x"/)
    expect(() => imported({ ...relu, options: { inputShapes: [{ shape: [8] }] } })).toThrow(/has 2 dimensions/)
  })
})
