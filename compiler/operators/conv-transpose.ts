/**
 * ConvTranspose, as a convolution of stride 1 and a rearrangement (Shi et al., "Real-Time Single Image and
 * Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network", 2016).
 *
 * One input position spreads to several result positions. Those with the same remainder modulo the stride see
 * the same taps. So a block of stride × stride results can be computed as channels of one convolution. Its
 * kernel consists of every stride-th tap, in reverse order.
 */

import type { Value } from '../../ir/graph/graph.ts'
import { effectiveKernel, type Pads, type Pair } from '../../ir/ops/window.ts'
import { fromNhwc, pair, readPads, spatialRank, TO_NHWC, toPlane } from './geometry.ts'
import type { NodeImport } from './node-import.ts'
import { type OperatorRules, since } from './operator.ts'

/** One spatial axis. A block is `stride` results. Block i reads the inputs i − taps + 1 to i. */
interface Axis {
  readonly input: number
  readonly output: number
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  /** Results that are cut off at the start. */
  readonly pad: number
  /** Taps of the convolution. */
  readonly taps: number
  /** The first block that is computed. */
  readonly first: number
}

/** x [N,C,H,W], w [C,M/group,kh,kw], b [M] → [N,M,OH,OW]. */
function convTranspose(node: NodeImport): Value {
  const [x, w] = [node.input(0), node.input(1)]
  node.requireFloat(x)
  const spatial = spatialRank(node, x)
  if (w.type.shape.length !== x.type.shape.length)
    throw node.invalid(`weights of rank ${w.type.shape.length} for an input of rank ${x.type.shape.length}`)
  const [image, weights] = [toPlane(node, x), toPlane(node, w)]
  const [inputs, perGroup, kh, kw] = weights.type.shape as [number, number, number, number]
  const group = node.attrs.int('group', 1)
  if (group < 1 || inputs % group !== 0 || inputs !== image.type.shape[1])
    throw node.invalid(`weights of shape [${w.type.shape}] in ${group} groups for ${image.type.shape[1]} input channels`)
  const axes = readAxes(node, image, [kh, kw], spatial)
  const bias = node.optional(2) ?? node.numbers(x.type.dtype, [group * perGroup], new Float64Array(group * perGroup))
  if (bias.type.shape.length !== 1 || bias.type.shape[0] !== group * perGroup)
    throw node.invalid(`bias [${bias.type.shape}] for ${group * perGroup} output channels`)
  const operands = [node.transpose(image, TO_NHWC), blockWeights(node, weights, axes, group), blockBias(node, bias, axes, group)]
  const attrs = { strides: [1, 1], dilations: [1, 1], pads: padsOf(axes), group } as const
  const blocks = node.make('conv', operands, attrs)
  return fromNhwc(node, crop(node, unfold(node, blocks, axes, group), axes), spatial)
}

function readAxes(node: NodeImport, image: Value, kernel: Pair, spatial: 1 | 2): [Axis, Axis] {
  if (kernel.some((k) => k < 1)) throw node.invalid(`weights have an empty kernel [${kernel}]`)
  if (node.attrs.has('kernel_shape')) {
    const stated = pair(node, 'kernel_shape', spatial)
    if (stated[0] !== kernel[0] || stated[1] !== kernel[1])
      throw node.invalid(`kernel_shape [${stated}] differs from the weights' [${kernel}]`)
  }
  const [strides, dilations] = [pair(node, 'strides', spatial), pair(node, 'dilations', spatial)]
  if ([...strides, ...dilations].some((n) => n < 1))
    throw node.invalid(`strides [${strides}] and dilations [${dilations}] must be at least 1`)
  const extra = outputPadding(node, spatial)
  if (extra.some((n) => n < 0)) throw node.invalid(`output_padding [${extra}] is negative`)
  node.checkExtents('strides, dilations and output_padding', [...strides, ...dilations, ...extra])
  const input = image.type.shape.slice(2) as unknown as Pair
  const full = ([0, 1] as const).map(
    (i) => (input[i] - 1) * strides[i] + effectiveKernel(kernel[i], dilations[i]) + extra[i],
  ) as unknown as Pair
  const { pads, output } = readOutput(node, input, strides, full, spatial)
  return ([0, 1] as const).map((i) => {
    const taps = Math.ceil(effectiveKernel(kernel[i], dilations[i]) / strides[i])
    const first = Math.min(Math.floor(pads[i] / strides[i]), taps - 1)
    const axis = { input: input[i], output: output[i], kernel: kernel[i], stride: strides[i], dilation: dilations[i] }
    return { ...axis, pad: pads[i], taps, first }
  }) as [Axis, Axis]
}

function outputPadding(node: NodeImport, spatial: 1 | 2): Pair {
  if (!node.attrs.has('output_padding')) return [0, 0]
  const [h, w] = pair(node, 'output_padding', spatial)
  return [spatial === 1 ? 0 : h, w]
}

/**
 * Reads pads and extents of the result from pads, output_shape or auto_pad. `full` is the extents before any
 * result is cut off.
 */
