/** Normalisation, pads, pools and dilations, and TensorFlow's layout of them. */

import type { FuzzAttr } from '../fuzz/case.ts'
import type { Feature, Network } from '../fuzz/graphs/network.ts'
import { as, batchNorm, clip, conv, convOf, gemm, globalMean, pad, squeeze } from './parts.ts'
import { type Build, type Spelling, spell } from './spelling.ts'

/** Behind a convolution without bias; on maps in NCHW. */
const normalised =
  (norm: (net: Network, x: Feature) => string, bias = false): Build =>
  (net, x) => {
    const y = conv(net, x, { channels: 12, kernel: 3, bias })
    return net.node('Relu', [norm(net, y)])
  }

const byNode =
  (options: Parameters<typeof batchNorm>[3]) =>
  (net: Network, x: Feature): string =>
    net.spatially(x, (nchw) => batchNorm(net, nchw, x.channels, options))

const scaleShift =
  (shape: (channels: number) => readonly number[], swapped = false) =>
  (net: Network, { name, channels }: Feature): string => {
    const [scale, shift] = [net.uniform(shape(channels), 0.5, 1.5), net.uniform(shape(channels), -0.5, 0.5)]
    const scaled = net.node('Mul', swapped ? [scale, name] : [name, scale])
    return net.node('Add', swapped ? [shift, scaled] : [scaled, shift])
  }

export const BATCH_NORM: readonly Spelling[] = [
  ...spell(
    'fused: a bias',
    [7, 13],
    normalised((_, x) => x.name, true),
  ),
  ...spell('a node, epsilon 1e-5', [7, 9, 13, 14, 15, 22], normalised(byNode({}))),
  ...spell('a node, epsilon 1e-3', [9, 14], normalised(byNode({ epsilon: 1e-3 }))),
  ...spell('a node with momentum', [9, 14], normalised(byNode({ attrs: { momentum: { float: 0.9 } } }))),
  ...spell('a node with training_mode 0', [14, 15], normalised(byNode({ attrs: { training_mode: 0 } }))),
  ...spell('a node with spatial 1', [7, 8], normalised(byNode({ attrs: { spatial: 1 } }))),
  ...spell('a node behind a bias', [13], normalised(byNode({}), true)),
  ...spell('a node between transposes', [9, 13], normalised(byNode({ epsilon: 1e-3 })), { nhwc: true }),
  ...spell('Mul, Add of [C, 1, 1]', [9, 13], normalised(scaleShift((c) => [c, 1, 1]))),
  ...spell('Mul, Add of [1, C, 1, 1], constants first', [9, 13], normalised(scaleShift((c) => [1, c, 1, 1], true))),
  ...spell('Mul, Add of [C] in NHWC', [9, 13], normalised(scaleShift((c) => [c])), { nhwc: true }),
  ...spell(
    'Mul alone',
    [13],
    normalised((net, { name, channels }) => net.node('Mul', [name, net.uniform([channels, 1, 1], 0.5, 2)])),
  ),
  ...spell(
    'Sub, Div',
    [13],
    normalised((net, { name, channels }) => {
      const centred = net.node('Sub', [name, net.uniform([channels, 1, 1], -0.5, 0.5)])
      return net.node('Div', [centred, net.uniform([channels, 1, 1], 0.5, 2)])
    }),
  ),
  ...spell(
    'before a convolution with pads',
    [13],
    (net, x) => conv(net, as(x, batchNorm(net, x.name, x.channels)), { channels: 6, kernel: 3 }).name,
  ),
  ...spell(
    'before a convolution without pads',
    [13],
    (net, x) => conv(net, as(x, batchNorm(net, x.name, x.channels)), { channels: 6, kernel: 3, pads: [0, 0, 0, 0] }).name,
  ),
  ...spell('behind an activation', [13], (net, x) => batchNorm(net, net.node('Relu', [conv(net, x, { channels: 6 }).name]), 6)),
  ...spell('behind a depthwise convolution', [9, 13], (net, x) =>
    batchNorm(net, conv(net, x, { channels: 8, kernel: 3, group: 8, bias: false }).name, 8),
  ),
  ...spell('behind Gemm', [9, 13], (net, x) => batchNorm(net, gemm(net, net.node('Flatten', [globalMean(net, x).name]), 8, 6), 6)),
  ...spell('behind ConvTranspose', [13], (net, x) =>
    batchNorm(net, net.node('ConvTranspose', [x.name, net.weights([8, 6, 2, 2], 8)], { strides: [2, 2] }), 6),
  ),
  ...spell(
    'of the image: Sub, Div before the stem',
    [9, 13],
    (net, x) => {
      const centred = net.node('Sub', [x.name, net.uniform([1, x.channels, 1, 1], 0.4, 0.5)])
      const scaled = net.node('Div', [centred, net.uniform([1, x.channels, 1, 1], 0.2, 0.3)])
      return conv(net, as(x, scaled), { channels: 8, kernel: 3, stride: 2 }).name
    },
    { input: [1, 3, 9, 9] },
  ),
  ...spell(
    'of the image: x / 127.5 - 1 before the stem',
    [9, 13],
    (net, x) => {
      const scaled = net.node('Sub', [net.node('Div', [x.name, net.scalar(127.5)]), net.scalar(1)])
      return conv(net, as(x, scaled), { channels: 8, kernel: 3, stride: 2 }).name
    },
    { input: [1, 3, 9, 9] },
  ),
]

