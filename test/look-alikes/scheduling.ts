/** Look-alikes of the scheduling and volume questions (failure catalogue, section 22). */
import { node } from '../../src/checks/pods/testing-placement.ts';
import { unplaced, withPod } from '../../src/checks/pods/testing-pods.ts';
import { starting } from '../../src/checks/pods/testing-start.ts';
import { BEFORE, type Cluster, eventAbout, healthy, type Made, meta } from '../../src/checks/testing.ts';
import type { Group } from './group.ts';

const UNBOUND = '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found';
const claim = (spec: object): Made => ({ kind: 'PersistentVolumeClaim', metadata: meta('media'), spec, status: { phase: 'Pending' } });
const storageClass = (name: string, more: object = {}): Made => ({ kind: 'StorageClass', metadata: { name }, ...more });
const said = (reason: string, message: string): Made => eventAbout('PersistentVolumeClaim', 'media', reason, message);
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

export const SCHEDULING: readonly Group[] = [
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
      ['there is no such node', 'node-name-mismatch', 'node-name-mismatch'],
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
      ['it waits for a Pod that finds no node, recorded', 'pvc-waiting-for-first-consumer', 'node-affinity-mismatch'],
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
      ['unset', withClaim({}, storageClass('local-path')), 'pvc-no-storage-class', /names no StorageClass, and no class is the default/],
      [
        'empty: it never gets the default',
        withClaim(
          { storageClassName: '' },
          {
            kind: 'StorageClass',
            metadata: { name: 'local-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
          },
        ),
        'pvc-no-storage-class',
        /wants no StorageClass \(its name is empty\)/,
      ],
    ],
  },
  {
    row: 28,
    confused: 'volume node affinity conflict / node affinity mismatch',
    sides: [
      ['the volume, recorded', 'volume-node-affinity-conflict', 'volume-node-affinity-conflict'],
      ['the volume, up to 1.32', bound('1 node(s) had volume node affinity conflict'), 'volume-node-affinity-conflict'],
      ['the volume, since 1.33', bound("1 node(s) didn't match PersistentVolume's node affinity"), 'volume-node-affinity-conflict'],
      ['the Pod, recorded', 'node-affinity-mismatch', 'node-affinity-mismatch'],
      ['the Pod', bound("1 node(s) didn't match Pod's node affinity/selector", { disk: 'ssd' }), 'node-affinity-mismatch'],
    ],
  },
  {
    row: 29,
    confused: 'Multi-Attach after node loss / by two replicas',
    sides: [
      [
        'the other Pod is gone',
        attaching(
          'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another',
        ),
        'multi-attach',
        /it is still attached to another node/,
      ],
      [
        'the other Pod runs',
        attaching('Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) cart-0-b'),
        'multi-attach',
        /a Pod on another node uses it/,
      ],
    ],
  },
  {
    row: 30,
    confused: 'FailedAttachVolume / FailedMount',
    sides: [
      ['the controller cannot attach it, recorded', 'attach-failed', 'attach-failed'],
      [
        'the controller cannot attach it',
        attaching('AttachVolume.Attach failed for volume "pvc-1" : rpc error: code = NotFound desc = disk vol-a is in another zone'),
        'attach-failed',
      ],
      [
        'the kubelet cannot mount it',
        attaching(
          'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = Internal desc = format of disk "/dev/sdb" failed',
          'FailedMount',
        ),
        'mount-csi-error',
      ],
      ['the kubelet cannot mount it, recorded', 'mount-secret-not-found', 'mount-secret-not-found'],
    ],
  },
];

/** A Pod that was placed and waits for its volume, and what is said of that. */
function attaching(message: string, reason = 'FailedAttachVolume'): Cluster {
  return starting({
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'media' } }] },
    events: [[reason, message]],
    more: [
      { kind: 'PersistentVolumeClaim', metadata: meta('media'), spec: { volumeName: 'pvc-1' }, status: { phase: 'Bound' } },
      { kind: 'PersistentVolume', metadata: { name: 'pvc-1' }, spec: { csi: { driver: 'disk.example' } }, status: { phase: 'Bound' } },
    ],
  });
}

/** A Pod with a bound claim, which finds no node. */
function bound(reason: string, nodeSelector?: object): Cluster {
  return unplaced(`0/1 nodes are available: ${reason}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`, {
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'media' } }], ...(nodeSelector && { nodeSelector }) },
    more: [
      { kind: 'PersistentVolumeClaim', metadata: meta('media'), spec: { volumeName: 'pvc-1' }, status: { phase: 'Bound' } },
      {
        kind: 'PersistentVolume',
        metadata: { name: 'pvc-1' },
        spec: {
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node2'] }] }],
            },
          },
        },
        status: { phase: 'Bound' },
      },
      node('node1'),
    ],
  });
}

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
