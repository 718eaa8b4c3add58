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
  [
    'words that are not known',
    '0/1 nodes are available: 1 node(s) exceed max volume count.',
    ['undefined: node(s) exceed max volume count'],
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
