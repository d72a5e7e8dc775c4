/**
 * Weights for a network that nobody has trained. They use He initialisation, and normalisation parameters in
 * ranges that training typically gives. Parameters that must fit the data are measured afterwards, in
 * `calibrate.ts`.
 */

import { sizeOf } from '../../ir/tensors/types.ts'
import type { Random } from '../running/seeded.ts'
import type { ConvLayer, Layer, LinearLayer, SqueezeExciteLayer } from './layers.ts'

export interface Parameter {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/**
 * Parameters by name. A name is that of the layer, a dot, and PyTorch's word for the parameter (`weight`,
 * `bias`, `running_mean`, …).
 */
export type Parameters = ReadonlyMap<string, Parameter>

type Range = readonly [low: number, high: number]

/** Ranges of batch normalisation's scale. */
const GAMMA: Range = [0.5, 1.5]
const RESIDUAL_GAMMA: Range = [0.1, 0.5]

const BIAS: Range = [-0.2, 0.2]
/** The range of biases of squeeze-excite gates. Their hard sigmoid is linear from −3 to 3. */
const GATE_BIAS: Range = [-1, 1]

/** Random parameters of all layers. The running statistics are those of normalised data: mean 0, variance 1. */
export function drawParameters(layers: readonly Layer[], random: Random): Parameters {
  const drawing = new Drawing(random)
  drawing.all(layers)
  return drawing.made
}

class Drawing {
  readonly made = new Map<string, Parameter>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  all(layers: readonly Layer[]): void {
    for (const layer of layers) this.#layer(layer)
  }

  #layer(layer: Layer): void {
    if (layer.kind === 'conv') this.#conv(layer, GAMMA)
    else if (layer.kind === 'residual') this.#residual(layer.body)
    else if (layer.kind === 'squeeze-excite') this.#squeezeExcite(layer)
    else if (layer.kind === 'linear') this.#linear(layer)
  }

  /**
   * Draws the parameters of a residual body. Its last normalisation has a small scale, as training gives it.
   * The sum then stays near x, so values do not grow with depth.
   */
  #residual(body: readonly Layer[]): void {
    const last = body.at(-1)
    const scaled = last?.kind === 'conv' ? last : null
    this.all(scaled ? body.slice(0, -1) : body)
    if (scaled) this.#conv(scaled, RESIDUAL_GAMMA)
  }

  #conv({ name, inputs, outputs, group, kernel }: ConvLayer, gamma: Range): void {
    this.#he(`${name}.weight`, [outputs, inputs / group, kernel, kernel])
    this.#uniform(`${name}.norm.weight`, [outputs], gamma)
    this.#uniform(`${name}.norm.bias`, [outputs], BIAS)
    this.#add(`${name}.norm.running_mean`, [outputs], () => 0)
    this.#add(`${name}.norm.running_var`, [outputs], () => 1)
  }

  #squeezeExcite({ name, channels, squeezed }: SqueezeExciteLayer): void {
    this.#he(`${name}.reduce.weight`, [squeezed, channels, 1, 1])
    this.#uniform(`${name}.reduce.bias`, [squeezed], BIAS)
    this.#he(`${name}.expand.weight`, [channels, squeezed, 1, 1])
    this.#uniform(`${name}.expand.bias`, [channels], GATE_BIAS)
  }

  #linear({ name, inputs, outputs }: LinearLayer): void {
    this.#he(`${name}.weight`, [outputs, inputs])
    this.#uniform(`${name}.bias`, [outputs], BIAS)
  }

  /** He initialisation, uniform: variance 2 / fan-in (He et al. 2015). */
  #he(name: string, shape: readonly number[]): void {
    const bound = Math.sqrt(6 / sizeOf(shape.slice(1)))
    this.#uniform(name, shape, [-bound, bound])
  }

  #uniform(name: string, shape: readonly number[], [low, high]: Range): void {
    this.#add(name, shape, () => low + (high - low) * this.#random.uniform())
  }

  #add(name: string, shape: readonly number[], draw: () => number): void {
    this.made.set(name, { shape, values: Float32Array.from({ length: sizeOf(shape) }, draw) })
  }
}
