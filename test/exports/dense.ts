/** What answers for every pixel or place: enlarging, joining and dividing maps, and what detectors make of them. */

import type { FuzzAttr } from '../fuzz/case.ts'
import type { Feature, Network } from '../fuzz/graphs/network.ts'
import { as, constantNode, conv, extents } from './parts.ts'
import { type Build, type Spelling, spell } from './spelling.ts'

type Attrs = Readonly<Record<string, FuzzAttr>>

const LINEAR: Attrs = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }
const NEAREST: Attrs = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
/** Attributes that mean nothing in this mode. */
const INERT: Attrs = { ...LINEAR, nearest_mode: 'floor', cubic_coeff_a: { float: -0.75 } }

const withScales =
  (attrs: Attrs, scales: readonly number[] = [1, 1, 2, 2]): Build =>
  (net, x) =>
    net.spatially(x, (nchw) => net.node('Resize', [nchw, net.floats([]), net.floats(scales)], attrs))

/** Sizes as a constant; what is left out is an empty tensor, or an empty name. */
const withSizes =
  (attrs: Attrs, absent: (net: Network) => string): Build =>
  (net, x) =>
    net.node('Resize', [x.name, absent(net), absent(net), net.ints([x.batch, x.channels, 11, 9])], attrs)

const emptyTensor = (net: Network): string => net.floats([])
const emptyNode = (net: Network): string => constantNode(net, [], [0])
const emptyName = (): string => ''

/** The extents of another map. */
const withShape =
  (attrs: Attrs, absent: (net: Network) => string): Build =>
  (net, x) => {
    const small = conv(net, x, { channels: 4, kernel: 3, stride: 2 })
    const sizes = net.node('Concat', [extents(net, small.name, 0, 2), extents(net, x.name, 2, 4)], { axis: 0 })
    return net.node('Resize', [small.name, absent(net), absent(net), sizes], attrs)
  }

/** Extents times two, in floats and back, as TensorFlow's UpSampling2D is traced. */
const withProduct: Build = (net, x) => {
  const floats = net.node('Cast', [extents(net, x.name, 2, 4)], { to: 1 })
  const doubled = net.node('Cast', [net.node('Floor', [net.node('Mul', [floats, net.floats([2, 2])])])], { to: 7 })
  const sizes = net.node('Concat', [extents(net, x.name, 0, 2), doubled], { axis: 0 })
  return net.node('Resize', [x.name, net.floats([]), net.floats([]), sizes], NEAREST)
}

const upsample =
  (mode: string): Build =>
  (net, x) =>
    net.opset < 9
      ? net.node('Upsample', [x.name], { mode, scales: { floats: [1, 1, 2, 2] } })
      : net.node('Upsample', [x.name, net.floats([1, 1, 2, 2])], { mode })

