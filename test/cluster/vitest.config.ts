import { defineConfig } from 'vitest/config';

// Every scenario on the cluster of the current kubeconfig. One scenario: npm run test:cluster -- -t oom-killed
export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    fileParallelism: false,
    maxConcurrency: Number(process.env.KDEBUG_AT_ONCE ?? 16),
    testTimeout: 900_000,
    // Sixteen broken workloads side by side on two cores starve now and then a kubelet or a controller; the report says `(retry x1)`.
    retry: 1,
    reporters: ['verbose'],
    hookTimeout: 600_000,
  },
});
