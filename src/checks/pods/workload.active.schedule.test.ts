import { describe, expect, test } from 'vitest';
import { BEFORE, type Cluster, eventAbout, judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { check } from './workload.active.ts';

const event = (reason: string, message: string, at = '2026-11-24T09:30:00Z'): Made => eventAbout('CronJob', 'cart', reason, message, at);
const cronJob = (spec: object, status: object = {}, ...more: Made[]): Cluster => ({
  target: { kind: 'CronJob' },
  objects: [{ kind: 'CronJob', metadata: meta('cart'), spec: { schedule: '* * * * *', ...spec }, status }, ...more],
});
const LATER = event('SuccessfulCreate', 'Created job cart-2', '2026-11-24T09:31:00Z');
/** Without a Job there is no workload. */
const NOTHING = ['notApplicable: There is no workload to judge.'];

describe('cronjob-invalid-schedule', () => {
  test.each([
    [
      { schedule: '0 0 31 2 *' },
      event('InvalidSchedule', 'invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second'),
      'the schedule 0 0 31 2 * never comes due',
    ],
    [
      { schedule: '0 0 * * 8' },
      event('UnparseableSchedule', 'unparseable schedule: "0 0 * * 8" : end of range (8) above maximum (6): 8'),
      'the schedule 0 0 * * 8 cannot be read (end of range (8) above maximum (6): 8)',
    ],
    [
      { schedule: '0 0 * * 8' },
      event('UnParseableCronJobSchedule', 'unparseable schedule for cronjob: 0 0 * * 8'),
      'the schedule 0 0 * * 8 cannot be read',
    ],
    [
      { timeZone: 'Europe/Berln' },
      event('UnknownTimeZone', 'invalid timeZone: "Europe/Berln": unknown time zone Europe/Berln'),
      'the controller does not know the time zone Europe/Berln',
    ],
  ])('%j', (spec, said, what) => {
    const cluster = cronJob(spec, {}, said);
    expect(judged(check, cluster)).toEqual([`error cronjob-invalid-schedule: CronJob cart makes no Jobs: ${what}`]);
    expect(patches(check, cluster)[0]).toMatch(/^\{"spec":\{"(schedule|timeZone)":"<.*>"\}\}$/);
    for (const outcome of withoutFields(check, cluster)) expect(outcome).toMatch(/^(wrong|fine|notApplicable)$/);
  });
  test('corrected since', () => {
    const said = event('InvalidSchedule', 'invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second');
    expect(judged(check, cronJob({ schedule: '0 0 28 2 *' }, {}, said))).toEqual(NOTHING);
  });
  test('a time zone within the schedule is not supported, and works', () => {
    const said = event(
      'UnsupportedSchedule',
      'CRON_TZ or TZ used in schedule "TZ=UTC * * * * *" is not officially supported, see https://x',
    );
    expect(judged(check, cronJob({ schedule: 'TZ=UTC * * * * *' }, {}, said))).toEqual(NOTHING);
  });
});

describe('cronjob-missed-starts', () => {
  const MISSED = event('MissSchedule', 'Missed scheduled time to start a job: Tue, 24 Nov 2026 09:29:00 +0000');
  const MANY = event(
    'TooManyMissedTimes',
    'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
  );
  test('a deadline of 0 is always over', () => {
    const cluster = cronJob({ startingDeadlineSeconds: 0 });
    expect(judged(check, cluster)).toEqual([
      'error cronjob-missed-starts: CronJob cart starts nothing: with startingDeadlineSeconds 0 every start comes too late',
    ]);
    expect(patches(check, cluster)).toEqual(['{"spec":{"startingDeadlineSeconds":200}}']);
    for (const outcome of withoutFields(check, cluster)) expect(outcome).toMatch(/^(wrong|notApplicable)$/);
  });
  test('later than the deadline', () => {
    expect(judged(check, cronJob({ startingDeadlineSeconds: 20 }, {}, MISSED))).toEqual([
      'warning cronjob-missed-starts: CronJob cart missed its last start by more than its startingDeadlineSeconds of 20',
    ]);
  });
  test('more than a hundred', () => {
    expect(judged(check, cronJob({}, {}, MANY))).toEqual([
      'error cronjob-missed-starts: CronJob cart has missed more than 100 starts, and has started nothing since',
    ]);
  });
  test('a Job was made since, the deadline is gone, or nothing is said', () => {
    expect(judged(check, cronJob({ startingDeadlineSeconds: 20 }, {}, MISSED, LATER))).toEqual(NOTHING);
    expect(judged(check, cronJob({}, {}, MANY, LATER))).toEqual(NOTHING);
    expect(judged(check, cronJob({}, {}, MISSED))).toEqual(NOTHING);
    expect(judged(check, cronJob({ startingDeadlineSeconds: 20 }))).toEqual(NOTHING);
  });
  test('a suspended one misses nothing', () => {
    expect(judged(check, cronJob({ startingDeadlineSeconds: 0, suspend: true }))).toEqual([
      'error cronjob-suspended: CronJob cart is suspended, so that it makes no Jobs',
    ]);
  });
});

describe('cronjob-concurrency-forbid', () => {
  const ACTIVE = event('JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid');
  const job: Made = {
    kind: 'Job',
    metadata: meta('cart-1', {
      creationTimestamp: BEFORE,
      ownerReferences: [{ kind: 'CronJob', name: 'cart', uid: 'cart', controller: true }],
    }),
    spec: {},
  };
  const status = { active: [{ name: 'cart-1' }] };
  test('the run before goes on', () => {
    const cluster = cronJob({ concurrencyPolicy: 'Forbid' }, status, ACTIVE, job);
    expect(judged(check, cluster)).toEqual([
      'warning cronjob-concurrency-forbid: CronJob cart leaves out its starts: concurrencyPolicy is Forbid, and its Job cart-1 has not ended',
    ]);
    expect(patches(check, cluster)).toEqual(['[{"op":"add","path":"/spec/jobTemplate/spec/activeDeadlineSeconds","value":"<seconds>"}]']);
    for (const outcome of withoutFields(check, cluster)) expect(outcome).toMatch(/^(wrong|fine|notApplicable)$/);
  });
  test('it has ended, another was started, or the policy is another by now', () => {
    const fine = ['fine: It is meant to run: neither paused, suspended nor scaled to zero.'];
    expect(judged(check, cronJob({ concurrencyPolicy: 'Forbid' }, {}, ACTIVE, job))).toEqual(fine);
    expect(judged(check, cronJob({ concurrencyPolicy: 'Forbid' }, status, ACTIVE, LATER, job))).toEqual(fine);
    expect(judged(check, cronJob({ concurrencyPolicy: 'Replace' }, status, ACTIVE, job))).toEqual(fine);
  });
});
