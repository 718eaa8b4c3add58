import { expect, test } from 'vitest';
import { parseSchedulerMessage, taintOf } from './scheduler-message.ts';

const blockers = (said: string) => parseSchedulerMessage(said).reasons.map(({ blocker, text }) => `${blocker}: ${text}`);

test.each([
  [
    '1.34',
    "0/4 nodes are available: 1 Insufficient nvidia.com/gpu, 1 Too many pods, 1 node(s) didn't match Pod's node affinity/selector, 2 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.",
    [
      'resource: Insufficient nvidia.com/gpu',
      'slots: Too many pods',
      "selector: node(s) didn't match Pod's node affinity/selector",
      'taint: node(s) had untolerated taint(s)',
    ],
  ],
  [
    '1.33, one item a taint',
    '0/3 nodes are available: 1 node(s) had untolerated taint {dedicated: batch}, 2 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    [
      'taint: node(s) had untolerated taint {dedicated: batch}',
      'taint: node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }',
    ],
  ],
  [
    '1.28, which ends with one full stop more',
    '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod..',
    ['resource: Insufficient cpu'],
  ],
  [
    '1.32 on, nodes that a rule by name excludes',
    "0/3 nodes are available: 1 Insufficient memory, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
    ['resource: Insufficient memory', "selector: node(s) didn't satisfy plugin(s) [NodeAffinity]"],
  ],
  [
    'all about other Pods',
    "0/6 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 1 node(s) didn't match pod affinity rules, 1 node(s) didn't match pod anti-affinity rules, 1 node(s) didn't match pod topology spread constraints, 1 node(s) didn't match pod topology spread constraints (missing required label), 1 node(s) didn't satisfy existing pods anti-affinity rules.",
    [
      "ports: node(s) didn't have free ports for the requested pod ports",
      "pod-affinity: node(s) didn't match pod affinity rules",
      "pod-anti-affinity: node(s) didn't match pod anti-affinity rules",
      "spread: node(s) didn't match pod topology spread constraints",
      "spread-label: node(s) didn't match pod topology spread constraints (missing required label)",
      "existing-anti-affinity: node(s) didn't satisfy existing pods anti-affinity rules",
    ],
  ],
  ['words that are not known', '0/1 nodes are available: 1 node(s) are of no use.', ['undefined: node(s) are of no use']],
  [
    'volumes, 1.34 and before',
    "0/9 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) had volume node affinity conflict, 1 node(s) had no available volume zone, 1 node(s) exceed max volume count, 1 node(s) didn't find available persistent volumes to bind, 1 node(s) did not have enough free storage, 1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod, 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode, 1 node(s) had no available disk.",
    [
      "volume-place: node(s) didn't match PersistentVolume's node affinity",
      'volume-place: node(s) had volume node affinity conflict',
      'volume-place: node(s) had no available volume zone',
      'volume-count: node(s) exceed max volume count',
      "volume-none: node(s) didn't find available persistent volumes to bind",
      'volume-none: node(s) did not have enough free storage',
      'volume-taken: node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
      'volume-taken: node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
      'volume-taken: node(s) had no available disk',
    ],
  ],
  [
    'devices and features',
    "0/5 nodes are available: 1 cannot allocate all claims, 1 resourceclaim not available on the node, 1 cannot fit resource, 1 node(s) didn't match Pod's required features, 1 node(s) didn't match the requested node name. still not schedulable",
    [
      'devices: cannot allocate all claims',
      'devices: resourceclaim not available on the node',
      'devices: cannot fit resource',
      "features: node(s) didn't match Pod's required features",
      "node-name: node(s) didn't match the requested node name",
    ],
  ],
  [
    'a class of devices, before any node',
    '0/1 nodes are available: request fpga: device class fpga.dra.example does not exist. no new claims to deallocate',
    ['devices: request fpga: device class fpga.dra.example does not exist'],
  ],
  [
    'a gang',
    'waiting for minCount pods from a gang to appear in scheduling queue',
    ['gang: waiting for minCount pods from a gang to appear in scheduling queue'],
  ],
  ['nothing', '', []],
])('the reasons of %s', (_, said, expected) => {
  expect(blockers(said)).toEqual(expected);
});

test.each([
  ['0/1 nodes are available: persistentvolumeclaim "media" not found. not found', 'persistentvolumeclaim "media" not found'],
  [
    '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 x.',
    'pod has unbound immediate PersistentVolumeClaims',
  ],
  ['no nodes available to schedule pods', 'no nodes available to schedule pods'],
])('%s: before any node is looked at', (said, before) => {
  expect(parseSchedulerMessage(said)).toEqual({ reasons: [], before });
});

test.each([
  ['node(s) had untolerated taint {dedicated: batch}', { key: 'dedicated', value: 'batch' }],
  ['node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }', { key: 'node.kubernetes.io/disk-pressure', value: '' }],
  ['node(s) had untolerated taint(s)', undefined],
])('the taint of %s', (text, expected) => {
  expect(taintOf({ text, blocker: 'taint' })).toEqual(expected);
});
