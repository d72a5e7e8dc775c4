/** Convolutions with their pads, normalisation and pooling, each in several spellings. */

import type { FuzzAttr } from '../case.ts'
import { type ActivationName, activated } from './activations.ts'
import type { Feature, Network } from './network.ts'

export interface ConvOptions {
  readonly channels: number
  readonly kernel?: readonly [number, number]
  readonly stride?: number
  readonly dilation?: number
  readonly group?: number
  readonly activation?: ActivationName
}

/** Pads before and after an axis. */
type AxisPads = readonly [number, number]

/** Convolution, then normalisation or bias, then activation. */
export function convolution(net: Network, x: Feature, options: ConvOptions): Feature {
  const { channels, kernel = [1, 1], stride = 1, dilation = 1, group = 1, activation = 'none' } = options
  const reach = kernel.map((k) => (k - 1) * dilation + 1) as [number, number]
  const geometry = padding(net, x, reach, stride, dilation === 1)
  const padded = geometry.before(x)
  const terms = ((x.channels / group) * kernel[0] * kernel[1]) | 0
  const weights = net.weights([channels, x.channels / group, ...kernel], terms)
  const bias = net.pick.chance(0.5) ? [net.uniform([channels], -0.5, 0.5)] : []
  const attrs: Record<string, FuzzAttr> = {
    ...geometry.attrs,
    ...((stride > 1 || net.pick.chance(0.5)) && { strides: [stride, stride] }),
    ...((dilation > 1 || net.pick.chance(0.3)) && { dilations: [dilation, dilation] }),
    ...((group > 1 || net.pick.chance(0.5)) && { group }),
    ...(net.pick.chance(0.7) && { kernel_shape: kernel }),
  }
  const result = (name: string): Feature => ({ ...x, name, channels, height: geometry.height, width: geometry.width })
  const normalisedInside = net.pick.chance(0.5)
  const name = net.spatially(padded, (nchw) => {
    const y = net.node('Conv', [nchw, weights, ...bias], attrs)
    return normalisedInside && bias.length === 0 ? batchNorm(net, y, channels) : y
  })
  const y = normalisedInside ? result(name) : normalised(net, result(name))
  return activated(net, y, activation)
}

interface Padding {
  readonly attrs: Readonly<Record<string, FuzzAttr>>
  /** A Pad node before the operator, in some spellings. */
  readonly before: (x: Feature) => Feature
  readonly height: number
  readonly width: number
}

/** "Same", "valid", or uneven pads, as attributes, by name (which onnxruntime refuses with dilations), or as a node of their own. */
function padding(net: Network, x: Feature, reach: readonly [number, number], stride: number, named: boolean): Padding {
  const style = net.pick.choose([
    'same',
    'same',
    'same',
    named ? 'auto' : 'same',
    'valid',
    'uneven',
    'symmetric',
    'symmetric',
    'symmetric',
  ] as const)
  const extents = [x.height, x.width] as const
  const same = ([0, 1] as const).map((a) => samePads(extents[a], reach[a], stride)) as [AxisPads, AxisPads]
  const half = reach.map((r): AxisPads => [r >> 1, r >> 1]) as [AxisPads, AxisPads]
  const fits = reach.every((r, a) => r <= (extents[a] as number))
  if (style === 'auto') {
    const lower = net.pick.chance(0.3)
    const sides = lower ? (same.map(([a, b]): AxisPads => [b, a]) as [AxisPads, AxisPads]) : same
    return padded(x, sides, reach, stride, { auto_pad: lower ? 'SAME_LOWER' : 'SAME_UPPER' })
  }
  if (style === 'valid' && fits)
    return padded(
      x,
      [
        [0, 0],
        [0, 0],
      ],
      reach,
      stride,
      net.pick.chance(0.3) ? { auto_pad: 'VALID' } : {},
    )
  const uneven = half.map(([a]): AxisPads => [net.pick.between(0, a), a]) as [AxisPads, AxisPads]
  const sides = style === 'same' ? same : style === 'uneven' && fits ? uneven : half
  if (net.pick.chance(0.3)) return { ...padded(x, sides, reach, stride, {}), before: (f) => padNode(net, f, sides) }
  const [[top, bottom], [left, right]] = sides
  const none = [top, bottom, left, right].every((p) => p === 0) && net.pick.chance(0.5)
  return padded(x, sides, reach, stride, none ? {} : { pads: [top, left, bottom, right] })
}

