import { expect, test } from 'vitest';
import { unplaced, withPod } from '../pods/testing-pods.ts';
import { healthy, judged, withoutFields } from '../testing.ts';
import { check } from './svc.pod-ip.ts';

const TOLD = ['warning pod-without-ip: a Pod that a Service selects has no IP, so that no traffic can reach it'];

test('with an IP', () => {
  expect(judged(check, { objects: healthy() })).toEqual(['fine: Every selected Pod has an IP.']);
});

test('without a node, and on a node without one', () => {
  expect(judged(check, unplaced('0/1 nodes are available: 1 Insufficient cpu.'))).toEqual(TOLD);
  expect(
    judged(
      check,
      withPod({
        status: {
          phase: 'Pending',
          containerStatuses: [{ name: 'web', state: { waiting: { reason: 'InvalidImageName', message: 'invalid reference format' } } }],
        },
      }),
    ),
  ).toEqual(TOLD);
});

test('a Pod that has just been made gets one; one that has ended needs none', () => {
  const starting = withPod({
    deployment: { availableReplicas: 0 },
    metadata: { creationTimestamp: '2026-11-24T09:59:59Z' },
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }], startTime: '2026-11-24T09:59:59Z' },
  });
  expect(judged(check, starting)).toEqual(['fine (in progress): Not every selected Pod has its IP yet.']);
  expect(judged(check, withPod({ status: { phase: 'Succeeded' } }))).toEqual(['notApplicable: There are no Pods yet.']);
});

test('no Service', () => {
  expect(judged(check, { objects: healthy().filter(({ kind }) => kind !== 'Service') })).toEqual([
    'notApplicable: No Service selects these Pods.',
  ]);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, unplaced('0/1 nodes are available'))).toContain('wrong');
});
