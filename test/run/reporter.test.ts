import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import type { TestModule, Vitest } from 'vitest/node'
import type { Entry } from './ledger.ts'
import LeftOutReporter from './reporter.ts'

const ENTRIES: readonly Entry[] = [
  { missing: 'tests in a browser', why: 'there is none' },
  { left: 30 },
  { missing: 'tests in a browser', why: 'there is none' },
  { left: 12 },
]

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** What a run with these entries appends to its report, and its exit code. */
function reported(entries: readonly Entry[], strict: boolean): { readonly report: string; readonly exitCode: typeof process.exitCode } {
  const folder = mkdtempSync(join(tmpdir(), 'reporter-'))
  const before = process.exitCode
  vi.stubEnv('CI_STRICT', strict ? '1' : '')
  vi.stubEnv('TEST_REPORT', join(folder, 'report'))
  vi.spyOn(console, 'log').mockImplementation(() => {})
  const reporter = new LeftOutReporter()
  let ledger = ''
  reporter.onInit({ provide: (_: string, path: string) => (ledger = path) } as unknown as Vitest)
  for (const entry of entries) appendFileSync(ledger, `${JSON.stringify(entry)}\n`)
  const test = (state: string) => ({ result: () => ({ state }) })
  const module = { children: { allTests: () => [test('passed'), test('passed'), test('failed'), test('skipped')] }, errors: () => [] }
  reporter.onTestRunEnd([module as unknown as TestModule])
  const outcome = { report: readFileSync(join(folder, 'report'), 'utf8'), exitCode: process.exitCode }
  process.exitCode = before
  rmSync(folder, { recursive: true })
  return outcome
}

it('tells each missing part once, the sum of what is left, and last how many passed and failed', () => {
  const { report, exitCode } = reported(ENTRIES, false)
  expect(report.split('\n')).toEqual([
    'not run on this machine: tests in a browser: there is none',
    '42 cases are left to the long form, npm run test:full',
    '2 passed, 1 failed',
    '',
  ])
  expect(exitCode).not.toBe(1)
})

it('counts missing parts as failures where that is asked for', () => {
  const { report, exitCode } = reported(ENTRIES, true)
  expect(report).toMatch(/^failed: not run on this machine: tests in a browser: there is none\n/)
  expect(report).toMatch(/2 passed, 2 failed\n$/)
  expect(exitCode).toBe(1)
})

it('is silent where nothing is left out', () => {
  expect(reported([], true)).toMatchObject({ report: '2 passed, 1 failed\n' })
})
