import { defineConfig } from 'vitest/config';

// What needs a cluster has a configuration of its own: test/cluster/vitest.config.ts.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/cluster/**'],
    testTimeout: 20_000,
  },
});
