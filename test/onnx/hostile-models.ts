/** Models that someone wrote on purpose: too large, inconsistent, misleading, or endless. Each is small as a file. */

import { type OnnxAttr, onnxModel, onnxNode } from '../../compiler/onnx/encode.ts'
import {
  encodeModel,
  int64Halves,
  type ModelProto,
  type NodeProto,
  type Partially,
  type TensorProto,
  type ValueInfoProto,
} from '../../compiler/onnx/proto.ts'
import { varint } from '../fuzz/bytes/wire.ts'

export interface Model {
  readonly nodes?: readonly Partially<NodeProto>[]
  readonly initializers?: readonly Partially<TensorProto>[]
  readonly inputs?: readonly Partially<ValueInfoProto>[]
  readonly outputs?: readonly string[]
  readonly rest?: Partially<ModelProto>
  readonly graph?: object
}

export const value = (name: string, shape: readonly (number | bigint)[], elemType = 1): Partially<ValueInfoProto> => ({
  name,
  type: { tensorType: { elemType, shape: { dim: shape.map((d) => ({ dimValue: typeof d === 'bigint' ? int64Halves(d) : d })) } } },
})

/** x [1,4] and y = Relu(x), with parts replaced. */
export function hostile({
  nodes = [relu()],
  initializers = [],
  inputs = [value('x', [1, 4])],
  outputs = ['y'],
  rest = {},
  graph = {},
}: Model): Uint8Array {
  const model = onnxModel({ name: 'hostile', opset: 17, inputs: [], outputs: [], nodes: [] })
  const output = outputs.map((name) => ({ name }))
  return encodeModel({
    ...model,
    ...rest,
    graph: { ...model.graph, node: nodes, initializer: initializers, input: inputs, output, ...graph },
  })
}

export const relu = (from = 'x', to = 'y'): Partially<NodeProto> => onnxNode('Relu', [from], [to])

const one = (op: string, inputs: string[], attrs: Record<string, OnnxAttr> = {}): Partially<NodeProto> =>
  onnxNode(op, inputs, ['y'], attrs, 'n')
const ints = (name: string, values: readonly (number | bigint)[], dims: readonly number[] = [values.length]): Partially<TensorProto> => ({
  name,
  dims,
  dataType: 7,
  int64Data: values.map((v) => (typeof v === 'bigint' ? int64Halves(v) : v)),
})
const floats = (name: string, dims: readonly number[], floatData: readonly number[]): Partially<TensorProto> => ({
  name,
  dims,
  dataType: 1,
  floatData,
})
const add = (tensor: Partially<TensorProto>): Model => ({ nodes: [one('Add', ['x', 'w'])], initializers: [{ name: 'w', ...tensor }] })
const raw = (bytes: number): Uint8Array => new Uint8Array(bytes)

/** Files that are no models. */
export const FILES: Readonly<Record<string, Uint8Array>> = {
  empty: raw(0),
  'one zero byte': raw(1),
  zeros: raw(4096),
  'gzip archive': Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0),
  'HTML page': new TextEncoder().encode('<!DOCTYPE html>\n<title>Not found</title>'),
  'JSON document': new TextEncoder().encode('{"model": 1}'),
  'Git LFS pointer': new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:0'),
  'TFLite file': Uint8Array.of(28, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33, 0, 0),
  'safetensors file': new TextEncoder().encode('\u0040\u0000\u0000\u0000\u0000\u0000\u0000\u0000{"__metadata__":{}}'),
  'endless varint': new Uint8Array(64).fill(0xff),
  'length beyond the end': Buffer.concat([Uint8Array.of(0x3a), varint(2n ** 40n)]),
  'groups in groups': new Uint8Array(100_000).fill(0xfb),
  'wire types 6 and 7': Uint8Array.of(0x3e, 0x3f),
  'a TensorProto': Uint8Array.of(0x08, 0x01, 0x10, 0x01, 0x4a, 0x04, 0, 0, 0, 0),
}

