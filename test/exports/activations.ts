/** ReLU6, hard-sigmoid, hard-swish and other activations, as they are written. */

import type { Network } from '../fuzz/graphs/network.ts'
import { clip, constantNode } from './parts.ts'
import { between, type Spelling, spell } from './spelling.ts'

type Function = (net: Network, x: string) => string

const relu: Function = (net, x) => net.node('Relu', [x])
const reluThenClip: Function = (net, x) => clip(net, relu(net, x), 0, 6)

const clipByNodes: Function = (net, x) => net.node('Clip', [x, constantNode(net, [0], []), constantNode(net, [6], [])])

/** A bound that the exporter stored in half precision. */
const castBound: Function = (net, x) => {
  const half = net.node('Constant', [], { value: { tensor: { dtype: 'float16', shape: [], fill: [6] } } })
  return net.node('Clip', [x, net.scalar(0), net.node('Cast', [half], { to: 1 })])
}

const act = (name: string, opsets: readonly number[], f: Function, nhwc = false): Spelling[] => spell(name, opsets, between(f), { nhwc })

export const RELU6: readonly Spelling[] = [
  ...act('Clip with attributes', [7, 9, 10], (net, x) => clip(net, x, 0, 6)),
  ...act('Clip with inputs', [11, 12, 13, 22], (net, x) => clip(net, x, 0, 6)),
  ...act('Clip with Constant nodes', [11, 13, 17], clipByNodes),
  ...act('Clip with a bound through Cast', [13], castBound),
  ...act('Relu, Clip', [9, 13], reluThenClip),
  ...act('Relu, Clip without a lower bound', [11, 13], (net, x) => net.node('Clip', [relu(net, x), '', net.scalar(6)])),
  ...act('Relu, Clip with only the attribute max', [9], (net, x) => net.node('Clip', [relu(net, x)], { max: { float: 6 } })),
  ...act('Relu, Min', [8, 13], (net, x) => net.node('Min', [relu(net, x), net.scalar(6)])),
  ...act('Relu, Min with the constant first', [13], (net, x) => net.node('Min', [net.scalar(6, [1]), relu(net, x)])),
  ...act('Max, Min', [8, 13], (net, x) => net.node('Min', [net.node('Max', [x, net.scalar(0)]), net.scalar(6)])),
  ...act('Min, Max', [8, 13], (net, x) => net.node('Max', [net.node('Min', [net.scalar(6), x]), net.scalar(0)])),
  ...act('Clip with only a lower bound, Min', [11, 13], (net, x) => net.node('Min', [net.node('Clip', [x, net.scalar(0)]), net.scalar(6)])),
  ...act('Clip with an empty upper bound, Clip with an empty lower one', [13], (net, x) =>
    net.node('Clip', [net.node('Clip', [x, net.scalar(0), '']), '', net.scalar(6)]),
  ),
  ...act('Clip on NHWC maps', [9, 13], (net, x) => clip(net, x, 0, 6), true),
]

interface Gate {
  readonly name: string
  readonly opsets: readonly number[]
  readonly of: Function
}

/** Clipping x + 3 to [0, 6]. */
const CLIPS: readonly Gate[] = [
  { name: 'Clip', opsets: [9, 13], of: (net, x) => clip(net, x, 0, 6) },
  { name: 'Relu, Clip', opsets: [9, 13], of: reluThenClip },
  { name: 'Clip with Constant nodes', opsets: [11], of: clipByNodes },
  { name: 'Relu, Min', opsets: [13], of: (net, x) => net.node('Min', [relu(net, x), net.scalar(6)]) },
]
const ADDS: readonly [string, Function][] = [
  ['Add 3', (net, x) => net.node('Add', [x, net.scalar(3)])],
  ['3 Add', (net, x) => net.node('Add', [net.scalar(3), x])],
]
const SCALES: readonly [string, Function][] = [
  ['Div 6', (net, x) => net.node('Div', [x, net.scalar(6)])],
  ['Mul 1/6', (net, x) => net.node('Mul', [x, net.scalar(1 / 6)])],
  ['1/6 Mul', (net, x) => net.node('Mul', [net.scalar(1 / 6), x])],
]

/** min(max(x + 3, 0), 6), step by step. */
const SHIFTED: readonly Gate[] = ADDS.flatMap(([add, shift]) =>
  CLIPS.map(({ name, opsets, of }) => ({ name: `${add}, ${name}`, opsets, of: (net: Network, x: string) => of(net, shift(net, x)) })),
)

