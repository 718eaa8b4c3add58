import { describe, expect, test } from 'vitest';
import { BEFORE, type Cluster, judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { check } from './pod.terminal.ts';
import { unplaced, withPod } from './testing-pods.ts';

const FINE = ['fine: No Pod has failed for good.'];
const target = (reason: string, message: string) => ({ conditions: [{ type: 'DisruptionTarget', status: 'True', reason, message }] });

describe('pod-preempted-by-scheduler', () => {
  const preempted = (message: string, name = 'cart-1-abcde'): Made => ({
    kind: 'Event',
    metadata: meta(`${name}.1`),
    involvedObject: { kind: 'Pod', name, uid: 'gone' },
    type: 'Normal',
    reason: 'Preempted',
    lastTimestamp: BEFORE,
    message,
  });
  const FULL =
    '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
  const waits = (message: string, name?: string) =>
    unplaced(FULL, { deployment: { availableReplicas: 0 }, more: [preempted(message, name)] });
  const FOUND = [
    'error pod-preempted-by-scheduler: Pods of Deployment cart, which have priority 0, had to make room for a Pod of a higher one',
  ];

  test.each([
    ['1.28 and before', 'Preempted by a pod on node node1'],
    ['1.29 to 1.35', 'Preempted by pod 7be2b2ff-1b1f-4a7e-9a41-3a8f6e1d0c11 on node node1'],
    ['from 1.36', 'Preempted by pod group 7be2b2ff-1b1f-4a7e-9a41-3a8f6e1d0c11 on node node1'],
  ])('the event of %s, and a new Pod that finds no room', (_, message) => {
    expect(judged(check, waits(message))).toEqual(FOUND);
  });
  test('the victim that goes', () => {
    const leaving = (deployment: object) =>
      withPod({
        metadata: { deletionTimestamp: '2026-11-24T10:00:20Z' },
        deployment,
        status: target('PreemptionByScheduler', 'default-scheduler: preempting to accommodate a higher priority pod'),
      });
    expect(judged(check, leaving({ availableReplicas: 0 }))).toEqual(FOUND);
    expect(judged(check, leaving({ availableReplicas: 1 }))[1]).toContain('info pod-preempted-by-scheduler');
  });
  test('leaves the PriorityClass to a person', () => {
    expect(patches(check, waits('Preempted by a pod on node node1'))).toEqual([
      '[{"op":"add","path":"/spec/template/spec/priorityClassName","value":"<priority class>"}]',
    ]);
  });
  test.each<[string, Cluster]>([
    ['a Pod of another workload', waits('Preempted by a pod on node node1', 'cart-import-1-abcde')],
    ['a new Pod that has found room', withPod({ more: [preempted('Preempted by a pod on node node1')] })],
    [
      'a new Pod that waits for something else',
      unplaced("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.", {
        more: [preempted('Preempted by a pod on node node1')],
      }),
    ],
  ])('%s is none', (_, cluster) => {
    expect(judged(check, cluster)).toEqual(FINE);
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, waits('Preempted by a pod on node node1'))).toContain('wrong');
  });
});

describe('pod-deleted-by-gc-or-api', () => {
  const removed = (reason: string, message: string) =>
    withPod({ metadata: { deletionTimestamp: '2026-11-24T10:00:20Z' }, status: target(reason, message) });
  test.each([
    ['EvictionByEvictionAPI', 'Eviction API: evicting', 'a Pod was evicted through the API, as when its node is drained'],
    ['DeletionByPodGC', 'PodGC: node no longer exists', 'a Pod was removed because its node does not exist any more, or is out of service'],
    [
      'DeletionByDeviceTaintManager',
      'Device Taint manager: deleting due to NoExecute taint',
      'a Pod was removed because a device that it uses has a taint',
    ],
  ])('%s', (reason, message, says) => {
    expect(judged(check, removed(reason, message))).toEqual([...FINE, `info pod-deleted-by-gc-or-api: ${says}`]);
  });
  test('the taint of a silent node is told at pod.terminating', () => {
    expect(judged(check, removed('DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint'))).toEqual(FINE);
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, removed('EvictionByEvictionAPI', 'Eviction API: evicting')).filter((one) => one === 'wrong')).toEqual([]);
  });
});
