/** Mutation testing by hand, of all or of the ops in the files that are named: README.md beside this file says how. */

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const FULL_FILES = ['targets/schedule/plan-memory.ts', 'compiler/onnx/attributes.ts', 'ir/ops/window.ts']
const OPS = 'ir/ops/'
const CONFIG = 'stryker.generated.json'

/** `file:from-to` for each `infer` of an op that has a body, and for the functions that they call. */
function inferRanges(file) {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line, start) => {
    const [, indent] = /^(\s*)infer\(.*\{$/.exec(line) ?? /^()(?:export )?function (?:infer|broadcastShapes)\w*\(.*\{$/.exec(line) ?? []
    if (indent === undefined) return []
    const end = lines.findIndex((other, i) => i > start && (other === `${indent}},` || other === `${indent}}`))
    return [`${file}:${start + 1}-${end + 1}`]
  })
}

const ops = readdirSync(OPS).map((name) => OPS + name)
const only = process.argv.slice(2)
const config = {
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts' },
  mutate: only.length
    ? ops.filter((f) => only.includes(f)).flatMap(inferRanges)
    : [...FULL_FILES, ...ops.filter((file) => !FULL_FILES.includes(file)).flatMap(inferRanges)],
  reporters: ['clear-text', 'progress'],
  coverageAnalysis: 'perTest',
  concurrency: 1,
  ignorePatterns: ['dist', 'examples', 'docs'],
  clearTextReporter: { logTests: false },
}
writeFileSync(CONFIG, JSON.stringify(config))
try {
  process.exitCode = spawnSync('npx', ['stryker', 'run', CONFIG], { stdio: 'inherit' }).status ?? 1
} finally {
  rmSync(CONFIG)
}