export const TENSORS: Readonly<Record<string, Model>> = {
  'product of extents beyond 2⁶⁴': add({ dims: [int64Halves(2n ** 62n), int64Halves(2n ** 62n)], dataType: 1, rawData: raw(16) }),
  'extent of 2⁶³ − 1': add({ dims: [int64Halves(2n ** 63n - 1n)], dataType: 1, rawData: raw(16) }),
  'large extents and no data': add({ dims: [1 << 20, 1 << 20], dataType: 1 }),
  'as many elements as are allowed, and no data': add({ dims: [2 ** 28], dataType: 1 }),
  'a zero extent beside a large one': add({ dims: [0, int64Halves(2n ** 62n)], dataType: 1 }),
  'negative extent': add({ dims: [-4], dataType: 1, rawData: raw(16) }),
  'two negative extents': add({ dims: [-2, -2], dataType: 1, rawData: raw(16) }),
  'raw data one byte short': add({ dims: [4], dataType: 1, rawData: raw(15) }),
  'raw data twice as long': add({ dims: [4], dataType: 1, rawData: raw(32) }),
  'raw and typed data': add({ dims: [4], dataType: 1, rawData: raw(16), floatData: [1, 2, 3, 4] }),
  'floats in the field of integers': add({ dims: [4], dataType: 1, int64Data: [1, 2, 3, 4] }),
  'more floats than elements': add({ dims: [2], dataType: 1, floatData: [1, 2, 3] }),
  strings: add({ dims: [1], dataType: 8, stringData: [raw(3)] }),
  'no element type': add({ dims: [4], rawData: raw(16) }),
  'element type 999': add({ dims: [4], dataType: 999, rawData: raw(16) }),
  'element type −1': add({ dims: [4], dataType: -1, rawData: raw(16) }),
  bfloat16: add({ dims: [4], dataType: 16, rawData: raw(8) }),
  'four-bit integers': add({ dims: [4], dataType: 22, rawData: raw(2) }),
  segment: add({ dims: [4], dataType: 1, rawData: raw(16), segment: { begin: 0, end: 4 } }),
  'rank 17': add({ dims: new Array(17).fill(1), dataType: 1, floatData: [1] }),
  'rank 100000': add({ dims: new Array(100_000).fill(1), dataType: 1, floatData: [1] }),
  'integers for floats': add({ dims: [4], dataType: 7, int64Data: [1, 2, 3, 4] }),
  'data location 7': add({ dims: [4], dataType: 1, rawData: raw(16), dataLocation: 7 }),
  'external data without a location': add({ dims: [4], dataType: 1, dataLocation: 1 }),
}

const chain = (length: number, step: (from: string, to: string, i: number) => Partially<NodeProto>, first = 'c'): Partially<NodeProto>[] =>
  Array.from({ length }, (_, i) => step(i === 0 ? first : `v${i - 1}`, i === length - 1 ? 'z' : `v${i}`, i))
const thenAdded = (nodes: readonly Partially<NodeProto>[]): Partially<NodeProto>[] => [...nodes, one('Add', ['x', 'z'])]
const c = floats('c', [1, 4], [1, 2, 3, 4])