type Pads = readonly [number, number, number, number]

const depthwise = (
  net: Network,
  x: Feature,
  options: { kernel: number; stride?: number; dilation?: number; pads?: Pads; attrs?: Readonly<Record<string, FuzzAttr>> },
): string => conv(net, x, { channels: x.channels, group: x.channels, ...options }).name

/** The same pads of a dense and of a depthwise convolution. */
const both =
  (options: Parameters<typeof depthwise>[2]): Build =>
  (net, x) => [conv(net, x, { channels: 5, ...options }).name, depthwise(net, x, options)]

/** A Pad node, and a convolution without pads. */
const padNode =
  (attrs: Readonly<Record<string, FuzzAttr>>, value?: (net: Network) => string): Build =>
  (net, x) => {
    const pads = net.nhwc ? [0, 0, 0, 0, 0, 1, 1, 0] : [0, 0, 0, 0, 0, 0, 1, 1]
    const name = pad(net, x.name, pads, attrs, value?.(net))
    return depthwise(net, { ...x, name, height: x.height + 1, width: x.width + 1 }, { kernel: 3, stride: 2, pads: [0, 0, 0, 0] })
  }

const autoPad = (auto_pad: string, kernel: number, stride: number): Build =>
  both({ kernel, stride, attrs: { auto_pad, kernel_shape: [kernel, kernel] } })

