import { describe, expect, test } from 'vitest';
import { judged, type Made, meta, withoutFields } from '../testing.ts';
import { check as seenByScheduler } from './pod.scheduler-seen.ts';
import { check } from './sched.constraints.ts';
import { type Waiting, waiting } from './testing-placement.ts';

const of = (said: string, parts: Omit<Waiting, 'said'> = {}) => judged(check, waiting({ said, ...parts }));
const claims = { spec: { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu' }] } };
const silent = { status: { conditions: [] } };

describe('dra-claim-unallocatable', () => {
  test.each([
    ['1 cannot allocate all claims', 'no node that the Pod may use has the devices free that it claims (gpu)'],
    [
      '0/1 nodes are available: request gpu: device class gpu.example does not exist. no new claims to deallocate',
      'DeviceClass gpu.example, from which the Pod claims a device (request gpu), does not exist',
    ],
    [
      '1 resourceclaim not available on the node',
      'the devices that the Pod claims (gpu) cannot be had: resourceclaim not available on the node',
    ],
    ['0/1 nodes are available: resourceclaim in use.', 'the devices that the Pod claims (gpu) cannot be had: resourceclaim in use'],
    [
      '0/1 nodes are available: resource claim shop/cart-gpu is in the process of being allocated.',
      'the devices that the Pod claims (gpu) cannot be had: resource claim shop/cart-gpu is in the process of being allocated',
    ],
    ['1 timed out trying to allocate devices', 'the devices that the Pod claims (gpu) cannot be had: timed out trying to allocate devices'],
  ])('%s', (said, why) => {
    expect(of(said, claims)).toEqual([`error dra-claim-unallocatable: ${why}`]);
  });
  test('claims that cannot be made: no scheduler looks at the Pod, and that is not the scheduler', () => {
    const event: Made = {
      kind: 'Event',
      metadata: meta('e'),
      reason: 'FailedResourceClaimCreation',
      message: 'PodResourceClaim gpu: resource claim template "one-gpu": resourceclaimtemplate.resource.k8s.io "one-gpu" not found',
      involvedObject: { kind: 'Pod', name: 'cart-2-a', uid: 'cart-2-a' },
    };
    const parts = { ...claims, ...silent, more: [event] };
    expect(of('', parts)).toEqual([
      "error dra-claim-unallocatable: the device claims of the Pod cannot be made: PodResourceClaim gpu: resource claim template 'one-gpu': resourceclaimtemplate.resource.k8s.io 'one-gpu' not found",
    ]);
    expect(judged(seenByScheduler, waiting({ said: '', ...parts }))).toEqual(['fine: A scheduler has looked at them.']);
  });
  test('look-alike: a device plugin', () => {
    expect(of('1 Insufficient nvidia.com/gpu')).toEqual(['fine: No rule keeps the Pods off every node.']);
  });
});

describe('gang-waiting', () => {
  const group = { spec: { workloadRef: { name: 'train', podGroup: 'workers' } } };
  const told =
    'error gang-waiting: the scheduler places the Pods of group workers only together, and too few of them are there or find room';
  test.each([
    'waiting for minCount pods from a gang to appear in scheduling queue',
    'waiting for pods\'s pod group "workers" to appear in scheduling queue',
    'pod group is waiting for preemption to complete',
  ])('%s', (said) => {
    expect(of(said, group)).toEqual([told]);
  });
  test('a scheduler that says nothing, by either name of the field', () => {
    expect(of('', { ...group, ...silent })).toEqual([told]);
    expect(of('', { spec: { schedulingGroup: { podGroupName: 'workers' } }, ...silent })).toEqual([told]);
    expect(judged(seenByScheduler, waiting({ said: '', ...group, ...silent }))).toEqual(['fine: A scheduler has looked at them.']);
  });
});

test('node-declared-features', () => {
  expect(of("1 node(s) didn't match Pod's required features")).toEqual([
    'error node-declared-features: the Pod uses a feature of Kubernetes that no node that it may use declares: their kubelets are older, or have it turned off',
  ]);
});

describe('scheduler-error', () => {
  const failing = (message: string, creationTimestamp?: string): Omit<Waiting, 'said'> => ({
    status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulerError', message }] },
    ...(creationTimestamp && { pod: { creationTimestamp } }),
  });
  test.each([
    [
      'running Bind plugin "DefaultBinder": pods "cart-2-a" is forbidden: denied by policy',
      "(Bind, plugin DefaultBinder): pods '…' is forbidden: denied by policy",
    ],
    [
      'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
      '(PreBind, plugin VolumeBinding): binding volumes: context deadline exceeded',
    ],
  ])('%s', (message, why) => {
    expect(of('', failing(message))).toEqual([`error scheduler-error: the scheduler fails on the Pod ${why}`]);
  });
  test('once, on a new Pod, is none', () => {
    expect(of('', failing('x', '2026-11-24T09:59:55Z'))).toEqual([
      'fine (in progress): The scheduler has failed on a Pod, and tries again.',
    ]);
  });
});

describe('node-name-mismatch', () => {
  const pinned = { spec: { nodeName: 'worker-17' }, status: { conditions: [] } };
  const told = 'error node-name-mismatch: the template pins the Pods to node worker-17, which does not exist';
  test('a node that is not there', () => expect(of('', pinned)).toEqual([told]));
  test("the scheduler's words", () => {
    expect(of("1 node(s) didn't match the requested node name")).toEqual([
      'error node-name-mismatch: the Pod wants a node by name, and no node has that name',
    ]);
  });
  test('where nodes may not be read: no kubelet has taken the Pod', () => {
    expect(of('', { ...pinned, denied: ['Node'] })).toEqual([
      'error node-name-mismatch: the template pins the Pods to node worker-17, and no kubelet of that name takes them',
    ]);
  });
  test('look-alikes: a node that is there, a Pod that its kubelet knows, a new Pod where nodes may not be read', () => {
    const none = ['notApplicable: No Pod waits for a node.'];
    expect(of('', { ...pinned, denied: ['Node'], pod: { creationTimestamp: '2026-11-24T09:59:57Z' } })).toEqual(none);
    expect(of('', { ...pinned, nodes: [{ kind: 'Node', metadata: { name: 'worker-17' } }] })).toEqual(none);
    expect(of('', { ...pinned, status: { hostIP: '10.0.0.1', conditions: [] } })).toEqual(none);
  });
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, waiting({ said: '1 cannot allocate all claims', ...claims }))).toContain('wrong');
  expect(withoutFields(check, waiting({ said: '', spec: { nodeName: 'worker-17' }, status: { conditions: [] } }))).toContain('wrong');
});
