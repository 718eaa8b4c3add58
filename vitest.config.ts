import { defineConfig } from 'vitest/config';

// What needs a cluster has a configuration of its own: test/cluster/vitest.config.ts.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/cluster/**'],
    testTimeout: 20_000,
    // The default leaves one core idle, which of two is half.
    maxWorkers: '100%',
  },
});