export const PADS: readonly Spelling[] = [
  ...(
    [
      [0, 0, 1, 1],
      [1, 1, 0, 0],
      [1, 0, 2, 3],
    ] as const
  ).flatMap((pads) => spell(`pads [${pads}], 3×3`, [9, 13], both({ kernel: 3, stride: 2, pads }))),
  ...(
    [
      [1, 1, 2, 2],
      [0, 2, 1, 3],
    ] as const
  ).flatMap((pads) => spell(`pads [${pads}], 5×5`, [13], both({ kernel: 5, stride: 2, pads }))),
  ...['SAME_UPPER', 'SAME_LOWER', 'VALID'].flatMap((mode) =>
    [
      [3, 1],
      [3, 2],
      [5, 2],
      [2, 2],
    ].flatMap(([kernel, stride]) =>
      spell(`auto_pad ${mode}, ${kernel}×${kernel} stride ${stride}`, [9, 13], autoPad(mode, kernel as number, stride as number), {
        input: [1, 8, 7, 8],
      }),
    ),
  ),
  ...spell('auto_pad NOTSET with pads', [13], both({ kernel: 3, attrs: { auto_pad: 'NOTSET', pads: [1, 1, 1, 1] } })),
  ...spell('kernel_shape left out', [9, 13], both({ kernel: 3, attrs: { pads: [1, 1, 1, 1] } })),
  ...spell('Pad, its pads known only by folding', [13], (net, x) => {
    const pads = net.node('Concat', [net.ints([0, 0, 1, 1]), net.node('Cast', [net.ints([0, 0, 1, 1], 'int32')], { to: 7 })], { axis: 0 })
    return depthwise(net, as(x, net.node('Pad', [x.name, pads])), { kernel: 3, pads: [0, 0, 0, 0] })
  }),
  ...spell('Pad', [7, 9, 11, 13, 18], padNode({})),
  ...spell('Pad with mode constant', [9, 11, 13], padNode({ mode: 'constant' })),
  ...spell(
    'Pad with a value',
    [11, 13],
    padNode({}, (net) => net.scalar(0)),
  ),
  ...spell('Pad with an attribute value', [9], padNode({ value: { float: 0 } })),
  ...spell('Pad of NHWC maps', [9, 11, 13], padNode({}), { nhwc: true }),
  ...spell('Pad with axes', [18], (net, x) =>
    depthwise(net, as(x, net.node('Pad', [x.name, net.ints([1, 1, 1, 1]), '', net.ints([2, 3])])), { kernel: 3, pads: [0, 0, 0, 0] }),
  ),
  ...spell('Pad, then pads too', [13], (net, x) =>
    depthwise(net, as(x, pad(net, x.name, [0, 0, 1, 1, 0, 0, 1, 1])), { kernel: 5, pads: [1, 1, 1, 1] }),
  ),
  ...spell(
    'Pad of other than zeros',
    [13],
    padNode({}, (net) => net.scalar(-1)),
  ),
  ...spell('Pad that reflects', [13], padNode({ mode: 'reflect' })),
]

export const DILATIONS: readonly Spelling[] = [2, 4, 12, 24, 36].flatMap((dilation) => [
  ...spell(`${dilation}, dense and depthwise`, [9, 13], both({ kernel: 3, dilation }), { input: [1, 8, 13, 13] }),
  ...spell(`${dilation}, NHWC`, [13], both({ kernel: 3, dilation }), { input: [1, 8, 13, 13], nhwc: true }),
])

const pooled =
  (op: string, attrs: Readonly<Record<string, FuzzAttr>>): Build =>
  (net, x) =>
    net.spatially(x, (nchw) => net.node(op, [nchw], attrs))

