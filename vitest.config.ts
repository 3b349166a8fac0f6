import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    // Whole plates are reduced in some tests, by programs that take seconds; two cores share the work.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    // No test reaches for the network, or for a store of the user's, unless it says so.
    env: { PLATEPIPE_OFFLINE: '1', PLATEPIPE_CATALOG: '.cache/no-store' },
  },
})
