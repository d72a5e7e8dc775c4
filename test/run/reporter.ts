/** Tells, before the summary of a run, what did not run: parts that this machine cannot run, and cases of the long form. */

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Reporter, TestModule, Vitest } from 'vitest/node'
import type { Entry } from './ledger.ts'

/**
 * With `CI_STRICT=1` a part that cannot run is a failure of the run. Where the environment variable
 * `TEST_REPORT` names a file, the lines are appended to it too, and after them how many tests passed and failed.
 */
export default class LeftOutReporter implements Reporter {
  #folder = ''

  onInit(vitest: Vitest): void {
    this.#folder = mkdtempSync(join(tmpdir(), 'test-run-'))
    writeFileSync(this.#ledger, '')
    vitest.provide('ledger', this.#ledger)
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = readFileSync(this.#ledger, 'utf8').split('\n').filter(Boolean)
    rmSync(this.#folder, { recursive: true })
    const { missing, left } = summed(lines.map((line) => JSON.parse(line) as Entry))
    const strict = process.env.CI_STRICT === '1'
    if (strict && missing.length > 0) process.exitCode = 1
    const told = [
      ...missing.map((part) => `${strict ? 'failed: ' : ''}not run on this machine: ${part}`),
      ...(left > 0 ? [`${left} cases are left to the long form, npm run test:full`] : []),
    ]
    for (const line of told) console.log(line)
    const report = process.env.TEST_REPORT
    if (report) appendFileSync(report, [...told, tally(modules, strict ? missing.length : 0), ''].join('\n'))
  }

  get #ledger(): string {
    return join(this.#folder, 'ledger.jsonl')
  }
}

/** Parts by name, each with its reason once. */
function summed(entries: readonly Entry[]): { readonly missing: readonly string[]; readonly left: number } {
  const missing = new Set(entries.flatMap((e) => ('missing' in e ? [`${e.missing}: ${e.why}`] : [])))
  return { missing: [...missing].sort(), left: entries.reduce((sum, e) => sum + ('left' in e ? e.left : 0), 0) }
}

function tally(modules: readonly TestModule[], more: number): string {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const of = (state: string): number => tests.filter((test) => test.result().state === state).length
  const broken = modules.filter((module) => module.errors().length > 0).length
  return `${of('passed')} passed, ${of('failed') + broken + more} failed`
}
