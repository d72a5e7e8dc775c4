import { defineConfig } from 'vitest/config'

/** The tests that have to notice mutations: quick ones, since each mutation runs those that reach it. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    include: ['test/plan/*.test.ts', 'test/errors/*.test.ts', 'test/onnx/attributes.test.ts', 'test/ops/*.test.ts'],
    // It changes the working folder, which Stryker's workers cannot.
    exclude: ['test/errors/command-line.test.ts'],
  },
})
