/**
 * Writes layers and parameters as an ONNX model. It looks like a PyTorch export in which batch normalisation
 * has not been folded.
 */

import { float32 } from '../../ir/tensors/tensor.ts'
import { type OnnxAttr, onnxModel, onnxNode, onnxTensor } from '../onnx/encode.ts'
import { encodeModel, type NodeProto, type Partially, type TensorProto } from '../onnx/proto.ts'
import type { Architecture } from './architecture.ts'
import type { Activation, ConvLayer, Layer, LinearLayer, ResidualLayer, SqueezeExciteLayer } from './layers.ts'
import type { Parameters } from './weights.ts'

/** The opset of the models. HardSwish exists since 14, and 17 is what exporters have written for years. */
export const OPSET = 17

export interface ExportOptions {
  readonly resolution: number
  readonly classes: number
  /** The input's first extent; a string is a symbolic dimension. */
  readonly batch: number | string
  readonly metadata: Readonly<Record<string, string>>
}

/** A model with input `input` [batch, 3, resolution, resolution] and output `output` [batch, classes], the logits. */
export function exportModel(
  architecture: Architecture,
  layers: readonly Layer[],
  parameters: Parameters,
  options: ExportOptions,
): Uint8Array {
  return encodeModel(
    onnxModel({
      name: architecture.name,
      opset: OPSET,
      producer: 'mobilenet-compile',
      inputs: [{ name: 'input', shape: [options.batch, 3, options.resolution, options.resolution] }],
      outputs: [{ name: 'output', shape: [options.batch, options.classes] }],
      nodes: networkNodes(layers, architecture.epsilon),
      initializers: initializersOf(parameters),
      metadata: options.metadata,
    }),
  )
}

/** The nodes of a network from `input` to `output`, in order of execution; they read parameters by their names. */
export function networkNodes(layers: readonly Layer[], epsilon: number): Partially<NodeProto>[] {
  const nodes = new NodeList(epsilon)
  const last = nodes.all(layers, 'input')
  return nodes.list.map((node) => ({ ...node, output: node.output?.map((name) => (name === last ? 'output' : name)) ?? [] }))
}

/** The parameters as initialisers of an ONNX graph, float32, by their names. */
export function initializersOf(parameters: Parameters): Partially<TensorProto>[] {
  return [...parameters].map(([name, { shape, values }]) => onnxTensor(name, float32(shape, values)))
}

/**
 * A list of nodes in order of execution. Every method adds the nodes of a layer and returns the name of its
 * result.
 */
class NodeList {
  readonly list: ReturnType<typeof onnxNode>[] = []
  readonly #epsilon: number

  constructor(epsilon: number) {
    this.#epsilon = epsilon
  }

  all(layers: readonly Layer[], input: string): string {
    return layers.reduce((x, layer) => this.#layer(layer, x), input)
  }

  #layer(layer: Layer, x: string): string {
    switch (layer.kind) {
      case 'conv':
        return this.#conv(layer, x)
      case 'residual':
        return this.#residual(layer, x)
      case 'squeeze-excite':
        return this.#squeezeExcite(layer, x)
      case 'pool':
        return this.#node('Flatten', layer.name, [this.#node('GlobalAveragePool', layer.name, [x])], { axis: 1 })
      case 'linear':
        return this.#linear(layer, x)
    }
  }

  #conv({ name, kernel, stride, group, activation }: ConvLayer, x: string): string {
    const pad = (kernel - 1) / 2
    const y = this.#node('Conv', name, [x, `${name}.weight`], {
      dilations: [1, 1],
      group,
      kernel_shape: [kernel, kernel],
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
    })
    const statistics = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${name}.norm.${part}`)
    const normalised = this.#node('BatchNormalization', `${name}.norm`, [y, ...statistics], { epsilon: { float: this.#epsilon } })
    return this.#activation(activation, name, normalised)
  }

  #residual({ name, body }: ResidualLayer, x: string): string {
    return this.#node('Add', name, [x, this.all(body, x)])
  }

  #squeezeExcite({ name }: SqueezeExciteLayer, x: string): string {
    const excite = (part: string, from: string): string =>
      this.#node('Conv', `${name}.${part}`, [from, `${name}.${part}.weight`, `${name}.${part}.bias`], {
        dilations: [1, 1],
        group: 1,
        kernel_shape: [1, 1],
        pads: [0, 0, 0, 0],
        strides: [1, 1],
      })
    const squeezed = this.#node('GlobalAveragePool', name, [x])
    const hidden = this.#activation('relu', name, excite('reduce', squeezed))
    const gates = this.#node('HardSigmoid', name, [excite('expand', hidden)], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })
    return this.#node('Mul', name, [x, gates])
  }

  #linear({ name, activation }: LinearLayer, x: string): string {
    const y = this.#node('Gemm', name, [x, `${name}.weight`, `${name}.bias`], { alpha: { float: 1 }, beta: { float: 1 }, transB: 1 })
    return this.#activation(activation, name, y)
  }

  #activation(activation: Activation | null, name: string, x: string): string {
    switch (activation) {
      case null:
        return x
      case 'relu':
        return this.#node('Relu', name, [x])
      case 'hard-swish':
        return this.#node('HardSwish', name, [x])
      case 'relu6':
        return this.#node('Clip', name, [x, this.#scalar(`${name}.min`, 0), this.#scalar(`${name}.max`, 6)])
    }
  }

  #scalar(name: string, value: number): string {
    return this.#node('Constant', name, [], { value: { tensor: float32([], [value]) } })
  }

  #node(opType: string, layer: string, inputs: readonly string[], attrs: Readonly<Record<string, OnnxAttr>> = {}): string {
    const name = `/${layer}/${opType}`
    const output = `${name}_output_0`
    this.list.push(onnxNode(opType, inputs, [output], attrs, name))
    return output
  }
}
