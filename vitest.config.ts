import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// What needs a cluster or a browser has a configuration of its own: test/cluster/vitest.config.ts, test/browser/vitest.config.ts.
const ELSEWHERE = ['**/node_modules/**', 'test/cluster/**', 'test/browser/**'];
/** Those that stand in for the network, or start the program: each in a worker of its own. */
const OWN_WORKER = ['test/{http,cli,terminal}/**/*.test.ts', 'test/docs-commands.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 300_000,
    // The program's tests wait more than they work; the default would leave one core idle, which of two is half.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      { extends: true, test: { name: 'program', include: OWN_WORKER } },
      // A worker keeps what it has loaded, the recordings too, from one file to the next: half of the time.
      {
        extends: true,
        test: {
          name: 'engine',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...ELSEWHERE, ...OWN_WORKER],
          isolate: false,
        },
      },
    ],
  },
});
