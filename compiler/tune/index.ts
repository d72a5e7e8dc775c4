/** Fits the cost model to this machine. It measures the steps of whole networks and of single layers. */

import type { CostModel, Prices } from '../../targets/target/cost.ts'
import type { Target } from '../../targets/target/target.ts'
import { importModel } from '../import/import.ts'
import { optimise } from '../pipeline.ts'
import { createModel, type ModelOptions } from '../zoo/index.ts'
import { type Fit, fit } from './fit.ts'
import { samplesOf } from './samples.ts'
import { unitGraphs } from './unit-graphs.ts'

/** Maps and channels of every size that a MobileNet has. */
export const NETWORKS: readonly (readonly [string, ModelOptions])[] = [
  ['mobilenet-v1', {}],
  ['mobilenet-v2', {}],
  ['mobilenet-v3-large', {}],
  ['mobilenet-v2', { width: 0.5, resolution: 160 }],
]

export interface TuneOptions {
  /** Targets to fit. This process must be able to run them. */
  readonly targets: readonly Target[]
  /** Timed runs of every network and layer, at least 1. */
  readonly rounds: number
  /** Default: `NETWORKS`. */
  readonly networks?: typeof NETWORKS
  readonly onProgress?: (what: string) => void
}

export interface TunedTarget extends Fit {
  /** Its name. */
  readonly target: string
  readonly before: Prices
}

/** Fits the prices of each target, one after the other. */
export async function tune({ targets, rounds, networks = NETWORKS, onProgress }: TuneOptions): Promise<TunedTarget[]> {
  onProgress?.('making networks')
  const graphs = [...networks.map(([name, options]) => optimise(importModel(createModel(name, options)))), ...unitGraphs()]
  const tuned: TunedTarget[] = []
  for (const target of targets) {
    onProgress?.(`timing ${target.name}`)
    const before = target.prices
    tuned.push({ target: target.name, before, ...fit(await samplesOf(graphs, target, rounds), before) })
  }
  return tuned
}

/** What a file holds of the result. */
export function pricesOf(tuned: readonly TunedTarget[]): CostModel {
  return Object.fromEntries(tuned.map(({ target, prices }) => [target, prices]))
}
