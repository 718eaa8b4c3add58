import { expect, test } from 'vitest';
import { withPod } from '../pods/testing-pods.ts';
import { healthy, judged, type Made, withoutFields } from '../testing.ts';
import { check } from './svc.endpoints.ts';

/** The objects with another list of endpoints. */
const endpoints = (objects: readonly (Made | undefined)[], list: readonly object[] | null) => ({
  objects: objects.map((one) => (one?.kind === 'EndpointSlice' ? { ...one, endpoints: list } : one)),
});
const ready = ['fine: Service cart has ready endpoints.'];

test('ready; a condition that is absent counts as true', () => {
  expect(judged(check, { objects: healthy() })).toEqual(ready);
  expect(judged(check, endpoints(healthy(), [{ addresses: ['10.244.0.9'], targetRef: { kind: 'Pod', name: 'cart-1-a' } }]))).toEqual(ready);
});

test('no Pod is ready', () => {
  expect(judged(check, { objects: healthy('cart', false) })).toEqual([
    'error service-endpoints-not-ready: none of the Pods behind Service cart is ready, so that it leads nowhere',
  ]);
});

test('ready for a moment only: the container ends again and again', () => {
  const status = {
    phase: 'Running',
    podIP: '10.244.0.9',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      {
        name: 'web',
        ready: true,
        restartCount: 4,
        state: { running: { startedAt: '2026-11-24T09:59:59Z' } },
        lastState: { terminated: { exitCode: 1, startedAt: '2026-11-24T09:59:00Z', finishedAt: '2026-11-24T09:59:01Z' } },
      },
    ],
  };
  expect(judged(check, withPod({ status }))).toEqual([
    'error service-endpoints-not-ready: none of the Pods behind Service cart is ready, so that it leads nowhere',
  ]);
});

test('Pods without an address, and no Pods', () => {
  const waiting = withPod({
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' }],
    },
    spec: { nodeName: undefined },
  });
  expect(judged(check, endpoints(waiting.objects, null))).toEqual([
    'error service-endpoints-not-ready: no Pod that Service cart selects has got as far as an address',
  ]);
  const scaled = healthy()
    .filter(({ kind }) => kind !== 'Pod')
    .map((one) =>
      one.kind === 'Deployment' ? { ...one, spec: { ...(one.spec as object), replicas: 0 }, status: { observedGeneration: 1 } } : one,
    );
  expect(judged(check, endpoints(scaled, null))).toEqual(['error service-no-endpoints-no-pods: there are no Pods for Service cart']);
});

test('a Pod that has been ready for an hour and is not listed', () => {
  expect(judged(check, endpoints(healthy(), []))).toEqual([
    'error endpointslice-controller-lag: a Pod that Service cart selects is ready, and the EndpointSlice controller has not added it',
  ]);
});

test('no Service; slices that may not be read', () => {
  expect(judged(check, { objects: healthy().filter(({ kind }) => kind !== 'Service') })).toEqual([
    'notApplicable: No Service selects these Pods.',
  ]);
  expect(judged(check, { objects: healthy('cart', false), denied: ['EndpointSlice'] }).join()).not.toContain('error');
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, { objects: healthy('cart', false) })).toContain('wrong');
});
