/** Activations in the spellings that exporters give them. */

import type { Feature, Network } from './network.ts'

type Spelling = (net: Network, x: string, like: Feature) => string

const clip: Spelling = (net, x) => clipTo(net, x, 0, 6)

function clipTo(net: Network, x: string, min: number, max: number): string {
  if (net.opset < 11) return net.node('Clip', [x], { min: { float: min }, max: { float: max } })
  return net.node('Clip', [x, net.scalar(min), net.scalar(max)])
}

const RELU: readonly Spelling[] = [
  (net, x) => net.node('Relu', [x]),
  (net, x) => net.node('Relu', [x]),
  (net, x) => net.node('Max', [x, net.scalar(0)]),
  (net, x) => (net.opset < 11 ? net.node('Clip', [x], { min: { float: 0 } }) : net.node('Clip', [x, net.scalar(0)])),
]

const RELU6: readonly Spelling[] = [
  clip,
  clip,
  (net, x) => net.node('Min', [net.node('Relu', [x]), net.scalar(6)]),
  (net, x) => net.node('Min', [net.node('Max', [x, net.scalar(0)]), net.scalar(6, [1])]),
  (net, x) => net.node('Max', [net.node('Min', [net.scalar(6), x]), net.scalar(0)]),
]

const HARD_SIGMOID: readonly Spelling[] = [
  (net, x) => net.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  (net, x) => net.node('HardSigmoid', [x]),
  (net, x) => net.node('Div', [clipTo(net, net.node('Add', [x, net.scalar(3)]), 0, 6), net.scalar(6)]),
  (net, x) => net.node('Mul', [clipTo(net, net.node('Add', [net.scalar(3), x]), 0, 6), net.scalar(1 / 6)]),
  (net, x) => clipTo(net, net.node('Add', [net.node('Mul', [x, net.scalar(0.2)]), net.scalar(0.5)]), 0, 1),
]

const HARD_SWISH: readonly Spelling[] = [
  (net, x, like) => (net.opset < 14 ? timesGate(net, x, like) : net.node('HardSwish', [x])),
  (net, x, like) => timesGate(net, x, like),
  (net, x) => net.node('Div', [net.node('Mul', [x, relu6Of(net, x)]), net.scalar(6)]),
  (net, x) => net.node('Mul', [net.node('Mul', [relu6Of(net, x), net.scalar(1 / 6)]), x]),
  (net, x) => net.node('Mul', [net.node('Mul', [x, net.scalar(1 / 6)]), relu6Of(net, x)]),
]

function timesGate(net: Network, x: string, like: Feature): string {
  const gate = net.pick.choose(HARD_SIGMOID)(net, x, like)
  return net.node('Mul', net.pick.chance(0.5) ? [x, gate] : [gate, x])
}

function relu6Of(net: Network, x: string): string {
  return clipTo(net, net.node('Add', [x, net.scalar(3)]), 0, 6)
}

const OTHERS: readonly Spelling[] = [
  (net, x) => net.node('Sigmoid', [x]),
  (net, x) => net.node('Mul', [x, net.node('Sigmoid', [x])]),
  (net, x) => net.node('Tanh', [x]),
  (net, x) => net.node('LeakyRelu', [x], { alpha: { float: net.pick.choose([0.01, 0.1, 0.3]) } }),
  (net, x, { channels }) => net.node('PRelu', [x, net.uniform(net.nhwc ? [channels] : [channels, 1, 1], 0, 0.5)]),
  (net, x) => net.node('Elu', [x]),
  (net, x) => net.node('Softplus', [x]),
  (net, x) => clipTo(net, x, -1, 1),
]

export const ACTIVATIONS: Readonly<Record<'relu' | 'relu6' | 'hard-sigmoid' | 'hard-swish' | 'other', readonly Spelling[]>> = {
  relu: RELU,
  relu6: RELU6,
  'hard-sigmoid': HARD_SIGMOID,
  'hard-swish': HARD_SWISH,
  other: OTHERS,
}

export type ActivationName = keyof typeof ACTIVATIONS | 'none'

export function activated(net: Network, x: Feature, name: ActivationName): Feature {
  return name === 'none' ? x : { ...x, name: net.pick.choose(ACTIVATIONS[name])(net, x.name, x) }
}
