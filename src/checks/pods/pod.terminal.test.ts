import { describe, expect, test } from 'vitest';
import { type Cluster, judged, meta, NAMESPACE, patches, withoutFields } from '../testing.ts';
import { check } from './pod.terminal.ts';
import { type PodParts, withPod } from './testing-pods.ts';

const failed = (reason: string, message: string, parts: PodParts = {}) =>
  withPod({ deployment: { availableReplicas: 0 }, ...parts, status: { phase: 'Failed', reason, message } });
const FINE = ['fine: No Pod has failed for good.'];

describe('evicted', () => {
  test.each([
    [
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. Container web was using 900Mi, request is 0, has larger consumption of memory. ',
      'memory',
    ],
    ['The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 900Mi. ', 'ephemeral-storage'],
    ['Pod was rejected: The node had condition: [DiskPressure]. ', 'DiskPressure'],
  ])('the node: %s', (message, what) => {
    expect(judged(check, failed('Evicted', message))).toEqual([
      `error pod-evicted-node-pressure: the kubelet of node node1 evicted the Pod because ${what} ran low`,
    ]);
  });

  test.each([
    [
      'Usage of EmptyDir volume "feed" exceeds the limit "10Mi". ',
      'the Pod wrote more into its emptyDir volume feed than the sizeLimit of 10Mi allows',
    ],
    [
      'Container web exceeded its local ephemeral storage limit "1Gi". ',
      'container web used more local storage than its limit of 1Gi; its logs count',
    ],
    [
      'Pod ephemeral local storage usage exceeds the total limit of containers 2Gi. ',
      "the Pod used more local storage than its containers' limits of 2Gi together; logs and emptyDir volumes count",
    ],
  ])('its own limit: %s', (message, told) => {
    expect(judged(check, failed('Evicted', message, { spec: { volumes: [{ name: 'feed', emptyDir: { sizeLimit: '10Mi' } }] } }))).toEqual([
      `error emptydir-size-or-ephemeral-limit: ${told}`,
    ]);
  });

  test('the patch aims at the volume of the template, and leaves the size to a person', () => {
    const cluster = failed('Evicted', 'Usage of EmptyDir volume "feed" exceeds the limit "10Mi". ', {
      spec: { volumes: [{ name: 'feed', emptyDir: { sizeLimit: '10Mi' } }] },
    });
    expect(patches(check, cluster)).toEqual([
      '[{"op":"replace","path":"/spec/template/spec/volumes/0/emptyDir/sizeLimit","value":"<size>"}]',
    ]);
  });
});

test.each([
  [
    'OutOfcpu',
    "Pod was rejected: Node didn't have enough resource: cpu, requested: 900, used: 1900, capacity: 2000",
    'kubelet-admission-out-of-resource: node node1 had not enough cpu left when the Pod arrived',
  ],
  [
    'OutOfpods',
    "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 110, capacity: 110",
    'kubelet-admission-out-of-resource: node node1 had not enough pods left when the Pod arrived',
  ],
  [
    'NodeAffinity',
    "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    "kubelet-admission-node-affinity: the kubelet of node node1 refused the Pod: node(s) didn't match Pod's node affinity/selector",
  ],
  [
    'DeadlineExceeded',
    'Pod was active on the node longer than the specified deadline',
    'pod-deadline-exceeded: the Pod ran longer than its activeDeadlineSeconds of 10',
  ],
])('%s', (reason, message, told) => {
  expect(judged(check, failed(reason, message, { spec: { activeDeadlineSeconds: 10 } }))).toEqual([`error ${told}`]);
});

test('a Pod that has been replaced is only left over', () => {
  expect(judged(check, failed('Evicted', 'The node was low on resource: memory. ', { deployment: { availableReplicas: 1 } }))).toEqual([
    ...FINE,
    'info pod-evicted-node-pressure: the kubelet of node node1 evicted the Pod because memory ran low',
  ]);
});

test('a Pod that fails by itself is told at its containers', () => {
  expect(judged(check, withPod({ status: { phase: 'Failed' } }))).toEqual(FINE);
});

describe('Jobs', () => {
  const job = (condition: object, spec: object = {}): Cluster => ({
    target: { kind: 'Job', name: 'export' },
    objects: [
      { kind: 'Job', metadata: meta('export'), spec, status: { conditions: [condition] } },
      {
        kind: 'Pod',
        metadata: {
          name: 'export-x',
          namespace: NAMESPACE,
          uid: 'x',
          labels: { 'batch.kubernetes.io/job-name': 'export' },
          ownerReferences: [{ kind: 'Job', name: 'export', uid: 'export', controller: true }],
        },
        spec: { containers: [] },
        status: { phase: 'Failed' },
      },
    ],
  });
  test.each(['Failed', 'FailureTarget'])('past its deadline, and out of retries (condition %s)', (type) => {
    expect(judged(check, job({ type, status: 'True', reason: 'DeadlineExceeded' }, { activeDeadlineSeconds: 10 }))).toEqual([
      'error job-deadline-exceeded: Job export ran longer than its activeDeadlineSeconds of 10; time in which its Pods were Pending counts',
    ]);
    expect(judged(check, job({ type, status: 'True', reason: 'BackoffLimitExceeded' }, { backoffLimit: 2 }))).toEqual([
      'error job-backoff-limit-exceeded: Job export gave up: its Pods failed more often than its backoffLimit of 2 allows',
    ]);
  });
  test('a Job that is complete or has not failed', () => {
    expect(judged(check, job({ type: 'Complete', status: 'True' }))).toEqual(FINE);
    expect(judged(check, job({ type: 'Failed', status: 'False', reason: 'DeadlineExceeded' }))).toEqual(FINE);
  });
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, failed('Evicted', 'Usage of EmptyDir volume "feed" exceeds the limit "10Mi". '))).toContain('wrong');
});