export const POOLS: readonly Spelling[] = [
  ...spell('MaxPool 3×3 stride 2', [7, 9, 12, 13], pooled('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })),
  ...[0, 1].flatMap((ceil_mode) =>
    spell(
      `MaxPool, ceil_mode ${ceil_mode}`,
      [10, 13],
      pooled('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0], ceil_mode }),
    ),
  ),
  ...spell('MaxPool, dilations', [10, 13], pooled('MaxPool', { kernel_shape: [2, 2], dilations: [2, 2] })),
  ...spell('MaxPool between transposes', [9], pooled('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }), {
    nhwc: true,
  }),
  ...[0, 1].flatMap((count_include_pad) =>
    spell(
      `AveragePool, count_include_pad ${count_include_pad}`,
      [7, 13],
      pooled('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad }),
    ),
  ),
  ...spell('AveragePool, ceil_mode', [10, 13], pooled('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 })),
  ...spell('AveragePool, auto_pad', [9], pooled('AveragePool', { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' })),
  ...spell('GlobalMaxPool', [9], pooled('GlobalMaxPool', {})),
]

/** A convolution by weights of TensorFlow's layout, transposed when the model runs. */
function tensorFlowConv(
  net: Network,
  x: Feature,
  channels: number,
  kernel: number,
  options: { stride?: number; attrs?: Readonly<Record<string, FuzzAttr>> } = {},
): Feature {
  const hwio = net.weights([kernel, kernel, x.channels, channels], kernel * kernel * x.channels)
  return convOf(net, x, { channels, kernel, ...options }, [net.node('Transpose', [hwio], { perm: [3, 2, 0, 1] })])
}

/** Weights [kh, kw, C, M]. */
function tensorFlowDepthwise(net: Network, x: Feature, kernel: number, multiplier: number): Feature {
  const channels = x.channels * multiplier
  const weights = net.weights([kernel, kernel, x.channels, multiplier], kernel * kernel)
  const transposed =
    multiplier === 1
      ? net.node('Transpose', [weights], { perm: [2, 3, 0, 1] })
      : net.node('Transpose', [net.node('Reshape', [weights, net.ints([kernel, kernel, 1, channels])])], { perm: [3, 2, 0, 1] })
  return convOf(net, x, { channels, kernel, group: x.channels, attrs: { auto_pad: 'SAME_UPPER' } }, [transposed])
}

/** BiasAdd of a map in NHWC. */
const biased = (net: Network, x: Feature): Feature => as(x, net.node('Add', [x.name, net.uniform([x.channels], -0.5, 0.5)]))
const relu6 = (net: Network, x: Feature): Feature => as(x, clip(net, x.name, 0, 6))

/** Stem, separable block and classifier, as tf2onnx leaves them. */
const tensorFlowNetwork =
  (flat: (net: Network, x: string) => string): Build =>
  (net, x) => {
    const stem = relu6(net, biased(net, tensorFlowConv(net, x, 8, 3, { stride: 2, attrs: { auto_pad: 'SAME_UPPER' } })))
    const mixed = relu6(net, biased(net, tensorFlowDepthwise(net, { ...stem, height: 5, width: 5 }, 3, 1)))
    const wide = relu6(net, biased(net, tensorFlowConv(net, mixed, 12, 1)))
    const logits = biased(net, tensorFlowConv(net, { ...globalMean(net, wide) }, 11, 1))
    return net.node('Softmax', [flat(net, logits.name)], { axis: 1 })
  }

export const TENSORFLOW: readonly Spelling[] = [
  ...spell('HWIO weights through Transpose', [9, 13], (net, x) => biased(net, tensorFlowConv(net, x, 6, 3)).name, { nhwc: true }),
  ...spell('depthwise weights [kh, kw, C, 1] through Transpose', [9, 13], (net, x) => biased(net, tensorFlowDepthwise(net, x, 3, 1)).name, {
    nhwc: true,
  }),
  ...spell(
    'depthwise weights [kh, kw, C, 2] through Reshape and Transpose',
    [9, 13],
    (net, x) => biased(net, tensorFlowDepthwise(net, x, 3, 2)).name,
    { nhwc: true },
  ),
  ...spell(
    'BiasAdd of [1, C, 1, 1] inside the transposes',
    [9, 13],
    (net, x) =>
      net.spatially(conv(net, x, { channels: 6, bias: false }), (nchw) => net.node('Add', [nchw, net.uniform([1, 6, 1, 1], -0.5, 0.5)])),
    { nhwc: true },
  ),
  ...spell(
    'a residual sum in NHWC',
    [9, 13],
    (net, x) => net.node('Add', [biased(net, tensorFlowConv(net, x, x.channels, 1)).name, x.name]),
    { nhwc: true },
  ),
  ...spell(
    'a network that ends in Squeeze',
    [9, 11, 13],
    tensorFlowNetwork((net, x) => squeeze(net, x, [1, 2])),
    { nhwc: true, input: [1, 3, 9, 9] },
  ),
  ...spell(
    'a network that ends in Reshape',
    [9, 13],
    tensorFlowNetwork((net, x) => net.node('Reshape', [x, net.ints([-1, 11])])),
    { nhwc: true, input: [1, 3, 9, 9] },
  ),
]
