/** Squeeze and excite, the way from maps to classes, and what detectors and segmenters have in its place. */

import type { FuzzAttr } from '../fuzz/case.ts'
import type { Feature, Network } from '../fuzz/graphs/network.ts'
import { as, clip, constantNode, conv, extents, gemm, globalMean, pad, squeeze, unsqueeze } from './parts.ts'
import { type Build, type Spelling, spell } from './spelling.ts'

type Mean = (net: Network, x: Feature) => string

/** A gate made of the mean of each channel. */
const gated =
  (mean: Mean): Build =>
  (net, x) => {
    const small = conv(net, { ...x, name: mean(net, x), height: 1, width: 1 }, { channels: 4 })
    const gate = conv(net, as(small, net.node('Relu', [small.name])), { channels: x.channels })
    return net.node('Mul', [x.name, net.node('Sigmoid', [gate.name])])
  }

const fullPool: Mean = (net, x) => net.node('AveragePool', [x.name], { kernel_shape: [x.height, x.width] })
const reduceMean =
  (axes: readonly number[], attrs: Readonly<Record<string, FuzzAttr>> = { keepdims: 1 }): Mean =>
  (net, x) =>
    net.withAxes('ReduceMean', x.name, axes, 18, attrs)

export const SQUEEZE: readonly Spelling[] = [
  ...spell(
    'GlobalAveragePool',
    [7, 13, 22],
    gated((net, x) => globalMean(net, x).name),
  ),
  ...spell(
    'GlobalAveragePool between transposes',
    [9, 13],
    gated((net, x) => globalMean(net, x).name),
    { nhwc: true },
  ),
  ...spell('ReduceMean', [7, 9, 11, 13, 18], gated(reduceMean([2, 3]))),
  ...spell('ReduceMean, keepdims left out', [9, 13], gated(reduceMean([2, 3], {}))),
  ...spell('ReduceMean, axes from the end', [11, 13, 18], gated(reduceMean([-1, -2]))),
  ...spell('ReduceMean, axes in the other order', [13, 18], gated(reduceMean([3, 2]))),
  ...spell('ReduceMean over [1, 2] in NHWC', [9, 13, 18], gated(reduceMean([1, 2])), { nhwc: true }),
  ...spell(
    'two ReduceMean',
    [9, 13, 18],
    gated((net, x) => reduceMean([2])(net, as(x, reduceMean([3])(net, x)))),
  ),
  ...spell(
    'mean(3).mean(2), then Unsqueeze',
    [11, 13],
    gated((net, x) => unsqueeze(net, reduceMean([2], { keepdims: 0 })(net, as(x, reduceMean([3], { keepdims: 0 })(net, x))), [2, 3])),
  ),
  ...spell('AveragePool over the map', [7, 13], gated(fullPool)),
  ...spell(
    'Pad of zeros, AveragePool over the map',
    [9, 11, 13],
    gated((net, x) => fullPool(net, as(x, pad(net, x.name, new Array(8).fill(0), { mode: 'constant' })))),
  ),
  ...spell(
    'AveragePool over the map with ceil_mode and stride',
    [13],
    gated((net, x) => net.node('AveragePool', [x.name], { kernel_shape: [x.height, x.width], strides: [x.height, x.width], ceil_mode: 1 })),
  ),
]

/** Back from a matrix to maps of 1×1. */
type Back = (net: Network, y: string, x: Feature) => string

/** Two dense layers between the mean and the gate. */
const excitedByGemm =
  (back: Back): Build =>
  (net, x) => {
    const flat = net.node('Flatten', [globalMean(net, x).name])
    const inner = net.node('Relu', [gemm(net, flat, x.channels, 4, { transB: 1 })])
    const gate = net.node('HardSigmoid', [gemm(net, inner, 4, x.channels, { transB: 1 })], { alpha: { float: 1 / 6 } })
    return net.node('Mul', [back(net, gate, x), x.name])
  }

/** [N, C, H, W] from Shape, as `expand_as` is exported. */
const expanded: Back = (net, y, x) => net.node('Expand', [unsqueeze(net, unsqueeze(net, y, [2]), [3]), net.node('Shape', [x.name])])