function padded(
  x: Feature,
  [rows, columns]: readonly [AxisPads, AxisPads],
  reach: readonly [number, number],
  stride: number,
  attrs: Readonly<Record<string, FuzzAttr>>,
): Padding {
  const positions = (extent: number, pads: AxisPads, r: number): number => Math.floor((extent + pads[0] + pads[1] - r) / stride) + 1
  const [height, width] = [positions(x.height, rows, reach[0]), positions(x.width, columns, reach[1])]
  return { attrs, before: (f) => f, height, width }
}

function samePads(extent: number, reach: number, stride: number): AxisPads {
  const total = Math.max(0, (Math.ceil(extent / stride) - 1) * stride + reach - extent)
  return [total >> 1, total - (total >> 1)]
}

function padNode(net: Network, x: Feature, [rows, columns]: readonly [AxisPads, AxisPads]): Feature {
  const [h, w] = net.spatialAxes
  const pads = new Array<number>(8).fill(0)
  ;[pads[h], pads[h + 4]] = rows
  ;[pads[w], pads[w + 4]] = columns
  const attrs: Record<string, FuzzAttr> = net.pick.chance(0.5) ? { mode: 'constant' } : {}
  const value = net.pick.chance(0.3) ? [net.scalar(0)] : []
  const name = net.opset < 11 ? net.node('Pad', [x.name], { ...attrs, pads }) : net.node('Pad', [x.name, net.ints(pads), ...value], attrs)
  return { ...x, name, height: x.height + rows[0] + rows[1], width: x.width + columns[0] + columns[1] }
}

function batchNorm(net: Network, x: string, channels: number): string {
  const parameters = [net.uniform([channels], 0.5, 1.5), net.uniform([channels], -0.5, 0.5), net.uniform([channels], -0.5, 0.5)]
  const attrs: Record<string, FuzzAttr> = net.pick.chance(0.5) ? { epsilon: { float: 1e-3 } } : {}
  return net.node('BatchNormalization', [x, ...parameters, net.uniform([channels], 0.3, 1.5)], attrs)
}

/** BatchNormalization, its two halves, one of them, or nothing. */
export function normalised(net: Network, x: Feature): Feature {
  const { channels } = x
  const scale = (y: string): string => net.node('Mul', swapped(net, y, net.perChannel(channels, 0.5, 1.5)))
  const shift = (y: string): string => net.node('Add', swapped(net, y, net.perChannel(channels, -0.5, 0.5)))
  const spell = net.pick.choose<(y: string) => string>([
    (y) => y,
    (y) => shift(scale(y)),
    shift,
    scale,
    (y) => net.node('Sub', [y, net.perChannel(channels, -0.5, 0.5)]),
    ...new Array(4).fill((y: string) => net.spatially({ ...x, name: y }, (nchw) => batchNorm(net, nchw, channels))),
  ])
  return { ...x, name: spell(x.name) }
}

function swapped(net: Network, a: string, b: string): [string, string] {
  return net.pick.chance(0.3) ? [b, a] : [a, b]
}

/** A pool between blocks. */
export function pooled(net: Network, x: Feature): Feature {
  const kernel = net.pick.choose([2, 2, 3])
  const stride = net.pick.choose([1, 2, 2])
  if (x.height < kernel || x.width < kernel) return x
  const mean = net.pick.chance(0.5)
  const pad = kernel === 3 && net.pick.chance(0.5) ? 1 : 0
  const ceil = net.opset >= 10 && net.pick.chance(0.3) && pad === 0
  const attrs: Record<string, FuzzAttr> = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    ...(pad > 0 && { pads: [pad, pad, pad, pad] }),
    ...(ceil && { ceil_mode: 1 }),
    ...(mean && pad > 0 && net.pick.chance(0.5) && { count_include_pad: 1 }),
  }
  const positions = (extent: number): number => {
    const steps = (extent + 2 * pad - kernel) / stride
    return (ceil ? Math.min(Math.ceil(steps), Math.floor((extent - 1) / stride)) : Math.floor(steps)) + 1
  }
  const name = net.spatially(x, (nchw) => net.node(mean ? 'AveragePool' : 'MaxPool', [nchw], attrs))
  return { ...x, name, height: positions(x.height), width: positions(x.width) }
}