const GATES: readonly Gate[] = [
  ...SHIFTED.flatMap(({ name, opsets, of }) =>
    SCALES.map(([scale, by]) => ({ name: `${name}, ${scale}`, opsets, of: (net: Network, x: string) => by(net, of(net, x)) })),
  ),
  {
    name: 'HardSigmoid, 1/6',
    opsets: [9, 13],
    of: (net, x) => net.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  },
  { name: 'HardSigmoid, 1/6, no beta', opsets: [11], of: (net, x) => net.node('HardSigmoid', [x], { alpha: { float: 1 / 6 } }) },
  { name: 'HardSigmoid, 0.2', opsets: [9, 22], of: (net, x) => net.node('HardSigmoid', [x]) },
  {
    name: 'Mul 0.2, Add 0.5, Clip to 1',
    opsets: [9, 13],
    of: (net, x) => clip(net, net.node('Add', [net.node('Mul', [x, net.scalar(0.2)]), net.scalar(0.5)]), 0, 1),
  },
]

export const HARD_SIGMOID: readonly Spelling[] = GATES.flatMap(({ name, opsets, of }) => act(name, opsets, of))

export const HARD_SWISH: readonly Spelling[] = [
  ...act('HardSwish', [14, 22], (net, x) => net.node('HardSwish', [x])),
  ...act('HardSwish on NHWC maps', [14], (net, x) => net.node('HardSwish', [x]), true),
  ...GATES.flatMap(({ name, opsets, of }) => [
    ...act(`x Mul (${name})`, opsets, (net, x) => net.node('Mul', [x, of(net, x)])),
    ...act(`(${name}) Mul x`, opsets, (net, x) => net.node('Mul', [of(net, x), x])),
  ]),
  ...SHIFTED.flatMap(({ name, opsets, of }) =>
    SCALES.flatMap(([scale, by]) => act(`x Mul (${name}), ${scale}`, opsets, (net, x) => by(net, net.node('Mul', [x, of(net, x)])))),
  ),
  ...SHIFTED.flatMap(({ name, opsets, of }) =>
    act(`(x Mul 1/6) Mul (${name})`, opsets, (net, x) => net.node('Mul', [net.node('Mul', [x, net.scalar(1 / 6)]), of(net, x)])),
  ),
]

export const OTHER_ACTIVATIONS: readonly Spelling[] = [
  ...act('Relu', [7, 13], relu),
  ...act('Relu as Max', [8], (net, x) => net.node('Max', [x, net.scalar(0)])),
  ...act('LeakyRelu', [9, 16], (net, x) => net.node('LeakyRelu', [x], { alpha: { float: 0.1 } })),
  ...act('LeakyRelu, no alpha', [9], (net, x) => net.node('LeakyRelu', [x])),
  ...spell(
    'PRelu, a slope per channel',
    [9, 16],
    between((net, x, { channels }) => net.node('PRelu', [x, net.uniform([channels, 1, 1], 0, 0.5)])),
  ),
  ...spell(
    'PRelu, one slope',
    [9],
    between((net, x) => net.node('PRelu', [x, net.scalar(0.25, [1])])),
  ),
  ...spell(
    'PRelu on NHWC maps',
    [9],
    between((net, x, { channels }) => net.node('PRelu', [x, net.uniform([1, 1, channels], 0, 0.5)])),
    { nhwc: true },
  ),
  ...act('Sigmoid', [7, 13], (net, x) => net.node('Sigmoid', [x])),
  ...act('Swish as x Mul Sigmoid', [9, 13], (net, x) => net.node('Mul', [x, net.node('Sigmoid', [x])])),
  ...act('Mish', [18], (net, x) => net.node('Mish', [x])),
  ...act('Mish spelled out', [9, 13], (net, x) => net.node('Mul', [x, net.node('Tanh', [net.node('Softplus', [x])])])),
  ...act('Gelu spelled out', [13], (net, x) => {
    const erf = net.node('Erf', [net.node('Div', [x, net.scalar(Math.SQRT2)])])
    return net.node('Mul', [net.node('Mul', [x, net.node('Add', [erf, net.scalar(1)])]), net.scalar(0.5)])
  }),
]
