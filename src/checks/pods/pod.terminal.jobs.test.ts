import { describe, expect, test } from 'vitest';
import { BEFORE, type Cluster, judged, type Made, meta, NOW, withoutFields } from '../testing.ts';
import { check } from './pod.terminal.ts';

const FINE = ['fine: No Pod has failed for good.'];
const failedJob = (reason: string, message: string, spec: object = {}, status: object = {}): Cluster => ({
  target: { kind: 'Job' },
  objects: [
    {
      kind: 'Job',
      metadata: meta('cart'),
      spec: { backoffLimit: 3, ...spec },
      status: {
        failed: 1,
        conditions: ['FailureTarget', 'Failed'].map((type) => ({ type, status: 'True', reason, message })),
        ...status,
      },
    },
  ],
});
const noThrow = (cluster: Cluster) => {
  for (const outcome of withoutFields(check, cluster)) expect(outcome).toMatch(/^(wrong|fine|notApplicable)$/);
};

describe('job-pod-failure-policy', () => {
  test.each([
    ['Container web for pod shop/cart-x failed with exit code 42 matching FailJob rule at index 0', '0', ': container web exited with 42'],
    ['Pod shop/cart-x has condition DisruptionTarget matching FailJob rule at index 1', '1', ': a Pod has the condition DisruptionTarget'],
  ])('%s', (message, rule, why) => {
    const cluster = failedJob('PodFailurePolicy', message);
    expect(judged(check, cluster)).toEqual([
      `error job-pod-failure-policy: rule ${rule} of the podFailurePolicy of Job cart ended it without further tries${why}`,
    ]);
    noThrow(cluster);
  });
  test('that its tries are used up is something else', () => {
    expect(judged(check, failedJob('BackoffLimitExceeded', 'Job has reached the specified backoff limit'))[0]).toMatch(
      /^error job-backoff-limit-exceeded: /,
    );
  });
});

describe('job-failed-indexes', () => {
  test('some, or more than allowed', () => {
    const spec = { backoffLimitPerIndex: 1 };
    const some = failedJob('FailedIndexes', 'Job has failed indexes', spec, { failedIndexes: '1' });
    expect(judged(check, some)).toEqual([
      'error job-failed-indexes: index 1 of Job cart failed more often than its backoffLimitPerIndex of 1 allows',
    ]);
    noThrow(some);
    const many = failedJob(
      'MaxFailedIndexesExceeded',
      'Job has exceeded the specified maximal number of failed indexes',
      { ...spec, maxFailedIndexes: 2 },
      { failedIndexes: '0,3-5' },
    );
    expect(judged(check, many)).toEqual([
      'error job-failed-indexes: the indexes 0,3-5 of Job cart failed more often than its backoffLimitPerIndex of 1 allows; maxFailedIndexes is 2',
    ]);
  });
  test('one that goes on is not judged yet', () => {
    expect(judged(check, failedJob('JobResumed', 'Job resumed', {}, { failedIndexes: '1' }))).toEqual(FINE);
  });
});

describe('legacy-sidecar-blocks-job', () => {
  const ended = (exitCode: number, finishedAt = BEFORE) => ({ terminated: { exitCode, finishedAt } });
  const RUNNING = { running: { startedAt: BEFORE } };
  const job = (other: { name: string; image?: string; state: object }, work: object): Cluster => ({
    target: { kind: 'Job' },
    objects: [
      { kind: 'Job', metadata: meta('cart'), spec: {}, status: { active: 1 } } as Made,
      {
        kind: 'Pod',
        metadata: meta('cart-x', {
          labels: { 'batch.kubernetes.io/job-name': 'cart' },
          ownerReferences: [{ kind: 'Job', name: 'cart', uid: 'cart', controller: true }],
        }),
        spec: { containers: [{ name: 'work' }, { name: other.name, image: other.image }], restartPolicy: 'Never', nodeName: 'node1' },
        status: {
          phase: 'Running',
          containerStatuses: [
            { name: 'work', state: work },
            { name: other.name, state: other.state },
          ],
        },
      },
    ],
  });
  test.each([
    { name: 'istio-proxy', state: RUNNING },
    { name: 'sql', image: 'gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.8.0', state: RUNNING },
  ])('$name', (other) => {
    const cluster = job(other, ended(0));
    expect(judged(check, cluster)).toEqual([
      `error legacy-sidecar-blocks-job: Job cart cannot end: its work is done, and container ${other.name} runs on`,
    ]);
    noThrow(cluster);
  });
  test('a container that may still work, work that goes on or failed, a proxy that is just asked to stop', () => {
    const proxy = { name: 'istio-proxy', state: RUNNING };
    expect(judged(check, job({ name: 'upload', state: RUNNING }, ended(0)))).toEqual(FINE);
    expect(judged(check, job(proxy, RUNNING))).toEqual(FINE);
    expect(judged(check, job(proxy, ended(1)))).toEqual(FINE);
    expect(judged(check, job(proxy, ended(0, NOW)))).toEqual(FINE);
    expect(judged(check, job({ ...proxy, state: ended(0) }, ended(0)))).toEqual(FINE);
  });
});
