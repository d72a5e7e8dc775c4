/**
 * Weights for a network nobody trained, such that it still behaves: He initialisation, and running
 * statistics and classifier measured on procedural images while walking once through the layers.
 * Only +, −, ·, / and square roots touch the values, so every engine makes the same bits.
 */

import { unaryFunction } from '../../ir/scalar/evaluate.ts'
import { sizeOf } from '../../ir/tensors/types.ts'
import type { Random } from '../running/seeded.ts'
import { proceduralImages } from './images.ts'
import type { Activation, ConvLayer, Layer, LinearLayer, SqueezeExciteLayer } from './layers.ts'
import { affine, applyTo, convolve, globalMean, momentsOf, type Planes, pointwise, scaleMaps } from './planes.ts'

export interface Parameter {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** By name: the layer's, a dot, and PyTorch's word for it (`weight`, `bias`, `running_mean`, …). */
export type Parameters = ReadonlyMap<string, Parameter>

export interface CalibrationOptions {
  readonly resolution: number
  readonly epsilon: number
  readonly random: Random
}

/** Larger images say little more about the statistics, and cost more. */
const MAX_RESOLUTION = 160

/** How many positions of the last feature map the statistics come from, about, and how many images that may take. */
const LAST_POSITIONS = 100
const IMAGES = { min: 4, max: 16 }

/** Standard deviation of the logits over images and classes. */
const LOGIT_DEVIATION = 2

/** Ranges of batch normalisation's scale. */
const GAMMA: readonly [number, number] = [0.5, 1.5]
const RESIDUAL_GAMMA: readonly [number, number] = [0.1, 0.5]

const ACTIVATIONS: Record<Activation, (x: number) => number> = {
  relu: unaryFunction('clamp', { min: 0, max: Number.POSITIVE_INFINITY }),
  relu6: unaryFunction('clamp', { min: 0, max: 6 }),
  'hard-swish': unaryFunction('hard-swish', {}),
}

const hardSigmoid = unaryFunction('hard-sigmoid', { alpha: 1 / 6, beta: 0.5 })

/** Parameters of all layers. Resolutions above 160 are calibrated at 160. */
export function calibratedParameters(layers: readonly Layer[], options: CalibrationOptions): Parameters {
  const made = new Map<string, Parameter>()
  const resolution = Math.min(options.resolution, MAX_RESOLUTION)
  const lastExtent = Math.ceil(resolution / reductionOf(layers))
  const images = Math.min(IMAGES.max, Math.max(IMAGES.min, Math.round(LAST_POSITIONS / lastExtent ** 2)))
  new Calibration(made, options).all(layers, proceduralImages(images, resolution, options.random))
  return made
}

/** How many times smaller than the image the last feature map is. */
function reductionOf(layers: readonly Layer[]): number {
  return layers.reduce((product, layer) => (layer.kind === 'conv' ? product * layer.stride : product), 1)
}

class Calibration {
  readonly #made: Map<string, Parameter>
  readonly #epsilon: number
  readonly #random: Random

  constructor(made: Map<string, Parameter>, options: CalibrationOptions) {
    this.#made = made
    this.#epsilon = options.epsilon
    this.#random = options.random
  }

  all(layers: readonly Layer[], x: Planes): Planes {
    return layers.reduce((planes, layer) => this.#layer(layer, planes), x)
  }

  #layer(layer: Layer, x: Planes): Planes {
    switch (layer.kind) {
      case 'conv':
        return this.#conv(layer, x)
      case 'residual': {
        const y = this.#body(layer.body, x)
        return { ...y, values: y.values.map((v, i) => v + (x.values[i] as number)) }
      }
      case 'squeeze-excite':
        return this.#squeezeExcite(layer, x)
      case 'pool':
        return globalMean(x)
      case 'linear':
        return this.#linear(layer, x)
    }
  }

  /** The last normalisation scales down, as training makes it: the sum then stays near x, and no depth amplifies it. */
  #body(layers: readonly Layer[], x: Planes): Planes {
    const last = layers.at(-1)
    const before = this.all(layers.slice(0, -1), x)
    return last?.kind === 'conv' ? this.#conv(last, before, RESIDUAL_GAMMA) : last ? this.#layer(last, before) : before
  }

