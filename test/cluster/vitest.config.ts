import { defineConfig } from 'vitest/config';

// Every scenario on the cluster of the current kubeconfig. One scenario: npm run test:cluster -- -t oom-killed
export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    fileParallelism: false,
    maxConcurrency: Number(process.env.KDEBUG_AT_ONCE ?? 16),
    testTimeout: 900_000,
    hookTimeout: 120_000,
  },
});
