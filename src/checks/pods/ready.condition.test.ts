import { describe, expect, test } from 'vitest';
import { BEFORE, type Cluster, healthy, judged, type Made, meta, NOW, patches, withoutFields } from '../testing.ts';
import { check } from './ready.condition.ts';
import { withPod } from './testing-pods.ts';

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

test('no-readiness-probe: only where a Service sends traffic, to a container that declares a port', () => {
  const [deployment, set, pod, ...rest] = healthy() as [Made, Made, Made, ...Made[]];
  const NOTE = 'info no-readiness-probe: container web has no readiness probe, so that a Service sends it requests before it listens';
  expect(judged(check, { objects: healthy() })).toEqual(['fine: The Pod is Ready.', NOTE]);
  const web = (container: object) => ({ ...pod, spec: { containers: [{ name: 'web', ports: [{ containerPort: 8080 }], ...container }] } });
  const probed = web({ readinessProbe: { tcpSocket: { port: 8080 } } });
  expect(judged(check, { objects: [deployment, set, probed, ...rest] })).toEqual(['fine: The Pod is Ready.']);
  expect(judged(check, { objects: [deployment, set, web({ ports: [] }), ...rest] })).toEqual(['fine: The Pod is Ready.']);
  expect(judged(check, { objects: healthy(), denied: ['Service'] })).toEqual(['fine: The Pod is Ready.']);
});

test('all are Ready', () => {
  const [deployment, set, pod] = healthy() as [Made, Made, Made];
  expect(judged(check, { objects: [deployment, set, pod] })).toEqual(['fine: The Pod is Ready.']);
  const second = { ...pod, metadata: { ...pod.metadata, name: 'cart-1-b' } };
  expect(judged(check, { objects: [deployment, set, pod, second] })).toEqual(['fine: All Pods are Ready.']);
});

test('one is not, and has had the time: why, says another question', () => {
  expect(of({})).toEqual(['fine: Not every Pod is Ready; other answers say why.']);
});

describe('in-place-resize-stuck', () => {
  const has = { requests: { cpu: '100m' }, limits: { cpu: '200m' } };
  const resized = (...conditions: object[]) =>
    withPod({
      spec: { containers: [{ name: 'web', image: 'nginx:1.27', resources: { requests: { cpu: '500' }, limits: { cpu: '500' } } }] },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }, ...conditions],
        containerStatuses: [{ name: 'web', ready: true, started: true, restartCount: 0, state: { running: {} }, resources: has }],
      },
    });
  const keeps = 'so that it keeps the resources that it had';

  test.each([
    [
      {
        type: 'PodResizePending',
        reason: 'Infeasible',
        message: "Node didn't have enough capacity: cpu, requested: 500000, capacity: 4000",
      },
      `is not possible on node node1, ${keeps}: Node didn't have enough capacity: cpu`,
    ],
    [
      {
        type: 'PodResizePending',
        reason: 'Deferred',
        message: "Node didn't have enough resource: cpu, requested: 3000, used: 1500, capacity: 4000",
        lastTransitionTime: BEFORE,
      },
      `waits for room on node node1, ${keeps}: Node didn't have enough resource: cpu`,
    ],
    [{ type: 'PodResizeInProgress', reason: 'Error', message: 'runtime said no' }, `failed on node node1, ${keeps}: runtime said no`],
  ])('%s', (condition, told) => {
    expect(judged(check, resized({ status: 'True', ...condition }))).toEqual([
      `warning in-place-resize-stuck: the resize of the running Pod ${told}`,
    ]);
  });

  test('the Pod can ask again for what it has', () => {
    expect(patches(check, resized({ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }))).toEqual([
      '{"spec":{"containers":[{"name":"web","resources":{"requests":{"cpu":"100m"},"limits":{"cpu":"200m"}}}]}}',
    ]);
  });

  test('a resize that goes on, has only begun to wait, or is over', () => {
    const fine = ['fine: The Pod is Ready.'];
    expect(judged(check, resized({ type: 'PodResizeInProgress', status: 'True' }))).toEqual(fine);
    expect(judged(check, resized({ type: 'PodResizePending', status: 'True', reason: 'Deferred', lastTransitionTime: NOW }))).toEqual(fine);
    expect(judged(check, resized({ type: 'PodResizePending', status: 'False', reason: 'Infeasible' }))).toEqual(fine);
    expect(withoutFields(check, resized({ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }))).toContain('wrong');
  });
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
