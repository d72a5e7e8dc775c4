/** The byte fuzzer: damaged models through import, and some of them through the whole compiler. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { importModel } from '../../../compiler/import/import.ts'
import { linkModel } from '../../../compiler/pipeline.ts'
import { Diagnostic, Diagnostics } from '../../../ir/diagnostics.ts'
import { ALWAYS, verify } from '../../../ir/graph/verify.ts'
import { targetNamed } from '../../../targets/target/target.ts'
import { picking, seedOf } from '../pick.ts'
import { mutated } from './mutate.ts'
import { externalData, seedModels } from './seeds.ts'

export interface BytesRun {
  readonly seed: number
  readonly from: number
  readonly count: number
  /** One accepted model of this many is compiled too. */
  readonly compileEvery: number
  /** Where models that fail are saved. */
  readonly folder: string
  readonly log: (line: string) => void
}

export interface BytesTally {
  readonly refused: number
  readonly accepted: number
  readonly compiled: number
  readonly failures: readonly string[]
  readonly slowestMs: number
  /** The largest resident set of this process so far. */
  readonly peakBytes: number
}

/** What no case may exceed. */
export const MOST_MS = 1000
export const MOST_BYTES = 512 * 2 ** 20
const PROGRESS_MS = 10_000

export function runBytes({ seed, from, count, compileEvery, folder, log }: BytesRun): BytesTally {
  const models = seedModels()
  const counts = { refused: 0, accepted: 0, compiled: 0 }
  const failures: string[] = []
  let [slowestMs, shown] = [0, performance.now()]
  for (let index = from; index < from + count; index++) {
    const pick = picking(seedOf(seed, index))
    const bytes = mutated(pick, pick.choose(models), models)
    const compile = pick.between(1, compileEvery) === 1
    const { outcome, milliseconds } = timed(bytes, compile)
    slowestMs = Math.max(slowestMs, milliseconds)
    const problem = 'problem' in outcome ? outcome.problem : milliseconds > MOST_MS ? `takes ${Math.round(milliseconds)} ms` : null
    if (problem !== null) {
      failures.push(`bytes-${seed}-${index}: ${problem}`)
      log(`${failures.at(-1)}\n  ${save(folder, `bytes-${seed}-${index}`, bytes)}`)
    }
    if ('kind' in outcome) counts[outcome.kind]++
    if (performance.now() - shown > PROGRESS_MS) {
      shown = performance.now()
      log(`${index - from + 1} of ${count}: ${JSON.stringify(counts)}, ${failures.length} failures, ${peak() >> 20} MB`)
    }
  }
  return { ...counts, failures, slowestMs, peakBytes: peak() }
}

function peak(): number {
  return process.resourceUsage().maxRSS * 1024
}

type Outcome = { readonly kind: 'refused' | 'accepted' | 'compiled' } | { readonly problem: string }

/** Slow once may be the machine's fault. */
function timed(bytes: Uint8Array, compile: boolean): { readonly outcome: Outcome; readonly milliseconds: number } {
  const once = (): ReturnType<typeof timed> => {
    const start = performance.now()
    return { outcome: attempt(bytes, compile), milliseconds: performance.now() - start }
  }
  const first = once()
  return first.milliseconds > MOST_MS ? once() : first
}

/** Whatever is thrown but a diagnostic is a problem. */
export function attempt(bytes: Uint8Array, compile: boolean): Outcome {
  try {
    verify(importModel(bytes, { externalData }), ALWAYS, 'import')
    if (!compile) return { kind: 'accepted' }
    linkModel(bytes, { targets: [targetNamed('simd128')], externalData })
    return { kind: 'compiled' }
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Diagnostics) return { kind: 'refused' }
    return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function save(folder: string, name: string, bytes: Uint8Array): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}.onnx`)
  writeFileSync(path, bytes)
  return path
}
