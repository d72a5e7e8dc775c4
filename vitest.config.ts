import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** What decides whether a model is understood and its meaning kept: tests must take its branches. */
const COVERED = [
  'ir/**/*.ts',
  'compiler/onnx/**/*.ts',
  'compiler/operators/**/*.ts',
  'compiler/import/**/*.ts',
  'compiler/rewriting/**/*.ts',
  'compiler/passes/**/*.ts',
  'targets/schedule/plan-memory.ts',
]

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['./test/run/reporter.ts', 'default'],
    testTimeout: process.env.TEST_FULL ? 300_000 : 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Files share what they import: a third of the time went into importing the compiler anew.
    isolate: false,
    // The full form measures time, which parallel tests would disturb.
    maxWorkers: process.env.TEST_FULL ? 1 : Math.max(2, availableParallelism() - 1),
    coverage: {
      include: COVERED,
      reporter: [['text', { skipFull: true }]],
      thresholds: Object.fromEntries(COVERED.map((files) => [files, { branches: 95 }])),
    },
    execArgv: process.versions.node.startsWith('20.') ? ['--experimental-wasm-relaxed-simd'] : [],
  },
})
