import { describe, expect, test } from 'vitest';
import { type Cluster, eventAbout, judged, type Made, meta, withoutFields } from '../testing.ts';
import { check } from './workload.pods-created.ts';

const event = (reason: string, message: string, at: string): Made => eventAbout('CronJob', 'cart', reason, message, at);
const cronJob = (spec: object, ...events: Made[]): Cluster => ({
  target: { kind: 'CronJob' },
  objects: [{ kind: 'CronJob', metadata: meta('cart'), spec: { schedule: '* * * * *', ...spec } }, ...events],
});

describe('cronjob-job-create-failed', () => {
  const QUOTA = event(
    'FailedCreate',
    'Error creating job: jobs.batch "cart-29927675" is forbidden: exceeded quota: no-jobs, requested: count/jobs.batch=1, used: count/jobs.batch=0, limited: count/jobs.batch=0',
    '2026-11-24T09:30:00Z',
  );
  test('a quota, which is the cause', () => {
    const cluster = cronJob({}, QUOTA);
    expect(judged(check, cluster)).toEqual([
      'error quota-object-count: ResourceQuota no-jobs allows no more than 0 count/jobs.batch in the namespace, and there are as many',
      'error cronjob-job-create-failed: the API server refuses the Job of CronJob cart, so that it does not run',
    ]);
    for (const outcome of withoutFields(check, cluster)) expect(outcome).toMatch(/^(wrong|fine|notApplicable)$/);
  });
  test('words that nobody knows are told without the name of the Job', () => {
    const said = event(
      'FailedCreate',
      'Error creating job: jobs.batch "cart-29927675" is forbidden: no room today',
      '2026-11-24T09:30:00Z',
    );
    expect(judged(check, cronJob({}, said))).toEqual([
      'error cronjob-job-create-failed: the API server refuses the Job of CronJob cart, so that it does not run: no room today',
    ]);
  });
  test('a Job was made since, or it is suspended', () => {
    const NONE = ['notApplicable: No controller makes these Pods.'];
    expect(judged(check, cronJob({}, QUOTA, event('SuccessfulCreate', 'Created job cart-29927676', '2026-11-24T09:31:00Z')))).toEqual(NONE);
    expect(judged(check, cronJob({ suspend: true }, QUOTA))).toEqual(NONE);
  });
});