function readOutput(node: NodeImport, input: Pair, strides: Pair, full: Pair, spatial: 1 | 2): { pads: Pads; output: Pair } {
  const explicit = readPads(node, spatial)
  const auto = node.attrs.string('auto_pad', 'NOTSET')
  if (!['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(auto)) throw node.invalid(`auto_pad = ${JSON.stringify(auto)} is unknown`)
  const asked = node.attrs.has('output_shape') ? pair(node, 'output_shape', spatial) : null
  const same = auto.startsWith('SAME')
    ? (input.map((d, i) => Math.min(d * (strides[i] as number), full[i] as number)) as unknown as Pair)
    : null
  const output = asked ?? same
  if (!output) {
    const pads: Pads = auto === 'NOTSET' ? explicit : [0, 0, 0, 0]
    return checked(node, pads, [full[0] - pads[0] - pads[2], full[1] - pads[1] - pads[3]])
  }
  const [top, left] = ([0, 1] as const).map((i) => {
    const total = Math.max(0, full[i] - output[i])
    const small = Math.floor(total / 2)
    return auto === 'SAME_UPPER' ? ([small, total - small] as const) : ([total - small, small] as const)
  }) as [Pair, Pair]
  return checked(node, [top[0], left[0], top[1], left[1]], output)
}

function checked(node: NodeImport, pads: Pads, output: Pair): { pads: Pads; output: Pair } {
  node.checkExtents('output shape', output)
  if (output.some((d) => d < 1)) throw node.invalid(`the result has extents [${output}]`)
  return { pads, output }
}

/** [C,M/group,kh,kw] → [group·sh·sw·M/group, taps h, taps w, C/group]: tap j·stride + r of the kernel is tap −j of remainder r. */
function blockWeights(node: NodeImport, w: Value, axes: readonly [Axis, Axis], group: number): Value {
  const [inputs, perGroup] = w.type.shape as [number, number]
  const [h, v] = axes
  const spread = spreadTaps(node, w, axes)
  const split = node.reshape(spread, [group, inputs / group, perGroup, h.taps, h.stride, v.taps, v.stride])
  const ordered = node.transpose(split, [0, 4, 6, 2, 3, 5, 1])
  const { shape } = ordered.type
  const flipped = node.make('slice', [ordered], {
    starts: shape.map((d, axis) => (axis === 4 || axis === 5 ? d - 1 : 0)),
    sizes: shape,
    steps: shape.map((_, axis) => (axis === 4 || axis === 5 ? -1 : 1)),
  })
  return node.reshape(flipped, [group * h.stride * v.stride * perGroup, h.taps, v.taps, inputs / group])
}

/** The kernel with zeros in the place of its dilation, and more zeros after it up to taps · stride. */
function spreadTaps(node: NodeImport, w: Value, [h, v]: readonly [Axis, Axis]): Value {
  const [inputs, perGroup] = w.type.shape as [number, number]
  const split = node.reshape(w, [inputs, perGroup, h.kernel, 1, v.kernel, 1])
  const dilated = padAfter(node, split, [0, 0, 0, h.dilation - 1, 0, v.dilation - 1])
  const joined = node.reshape(dilated, [inputs, perGroup, h.kernel * h.dilation, v.kernel * v.dilation])
  const extents = [h, v].map((axis) => axis.taps * axis.stride) as [number, number]
  const missing = extents.map((extent, i) => Math.max(0, extent - (joined.type.shape[2 + i] as number)))
  const padded = padAfter(node, joined, [0, 0, ...missing])
  return sliced(node, padded, [0, 0, 0, 0], [inputs, perGroup, ...extents])
}

function padAfter(node: NodeImport, x: Value, after: readonly number[]): Value {
  if (after.every((n) => n === 0)) return x
  return node.make('pad', [x], { before: after.map(() => 0), after, mode: 'constant', value: 0 })
}

function sliced(node: NodeImport, x: Value, starts: readonly number[], sizes: readonly number[]): Value {
  if (sizes.every((d, i) => d === x.type.shape[i])) return x
  return node.make('slice', [x], { starts, sizes, steps: sizes.map(() => 1) })
}

/** The bias of every result of a block. */
function blockBias(node: NodeImport, bias: Value, [h, v]: readonly [Axis, Axis], group: number): Value {
  const perGroup = (bias.type.shape[0] as number) / group
  const split = node.reshape(bias, [group, 1, 1, perGroup])
  const repeated = h.stride * v.stride === 1 ? split : node.make('expand', [split], { shape: [group, h.stride, v.stride, perGroup] })
  return node.reshape(repeated, [group * h.stride * v.stride * perGroup])
}

/**
 * Pads of the convolution. With these, the first computed block is `first`, and the last one contains the last
 * result or is the last that exists.
 */
function padsOf([h, v]: readonly [Axis, Axis]): Pads {
  const before = ({ taps, first }: Axis): number => taps - 1 - first
  const after = ({ input, output, pad, stride }: Axis): number => Math.max(0, Math.floor((pad + output - 1) / stride) + 1 - input)
  return [before(h), before(v), after(h), after(v)]
}

/** [N,H,W,group·sh·sw·M/group] → [N,H·sh,W·sw,M]. */
function unfold(node: NodeImport, blocks: Value, [h, v]: readonly [Axis, Axis], group: number): Value {
  const [n, rows, columns, channels] = blocks.type.shape as [number, number, number, number]
  if (h.stride * v.stride === 1) return blocks
  const perGroup = channels / (group * h.stride * v.stride)
  const split = node.reshape(blocks, [n, rows, columns, group, h.stride, v.stride, perGroup])
  const woven = node.transpose(split, [0, 1, 4, 2, 5, 3, 6])
  return node.reshape(woven, [n, rows * h.stride, columns * v.stride, group * perGroup])
}

function crop(node: NodeImport, y: Value, [h, v]: readonly [Axis, Axis]): Value {
  const [n, , , channels] = y.type.shape as [number, number, number, number]
  const start = ({ pad, first, stride }: Axis): number => pad - first * stride
  return sliced(node, y, [0, start(h), start(v), 0], [n, h.output, v.output, channels])
}

export const convTransposeRules: OperatorRules = {
  ConvTranspose: [since(1, [2, 3], convTranspose)],
}
