/** Look-alikes of Pods that go away, and of nodes (failure catalogue, section 22). */

import { crashing, ENDED } from '../../src/checks/pods/testing-crash.ts';
import { type PodParts, withPod } from '../../src/checks/pods/testing-pods.ts';
import { starting } from '../../src/checks/pods/testing-start.ts';
import { BEFORE, type Cluster, eventAbout, healthy, type Made } from '../../src/checks/testing.ts';
import type { Group } from './group.ts';

/** Deleted ten minutes ago. */
const deleted = (metadata: object, parts: PodParts = {}): Cluster =>
  withPod({ ...parts, metadata: { deletionTimestamp: '2026-11-24T09:50:00Z', deletionGracePeriodSeconds: 30, ...metadata } });
const node = (ready: string, more: object = {}): Made => ({
  kind: 'Node',
  metadata: { name: 'node1', creationTimestamp: BEFORE },
  spec: {},
  status: { conditions: [{ type: 'Ready', status: ready, lastTransitionTime: BEFORE, ...more }] },
});
/** Being deleted, and marked with the reason. */
const disrupted = (
  reason: string,
  message: string,
  availableReplicas = 0,
  deletionTimestamp = '2026-11-24T10:00:20Z',
  more: readonly Made[] = [],
): Cluster =>
  withPod({
    metadata: { deletionTimestamp, deletionGracePeriodSeconds: 30 },
    deployment: { availableReplicas },
    status: { phase: 'Running', conditions: [{ type: 'DisruptionTarget', status: 'True', reason, message }] },
    more,
  });
const failed = (reason: string, message: string): Cluster =>
  withPod({ deployment: { availableReplicas: 0 }, status: { phase: 'Failed', reason, message } });
const CHANGED = ['SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.'] as const;
const changed = eventAbout('Pod', 'cart-1-a', ...CHANGED);
const REBOOTED = eventAbout('Node', 'node1', 'Rebooted', 'Node node1 has been rebooted, boot id: 7b8a1f0e', ENDED);
const NO_NETWORK =
  'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "0f5c1d2e3a4b5c6d7e8f90": plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory';
const NETWORK =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';

export const NODE: readonly Group[] = [
  {
    row: 31,
    confused: 'Terminating: finalizer / dead node / slow stop',
    sides: [
      ['a finalizer', deleted({ finalizers: ['shop.example/drain'] }), 'terminating-finalizer'],
      ['a dead node', deleted({}, { more: [node('Unknown')] }), 'terminating-node-unreachable'],
      [
        'a dead node, and a finalizer',
        deleted({ finalizers: ['shop.example/drain'] }, { more: [node('Unknown')] }),
        'terminating-node-unreachable',
      ],
      ['a slow stop', deleted({}), 'terminating-slow-shutdown'],
      ['it still has time', deleted({ deletionTimestamp: '2026-11-24T10:00:20Z' }), 'none'],
    ],
  },
  {
    row: 32,
    confused: 'Evicted / Preempted / drained / taint manager',
    sides: [
      [
        'evicted by the kubelet',
        failed('Evicted', 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. '),
        'pod-evicted-node-pressure',
      ],
      ['preempted by the kubelet', failed('Preempting', 'Preempted in order to admit critical pod'), 'pod-preempted-by-kubelet'],
      [
        'preempted by the scheduler',
        disrupted('PreemptionByScheduler', 'default-scheduler: preempting to accommodate a higher priority pod'),
        'pod-preempted-by-scheduler',
      ],
      ['drained', disrupted('EvictionByEvictionAPI', 'Eviction API: evicting', 1), 'pod-deleted-by-gc-or-api', /evicted through the API/],
      [
        'deleted by the taint manager: the node is dead',
        disrupted('DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint', 0, '2026-11-24T09:50:00Z', [node('Unknown')]),
        'terminating-node-unreachable',
      ],
    ],
  },
  {
    row: 33,
    confused: 'node shutdown "Terminated" / app terminated',
    sides: [
      ['the node was shut down', failed('Terminated', 'Pod was terminated in response to imminent node shutdown.'), 'node-shutdown'],
      [
        'the node was shutting down',
        failed('NodeShutdown', 'Pod was rejected: Pod was rejected as the node is shutting down.'),
        'node-shutdown',
      ],
      ['the container was asked to stop, and nothing says by whom', crashing({ code: 143, ran: 30 }), 'exit-143-sigterm'],
    ],
  },
  {
    row: 34,
    confused: 'CNI not installed / CNI failing',
    sides: [
      [
        'not installed: the node is not ready',
        starting({
          events: [['NetworkNotReady', `network is not ready: ${NETWORK}`]],
          more: [node('False', { reason: 'KubeletNotReady', message: NETWORK })],
        }),
        'node-not-ready',
      ],
      ['failing', starting({ events: [['FailedCreatePodSandBox', NO_NETWORK]] }), 'sandbox-cni-error'],
    ],
  },
  {
    row: 35,
    confused: 'sandbox changed after reboot / sandbox dying',
    sides: [
      [
        'once, and the node has lost the container',
        crashing({ code: 255, reason: 'Unknown', events: [CHANGED], more: [REBOOTED] }),
        'node-rebooted',
      ],
      ['once, and all is well again', { objects: [...healthy(), changed] }, 'none'],
      [
        'again and again: the network of each is refused',
        starting({ events: [[...CHANGED], ['FailedCreatePodSandBox', NO_NETWORK], [...CHANGED]] }),
        'sandbox-cni-error',
      ],
      ['again and again: each has too little memory', 'run-init-oom-sandbox', 'run-init-oom'],
    ],
  },
];
