/** Random networks like MobileNets. */

import { type FuzzCase, trimmed } from '../case.ts'
import { type Picker, picking } from '../pick.ts'
import type { ActivationName } from './activations.ts'
import { BLOCKS, width } from './blocks.ts'
import { convolution } from './convolutions.ts'
import { classifier } from './head.ts'
import { type Feature, Network } from './network.ts'

export const OPSETS = [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21] as const
export const TARGET_NAMES = ['scalar', 'simd128', 'relaxed-simd'] as const

export function randomNetwork(seed: number): FuzzCase {
  const pick = picking(seed)
  const net = new Network(pick, pick.choose(OPSETS), pick.chance(0.25))
  const maps = features(net)
  const last = maps.at(-1) as Feature
  const outputs = pick.chance(0.8) ? [classifier(net, last)] : []
  for (const { name } of pick.some(maps.slice(0, -1), 0.08)) if (!outputs.includes(name)) outputs.push(name)
  if (outputs.length === 0) outputs.push(last.name)
  const { opset, inputs, constants, nodes } = net
  return trimmed({ opset, inputs, constants, nodes, outputs, ...compilation(pick), deep: true })
}

/** How a case is compiled. */
export function compilation(pick: Picker): Pick<FuzzCase, 'target' | 'plain' | 'prices'> {
  return {
    target: pick.choose(TARGET_NAMES),
    ...(pick.chance(0.2) && { plain: true }),
    ...(pick.chance(0.4) && { prices: pick.seed() }),
  }
}

/** The stem and some blocks. */
function features(net: Network): Feature[] {
  const { pick } = net
  const activation: ActivationName = pick.choose(['relu', 'relu6', 'relu6', 'hard-swish', 'hard-swish', 'other'])
  const side = (): number => pick.between(5, 20)
  const height = side()
  const x = net.input(pick.choose([1, 1, 1, 2, 3]), pick.choose([1, 3, 3, 3, 4]), height, pick.chance(0.7) ? height : side())
  const kernel = pick.choose([3, 3, 3, 5, 7, 1])
  const stem = convolution(net, x, { channels: width(net, 2), kernel: [kernel, kernel], stride: pick.choose([1, 2, 2]), activation })
  const maps = [stem]
  for (let i = pick.between(1, 4); i > 0; i--) {
    const block = pick.choose(BLOCKS)
    maps.push(block(net, maps.at(-1) as Feature, pick.chance(0.8) ? activation : pick.choose(['relu', 'relu6', 'hard-swish', 'other'])))
  }
  return maps
}
