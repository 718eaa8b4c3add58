import { expect, test } from 'vitest';
import type { ClusterReader, ListRequest } from '../model.ts';
import { glanceAt } from './workloads.ts';

const owned = (kind: string, uid: string) => ({ ownerReferences: [{ kind, uid, controller: true }] });
const waiting = (reason: string) => ({ phase: 'Pending', containerStatuses: [{ name: 'web', state: { waiting: { reason } } }] });
const READY = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: [{ name: 'web', ready: true, state: { running: {} } }],
};

const OBJECTS: Readonly<Record<string, object[]>> = {
  Deployment: [
    { metadata: { name: 'fine', uid: 'd1', labels: { team: 'a' } }, spec: { replicas: 1 }, status: { readyReplicas: 1 } },
    { metadata: { name: 'broken', uid: 'd2' }, spec: { replicas: 2 }, status: { readyReplicas: 1 } },
    { metadata: { name: 'starting', uid: 'd3' }, spec: { replicas: 1 }, status: {} },
    { metadata: { name: 'off', uid: 'd4' }, spec: { replicas: 0 } },
  ],
  ReplicaSet: [
    { metadata: { name: 'fine-1', uid: 'r1', ...owned('Deployment', 'd1') } },
    { metadata: { name: 'broken-1', uid: 'r2', ...owned('Deployment', 'd2') } },
    { metadata: { name: 'starting-1', uid: 'r3', ...owned('Deployment', 'd3') } },
    // Argo's Rollout makes ReplicaSets; kdebug does not know it.
    { metadata: { name: 'canary-1', uid: 'r4', ...owned('Rollout', 'x') }, spec: { replicas: 1 }, status: { readyReplicas: 1 } },
  ],
  Job: [
    {
      metadata: { name: 'nightly-1', uid: 'j1', ...owned('CronJob', 'c1') },
      status: { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] },
    },
    { metadata: { name: 'migrate', uid: 'j2' }, status: { conditions: [{ type: 'Failed', status: 'True' }] } },
  ],
  CronJob: [{ metadata: { name: 'nightly', uid: 'c1' }, spec: {} }],
  Pod: [
    { metadata: { name: 'fine-1-a', uid: 'p1', ...owned('ReplicaSet', 'r1') }, status: READY },
    { metadata: { name: 'broken-1-a', uid: 'p2', ...owned('ReplicaSet', 'r2') }, status: READY },
    { metadata: { name: 'broken-1-b', uid: 'p3', ...owned('ReplicaSet', 'r2') }, status: waiting('ImagePullBackOff') },
    { metadata: { name: 'starting-1-a', uid: 'p4', ...owned('ReplicaSet', 'r3') }, status: waiting('ContainerCreating') },
    { metadata: { name: 'nightly-1-a', uid: 'p5', ...owned('Job', 'j1') }, status: { phase: 'Succeeded' } },
    { metadata: { name: 'shell', uid: 'p6' }, status: READY },
  ],
};

/** Serves two objects a page. */
const reader = (denied: readonly string[] = []) =>
  ({
    list: async ({ kind, continue: from = '0' }: ListRequest) => {
      if (denied.includes(kind)) return { ok: false, reason: 'forbidden', message: 'no' };
      const all = OBJECTS[kind] ?? [];
      const next = Number(from) + 2;
      const more = next < all.length ? { complete: false, continue: String(next) } : { complete: true };
      return { ok: true, value: { items: all.slice(Number(from), next), ...more } };
    },
  }) as unknown as ClusterReader;

const rows = async (options: Partial<Parameters<typeof glanceAt>[1]> = {}, denied: readonly string[] = []) => {
  const { workloads, unread } = await glanceAt(reader(denied), { namespace: 'shop', ...options });
  return { rows: workloads.map(({ kind, name, ready, status, health }) => `${health} ${kind}/${name} ${ready ?? '-'} ${status}`), unread };
};

test('worst first; what another workload made is not shown for itself; unknown owners are', async () => {
  expect((await rows()).rows).toEqual([
    'broken Deployment/broken 1/2 ImagePullBackOff',
    'broken Job/migrate 0/1 Failed',
    'waiting Deployment/starting 0/1 ContainerCreating',
    'fine Deployment/fine 1/1 Running',
    'fine Deployment/off 0/0 Scaled to 0',
    'fine CronJob/nightly - Succeeded',
    'fine ReplicaSet/canary-1 1/1 Running',
    'fine Pod/shell 1/1 Running',
  ]);
});

test('labels choose workloads, and their Pods still tell how they are', async () => {
  expect((await rows({ labelSelector: 'team=a' })).rows).toEqual(['fine Deployment/fine 1/1 Running']);
  await expect(rows({ labelSelector: 'team in (' })).rejects.toThrow('is not a label selector');
});

test('what may not be listed is said; the others are there', async () => {
  const { rows: left, unread } = await rows({}, ['Job', 'CronJob']);
  expect(unread.map(({ kind, reason }) => `${kind} ${reason}`)).toEqual(['CronJob forbidden', 'Job forbidden']);
  expect(left).toContain('broken Deployment/broken 1/2 ImagePullBackOff');
});
