import { defineConfig } from 'vitest/config';

// What needs a cluster or a browser has a configuration of its own: test/cluster/vitest.config.ts, test/browser/vitest.config.ts.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/cluster/**', 'test/browser/**'],
    testTimeout: 20_000,
    // The default leaves one core idle, which of two is half.
    maxWorkers: '100%',
  },
});