  #conv(layer: ConvLayer, x: Planes, [low, high] = GAMMA): Planes {
    const depth = layer.inputs / layer.group
    const weight = this.#he(`${layer.name}.weight`, [layer.outputs, depth, layer.kernel, layer.kernel])
    const y = convolve(x, weight, layer)
    const measured = momentsOf(y)
    const norm = `${layer.name}.norm`
    const gamma = this.#uniform(`${norm}.weight`, [layer.outputs], low, high)
    const beta = this.#uniform(`${norm}.bias`, [layer.outputs], -0.2, 0.2)
    const mean = this.#add(
      `${norm}.running_mean`,
      [layer.outputs],
      measured.map((m) => m.mean),
    )
    const variance = this.#add(
      `${norm}.running_var`,
      [layer.outputs],
      measured.map((m) => m.variance),
    )
    const scale = gamma.map((g, c) => g / Math.sqrt((variance[c] as number) + this.#epsilon))
    affine(
      y,
      scale,
      beta.map((b, c) => b - (mean[c] as number) * (scale[c] as number)),
    )
    if (layer.activation) applyTo(y, ACTIVATIONS[layer.activation])
    return y
  }

  #squeezeExcite(layer: SqueezeExciteLayer, x: Planes): Planes {
    const { name, channels, squeezed } = layer
    const hidden = pointwise(globalMean(x), this.#he(`${name}.reduce.weight`, [squeezed, channels, 1, 1]), squeezed)
    affine(hidden, ones(squeezed), this.#uniform(`${name}.reduce.bias`, [squeezed], -0.2, 0.2))
    applyTo(hidden, ACTIVATIONS.relu)
    const gates = pointwise(hidden, this.#he(`${name}.expand.weight`, [channels, squeezed, 1, 1]), channels)
    affine(gates, ones(channels), this.#uniform(`${name}.expand.bias`, [channels], -1, 1))
    applyTo(gates, hardSigmoid)
    return scaleMaps(x, gates)
  }

  /** Weights scaled and bias chosen so that the results are centred and differ from image to image. */
  #linear(layer: LinearLayer, x: Planes): Planes {
    const drawn = this.#draw([layer.outputs, layer.inputs], layer.inputs)
    const measured = momentsOf(pointwise(x, drawn, layer.outputs))
    const variance = measured.reduce((sum, m) => sum + m.variance, 0) / measured.length
    const gain = (layer.activation ? 1 : LOGIT_DEVIATION) / Math.sqrt(variance + this.#epsilon ** 2)
    const weight = this.#add(
      `${layer.name}.weight`,
      [layer.outputs, layer.inputs],
      drawn.map((w) => w * gain),
    )
    const bias = this.#add(
      `${layer.name}.bias`,
      [layer.outputs],
      measured.map((m) => this.#between(-0.2, 0.2) - m.mean * gain),
    )
    const y = pointwise(x, weight, layer.outputs)
    affine(y, ones(layer.outputs), bias)
    if (layer.activation) applyTo(y, ACTIVATIONS[layer.activation])
    return y
  }

  /** He initialisation, uniform: variance 2 / fan-in (He et al. 2015). */
  #he(name: string, shape: readonly number[]): Float32Array {
    return this.#add(name, shape, this.#draw(shape, sizeOf(shape.slice(1))))
  }

  #draw(shape: readonly number[], fanIn: number): Float32Array {
    const bound = Math.sqrt(6 / fanIn)
    const values = new Float32Array(sizeOf(shape))
    for (let i = 0; i < values.length; i++) values[i] = this.#between(-bound, bound)
    return values
  }

  #uniform(name: string, shape: readonly number[], low: number, high: number): Float32Array {
    return this.#add(
      name,
      shape,
      Array.from({ length: sizeOf(shape) }, () => this.#between(low, high)),
    )
  }

  #between(low: number, high: number): number {
    return low + (high - low) * this.#random.uniform()
  }

  #add(name: string, shape: readonly number[], values: ArrayLike<number>): Float32Array {
    const stored = Float32Array.from(values)
    this.#made.set(name, { shape, values: stored })
    return stored
  }
}

function ones(length: number): number[] {
  return new Array<number>(length).fill(1)
}
