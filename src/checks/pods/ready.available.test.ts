import { describe, expect, test } from 'vitest';
import { artifactsOf, type Cluster, healthy, judged, type Made, withoutFields } from '../testing.ts';
import { check } from './ready.available.ts';

/** A Pod that is Ready since `since`, of a Deployment that wants a minute of it. */
function cluster(since: string | undefined, minReadySeconds: number | undefined = 60, ready = true): Cluster {
  const [deployment, set, pod] = healthy('cart', ready) as [Made, Made, Made];
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: since }];
  return {
    objects: [
      { ...deployment, spec: { ...(deployment.spec as object), minReadySeconds } },
      set,
      { ...pod, status: { ...(pod.status as object), conditions } },
    ],
  };
}

const LONG = '2026-11-24T09:58:59Z';
const JUST = '2026-11-24T09:59:01Z';

describe('min-ready-seconds', () => {
  test('a Pod that is Ready since less', () => {
    expect(judged(check, cluster(JUST))).toEqual([
      'fine (in progress): The Pods are Ready and wait for minReadySeconds.',
      'info min-ready-seconds: a Pod counts as available only after it has been Ready for 60 seconds',
    ]);
  });
  test('a second is one second', () => {
    expect(judged(check, cluster('2026-11-24T10:00:00Z', 1))[1]).toMatch(/for 1 second$/);
  });
  test('a Pod that is Ready since longer', () => {
    expect(judged(check, cluster(LONG))).toEqual(['fine: The Pods have been Ready for long enough.']);
  });
  test('nobody asks for it', () => {
    expect(judged(check, cluster(JUST, 0))).toEqual(['fine: A Pod is available as soon as it is Ready.']);
  });
  test('a Pod that is not Ready does not wait for this', () => {
    expect(judged(check, cluster(JUST, 60, false))).toEqual(['notApplicable: No Pod is Ready.']);
  });
  test('since when is not known: then nothing is said of it', () => {
    expect(judged(check, cluster(undefined))).toEqual(['fine: The Pods have been Ready for long enough.']);
  });
  test('the time is of the moment, the setting is not', () => {
    const answer = check.judge(artifactsOf(check, cluster(JUST)));
    expect(answer.outcome === 'fine' && answer.reports?.[0]?.evidence).toMatchObject([
      { path: 'spec.minReadySeconds', value: 60 },
      { path: 'status.conditions[type=Ready].lastTransitionTime', value: JUST, volatile: true },
    ]);
  });
});

test('fields that are missing do no harm', () => {
  const outcomes = withoutFields(check, cluster(JUST));
  expect(outcomes).toContain('fine');
  expect(outcomes.filter((one) => one !== 'fine' && one !== 'notApplicable')).toEqual([]);
});
