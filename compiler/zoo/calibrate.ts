/**
 * Finds parameters that fit the data. The network measures them itself on a batch of images, as batch
 * normalisation does in training. It is compiled for plain SIMD, whose arithmetic gives the same bits on every
 * engine. So every machine finds the same parameters.
 */

import { float32, type Tensor } from '../../ir/tensors/tensor.ts'
import { targetNamed } from '../../targets/target/target.ts'
import { onnxModel, onnxNode } from '../onnx/encode.ts'
import { encodeModel, type NodeProto, type Partially } from '../onnx/proto.ts'
import { linkModel } from '../pipeline.ts'
import { runModule } from '../running/run-module.ts'
import { initializersOf, networkNodes, OPSET } from './export.ts'
import type { Layer } from './layers.ts'
import type { Parameters } from './weights.ts'

type Node = Partially<NodeProto>

/** Standard deviation of the logits over images and classes. */
const LOGIT_DEVIATION = 2

/** Standard deviation of a linear layer's results where another layer follows. */
const HIDDEN_DEVIATION = 1

/**
 * The parameters, with running statistics measured on `images`, f32 [count, 3, height, width]. Linear layers
 * are scaled and shifted so that their results are centred and differ from image to image.
 */
export function calibrate(layers: readonly Layer[], drawn: Parameters, epsilon: number, images: Tensor): Parameters {
  const measuring = networkNodes(layers, epsilon).map((node) => measuringNodes(node, epsilon))
  const names = new Set(measuring.flatMap(({ measured }) => measured))
  const measured = [...drawn].filter(([name]) => names.has(name))
  const given = [...drawn].map(([name, { shape, values }]) => {
    return [names.has(name) ? drawnName(name) : name, { shape: broadcastable(name, shape), values }] as const
  })
  const model = onnxModel({
    name: 'calibration',
    opset: OPSET,
    inputs: [{ name: 'input', shape: images.type.shape }],
    outputs: measured.map(([name, { shape }]) => ({ name, shape: broadcastable(name, shape) })),
    nodes: measuring.flatMap(({ nodes }) => nodes),
    initializers: initializersOf(new Map(given)),
  })
  const { modules, weights } = linkModel(encodeModel(model), { targets: [targetNamed('simd128')] })
  const results = modules.flatMap((compiled) => runModule(compiled, weights, [images]))
  const fitted = measured.map(([name, { shape }], i) => [name, { shape, values: results[i]?.data as Float32Array }] as const)
  return new Map([...drawn, ...fitted])
}

/** The name of a parameter before it is fitted. */
function drawnName(name: string): string {
  return `${name}.drawn`
}

/**
 * The shape with which a parameter broadcasts. Parameters of normalisation are per channel of [images,
 * channels, height, width].
 */
function broadcastable(name: string, shape: readonly number[]): readonly number[] {
  return name.includes('.norm.') ? [1, ...shape, 1, 1] : shape
}

interface Measuring {
  /** The nodes that compute the parameters of the node and its result. */
  readonly nodes: readonly Node[]
  /** Names of the parameters that are computed. */
  readonly measured: readonly string[]
}

function measuringNodes(node: Node, epsilon: number): Measuring {
  if (node.opType === 'BatchNormalization') return measuringNormalization(node, epsilon)
  if (node.opType === 'Gemm') return measuringLinear(node, epsilon)
  return { nodes: [node], measured: [] }
}

/** (x − mean) · scale / √(variance + ε) + shift, with mean and (biased) variance of each channel over images and positions. */
function measuringNormalization(node: Node, epsilon: number): Measuring {
  const [x, scale, shift, mean, variance] = node.input as [string, string, string, string, string]
  const axes = [0, 2, 3]
  const at = (part: string): string => `${node.name}.${part}`
  const nodes = [
    onnxNode('ReduceMean', [x], [mean], { axes }),
    onnxNode('Sub', [x, mean], [at('centred')]),
    onnxNode('Mul', [at('centred'), at('centred')], [at('squares')]),
    onnxNode('ReduceMean', [at('squares')], [variance], { axes }),
    constant(at('epsilon'), epsilon),
    onnxNode('Add', [variance, at('epsilon')], [at('positive')]),
    onnxNode('Sqrt', [at('positive')], [at('deviation')]),
    onnxNode('Div', [scale, at('deviation')], [at('factor')]),
    onnxNode('Mul', [at('centred'), at('factor')], [at('scaled')]),
    onnxNode('Add', [at('scaled'), shift], node.output ?? []),
  ]
  return { nodes, measured: [mean, variance] }
}

/** weight = drawn · gain and bias = drawn − mean · gain, where gain = deviation / √(variance + ε²). */
function measuringLinear(node: Node, epsilon: number): Measuring {
  const [x, weight, bias] = node.input as [string, string, string]
  const at = (part: string): string => `${node.name}.${part}`
  const nodes = [
    onnxNode('Gemm', [x, drawnName(weight)], [at('product')], { transB: 1 }),
    onnxNode('ReduceMean', [at('product')], [at('mean')], { axes: [0], keepdims: 0 }),
    onnxNode('Sub', [at('product'), at('mean')], [at('centred')]),
    onnxNode('Mul', [at('centred'), at('centred')], [at('squares')]),
    onnxNode('ReduceMean', [at('squares')], [at('variance')], { axes: [0, 1], keepdims: 0 }),
    constant(at('epsilon'), epsilon ** 2),
    onnxNode('Add', [at('variance'), at('epsilon')], [at('positive')]),
    onnxNode('Sqrt', [at('positive')], [at('root')]),
    constant(at('deviation'), node.output?.includes('output') ? LOGIT_DEVIATION : HIDDEN_DEVIATION),
    onnxNode('Div', [at('deviation'), at('root')], [at('gain')]),
    onnxNode('Mul', [drawnName(weight), at('gain')], [weight]),
    onnxNode('Mul', [at('mean'), at('gain')], [at('moved')]),
    onnxNode('Sub', [drawnName(bias), at('moved')], [bias]),
  ]
  return { nodes: [...nodes, node], measured: [weight, bias] }
}

function constant(name: string, value: number): Node {
  return onnxNode('Constant', [], [name], { value: { tensor: float32([], [value]) } })
}
