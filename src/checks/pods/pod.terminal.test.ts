import { describe, expect, test } from 'vitest';
import { type Cluster, judged, meta, NAMESPACE, patches, withoutFields } from '../testing.ts';
import { check } from './pod.terminal.ts';
import { crashing } from './testing-crash.ts';
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

describe('by the kubelet, for the sake of the node', () => {
  test.each([
    [
      'Preempting',
      'Preempted in order to admit critical pod',
      'pod-preempted-by-kubelet',
      'the kubelet of node node1 stopped the Pod to make room for a static or system-critical one',
    ],
    [
      'Terminated',
      'Pod was terminated in response to imminent node shutdown.',
      'node-shutdown',
      'node node1 was shut down, and the kubelet ended the Pod',
    ],
    [
      'NodeShutdown',
      'Pod was rejected: Pod was rejected as the node is shutting down.',
      'node-shutdown',
      'node node1 was shutting down when the Pod arrived',
    ],
    [
      'UnexpectedAdmissionError',
      'Pod was rejected: Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. Requested: 1, Available: 0, which is unexpected',
      'kubelet-admission-device',
      'node node1 could not give the Pod its nvidia.com/gpu: the device plugin has no healthy device left for it',
    ],
    [
      'UnexpectedAdmissionError',
      'Pod was rejected: Allocate failed due to no healthy devices present; cannot allocate unhealthy devices nvidia.com/gpu, which is unexpected',
      'kubelet-admission-device',
      'node node1 could not give the Pod its nvidia.com/gpu: the device plugin has no healthy device left for it',
    ],
    [
      'UnexpectedAdmissionError',
      'Pod was rejected: Allocate failed due to cannot allocate unregistered device nvidia.com/gpu, which is unexpected',
      'kubelet-admission-device',
      'node node1 could not give the Pod its nvidia.com/gpu: the device plugin is not registered with it',
    ],
    [
      'UnexpectedAdmissionError',
      'Pod was rejected: Update plugin resources failed due to no such thing, which is unexpected.',
      'kubelet-admission-device',
      'node node1 could not give the Pod its devices: the kubelet could not update what the device plugins offer',
    ],
    [
      'TopologyAffinityError',
      'Pod was rejected: Resources cannot be allocated with Topology locality',
      'kubelet-admission-topology',
      'node node1 cannot give the Pod its CPUs, memory and devices in the way that its topology policy demands: Resources cannot be allocated with Topology locality',
    ],
    [
      'SysctlForbidden',
      'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
      'kubelet-admission-other',
      'the kubelet of node node1 refused the Pod: forbidden sysctl: "kernel.msgmax" not allowlisted',
    ],
    [
      'AppArmor',
      'Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host',
      'kubelet-admission-other',
      'the kubelet of node node1 refused the Pod: Cannot enforce AppArmor: AppArmor is not enabled on the host',
    ],
    [
      'PodOSNotSupported',
      "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS",
      'kubelet-admission-other',
      "the kubelet of node node1 refused the Pod: Failed to admit pod as the OS field doesn't match node OS",
    ],
    [
      'SomethingNew',
      'Pod was rejected: the node has had enough',
      'kubelet-admission-other',
      'the kubelet of node node1 refused the Pod: the node has had enough',
    ],
  ])('%s: %s', (reason, message, cause, told) => {
    expect(judged(check, failed(reason, message))).toEqual([`error ${cause}: ${told}`]);
  });

  test('a sysctl that the template sets can be taken out', () => {
    const cluster = failed('SysctlForbidden', 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted', {
      spec: {
        securityContext: {
          sysctls: [
            { name: 'net.ipv4.ip_local_port_range', value: '1024 65000' },
            { name: 'kernel.msgmax', value: '65536' },
          ],
        },
      },
    });
    expect(patches(check, cluster)).toEqual(['[{"op":"remove","path":"/spec/template/spec/securityContext/sysctls/1"}]']);
  });

  test('others who end Pods write Terminated, too', () => {
    expect(judged(check, failed('Terminated', 'ended by hand'))).toEqual(FINE);
    expect(judged(check, failed('Whatever', 'the node said nothing'))).toEqual(FINE);
  });
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
  test('out of retries, and the only Pod is gone with its log', () => {
    const condition = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' };
    const spec = { backoffLimit: 1, template: { spec: { restartPolicy: 'OnFailure' } } };
    const { objects, ...cluster } = job(condition, spec);
    const gone = { ...cluster, objects: objects.filter((one) => one?.kind !== 'Pod') };
    expect(judged(check, gone)).toEqual([
      'error job-backoff-limit-exceeded: Job export gave up: its Pods failed more often than its backoffLimit of 1 allows; the Pod is gone, and why it failed with its log',
    ]);
    expect(judged(check, { ...cluster, objects })[0]).not.toContain('gone');
  });
  test('a Job that is complete or has not failed', () => {
    expect(judged(check, job({ type: 'Complete', status: 'True' }))).toEqual(FINE);
    expect(judged(check, job({ type: 'Failed', status: 'False', reason: 'DeadlineExceeded' }))).toEqual(FINE);
  });
});

test('container-status-unknown: the kubelet has lost the container', () => {
  expect(judged(check, crashing({ code: 137, reason: 'ContainerStatusUnknown' }))).toEqual([
    'error container-status-unknown: the kubelet of node node1 found container web gone, and does not know how it ended',
  ]);
  expect(judged(check, crashing({ code: 137, reason: 'Error' }))).toEqual(['fine: No Pod has failed for good.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, failed('Evicted', 'Usage of EmptyDir volume "feed" exceeds the limit "10Mi". '))).toContain('wrong');
});
