/** The convolutions of the MobileNets at 224², width 1.0, each distinct shape with how often it occurs. */

import type { Activation } from '../../ir/ops/conv.ts'
import type { ConvCase } from '../kernels/conv-graph.ts'

export interface Layer {
  readonly name: string
  readonly case: ConvCase
  readonly count: number
}

export type NetworkName = 'V1' | 'V2' | 'V3-Large'

const RELU: Activation = { op: 'clamp', min: 0, max: Number.POSITIVE_INFINITY }
const RELU6: Activation = { op: 'clamp', min: 0, max: 6 }
const HARD_SWISH: Activation = { op: 'hard-swish' }
const HARD_SIGMOID: Activation = { op: 'hard-sigmoid', alpha: 1 / 6, beta: 0.5 }

/** Builds up a network's layers, following the map's size and channels. */
class Network {
  readonly #layers = new Map<string, Layer>()
  size = 224
  channels = 3

  get layers(): Layer[] {
    return [...this.#layers.values()]
  }

  stem(out: number, act: Activation): void {
    const attrs = { strides: [2, 2], pads: [1, 1, 1, 1], act } as const
    this.#add(`stem ${out}`, { x: [1, 224, 224, 3], outChannels: out, kernel: [3, 3], attrs, nchw: true })
    this.size = 112
    this.channels = out
  }

  pointwise(out: number, act?: Activation, residual = false): void {
    const { size, channels } = this
    const name = `pointwise ${size}² ${channels}→${out}${residual ? ' +' : ''}`
    this.#add(name, { x: [1, size, size, channels], outChannels: out, residual, ...(act ? { attrs: { act } } : {}) })
    this.channels = out
  }

  depthwise(kernel: number, stride: number, act: Activation): void {
    const { size, channels } = this
    const pad = (kernel - 1) / 2
    const attrs = { strides: [stride, stride], pads: [pad, pad, pad, pad], group: channels, act } as const
    const name = `depthwise ${kernel}×${kernel} s${stride} ${size}² ${channels}`
    this.#add(name, { x: [1, size, size, channels], outChannels: channels, kernel: [kernel, kernel], attrs })
    this.size = Math.ceil(size / stride)
  }

  /** Squeeze and excite: two products on a single position. */
  gate(): void {
    const { channels } = this
    const squeezed = Math.ceil(channels / 4 / 8) * 8
    this.vector(channels, squeezed, RELU)
    this.vector(squeezed, channels, HARD_SIGMOID)
  }

  vector(from: number, to: number, act?: Activation): void {
    this.#add(`vector ${from}→${to}`, { x: [1, 1, 1, from], outChannels: to, ...(act ? { attrs: { act } } : {}) })
  }

  bottleneck(kernel: number, expanded: number, out: number, stride: number, act: Activation, gated = false): void {
    const residual = stride === 1 && this.channels === out
    if (expanded !== this.channels) this.pointwise(expanded, act)
    this.depthwise(kernel, stride, act)
    if (gated) this.gate()
    this.pointwise(out, undefined, residual)
  }

  #add(name: string, c: ConvCase): void {
    const known = this.#layers.get(name)
    this.#layers.set(name, { name, case: c, count: (known?.count ?? 0) + 1 })
  }
}

function v1(): Network {
  const net = new Network()
  net.stem(32, RELU6)
  const blocks = [
    [1, 64],
    [2, 128],
    [1, 128],
    [2, 256],
    [1, 256],
    [2, 512],
    ...Array.from({ length: 5 }, () => [1, 512]),
    [2, 1024],
    [1, 1024],
  ] as [number, number][]
  for (const [stride, out] of blocks) {
    net.depthwise(3, stride, RELU6)
    net.pointwise(out, RELU6)
  }
  net.vector(1024, 1000)
  return net
}

function v2(): Network {
  const net = new Network()
  net.stem(32, RELU6)
  const groups = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ] as [number, number, number, number][]
  for (const [expansion, out, times, stride] of groups) {
    for (let i = 0; i < times; i++) net.bottleneck(3, net.channels * expansion, out, i === 0 ? stride : 1, RELU6)
  }
  net.pointwise(1280, RELU6)
  net.vector(1280, 1000)
  return net
}

function v3Large(): Network {
  const net = new Network()
  net.stem(16, HARD_SWISH)
  const blocks: Parameters<Network['bottleneck']>[] = [
    [3, 16, 16, 1, RELU],
    [3, 64, 24, 2, RELU],
    [3, 72, 24, 1, RELU],
    [5, 72, 40, 2, RELU, true],
    [5, 120, 40, 1, RELU, true],
    [5, 120, 40, 1, RELU, true],
    [3, 240, 80, 2, HARD_SWISH],
    [3, 200, 80, 1, HARD_SWISH],
    [3, 184, 80, 1, HARD_SWISH],
    [3, 184, 80, 1, HARD_SWISH],
    [3, 480, 112, 1, HARD_SWISH, true],
    [3, 672, 112, 1, HARD_SWISH, true],
    [5, 672, 160, 2, HARD_SWISH, true],
    [5, 960, 160, 1, HARD_SWISH, true],
    [5, 960, 160, 1, HARD_SWISH, true],
  ]
  for (const block of blocks) net.bottleneck(...block)
  net.pointwise(960, HARD_SWISH)
  net.vector(960, 1280, HARD_SWISH)
  net.vector(1280, 1000)
  return net
}

export const NETWORKS: Readonly<Record<NetworkName, readonly Layer[]>> = {
  V1: v1().layers,
  V2: v2().layers,
  'V3-Large': v3Large().layers,
}
