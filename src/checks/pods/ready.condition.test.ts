import { expect, test } from 'vitest';
import { type Cluster, healthy, judged, type Made, meta, withoutFields } from '../testing.ts';
import { check } from './ready.condition.ts';

interface Parts {
  readonly started?: string;
  readonly state?: object;
  readonly phase?: string;
}

/** A second Pod beside one that is Ready; its container has a readiness probe, and its run began at `started`. */
function beside({ started = '2026-11-24T09:00:00Z', state = { running: { startedAt: started } }, phase = 'Running' }: Parts): Cluster {
  const [deployment, set, pod] = healthy() as [Made, Made, Made];
  const spec = { containers: [{ name: 'web', image: 'nginx:1.27', readinessProbe: { httpGet: { path: '/', port: 8080 } } }] };
  const status = {
    phase,
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: 'web', ready: false, started: true, restartCount: 0, state }],
  };
  const { ownerReferences, labels } = pod.metadata as { ownerReferences?: object[]; labels?: Record<string, string> };
  return { objects: [deployment, set, pod, { kind: 'Pod', metadata: meta('cart-1-b', { labels, ownerReferences }), spec, status }] };
}
const of = (parts: Parts) => judged(check, beside(parts));

test('all are Ready', () => {
  expect(judged(check, { objects: healthy() })).toEqual(['fine: The Pod is Ready.']);
  const [deployment, set, pod] = healthy() as [Made, Made, Made];
  const second = { ...pod, metadata: { ...pod.metadata, name: 'cart-1-b' } };
  expect(judged(check, { objects: [deployment, set, pod, second] })).toEqual(['fine: All Pods are Ready.']);
});

test('one is not, and has had the time: why, says another question', () => {
  expect(of({})).toEqual(['fine: Not every Pod is Ready; other answers say why.']);
});

test('one that does not run is another question, too', () => {
  expect(of({ state: { waiting: { reason: 'CrashLoopBackOff' } } })).toEqual(['fine: Not every Pod is Ready; other answers say why.']);
});

test('one that has just started', () => {
  expect(of({ started: '2026-11-24T09:59:55Z' })).toEqual(['fine (in progress): Not every Pod is Ready yet.']);
});

test('one that has ended need not be Ready', () => {
  expect(of({ phase: 'Failed' })).toEqual(['fine: The Pod is Ready.']);
});

test('Pods of a Job need not be Ready, and no Pods cannot', () => {
  const [, , pod] = healthy('cart', false) as [Made, Made, Made];
  const labels = { 'batch.kubernetes.io/job-name': 'cart' };
  const ownerReferences = [{ kind: 'Job', name: 'cart', uid: 'cart', controller: true }];
  const objects: Made[] = [
    { kind: 'Job', metadata: meta('cart'), spec: {} },
    { ...pod, metadata: { ...pod.metadata, labels, ownerReferences } },
  ];
  const says = ['notApplicable: There is no Pod that has to be Ready.'];
  expect(judged(check, { target: { kind: 'Job' }, objects })).toEqual(says);
  expect(judged(check, { objects: healthy().slice(0, 2) })).toEqual(says);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, beside({})).filter((outcome) => outcome !== 'fine' && outcome !== 'notApplicable')).toEqual([]);
});
