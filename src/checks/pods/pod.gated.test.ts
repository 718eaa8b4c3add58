import { expect, test } from 'vitest';
import { judged, patches, withoutFields } from '../testing.ts';
import { check } from './pod.gated.ts';
import { unplaced, withPod } from './testing-pods.ts';

const gate = (name: string) => ({ spec: { schedulingGates: [{ name }] } });
const TOLD = ['error scheduling-gated: no scheduler may look at the Pods before the scheduling gate shop.example/approved is removed'];

test('a gate of the template, with the patch that takes it out there', () => {
  const cluster = unplaced(undefined, gate('shop.example/approved'));
  expect(judged(check, cluster)).toEqual(TOLD);
  expect(patches(check, cluster)).toEqual(['[{"op":"remove","path":"/spec/template/spec/schedulingGates"}]']);
});

test('a gate that a webhook adds to the Pod has no patch', () => {
  const { objects } = unplaced(undefined, gate('shop.example/approved'));
  const cluster = { objects: objects.map((one) => (one?.kind === 'Deployment' ? withPod({}).objects[0] : one)) };
  expect(judged(check, cluster)).toEqual(TOLD);
  expect(patches(check, cluster)).toEqual([]);
});

test('a bare Pod is patched itself: gates may be taken away', () => {
  const cluster = {
    target: { kind: 'Pod', name: 'solo' },
    objects: [
      {
        kind: 'Pod',
        metadata: { name: 'solo', namespace: 'shop', uid: 'solo' },
        spec: { schedulingGates: [{ name: 'a' }], containers: [] },
        status: { phase: 'Pending' },
      },
    ],
  } as const;
  expect(patches(check, cluster)).toEqual(['[{"op":"remove","path":"/spec/schedulingGates"}]']);
});

test('look-alikes: a Pod that does not fit, a Pod with a node', () => {
  expect(judged(check, unplaced('0/1 nodes are available: 1 Insufficient cpu.'))).toEqual(['fine: No scheduling gate holds them.']);
  expect(judged(check, withPod({}))).toEqual(['notApplicable: All Pods have a node.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, unplaced(undefined, gate('a')))).toContain('wrong');
});
