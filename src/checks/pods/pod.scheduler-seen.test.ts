import { expect, test } from 'vitest';
import { judged, meta, NOW, patches, withoutFields } from '../testing.ts';
import { check } from './pod.scheduler-seen.ts';
import { POD, unplaced, withPod } from './testing-pods.ts';

test('a scheduler of another name that nobody runs', () => {
  const cluster = unplaced(undefined, { spec: { schedulerName: 'bin-packing' } });
  expect(judged(check, cluster)).toEqual(['error scheduler-name-unknown: no scheduler named bin-packing looks at the Pods']);
  expect(patches(check, cluster)).toEqual(['[{"op":"add","path":"/spec/template/spec/schedulerName","value":"default-scheduler"}]']);
});

test.each([undefined, 'default-scheduler'])('the scheduler of the cluster is silent (%s)', (schedulerName) => {
  expect(judged(check, unplaced(undefined, { spec: { schedulerName } }))).toEqual([
    'error scheduler-down: no scheduler has looked at the Pods: is kube-scheduler at work?',
  ]);
});

test('a Pod of this minute has not been looked at yet', () => {
  expect(judged(check, unplaced(undefined, { metadata: { creationTimestamp: NOW } }))).toEqual([
    'fine (in progress): The Pods have only just been made.',
  ]);
});

test('look-alikes: refused, gated, seen by its event, placed', () => {
  const seen = ['fine: A scheduler has looked at them.'];
  const event = {
    kind: 'Event',
    metadata: meta('e'),
    reason: 'FailedScheduling',
    message: '0/1 nodes are available',
    involvedObject: { kind: 'Pod', name: POD, uid: POD },
  } as const;
  expect(judged(check, unplaced('0/1 nodes are available: 1 Too many pods.'))).toEqual(seen);
  expect(judged(check, unplaced(undefined, { spec: { schedulingGates: [{ name: 'a' }] } }))).toEqual(seen);
  expect(judged(check, unplaced(undefined, { more: [event] }))).toEqual(seen);
  expect(judged(check, withPod({}))).toEqual(['notApplicable: All Pods have a node.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, unplaced())).toContain('wrong');
});
