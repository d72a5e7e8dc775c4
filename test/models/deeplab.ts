/**
 * A small DeepLabV3 (Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017) on a
 * dilated MobileNetV2, as PyTorch exports it: batch normalisation folded, sizes computed from shapes.
 */

import { type OnnxAttr, onnxModel, onnxNode, onnxTensor } from '../../compiler/onnx/encode.ts'
import { encodeModel } from '../../compiler/onnx/proto.ts'
import { type Random, seeded } from '../../compiler/running/seeded.ts'
import { float32, int64, type Tensor } from '../../ir/tensors/tensor.ts'

export const RESOLUTION = 96
export const CLASSES = 21

interface ConvOptions {
  readonly kernel?: number
  readonly stride?: number
  readonly dilation?: number
  readonly depthwise?: boolean
  readonly activation?: 'relu' | 'relu6'
}

/** Expanded channels, output channels, stride, dilation: the strides of the last stages became dilations. */
const BLOCKS = [
  [16, 12, 2, 1],
  [48, 16, 2, 1],
  [64, 16, 1, 1],
  [64, 24, 1, 2],
  [96, 24, 1, 2],
  [96, 32, 1, 4],
] as const
const RATES = [12, 24, 36] as const
const HEAD = 20

class DeepLab {
  readonly nodes: ReturnType<typeof onnxNode>[] = []
  readonly constants = new Map<string, Tensor>()
  readonly #random: Random

  constructor(seed: number) {
    this.#random = seeded(seed)
  }

  node(op: string, inputs: readonly string[], attrs: Readonly<Record<string, OnnxAttr>> = {}): string {
    const output = `${op}_${this.nodes.length}`
    this.nodes.push(onnxNode(op, inputs, [output], attrs, output))
    return output
  }

  constant(t: Tensor): string {
    const name = `c${this.constants.size}`
    this.constants.set(name, t)
    return name
  }

  conv(x: string, inputs: number, outputs: number, options: ConvOptions = {}): string {
    const { kernel = 1, stride = 1, dilation = 1, depthwise = false, activation } = options
    const depth = depthwise ? 1 : inputs
    const scale = Math.sqrt(2 / (depth * kernel * kernel))
    const shape = [outputs, depth, kernel, kernel]
    const weights = float32(
      shape,
      Float32Array.from({ length: outputs * depth * kernel * kernel }, () => this.#random.normal() * scale),
    )
    const bias = float32(
      [outputs],
      Float32Array.from({ length: outputs }, () => this.#random.normal() * 0.1),
    )
    const pad = ((kernel - 1) / 2) * dilation
    const attrs = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      dilations: [dilation, dilation],
      pads: [pad, pad, pad, pad],
      group: depthwise ? inputs : 1,
    }
    const y = this.node('Conv', [x, this.constant(weights), this.constant(bias)], attrs)
    if (activation === 'relu') return this.node('Relu', [y])
    return activation ? this.node('Clip', [y, this.constant(float32([], [0])), this.constant(float32([], [6]))]) : y
  }

  /** Bilinear, to the height and width of `like`, which are read from its shape. */
  resizeLike(x: string, like: string): string {
    const ints = (...values: number[]): string => this.constant(int64([values.length], values))
    const extents = this.node('Slice', [this.node('Shape', [like]), ints(2), ints(4), ints(0)])
    const own = this.node('Slice', [this.node('Shape', [x]), ints(0), ints(2), ints(0)])
    const sizes = this.node('Concat', [own, extents], { axis: 0 })
    const attrs = { mode: 'linear', coordinate_transformation_mode: 'half_pixel', cubic_coeff_a: { float: -0.75 }, nearest_mode: 'floor' }
    return this.node('Resize', [x, '', '', sizes], attrs)
  }
}

function backbone(net: DeepLab): { readonly features: string; readonly channels: number } {
  let x = net.conv('input', 3, 16, { kernel: 3, stride: 2, activation: 'relu6' })
  let channels = 16
  for (const [expanded, outputs, stride, dilation] of BLOCKS) {
    const wide = net.conv(x, channels, expanded, { activation: 'relu6' })
    const filtered = net.conv(wide, expanded, expanded, { kernel: 3, stride, dilation, depthwise: true, activation: 'relu6' })
    const y = net.conv(filtered, expanded, outputs)
    x = stride === 1 && channels === outputs ? net.node('Add', [x, y]) : y
    channels = outputs
  }
  return { features: x, channels }
}

function pyramid(net: DeepLab, x: string, channels: number): string {
  const pooled = net.conv(net.node('GlobalAveragePool', [x]), channels, HEAD, { activation: 'relu' })
  const branches = [
    net.conv(x, channels, HEAD, { activation: 'relu' }),
    ...RATES.map((dilation) => net.conv(x, channels, HEAD, { kernel: 3, dilation, activation: 'relu' })),
    net.resizeLike(pooled, x),
  ]
  return net.conv(net.node('Concat', branches, { axis: 1 }), HEAD * branches.length, HEAD, { activation: 'relu' })
}

/** Input `input` [1, 3, 96, 96]; outputs `logits` [1, 21, 96, 96] and `classes` [1, 96, 96]. */
export function deepLabModel(seed = 1): Uint8Array {
  const net = new DeepLab(seed)
  const { features, channels } = backbone(net)
  const head = net.conv(pyramid(net, features, channels), HEAD, HEAD, { kernel: 3, activation: 'relu' })
  const logits = net.resizeLike(net.conv(head, HEAD, CLASSES), 'input')
  net.nodes.push(onnxNode('Identity', [logits], ['logits']), onnxNode('ArgMax', [logits], ['classes'], { axis: 1, keepdims: 0 }))
  const extents = [RESOLUTION, RESOLUTION]
  return encodeModel(
    onnxModel({
      name: 'deeplab',
      opset: 17,
      inputs: [{ name: 'input', shape: [1, 3, ...extents] }],
      outputs: [
        { name: 'logits', shape: [1, CLASSES, ...extents] },
        { name: 'classes', dtype: 'int64', shape: [1, ...extents] },
      ],
      nodes: net.nodes,
      initializers: [...net.constants].map(([name, t]) => onnxTensor(name, t)),
    }),
  )
}