/** What little data asks to be computed. */
export const GROWTH: Readonly<Record<string, Model>> = {
  'concatenation doubled 60 times': {
    nodes: thenAdded(chain(60, (a, b) => onnxNode('Concat', [a, a], [b], { axis: 0 }))),
    initializers: [c],
  },
  'concatenation of a tensor and its negative, doubled 40 times': {
    nodes: thenAdded(
      chain(40, (a, b, i) => onnxNode('Concat', [a, `m${i}`], [b], { axis: 0 })).flatMap((n, i) => [
        onnxNode('Neg', [n.input?.[0] ?? ''], [`m${i}`]),
        n,
      ]),
    ),
    initializers: [c],
  },
  'tiles of tiles': { nodes: thenAdded(chain(20, (a, b) => onnxNode('Tile', [a, 'r'], [b]))), initializers: [c, ints('r', [4, 4])] },
  'expanded to 2⁴⁰ elements': { nodes: [one('Expand', ['x', 's'])], initializers: [ints('s', [2 ** 20, 2 ** 18, 1, 4])] },
  'expanded to 2⁶³ − 1': { nodes: [one('Expand', ['x', 's'])], initializers: [ints('s', [2n ** 63n - 1n, 1, 4])] },
  'zeros of 2⁴⁰ elements': {
    nodes: [onnxNode('ConstantOfShape', ['s'], ['z'], {}, 'n'), one('Add', ['x', 'z'])],
    initializers: [ints('s', [2 ** 20, 2 ** 20])],
  },
  'zeros of 2²⁸ elements, compared': {
    nodes: [
      onnxNode('ConstantOfShape', ['s'], ['a']),
      onnxNode('Neg', ['a'], ['b']),
      onnxNode('Equal', ['b', 'b'], ['e'], {}, 'n'),
      onnxNode('Cast', ['e'], ['z'], { to: 1 }),
      one('Add', ['x', 'z']),
    ],
    initializers: [ints('s', [2 ** 28])],
  },
  'an outer product compared': {
    nodes: [onnxNode('Less', ['r', 's'], ['e'], {}, 'n'), onnxNode('Cast', ['e'], ['z'], { to: 1 }), one('Add', ['x', 'z'])],
    initializers: [ints('r', [...new Array(4096).keys()], [4096, 1]), ints('s', [...new Array(4096).keys()], [1, 4096])],
  },
  'a range of 2²⁷': {
    nodes: [onnxNode('Range', ['a', 'b', 'd'], ['z'], {}, 'n'), one('Add', ['x', 'z'])],
    initializers: [floats('a', [], [0]), floats('b', [], [2 ** 27]), floats('d', [], [1])],
  },
  'a range without an end': {
    nodes: [onnxNode('Range', ['a', 'b', 'd'], ['z'], {}, 'n'), one('Add', ['x', 'z'])],
    initializers: [floats('a', [], [0]), floats('b', [], [1]), floats('d', [], [0])],
  },
  'a range of 2⁶²': {
    nodes: [onnxNode('Range', ['a', 'b', 'd'], ['z'], {}, 'n'), one('Gather', ['x', 'z'])],
    initializers: [ints('a', [0], []), ints('b', [2n ** 62n], []), ints('d', [1], [])],
  },
  'pads of 2⁴⁰': { nodes: [one('Pad', ['x', 'p'])], initializers: [ints('p', [0, 2 ** 40, 0, 0])] },
  'pads of 2²⁷ on each side': { nodes: [one('Pad', ['x', 'p'])], initializers: [ints('p', [2 ** 27, 2 ** 27, 2 ** 27, 2 ** 27])] },
  'a convolution of constants': {
    nodes: [
      onnxNode('ConstantOfShape', ['s'], ['i']),
      onnxNode('Neg', ['c'], ['w']),
      onnxNode('Conv', ['i', 'w'], ['z'], {}, 'n'),
      one('Add', ['x', 'z']),
    ],
    initializers: [ints('s', [1, 1, 900, 900]), floats('c', [64, 1, 16, 16], new Array(64 * 256).fill(1))],
  },
  'a sum of 4096 inputs of 2²⁴ elements': { nodes: [one('Sum', new Array(4096).fill('x'))], inputs: [value('x', [2 ** 24])] },
  'a convolution with 2²⁷ dilations': {
    nodes: [onnxNode('Conv', ['x', 'w'], ['y'], { dilations: [2 ** 27, 2 ** 27], pads: [2 ** 27, 2 ** 27, 2 ** 27, 2 ** 27] }, 'n')],
    inputs: [value('x', [1, 1, 4, 4])],
    initializers: [floats('w', [1, 1, 3, 3], new Array(9).fill(1))],
  },
  'a pool with a window of 2²⁷': {
    nodes: [one('MaxPool', ['x'], { kernel_shape: [2 ** 27, 2 ** 27], pads: [2 ** 26, 2 ** 26, 2 ** 26, 2 ** 26] })],
    inputs: [value('x', [1, 1, 4, 4])],
  },
  'depth to space with blocks of 2³¹': { nodes: [one('DepthToSpace', ['x'], { blocksize: 2 ** 31 })], inputs: [value('x', [1, 4, 1, 1])] },
  '600 inputs joined': {
    nodes: [
      one(
        'Concat',
        Array.from({ length: 600 }, (_, i) => `x${i}`),
        { axis: 0 },
      ),
    ],
    inputs: Array.from({ length: 600 }, (_, i) => value(`x${i}`, [1, 4])),
  },
  'a chain of 600 outputs': {
    nodes: Array.from({ length: 600 }, (_, i) => onnxNode('Sigmoid', [i === 0 ? 'x' : `y${i - 1}`], [`y${i}`])),
    outputs: Array.from({ length: 600 }, (_, i) => `y${i}`),
  },
  'split into 4000 parts': {
    nodes: [
      onnxNode(
        'Split',
        ['x'],
        Array.from({ length: 4000 }, (_, i) => `y${i}`),
        { axis: 1 },
        'n',
      ),
    ],
    outputs: ['y0'],
    inputs: [value('x', [1, 4])],
  },
}

