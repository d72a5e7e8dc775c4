/** The differential fuzzer: random cases, judged; what fails is reduced and saved. */

import { join } from 'node:path'
import type { FuzzCase } from './case.ts'
import { format, saveFound } from './found.ts'
import { randomNetwork } from './graphs/index.ts'
import { FAILURES, judge, type Verdict } from './judge.ts'
import { randomCompilation, randomOperator } from './operators/index.ts'
import { seedOf } from './pick.ts'
import { reduce } from './reduce.ts'
import { Tally } from './tally.ts'
import { together } from './together.ts'

/** Operators that are compiled together. */
const BATCH = 10

/** Case `index` of a run. */
export const KINDS = {
  graphs: (run: number, index: number): FuzzCase => randomNetwork(seedOf(run, index)),
  operators: (run: number, index: number): FuzzCase =>
    randomOperator(seedOf(run, index), randomCompilation(seedOf(~run, Math.floor(index / BATCH)))),
} as const
export type DifferentialKind = keyof typeof KINDS

export interface DifferentialRun {
  readonly kind: DifferentialKind
  readonly seed: number
  /** Index of the first case. */
  readonly from: number
  readonly count: number
  /** Where reduced failures are saved. */
  readonly folder: string
  readonly log: (line: string) => void
}

const PROGRESS_MS = 10_000

export async function runDifferential({ kind, seed, from, count, folder, log }: DifferentialRun): Promise<Tally> {
  const tally = new Tally()
  const start = performance.now()
  let shown = start
  for (let index = from; index < from + count; ) {
    const size = kind === 'graphs' ? 1 : Math.min(BATCH - (index % BATCH), from + count - index)
    const cases = Array.from({ length: size }, (_, i) => KINDS[kind](seed, index + i))
    for (const [i, { case: c, verdict }] of (await judgeAll(cases)).entries()) {
      tally.add(verdict)
      if (FAILURES.has(verdict.kind)) await reportFailure(c, verdict, { name: `${kind}-${seed}-${index + i}`, folder, log })
    }
    index += size
    if (performance.now() - shown > PROGRESS_MS) {
      shown = performance.now()
      log(`${kind} seed ${seed}: ${rate(tally.total, start)}; ${tally.line()}`)
    }
  }
  log(`${kind} seed ${seed}, cases ${from} to ${from + count - 1}: ${rate(count, start)}; ${tally.line()}`)
  if (tally.count('refused') > 0) log(`refused:\n${tally.refusals()}`)
  return tally
}

interface Judged {
  readonly case: FuzzCase
  readonly verdict: Verdict
}

/** Each on its own where they do not succeed together; the whole too where only that fails. */
async function judgeAll(cases: readonly FuzzCase[]): Promise<Judged[]> {
  const all = together(cases)
  const verdict = all && (await judge(all))
  if (verdict?.kind === 'equal') return cases.map((c) => ({ case: c, verdict }))
  const judged: Judged[] = []
  for (const c of cases) judged.push({ case: c, verdict: await judge(c) })
  const explained = judged.some((j) => FAILURES.has(j.verdict.kind))
  return verdict && FAILURES.has(verdict.kind) && !explained ? [...judged, { case: all, verdict }] : judged
}

function rate(cases: number, start: number): string {
  return `${cases} cases, ${(cases / ((performance.now() - start) / 1000)).toFixed(1)}/s`
}

interface Report {
  readonly name: string
  readonly folder: string
  readonly log: (line: string) => void
}

async function reportFailure(c: FuzzCase, verdict: Verdict, { name, folder, log }: Report): Promise<void> {
  log(`${name}: ${verdict.kind}: ${verdict.detail}\nreducing …`)
  const small = await reduce(c, verdict, judge)
  const [was = ''] = small.verdict.detail.split('\n')
  const path = saveFound(folder, name, { was: `${small.verdict.kind}: ${was}`, case: small.case })
  log(`${join(path)} after ${small.attempts} attempts:\n${format(small.case)}\n${small.verdict.kind}: ${small.verdict.detail}`)
}
