import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Files share what they import: a third of the time went into importing the compiler anew.
    isolate: false,
    // The full form measures time, which parallel tests would disturb.
    maxWorkers: process.env.TEST_FULL ? 1 : Math.max(2, availableParallelism() - 1),
    execArgv: process.versions.node.startsWith('20.') ? ['--experimental-wasm-relaxed-simd'] : [],
  },
})
