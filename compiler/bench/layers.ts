/** Times of single steps, for bundles made for profiling. */

import type { ModuleStep } from '../../targets/linking/module.ts'
import type { LaunchSample } from './measure.ts'
import { median, quantile } from './statistics.ts'

export interface LayerTime {
  /** Key of the kernel function. */
  readonly kernel: string
  /** Names of the ONNX nodes it computes. */
  readonly origins: readonly string[]
  readonly milliseconds: number
  /** The time, as 10⁶ multiply-adds that the reference loop does in it. */
  readonly cost: number
}

export interface LayerChange {
  readonly origins: readonly string[]
  readonly kernel: string
  /**
   * Milliseconds of both. Those of the earlier measurement are converted to a machine as fast as that of the
   * later one.
   */
  readonly before: number
  readonly now: number
  readonly ratio: number
}

/** The share of rounds that are assumed to be undisturbed. */
const UNDISTURBED = 0.25

/** `reference`: nanoseconds per multiply-add of the reference loop, by launch and round of step times. */
export function layerTimes(
  steps: readonly ModuleStep[],
  launches: readonly LaunchSample[],
  reference: readonly (readonly number[])[],
): LayerTime[] {
  const nanosecondsPerMac = quantile(reference.flat(), UNDISTURBED)
  return steps.map(({ kernel, origins }, i) => {
    const milliseconds = median(
      launches.map((launch) =>
        quantile(
          launch.steps.map((times) => times[i] as number),
          UNDISTURBED,
        ),
      ),
    )
    return { kernel, origins, milliseconds, cost: milliseconds / nanosecondsPerMac }
  })
}

/**
 * Layers below this share of the whole are ignored. They cannot explain a regression, and the clock is too
 * coarse for them.
 */
const SMALLEST_SHARE = 0.003

/**
 * Steps that cost more than before by more than `margin`, the largest losses first. Steps correspond if they
 * compute the same nodes. Nodes that were divided among other steps before are left out.
 */
export function compareLayers(head: readonly LayerTime[], base: readonly LayerTime[], margin: number): LayerChange[] {
  const earlier = costsByOrigins(base)
  const total = head.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const changes = [...costsByOrigins(head)].flatMap(([key, { layer, milliseconds, cost }]) => {
    const before = earlier.get(key)
    if (!before) return []
    const ratio = cost / before.cost
    return [{ origins: layer.origins, kernel: layer.kernel, before: milliseconds / ratio, now: milliseconds, ratio }]
  })
  return changes
    .filter(({ ratio, now }) => ratio > 1 + margin && now > SMALLEST_SHARE * total)
    .sort((a, b) => b.now - b.before - (a.now - a.before))
}

interface Sum {
  readonly layer: LayerTime
  milliseconds: number
  cost: number
}

/** The costs by nodes. Several steps of the same nodes, such as a convolution in two parts, count as one. */
function costsByOrigins(layers: readonly LayerTime[]): Map<string, Sum> {
  const sums = new Map<string, Sum>()
  for (const layer of layers) {
    const key = JSON.stringify(layer.origins)
    const sum = sums.get(key)
    if (sum) {
      sum.milliseconds += layer.milliseconds
      sum.cost += layer.cost
    } else sums.set(key, { layer, milliseconds: layer.milliseconds, cost: layer.cost })
  }
  return sums
}