const viewAs: Back = (net, y, x) => {
  const lead = extents(net, x.name, 0, 2)
  return net.node('Reshape', [y, net.node('Concat', [lead, net.ints([1, 1])], { axis: 0 })])
}

const excitedByConv =
  (gate: (net: Network, x: string) => string, gateFirst = false): Build =>
  (net, x) => {
    const inner = conv(net, globalMean(net, x), { channels: 4 })
    const outer = conv(net, as(inner, net.node('Relu', [inner.name])), { channels: x.channels })
    const value = gate(net, outer.name)
    return net.node('Mul', gateFirst ? [value, x.name] : [x.name, value])
  }

const shiftedGate = (net: Network, x: string): string =>
  net.node('Div', [clip(net, net.node('Add', [x, net.scalar(3)]), 0, 6), net.scalar(6)])

export const EXCITE: readonly Spelling[] = [
  ...spell(
    'conv, Sigmoid',
    [9, 13],
    excitedByConv((net, x) => net.node('Sigmoid', [x])),
  ),
  ...spell(
    'conv, Sigmoid, gate first',
    [13],
    excitedByConv((net, x) => net.node('Sigmoid', [x]), true),
  ),
  ...spell(
    'conv, HardSigmoid',
    [9, 13],
    excitedByConv((net, x) => net.node('HardSigmoid', [x])),
  ),
  ...spell('conv, hard-sigmoid spelled out', [9, 13], excitedByConv(shiftedGate)),
  ...spell('conv in NHWC', [9, 13], excitedByConv(shiftedGate), { nhwc: true }),
  ...spell(
    'Gemm, Reshape',
    [9, 13],
    excitedByGemm((net, y, x) => net.node('Reshape', [y, net.ints([x.batch, x.channels, 1, 1])])),
  ),
  ...spell(
    'Gemm, Reshape with -1',
    [13],
    excitedByGemm((net, y, x) => net.node('Reshape', [y, net.ints([-1, x.channels, 1, 1])])),
  ),
  ...spell(
    'Gemm, two Unsqueeze',
    [9, 11, 13],
    excitedByGemm((net, y) => unsqueeze(net, unsqueeze(net, y, [2]), [3])),
  ),
  ...spell(
    'Gemm, one Unsqueeze',
    [11, 13],
    excitedByGemm((net, y) => unsqueeze(net, y, [2, 3])),
  ),
  ...spell('Gemm, Shape, Expand', [9, 11, 13], excitedByGemm(expanded)),
  ...spell('Gemm, Reshape by Shape', [9, 11, 13], excitedByGemm(viewAs)),
]

type Flat = (net: Network, x: Feature) => string

/** Mean, [N, C], dense layer. */
const classified =
  (flat: Flat): Build =>
  (net, x) =>
    gemm(net, flat(net, globalMean(net, x)), x.channels, 5, { transB: 1 })

const reshaped =
  (shape: (x: Feature) => readonly number[], attrs: Readonly<Record<string, FuzzAttr>> = {}): Build =>
  (net, x) =>
    classified((n, y) => n.node('Reshape', [y.name, n.ints(shape(y))], attrs))(net, x)

/** The batch, read from the shape by Gather. */
const byGather: Flat = (net, x) => {
  const batch = net.node('Gather', [net.node('Shape', [x.name]), net.int(0)], { axis: 0 })
  return net.node('Reshape', [x.name, net.node('Concat', [unsqueeze(net, batch, [0]), net.ints([-1])], { axis: 0 })])
}

const bySlice: Flat = (net, x) =>
  net.node('Reshape', [x.name, net.node('Concat', [extents(net, x.name, 0, 1), net.ints([-1])], { axis: 0 })])

const byShapeRange: Flat = (net, x) => {
  const batch = net.node('Shape', [x.name], { start: 0, end: 1 })
  return net.node('Reshape', [x.name, net.node('Concat', [batch, constantNode(net, [-1], [1], 'int64')], { axis: 0 })])
}

/** TensorFlow computes shapes in int32. */
const byCasts: Flat = (net, x) => {
  const batch = squeeze(net, net.node('Cast', [extents(net, x.name, 0, 1)], { to: 6 }), [0])
  const shape = net.node('Concat', [unsqueeze(net, batch, [0]), net.ints([x.channels], 'int32')], { axis: 0 })
  return net.node('Reshape', [x.name, net.node('Cast', [shape], { to: 7 })])
}

