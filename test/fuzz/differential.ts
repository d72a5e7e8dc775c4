/** The differential fuzzer: random cases, judged; what fails is reduced and saved. */

import { join } from 'node:path'
import type { FuzzCase } from './case.ts'
import { format, saveFound } from './found.ts'
import { randomNetwork } from './graphs/index.ts'
import { FAILURES, judge, type Verdict } from './judge.ts'
import { randomOperator } from './operators/index.ts'
import { seedOf } from './pick.ts'
import { reduce } from './reduce.ts'
import { Tally } from './tally.ts'

export const KINDS = { graphs: randomNetwork, operators: randomOperator } as const
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
  for (let index = from; index < from + count; index++) {
    const c = KINDS[kind](seedOf(seed, index))
    const verdict = await judge(c)
    tally.add(verdict)
    if (FAILURES.has(verdict.kind)) await reportFailure(c, verdict, { name: `${kind}-${seed}-${index}`, folder, log })
    if (performance.now() - shown > PROGRESS_MS) {
      shown = performance.now()
      log(`${kind} seed ${seed}: ${rate(tally.total, start)}; ${tally.line()}`)
    }
  }
  log(`${kind} seed ${seed}, cases ${from} to ${from + count - 1}: ${rate(count, start)}; ${tally.line()}`)
  if (tally.count('refused') > 0) log(`refused:\n${tally.refusals()}`)
  return tally
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
