/** Look-alikes of the scheduling and volume questions: rows 18 to 22, 26 and 27 of section 22. */
import { node } from '../../src/checks/pods/testing-placement.ts';
import { unplaced, withPod } from '../../src/checks/pods/testing-pods.ts';
import { BEFORE, type Cluster, healthy, type Made, meta } from '../../src/checks/testing.ts';
import { lookAlikes } from './judge.ts';

const UNBOUND = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found';
const claim = (spec: object): Made => ({ kind: 'PersistentVolumeClaim', metadata: meta('media'), spec, status: { phase: 'Pending' } });
const storageClass = (name: string, more: object = {}): Made => ({ kind: 'StorageClass', metadata: { name }, ...more });
const said = (reason: string, message: string): Made => ({
  kind: 'Event',
  metadata: meta(reason),
  reason,
  message,
  lastTimestamp: BEFORE,
  involvedObject: { kind: 'PersistentVolumeClaim', name: 'media', uid: 'media' },
});
const withClaim = (spec: object, ...more: Made[]): Cluster =>
  unplaced(UNBOUND, {
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'media' } }] },
    more: [claim(spec), ...more],
  });

/** A node with two CPUs; the scheduler knows what its Pods request, not what they use. */
const busy: Made = {
  ...node('node1'),
  status: {
    allocatable: { cpu: '2', memory: '8Gi', 'ephemeral-storage': '100Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: BEFORE }],
  },
};
const silent: Made = {
  kind: 'Node',
  metadata: { name: 'node1', creationTimestamp: BEFORE },
  spec: {},
  status: {
    conditions: [
      {
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: BEFORE,
      },
    ],
  },
};
/** The Pod has its node, and nobody has done anything with it. */
const untouched = (...more: Made[]): Cluster =>
  withPod({
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: BEFORE }] },
    deployment: { availableReplicas: 0 },
    more,
  });

lookAlikes([
  {
    row: 18,
    confused: 'Pending: unschedulable / image / config / init',
    sides: [
      ['no node', 'insufficient-cpu', 'insufficient-cpu'],
      ['the image', 'image-tag-not-found', 'image-tag-not-found'],
      ['the configuration', 'config-key-not-found', 'config-key-not-found'],
      ['an init container that waits', 'init-container-running', 'init-container-running'],
      ['the image of an init container', 'init-image-tag-not-found', 'image-tag-not-found'],
    ],
  },
  {
    row: 19,
    confused: 'Pending: no scheduler / gated / unschedulable',
    sides: [
      ['no scheduler of that name', 'scheduler-name-unknown', 'scheduler-name-unknown'],
      ['no scheduler at all', unplaced(), 'scheduler-down'],
      ['gated', 'scheduling-gated', 'scheduling-gated'],
      ['unschedulable', 'node-affinity-mismatch', 'node-affinity-mismatch'],
      [
        'unschedulable',
        unplaced(
          '0/1 nodes are available: 1 node(s) had untolerated taint(s). preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
        ),
        'taint-not-tolerated',
      ],
    ],
  },
  {
    row: 20,
    confused: 'nodeName set, no kubelet action / unschedulable',
    sides: [
      ['the node is dead', untouched(silent), 'node-unreachable'],
      ['unschedulable', 'node-unschedulable', 'node-unschedulable'],
    ],
  },
  {
    row: 21,
    confused: 'Insufficient cpu / node actually busy',
    sides: [
      ['no node has room for the request, however idle it is', 'insufficient-cpu', 'insufficient-cpu'],
      ['Pods that run need no room: how busy the node is does not count', { objects: [...healthy(), busy] }, 'none'],
    ],
  },
  {
    row: 22,
    confused: 'quota exceeded / insufficient resources',
    sides: [
      ['there is no Pod', 'quota-exceeded', 'quota-exceeded'],
      ['the Pod is Pending', 'insufficient-memory', 'insufficient-memory'],
    ],
  },
  {
    row: 26,
    confused: 'PVC pending: WaitForFirstConsumer / broken provisioner',
    sides: [
      ['nobody provisions', 'pvc-provisioner-missing', 'pvc-provisioner-missing'],
      [
        'it waits for a Pod that finds no node for another reason',
        withClaimWaiting(
          '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
        ),
        'insufficient-cpu',
      ],
    ],
  },
  {
    row: 27,
    confused: 'storageClassName "" / unset',
    sides: [
      ['unset, and no class is the default', 'pvc-no-storage-class', 'pvc-no-storage-class'],
      ['unset', withClaim({}, storageClass('local-path')), 'pvc-no-storage-class'],
    ],
  },
]);

/** A claim that waits for the first Pod, as it should, while the Pod waits for something else. */
function withClaimWaiting(words: string): Cluster {
  return unplaced(words, {
    spec: {
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'media' } }],
      containers: [{ name: 'web', image: 'nginx:1.27', resources: { requests: { cpu: '1500m' } } }],
    },
    more: [
      claim({ storageClassName: 'local-path' }),
      storageClass('local-path', { provisioner: 'rancher.io/local-path', volumeBindingMode: 'WaitForFirstConsumer' }),
      said('WaitForFirstConsumer', 'waiting for first consumer to be created before binding'),
      { ...node('node1') },
      {
        kind: 'Pod',
        metadata: meta('other'),
        spec: { nodeName: 'node1', containers: [{ name: 'a', resources: { requests: { cpu: '1' } } }] },
        status: { phase: 'Running' },
      },
    ],
  });
}
