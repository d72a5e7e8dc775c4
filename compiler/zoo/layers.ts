/**
 * The building blocks of the zoo's networks. A block stands for a few ONNX operators, so that a table of a
 * network needs one line for each.
 */

import { makeDivisible } from './channels.ts'

export type Activation = 'relu' | 'relu6' | 'hard-swish'

/**
 * A convolution without bias, then batch normalisation, then the activation. It is padded by (kernel − 1) / 2
 * on all sides, so stride 1 keeps the extents.
 */
export interface ConvLayer {
  readonly kind: 'conv'
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  readonly kernel: number
  readonly stride: number
  readonly group: number
  readonly activation: Activation | null
}

/** x + body(x). */
export interface ResidualLayer {
  readonly kind: 'residual'
  readonly name: string
  readonly body: readonly Layer[]
}

/** x · hard-sigmoid(expand(relu(reduce(mean(x))))), both 1×1 convolutions with bias (Hu et al. 2018; Howard et al. 2019). */
export interface SqueezeExciteLayer {
  readonly kind: 'squeeze-excite'
  readonly name: string
  readonly channels: number
  readonly squeezed: number
}

/** Mean over the whole map; the result has no spatial axes. */
export interface PoolLayer {
  readonly kind: 'pool'
  readonly name: string
}

/** Fully connected, with bias. */
export interface LinearLayer {
  readonly kind: 'linear'
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  readonly activation: Activation | null
}

export type Layer = ConvLayer | ResidualLayer | SqueezeExciteLayer | PoolLayer | LinearLayer

export interface ConvOptions {
  readonly kernel?: number
  readonly stride?: number
  readonly group?: number
  readonly activation: Activation | null
}

/** A convolution with its normalisation; 1×1 with stride 1 where the options do not say otherwise. */
export function conv(name: string, inputs: number, outputs: number, options: ConvOptions): ConvLayer {
  return { kind: 'conv', name, inputs, outputs, kernel: 1, stride: 1, group: 1, ...options }
}

export interface DepthwiseOptions {
  readonly kernel?: number
  readonly stride: number
  readonly activation: Activation
}

/** A depthwise convolution: a filter for each channel, 3×3 where the options do not say otherwise. */
export function depthwise(name: string, channels: number, options: DepthwiseOptions): ConvLayer {
  return conv(name, channels, channels, { kernel: 3, ...options, group: channels })
}

/** A squeeze-and-excite block that squeezes to a quarter of the channels, as in MobileNetV3. */
export function squeezeExcite(name: string, channels: number): SqueezeExciteLayer {
  return { kind: 'squeeze-excite', name, channels, squeezed: makeDivisible(Math.floor(channels / 4)) }
}

/** Global pooling, then fully connected layers of the given sizes, with an activation between them. */
export function classifier(inputs: number, sizes: readonly number[], activation: Activation | null): Layer[] {
  const layers: Layer[] = [{ kind: 'pool', name: 'pool' }]
  sizes.forEach((outputs, i) => {
    const last = i === sizes.length - 1
    const name = sizes.length === 1 ? 'classifier' : `classifier.${i}`
    layers.push({
      kind: 'linear',
      name,
      inputs: i === 0 ? inputs : (sizes[i - 1] as number),
      outputs,
      activation: last ? null : activation,
    })
  })
  return layers
}

export interface BottleneckOptions {
  readonly inputs: number
  readonly expanded: number
  readonly outputs: number
  readonly kernel: number
  readonly stride: number
  readonly activation: Activation
  readonly squeeze: boolean
}

/**
 * An inverted residual: a 1×1 convolution expands, a depthwise one filters, and a 1×1 one without activation
 * projects. The input is added where the shapes allow it (Sandler et al. 2018). The expansion is left out where
 * it would not change the number of channels.
 */
export function invertedResidual(name: string, options: BottleneckOptions): Layer[] {
  const { inputs, expanded, outputs, kernel, stride, activation, squeeze } = options
  const body: Layer[] = []
  if (expanded !== inputs) body.push(conv(`${name}.expand`, inputs, expanded, { activation }))
  body.push(depthwise(`${name}.depthwise`, expanded, { kernel, stride, activation }))
  if (squeeze) body.push(squeezeExcite(`${name}.se`, expanded))
  body.push(conv(`${name}.project`, expanded, outputs, { activation: null }))
  return stride === 1 && inputs === outputs ? [{ kind: 'residual', name, body }] : body
}