const FLAT_BY_SHAPE: readonly [string, readonly number[], Flat][] = [
  ['Shape, Gather, Unsqueeze, Concat, Reshape', [9, 11, 13, 17], byGather],
  ['Shape, Slice, Concat, Reshape', [9, 11, 13], bySlice],
  ['Shape(start, end), Concat, Reshape', [15, 17, 22], byShapeRange],
  ['Shape, Slice, Cast, Squeeze, Concat, Cast, Reshape', [9, 11, 13], byCasts],
]

export const FLATTEN: readonly Spelling[] = [
  ...spell(
    'Flatten',
    [7, 9, 13, 21],
    classified((net, x) => net.node('Flatten', [x.name])),
  ),
  ...spell(
    'Flatten, axis 1',
    [9, 13],
    classified((net, x) => net.node('Flatten', [x.name], { axis: 1 })),
  ),
  ...spell(
    'Flatten, axis -3',
    [11, 13],
    classified((net, x) => net.node('Flatten', [x.name], { axis: -3 })),
  ),
  ...spell(
    'Reshape [1, -1]',
    [7, 13],
    reshaped(() => [1, -1]),
  ),
  ...spell(
    'Reshape [-1, C]',
    [7, 13],
    reshaped((x) => [-1, x.channels]),
  ),
  ...spell(
    'Reshape [0, -1]',
    [9, 13],
    reshaped(() => [0, -1]),
  ),
  ...spell(
    'Reshape with allowzero',
    [14, 17],
    reshaped((x) => [1, x.channels], { allowzero: 1 }),
  ),
  ...spell(
    'Reshape by a Constant node',
    [9, 13],
    classified((net, x) => net.node('Reshape', [x.name, constantNode(net, [1, -1], [2], 'int64')])),
  ),
  ...spell(
    'Squeeze',
    [9, 11, 13],
    classified((net, x) => squeeze(net, x.name, [2, 3])),
  ),
  ...spell(
    'Squeeze, axes from the end',
    [11, 13],
    classified((net, x) => squeeze(net, x.name, [-1, -2])),
  ),
  ...spell(
    'two Squeeze',
    [11, 13],
    classified((net, x) => squeeze(net, squeeze(net, x.name, [3]), [2])),
  ),
  ...spell(
    'Squeeze in NHWC',
    [9, 13],
    classified((net, x) => squeeze(net, x.name, [1, 2])),
    { nhwc: true },
  ),
  ...spell(
    'Identity, Flatten',
    [13],
    classified((net, x) => net.node('Flatten', [net.node('Identity', [x.name])])),
  ),
  ...FLAT_BY_SHAPE.flatMap(([name, opsets, flat]) => [
    ...spell(name, opsets, classified(flat)),
    ...spell(`${name}, symbolic batch`, opsets, classified(flat), { symbolic: true, input: [2, 8, 6, 6] }),
  ]),
  ...spell(
    'Flatten, symbolic batch',
    [9, 13],
    classified((net, x) => net.node('Flatten', [x.name])),
    { symbolic: true, input: [2, 8, 6, 6] },
  ),
  ...spell(
    'Reshape [-1, C], symbolic batch',
    [9, 13],
    reshaped((x) => [-1, x.channels]),
    { symbolic: true, input: [3, 8, 6, 6] },
  ),
]

const dropped = (attrs: Readonly<Record<string, FuzzAttr>>, inputs: (net: Network) => readonly string[] = () => []): Build =>
  classified((net, x) => net.node('Dropout', [net.node('Flatten', [x.name]), ...inputs(net)], attrs))

export const DROPOUT: readonly Spelling[] = [
  ...spell('with the attribute ratio', [7, 10], dropped({ ratio: { float: 0.2 } })),
  ...spell('without attributes', [7, 10, 12, 13], dropped({})),
  ...spell(
    'with a ratio',
    [12, 13, 22],
    dropped({}, (net) => [net.scalar(0.2)]),
  ),
  ...spell(
    'with training_mode false',
    [12, 13],
    dropped({}, (net) => [net.scalar(0.2), net.node('Constant', [], { value: { tensor: { dtype: 'bool', shape: [], fill: [0] } } })]),
  ),
  ...spell('with an empty ratio and a seed', [13], dropped({ seed: 1 })),
]