export const RESIZE: readonly Spelling[] = [
  ...spell('linear half_pixel by scales', [11, 13, 18, 19], withScales(LINEAR)),
  ...spell('linear half_pixel by scales between transposes', [11, 13], withScales(LINEAR), { nhwc: true }),
  ...spell('linear with attributes that mean nothing', [11, 13], withScales(INERT)),
  ...spell('linear align_corners', [11, 13], withScales({ mode: 'linear', coordinate_transformation_mode: 'align_corners' })),
  ...spell('linear asymmetric', [11, 13], withScales({ mode: 'linear', coordinate_transformation_mode: 'asymmetric' })),
  ...spell('linear pytorch_half_pixel', [11, 13], withScales({ mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' })),
  ...spell('nearest asymmetric floor by scales', [11, 13, 18], withScales(NEAREST)),
  ...spell('nearest by scales that are not whole', [13], withScales(NEAREST, [1, 1, 1.5, 2.5])),
  ...spell(
    'cubic half_pixel',
    [11, 13],
    withScales({ mode: 'cubic', coordinate_transformation_mode: 'half_pixel', cubic_coeff_a: { float: -0.75 } }),
  ),
  ...spell('sizes, empty tensors', [11, 13], withSizes(LINEAR, emptyTensor)),
  ...spell('sizes, empty tensors from Constant nodes', [11, 13], withSizes(LINEAR, emptyNode)),
  ...spell('sizes, empty names', [13, 18], withSizes(INERT, emptyName)),
  ...spell('nearest by sizes', [11, 13], withSizes(NEAREST, emptyTensor)),
  ...spell('Shape, Slice, Concat, empty tensors', [11], withShape(INERT, emptyTensor)),
  ...spell('Shape, Slice, Concat, empty names', [13, 18], withShape(INERT, emptyName)),
  ...spell('Shape, Slice, Concat, nearest', [11], withShape(NEAREST, emptyTensor)),
  ...spell('Shape, Slice, Cast, Mul, Floor, Cast, Concat', [11, 13], withProduct),
  ...spell('sizes of chosen axes', [18, 19], (net, x) =>
    net.node('Resize', [x.name, '', '', net.ints([9, 12])], { ...LINEAR, axes: [2, 3] }),
  ),
  ...spell('antialias', [18], (net, x) => net.node('Resize', [x.name, '', net.floats([1, 1, 0.5, 0.5])], { ...LINEAR, antialias: 1 })),
  ...spell('Resize of opset 10', [10], (net, x) => net.node('Resize', [x.name, net.floats([1, 1, 2, 2])], { mode: 'linear' })),
  ...spell('Upsample nearest', [7, 9], upsample('nearest')),
  ...spell('Upsample linear', [7, 9], upsample('linear')),
  ...spell('of one pixel to a map', [11, 13], (net, x) => {
    const mean = net.node('GlobalAveragePool', [x.name])
    return net.node('Resize', [mean, net.floats([]), net.floats([]), net.ints([x.batch, x.channels, x.height, x.width])], LINEAR)
  }),
]

/** Channels of pairs change places, as in ShuffleNet. */
const shuffle: Build = (net, { name, batch, channels, height, width }) => {
  const split = net.node('Reshape', [name, net.ints([batch, 2, channels / 2, height, width])])
  return net.node('Reshape', [net.node('Transpose', [split], { perm: [0, 2, 1, 3, 4] }), net.ints([batch, -1, height, width])])
}

const split: Build = (net, x) => {
  const out = ['split_a', 'split_b']
  if (net.opset < 13) net.nodes.push({ op: 'Split', in: [x.name], out, attrs: { axis: 1, split: [3, 5] } })
  else net.nodes.push({ op: 'Split', in: [x.name, net.ints([3, 5])], out, attrs: { axis: 1 } })
  return net.node('Concat', [net.node('Relu', ['split_b']), 'split_a'], { axis: 1 })
}

const slice: Build = (net, x) => {
  if (net.opset < 10) return net.node('Slice', [x.name], { axes: [1, 2], starts: [2, 0], ends: [6, -1] })
  return net.node('Slice', [x.name, net.ints([2, 0]), net.ints([6, -1]), net.ints([1, 2])])
}

export const DENSE: readonly Spelling[] = [
  ...spell('ConvTranspose 2×2 stride 2', [9, 11, 13], (net, x) =>
    net.node('ConvTranspose', [x.name, net.weights([8, 6, 2, 2], 8), net.uniform([6], -1, 1)], { strides: [2, 2], kernel_shape: [2, 2] }),
  ),
  ...spell('ConvTranspose 4×4 stride 2 with pads', [11], (net, x) =>
    net.node('ConvTranspose', [x.name, net.weights([8, 6, 4, 4], 32)], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  ),
  ...spell('5-D Transpose', [9, 13], shuffle),
  ...spell('DepthToSpace', [11, 13], (net, x) => net.node('DepthToSpace', [x.name], { blocksize: 2, mode: 'CRD' })),
  ...spell('Split', [9, 11, 13], split),
  ...spell('Split into equal parts', [18], (net, x) => {
    net.nodes.push({ op: 'Split', in: [x.name], out: ['part_a', 'part_b'], attrs: { axis: 1, num_outputs: 2 } })
    return net.node('Mul', ['part_a', net.node('Sigmoid', ['part_b'])])
  }),
  ...spell('Slice', [9, 10, 13], slice),
  ...spell('Slice of every second row and column, joined: Focus', [11, 13], (net, x) => {
    const part = (row: number, column: number): string =>
      net.node('Slice', [x.name, net.ints([row, column]), net.ints([100, 100]), net.ints([2, 3]), net.ints([2, 2])])
    return conv(
      net,
      { ...as(x, net.node('Concat', [part(0, 0), part(1, 0), part(0, 1), part(1, 1)], { axis: 1 })), channels: 32, height: 3, width: 3 },
      { channels: 6 },
    ).name
  }),
  ...spell('ConstantOfShape, Expand', [9, 13], (net, x) =>
    net.node('Add', [
      x.name,
      net.node('Expand', [
        net.node('ConstantOfShape', [net.ints([1])], { value: { tensor: { dtype: 'float32', shape: [1], fill: [2] } } }),
        net.node('Shape', [x.name]),
      ]),
    ]),
  ),
  ...spell('ArgMax over classes', [9, 13], (net, x) => net.node('ArgMax', [conv(net, x, { channels: 5 }).name], { axis: 1, keepdims: 0 })),
  ...spell('ReduceMax over classes, TopK', [11, 13], (net, x) => {
    const rows = net.node('Reshape', [conv(net, x, { channels: 5 }).name, net.ints([1, 5, -1])])
    const best = net.withAxes('ReduceMax', rows, [1], 18, { keepdims: 0 })
    net.nodes.push({ op: 'TopK', in: [best, net.ints([4])], out: ['values', 'indices'], attrs: { axis: 1 } })
    return ['values', 'indices']
  }),
  ...spell('Exp of box sizes', [9, 13], (net, x) =>
    net.node('Mul', [
      net.node('Exp', [net.node('Div', [conv(net, x, { channels: 4 }).name, net.scalar(5)])]),
      net.uniform([4, 1, 1], 1, 2),
    ]),
  ),
]

/** [N, places, values] of a head on one map. */
function boxes(net: Network, x: Feature, values: number, anchors = 3): string {
  const mixed = conv(net, x, { channels: x.channels, kernel: 3, group: x.channels })
  const y = conv(net, as(mixed, net.node('Relu', [mixed.name])), { channels: anchors * values })
  const { batch, height, width } = y
  if (net.nhwc) return net.node('Reshape', [y.name, net.ints([batch, -1, values])])
  const places = net.node('Reshape', [y.name, net.ints([batch, anchors, values, height, width])])
  return net.node('Reshape', [net.node('Transpose', [places], { perm: [0, 3, 4, 1, 2] }), net.ints([batch, -1, values])])
}

/** Heads on two maps, joined: SSDLite. */
const ssdHeads =
  (last: (net: Network, scores: string) => string): Build =>
  (net, x) => {
    const deep = conv(net, x, { channels: 12, kernel: 3, stride: 2 })
    const maps = [x, as(deep, net.node('Relu', [deep.name]))]
    const joined = (values: number): string =>
      net.node(
        'Concat',
        maps.map((map) => boxes(net, map, values)),
        { axis: 1 },
      )
    return [joined(4), last(net, joined(5))]
  }

/** Lite R-ASPP: a gate from large means, and a low-level map beside. */
const lraspp: Build = (net, x) => {
  const deep = conv(net, x, { channels: 10, kernel: 3, stride: 2 })
  const features = conv(net, as(deep, net.node('Relu', [deep.name])), { channels: 8 })
  const gate = conv(net, { ...deep, height: 1, width: 1, name: net.node('GlobalAveragePool', [deep.name]) }, { channels: 8, bias: false })
  const scaled = net.node('Mul', [net.node('Relu', [features.name]), net.node('Sigmoid', [gate.name])])
  const sizes = net.node('Concat', [extents(net, scaled, 0, 2), extents(net, x.name, 2, 4)], { axis: 0 })
  const empty = net.opset < 13 ? net.floats([]) : ''
  const enlarged = net.node('Resize', [scaled, empty, empty, sizes], INERT)
  const high = conv(net, { ...x, name: enlarged, channels: 8 }, { channels: 5 })
  return net.node('Add', [conv(net, x, { channels: 5 }).name, high.name])
}

/** Atrous spatial pyramid: branches of growing dilation, and the mean of the whole. */
const pyramid: Build = (net, x) => {
  const rates = [2, 4, 12].map((dilation) => conv(net, x, { channels: 4, kernel: 3, dilation }))
  const mean = conv(net, { ...x, height: 1, width: 1, name: net.node('GlobalAveragePool', [x.name]) }, { channels: 4 })
  const empty = net.opset < 13 ? net.floats([]) : ''
  const spread = net.node('Resize', [mean.name, empty, empty, net.ints([x.batch, 4, x.height, x.width])], INERT)
  const branches = [conv(net, x, { channels: 4 }), ...rates].map((y) => net.node('Relu', [y.name]))
  const joined = net.node('Concat', [...branches, spread], { axis: 1 })
  return conv(net, { ...x, name: joined, channels: 20 }, { channels: 6 }).name
}

export const DENSE_HEADS: readonly Spelling[] = [
  ...spell(
    'SSDLite',
    [11, 13, 17],
    ssdHeads((_, scores) => scores),
  ),
  ...spell(
    'SSDLite with Sigmoid',
    [11, 13],
    ssdHeads((net, scores) => net.node('Sigmoid', [scores])),
  ),
  ...spell(
    'SSDLite with Softmax',
    [11, 13],
    ssdHeads((net, scores) => net.node('Softmax', [scores], { axis: 2 })),
  ),
  ...spell(
    'SSDLite in NHWC',
    [9, 13],
    ssdHeads((net, scores) => net.node('Sigmoid', [scores])),
    { nhwc: true },
  ),
  ...spell('LR-ASPP', [11, 13, 17], lraspp),
  ...spell('DeepLabV3', [11, 13, 17], pyramid),
]
