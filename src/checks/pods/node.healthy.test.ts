import { expect, test } from 'vitest';
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
])('%s', (_, conditions, told) => {
  expect(judged(check, failing(...conditions))).toEqual([told]);
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

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, failing({ type: 'Ready', status: 'False' }))).toContain('wrong');
});