/** What stands for the last layer. */
const dense =
  (of: (net: Network, flat: string, channels: number) => string): Build =>
  (net, x) =>
    of(net, net.node('Flatten', [globalMean(net, x).name]), x.channels)

const softmaxed = (attrs: Readonly<Record<string, FuzzAttr>>, op = 'Softmax'): Build =>
  dense((net, y, c) => net.node(op, [gemm(net, y, c, 6)], attrs))

export const CLASSIFIER: readonly Spelling[] = [
  ...spell(
    'Gemm',
    [7, 9, 13],
    dense((net, y, c) => gemm(net, y, c, 6)),
  ),
  ...spell(
    'Gemm, transB',
    [7, 9, 13],
    dense((net, y, c) => gemm(net, y, c, 6, { transB: 1 })),
  ),
  ...spell(
    'Gemm, alpha and beta',
    [9, 13],
    dense((net, y, c) => gemm(net, y, c, 6, { alpha: { float: 0.5 }, beta: { float: 2 }, transB: 1 })),
  ),
  ...spell(
    'Gemm, a bias of one row',
    [9, 13],
    dense((net, y, c) => gemm(net, y, c, 6, {}, [1, 6])),
  ),
  ...spell(
    'Gemm without bias',
    [11, 13],
    dense((net, y, c) => gemm(net, y, c, 6, {}, null)),
  ),
  ...spell(
    'MatMul',
    [9, 13],
    dense((net, y, c) => net.node('MatMul', [y, net.weights([c, 6], c)])),
  ),
  ...spell(
    'MatMul, Add',
    [9, 13],
    dense((net, y, c) => net.node('Add', [net.node('MatMul', [y, net.weights([c, 6], c)]), net.uniform([6], -1, 1)])),
  ),
  ...spell(
    'MatMul by transposed weights',
    [9, 13],
    dense((net, y, c) => net.node('MatMul', [y, net.node('Transpose', [net.weights([6, c], c)], { perm: [1, 0] })])),
  ),
  ...spell('conv, Flatten', [9, 13], (net, x) => net.node('Flatten', [conv(net, globalMean(net, x), { channels: 6 }).name])),
  ...spell('conv, Squeeze in NHWC', [9, 13], (net, x) => squeeze(net, conv(net, globalMean(net, x), { channels: 6 }).name, [1, 2]), {
    nhwc: true,
  }),
  ...spell('Softmax', [7, 9, 11, 13, 22], softmaxed({ axis: 1 })),
  ...spell('Softmax, axis left out', [9, 13], softmaxed({})),
  ...spell('Softmax, axis -1', [11, 13], softmaxed({ axis: -1 })),
  ...spell('LogSoftmax', [9, 13], softmaxed({ axis: 1 }, 'LogSoftmax')),
  ...spell('Softmax of maps of 1×1', [9, 11, 13], (net, x) =>
    net.node('Softmax', [conv(net, globalMean(net, x), { channels: 6 }).name], { axis: 1 }),
  ),
  ...spell(
    'ReduceL2, Div: an embedding',
    [9, 13, 18],
    dense((net, y, c) => {
      const embedding = gemm(net, y, c, 6)
      const norm = net.withAxes('ReduceL2', embedding, [1], 18, { keepdims: 1 })
      return net.node('Div', [embedding, net.node('Max', [norm, net.scalar(1e-12, [1])])])
    }),
  ),
  ...spell(
    'ReduceL2, Clip, Expand, Div: normalize()',
    [11, 13],
    dense((net, y, c) => {
      const embedding = gemm(net, y, c, 6)
      const norm = net.node('Clip', [net.withAxes('ReduceL2', embedding, [1], 18, { keepdims: 1 }), net.scalar(1e-12)])
      return net.node('Div', [embedding, net.node('Expand', [norm, net.node('Shape', [embedding])])])
    }),
  ),
]
