import { describe, expect, test } from 'vitest';
import { artifactsOf, BEFORE, healthy, judged, type Made, meta, withoutFields } from '../testing.ts';
import { check } from './workload.observed.ts';

interface Parts {
  readonly generation?: number;
  readonly observed?: number;
  /** When somebody changed the spec last. */
  readonly changed?: string;
  readonly made?: string;
}

/** A Deployment whose status the controller wrote just now, whenever the spec was changed. */
function cluster({ generation = 2, observed, changed, made = BEFORE }: Parts) {
  const [deployment] = healthy() as [Made];
  const managedFields = [
    { manager: 'kube-controller-manager', subresource: 'status', time: '2026-11-24T09:59:59Z' },
    { manager: 'kubectl', time: changed },
  ];
  return {
    objects: [
      {
        ...deployment,
        metadata: meta('cart', { generation, creationTimestamp: made, ...(changed && { managedFields }) }),
        status: observed === undefined ? {} : { observedGeneration: observed },
      },
    ],
  };
}
const of = (parts: Parts) => judged(check, cluster(parts));
const SILENT = [
  'error controller-manager-not-reconciling: no controller has acted on the latest spec of Deployment cart: is kube-controller-manager at work?',
];

test('the controller has seen it', () => {
  expect(of({ generation: 2, observed: 2 })).toEqual(['fine: The controller has seen the latest spec.']);
});

describe('controller-manager-not-reconciling', () => {
  test('a change that nobody acts on', () => {
    expect(of({ observed: 1, changed: '2026-11-24T09:58:00Z' })).toEqual(SILENT);
  });
  test('a new object that nobody has looked at', () => {
    expect(of({ generation: 1, made: '2026-11-24T09:58:00Z' })).toEqual(SILENT);
  });
  test('a change of this minute is under way, whatever the age of the object', () => {
    const says = ['fine (in progress): The controller has not yet seen a change made just now.'];
    expect(of({ observed: 1, changed: '2026-11-24T09:59:30Z' })).toEqual(says);
    expect(of({ generation: 1, made: '2026-11-24T09:59:30Z' })).toEqual(says);
  });
  test('is only likely where nobody dated the change', () => {
    const confidence = (parts: Parts) => {
      const answer = check.judge(artifactsOf(check, cluster(parts)));
      return answer.outcome === 'wrong' && answer.reports[0]?.confidence;
    };
    expect(confidence({ observed: 1 })).toBe('likely');
    expect(confidence({ observed: 1, changed: '2026-11-24T09:58:00Z' })).toBe('certain');
    expect(confidence({ generation: 1 })).toBe('certain');
  });
});

test('Jobs do not say what their controller has seen', () => {
  const job: Made = { kind: 'Job', metadata: meta('cart', { generation: 7 }), spec: {}, status: {} };
  expect(judged(check, { target: { kind: 'Job' }, objects: [job] })).toEqual([
    'notApplicable: Objects of this kind do not say which spec their controller has seen.',
  ]);
});

test('fields that are missing do no harm', () => {
  const outcomes = withoutFields(check, cluster({ observed: 1, changed: '2026-11-24T09:58:00Z' }));
  expect(outcomes).toContain('wrong');
  // without the generation nothing is late
  expect(outcomes).toContain('fine');
  expect(outcomes.filter((one) => one !== 'wrong' && one !== 'fine')).toEqual([]);
});
