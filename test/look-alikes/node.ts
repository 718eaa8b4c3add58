/** Look-alikes of Pods that go away, and of nodes (failure catalogue, section 22). */
import { type PodParts, withPod } from '../../src/checks/pods/testing-pods.ts';
import { starting } from '../../src/checks/pods/testing-start.ts';
import { BEFORE, type Cluster, type Made } from '../../src/checks/testing.ts';
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
        withPod({
          deployment: { availableReplicas: 0 },
          status: {
            phase: 'Failed',
            reason: 'Evicted',
            message: 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. ',
          },
        }),
        'pod-evicted-node-pressure',
      ],
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
      [
        'failing',
        starting({
          events: [
            [
              'FailedCreatePodSandBox',
              'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "0f5c1d2e3a4b5c6d7e8f90": plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory',
            ],
          ],
        }),
        'sandbox-cni-error',
      ],
    ],
  },
];