/** A function that calls itself; `Bomb` i calls `Bomb` i + 1 four times. */
const local = (name: string, node: readonly Partially<NodeProto>[]) => ({
  name,
  domain: 'local',
  input: ['a'],
  output: ['b'],
  node,
  opsetImport: [
    { domain: '', version: 17 },
    { domain: 'local', version: 1 },
  ],
})
const call = (op: string, from: string, to: string): Partially<NodeProto> => ({ ...onnxNode(op, [from], [to]), domain: 'local' })
const withFunctions = (functions: ReturnType<typeof local>[]): Model => ({
  nodes: [call(functions[0]?.name ?? '', 'x', 'y')],
  rest: {
    functions,
    opsetImport: [
      { domain: '', version: 17 },
      { domain: 'local', version: 1 },
    ],
  },
})

export const GRAPHS: Readonly<Record<string, Model>> = {
  'no graph outputs': { outputs: [] },
  'an output twice': { outputs: ['y', 'y'] },
  'an output that nothing makes': { outputs: ['nothing'] },
  'an input without a name': { inputs: [value('', [1])] },
  'two inputs of one name': { inputs: [value('x', [1, 4]), value('x', [1, 4])] },
  'an input without a type': { inputs: [{ name: 'x' }] },
  'an input without a shape': { inputs: [{ name: 'x', type: { tensorType: { elemType: 1 } } }] },
  'an input of strings': { inputs: [value('x', [1, 4], 8)] },
  'an input of no element type': { inputs: [value('x', [1, 4], 0)] },
  'a sequence as input': { inputs: [{ name: 'x', type: { sequenceType: raw(4) } }] },
  'a map as input': { inputs: [{ name: 'x', type: { mapType: raw(4) } }] },
  'an optional as input': { inputs: [{ name: 'x', type: { optionalType: raw(4) } }] },
  'an input of 2⁶² elements': { inputs: [value('x', [2n ** 62n])] },
  'an input of negative extent': { inputs: [value('x', [-1, 4])] },
  'a node that reads itself': { nodes: [relu('y', 'y')] },
  'a cycle of three': { nodes: [relu('c', 'a'), relu('a', 'b'), relu('b', 'c'), relu('c', 'y')] },
  'a value made twice': { nodes: [relu(), relu()] },
  'a node that makes an input': { nodes: [relu('x', 'x')], outputs: ['x'] },
  'an initialiser twice': { initializers: [c, c] },
  'a reader of nothing': { nodes: [relu('nothing')] },
  'a node without an operator': { nodes: [onnxNode('', ['x'], ['y'])] },
  'an operator called constructor': { nodes: [onnxNode('constructor', ['x'], ['y'])] },
  'an operator called __proto__': { nodes: [onnxNode('__proto__', ['x'], ['y'])] },
  'an operator whose name is markup': { nodes: [onnxNode('</script><script>alert(1)</script>', ['x'], ['y'])] },
  'an operator whose name clears the screen': { nodes: [onnxNode('\u001b[2J\u0007\u202eRelu\u2028', ['x'], ['y'])] },
  'an operator with a name of a megabyte': { nodes: [onnxNode('R'.repeat(2 ** 20), ['x'], ['y'])] },
  'a value with a name of a megabyte': { nodes: [relu('x', 'y'.repeat(2 ** 20))], outputs: ['y'.repeat(2 ** 20)] },
  'an operator of an unknown domain': { nodes: [{ ...relu(), domain: 'evil.example' }] },
  'no opset': { rest: { opsetImport: [] } },
  'opset 0': { rest: { opsetImport: [{ domain: '', version: 0 }] } },
  'opset −5': { rest: { opsetImport: [{ domain: '', version: -5 }] } },
  'opset 2⁶³ − 1': { rest: { opsetImport: [{ domain: '', version: int64Halves(2n ** 63n - 1n) }] } },
  'two opsets that differ': {
    rest: {
      opsetImport: [
        { domain: '', version: 13 },
        { domain: 'ai.onnx', version: 17 },
      ],
    },
  },
  'an attribute twice': {
    nodes: [{ ...one('LeakyRelu', ['x']), attribute: [attribute('alpha', 1, { f: 1 }), attribute('alpha', 1, { f: 2 })] }],
  },
  'an attribute of another type': { nodes: [one('Softmax', ['x'], { axis: 'last' })] },
  'an attribute of type 77': { nodes: [{ ...one('Softmax', ['x']), attribute: [attribute('axis', 77, { i: 1 })] }] },
  'an attribute called __proto__': { nodes: [{ ...one('Relu', ['x']), attribute: [attribute('__proto__', 2, { i: 1 })] }] },
  'an axis of 2⁶³ − 1': { nodes: [{ ...one('Softmax', ['x']), attribute: [attribute('axis', 2, { i: int64Halves(2n ** 63n - 1n) })] }] },
  'a reference to an attribute outside a function': {
    nodes: [{ ...one('Softmax', ['x']), attribute: [{ name: 'axis', type: 2, refAttrName: 'a' }] }],
  },
  'NaN as an attribute': { nodes: [one('LeakyRelu', ['x'], { alpha: { float: Number.NaN } })] },
  'infinity as an attribute': { nodes: [one('Elu', ['x'], { alpha: { float: Number.POSITIVE_INFINITY } })] },
  'a function that calls itself': withFunctions([local('F', [call('F', 'a', 'b')])]),
  'two functions that call each other': withFunctions([local('F', [call('G', 'a', 'b')]), local('G', [call('F', 'a', 'b')])]),
  'functions whose calls multiply': withFunctions(
    Array.from({ length: 20 }, (_, i) =>
      local(
        `F${i}`,
        i === 19
          ? [relu('a', 'b')]
          : ['a', 'b1', 'b2', 'b3'].map((from, k) => call(`F${i + 1}`, from, ['b1', 'b2', 'b3', 'b'][k] as string)),
      ),
    ),
  ),
  'a function without nodes': withFunctions([local('F', [])]),
  'a subgraph of zeros': {
    nodes: [{ ...onnxNode('If', ['x'], ['y'], {}, 'n'), attribute: [{ name: 'then_branch', type: 5, g: raw(1 << 16) }] }],
  },
  'a sparse initialiser': { graph: { sparseInitializer: [raw(8)] } },
  '5000 inputs of a node': { nodes: [one('Sum', new Array(5000).fill('x'))] },
  '100001 nodes': { nodes: Array.from({ length: 100_001 }, (_, i) => relu('x', `y${i}`)), outputs: ['y0'] },
  'a weight that an output has as its name': { initializers: [{ ...c, name: 'y' }] },
  'reshape to a product that overflows': { nodes: [one('Reshape', ['x', 's'])], initializers: [ints('s', [2n ** 62n, 4, -1])] },
  'reshape with two open extents': { nodes: [one('Reshape', ['x', 's'])], initializers: [ints('s', [-1, -1])] },
  'reshape to nothing': { nodes: [one('Reshape', ['x', 's'])], initializers: [ints('s', [])] },
  'gather beyond the end': { nodes: [one('Gather', ['x', 'i'])], initializers: [ints('i', [2n ** 62n], [])] },
  'transpose that names an axis twice': { nodes: [one('Transpose', ['x'], { perm: [0, 0] })] },
  'a group that does not divide': {
    nodes: [onnxNode('Conv', ['x', 'w'], ['y'], { group: 3 }, 'n')],
    inputs: [value('x', [1, 4, 2, 2])],
    initializers: [floats('w', [4, 1, 1, 1], [1, 2, 3, 4])],
  },
  'a stride of 2⁶²': {
    nodes: [
      { ...onnxNode('Conv', ['x', 'w'], ['y'], {}, 'n'), attribute: [attribute('strides', 7, { ints: [int64Halves(2n ** 62n), 1] })] },
    ],
    inputs: [value('x', [1, 1, 2, 2])],
    initializers: [floats('w', [1, 1, 1, 1], [1])],
  },
}

function attribute(name: string, type: number, fields: object): object {
  return { name, type, ...fields }
}

/** Names that are data, whatever they look like. */
export const NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'then',
  'default',
  'class',
  'run',
  '</script><script>alert(1)</script>',
  "'); process.exit(7); ('",
  '`+process.exit(7)+`',
  '*/ process.exit(7) /*',
  '\u2028\u2029',
  '\u0000\u001b[31m',
  '\\',
  '"',
  '../../x',
  '😀',
  ' ',
]
