/** The ways in which this browser can run the network, with their download and memory. */

import { load, type ShapesModel } from 'shapes'
import { files, peakMemory, targets } from 'shapes/manifest.json'
import { load as loadInWorker } from 'shapes/worker.js'
import { probe } from '../../../targets/target/probe.ts'
import type { TargetName } from '../../../targets/target/target.ts'

export interface Engine {
  readonly target: TargetName
  readonly worker: boolean
}

export interface TargetChoice {
  readonly name: TargetName
  /** Why this browser cannot run the target; null if it can. */
  readonly reason: string | null
}

const LACKING: Readonly<Record<TargetName, string>> = {
  'relaxed-simd': 'This browser has no relaxed SIMD.',
  simd128: 'This browser has no SIMD.',
  scalar: 'This browser has no WebAssembly.',
}

/** The bundle's targets, best first. */
export const TARGETS: readonly TargetChoice[] = targets.map((name) => ({
  name,
  reason: WebAssembly.validate(probe(name)) ? null : LACKING[name],
}))

/** So many runs make the engine optimise the code. */
const WARM_UP = 20

/** Loads the network, in a worker if asked, and warms it up. */
export async function start({ target, worker }: Engine): Promise<ShapesModel> {
  const model = await (worker ? loadInWorker : load)({ target })
  await model.warmup(WARM_UP)
  return model
}

/** Bytes that a visitor fetches, before the server compresses them. */
export function downloadBytes({ target, worker }: Engine): number {
  const names = ['index.js', 'image.js', ...(worker ? ['worker.js'] : []), `model.${target}.wasm`, 'weights.bin']
  return names.reduce((sum, name) => sum + (files[name]?.bytes ?? 0), 0)
}

/** Bytes of the module's memory, which never grows. */
export function memoryBytes({ target }: Engine): number {
  return peakMemory[target]
}
