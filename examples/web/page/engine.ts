/** The ways in which this browser can run the network, with their download and memory. */

import { load, type ShapesModel } from 'shapes'
import { files, peakMemory, targets } from 'shapes/manifest.json'
import { load as loadInWorker } from 'shapes/worker.js'
import { type TargetName, targetNamed } from '../../../targets/target/target.ts'

export interface Engine {
  readonly target: TargetName
  readonly worker: boolean
}

export interface TargetChoice {
  readonly name: TargetName
  /** Why this browser cannot run the target; null if it can. */
  readonly reason: string | null
}

/** The bundle's targets, the preferred one first. */
export const TARGETS: readonly TargetChoice[] = targets.map((name) => ({ name, reason: reasonAgainst(name) }))

function reasonAgainst(name: TargetName): string | null {
  const { probe, relaxed, simd } = targetNamed(name)
  if (WebAssembly.validate(probe)) return null
  return `This browser has no ${relaxed ? 'relaxed SIMD' : simd ? 'SIMD' : 'WebAssembly'}.`
}

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
