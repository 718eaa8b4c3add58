import { describe, expect, test } from 'vitest';
import { healthy, judged, type Made, withoutFields } from '../testing.ts';
import { check } from './node.healthy.ts';

const node = (...conditions: object[]): Made => ({ kind: 'Node', metadata: { name: 'node1' }, status: { conditions } });
const ready = { type: 'Ready', status: 'True' };
const failing = (...conditions: object[]) => ({ objects: [...healthy('cart', false), node(...conditions)] });

test.each([
  [
    'silent',
    [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }],
    'error node-unreachable: the kubelet of node node1 has gone silent',
  ],
  [
    'no CNI',
    [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'container runtime network not ready: NetworkReady=false' }],
    'error node-not-ready: node node1 is not ready: container runtime network not ready: NetworkReady=false',
  ],
  ['memory', [ready, { type: 'MemoryPressure', status: 'True' }], 'warning node-memory-pressure: node node1 is short of memory'],
  ['disk', [ready, { type: 'DiskPressure', status: 'True' }], 'warning node-disk-pressure: node node1 is short of disk space'],
  ['processes', [ready, { type: 'PIDPressure', status: 'True' }], 'warning node-pid-pressure: node node1 is short of process ids'],
])('%s', (_, conditions, told) => {
  expect(judged(check, failing(...conditions))).toEqual([told]);
});

test('a node that is not there is not one that could not be read', () => {
  const cluster = failing(ready);
  const objects = cluster.objects.filter((one) => one?.kind !== 'Node');
  expect(judged(check, { ...cluster, objects })).toEqual(['notApplicable: The nodes of the Pods that fail are not there.']);
});

test('a good node, a node that may not be read, and Pods that do not fail', () => {
  expect(judged(check, failing(ready))).toEqual(['fine: The nodes of the Pods that fail are ready and without pressure.']);
  expect(judged(check, { ...failing(ready), denied: ['Node'] })).toEqual([
    'couldNotLook: The nodes of the Pods that fail could not be read.',
  ]);
  expect(judged(check, { objects: [...healthy(), node({ type: 'DiskPressure', status: 'True' })] })).toEqual([
    'notApplicable: No Pod that is assigned to a node fails.',
  ]);
});

describe('kubelet-cgroup-v1-refused', () => {
  const silent = failing({ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' });
  const event = (reason: string, name = 'node1'): Made => ({
    kind: 'Event',
    metadata: { name: `${name}.1`, namespace: 'default' },
    reason,
    message: 'cgroup v1 support is in maintenance mode, please migrate to cgroup v2',
    involvedObject: { kind: 'Node', name },
  });

  test('the kubelet has warned before it fell silent', () => {
    expect(judged(check, { objects: [...silent.objects, event('CgroupV1')] })).toEqual([
      'error kubelet-cgroup-v1-refused: the kubelet of node node1 has gone silent, and has warned of cgroup v1 on its host, with which kubelets from 1.35 on do not start',
    ]);
  });

  test('it has said something else, or another kubelet has, or nobody may read it', () => {
    const told = ['error node-unreachable: the kubelet of node node1 has gone silent'];
    expect(judged(check, { objects: [...silent.objects, event('Starting')] })).toEqual(told);
    expect(judged(check, { objects: [...silent.objects, event('CgroupV1', 'node2')] })).toEqual(told);
    expect(judged(check, { objects: [...silent.objects, event('CgroupV1')], denied: ['Event'] })).toEqual(told);
  });

  test('a node that is ready has only been warned', () => {
    expect(judged(check, { objects: [...failing(ready).objects, event('CgroupV1')] })).toEqual([
      'fine: The nodes of the Pods that fail are ready and without pressure.',
    ]);
  });
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, failing({ type: 'Ready', status: 'False' }))).toContain('wrong');
});
