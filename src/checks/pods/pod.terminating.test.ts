import { describe, expect, test } from 'vitest';
import type { Artifacts, ReadRequest } from '../../model.ts';
import { artifactsOf, BEFORE, judged, type Made, meta, withoutFields } from '../testing.ts';
import { check } from './pod.terminating.ts';
import { type PodParts, withPod } from './testing-pods.ts';

/** The clock of the tests stands at 10:00. */
const deleted = (metadata: object, parts: PodParts = {}) =>
  withPod({ ...parts, metadata: { deletionTimestamp: '2026-11-24T09:50:00Z', deletionGracePeriodSeconds: 30, ...metadata } });
const node = (ready: string): Made => ({
  kind: 'Node',
  metadata: { name: 'node1' },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

test('a finalizer that nobody removes', () => {
  expect(judged(check, deleted({ finalizers: ['shop.example/drain'] }, { more: [node('True')] }))).toEqual([
    'warning terminating-finalizer: the deleted Pods wait for the finalizer shop.example/drain, which nobody removes',
  ]);
});

test('a node that is silent explains it, finalizers or not', () => {
  expect(judged(check, deleted({ finalizers: ['a'] }, { more: [node('Unknown')] }))).toEqual([
    'warning terminating-node-unreachable: Node node1 does not answer, so that nobody can say whether the deleted Pods on it have stopped',
  ]);
});

test('a container that does not stop', () => {
  expect(judged(check, deleted({}, { more: [node('True')] }))).toEqual([
    'warning terminating-slow-shutdown: the deleted Pods have not stopped within their grace period',
  ]);
  expect(judged(check, deleted({}, { denied: ['Node'] }))).toHaveLength(1);
});

test('of a Pod that was named itself it is an error: nobody replaces it', () => {
  const cluster = { ...deleted({}), target: { kind: 'Pod', name: 'cart-1-a' } } as const;
  expect(judged(check, cluster)).toEqual(['error terminating-slow-shutdown: the deleted Pods have not stopped within their grace period']);
});

test.each(['2026-11-24T10:00:20Z', '2026-11-24T09:59:45Z'])('a Pod whose grace period ends at %s has time', (deletionTimestamp) => {
  expect(judged(check, deleted({ deletionTimestamp }))).toEqual(['fine: Deleted Pods still have time to stop.']);
  const named = { ...deleted({ deletionTimestamp }), target: { kind: 'Pod', name: 'cart-1-a' } } as const;
  expect(judged(check, named)).toEqual(['fine (in progress): Deleted Pods still have time to stop.']);
});

test('no Pod is deleted', () => {
  expect(judged(check, withPod({}))).toEqual(['notApplicable: No Pod is being deleted.']);
});

test('fields that are missing do no harm', () => {
  expect(withoutFields(check, deleted({ finalizers: ['a'] }))).toContain('wrong');
});

describe('a Pod that still has time, and takes long', () => {
  const RUNS = { phase: 'Running', containerStatuses: [{ name: 'web', state: { running: { startedAt: BEFORE } } }] };
  const slow = (deletionTimestamp: string, status: object = RUNS) =>
    deleted({ deletionTimestamp, deletionGracePeriodSeconds: 600 }, { status, more: [node('True')] });
  const SLOW =
    'terminating-slow-shutdown: the deleted Pods do not stop when they are asked to (SIGTERM), and are killed only after their grace period of 600 s';

  test('is worth knowing', () => {
    expect(judged(check, slow('2026-11-24T10:08:00Z'))).toEqual(['fine: Deleted Pods still have time to stop.', `info ${SLOW}`]);
  });
  test('holds up a Deployment that is to be made anew', () => {
    const cluster = slow('2026-11-24T10:08:00Z');
    const objects = cluster.objects.map((one) =>
      one?.kind === 'Deployment' ? { ...one, spec: { ...(one.spec as object), strategy: { type: 'Recreate' } } } : one,
    );
    expect(judged(check, { ...cluster, objects })).toEqual([`error ${SLOW}`]);
  });
  test('has just been asked, or has stopped', () => {
    const fine = ['fine: Deleted Pods still have time to stop.'];
    expect(judged(check, slow('2026-11-24T10:09:30Z'))).toEqual(fine);
    expect(judged(check, slow('2026-11-24T10:08:00Z', { phase: 'Succeeded' }))).toEqual(fine);
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, slow('2026-11-24T10:08:00Z'))).toContain('fine');
  });
});

describe('kill-failed', () => {
  const event = (message: string): Made => ({
    kind: 'Event',
    metadata: meta('cart-1-a.1'),
    involvedObject: { kind: 'Pod', name: 'cart-1-a', uid: 'cart-1-a' },
    type: 'Warning',
    reason: 'FailedKillPod',
    lastTimestamp: BEFORE,
    message,
  });
  const failing = (message: string) => deleted({}, { more: [node('True'), event(message)] });

  test.each([
    [
      'containerd, a CNI plugin',
      'error killing pod: failed to "KillPodSandbox" for "5f3a" with KillPodSandboxError: "rpc error: code = Unknown desc = failed to destroy network for sandbox \\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\\": plugin type=\\"calico\\" failed (delete): connection refused"',
      'the sandbox of the deleted Pods: rpc error: code = Unknown desc = failed to destroy network for sandbox ...: plugin type="calico" failed (delete): connection refused',
    ],
    [
      'a container that does not end in time',
      'error killing pod: [failed to "KillContainer" for "web" with KillContainerError: "rpc error: code = DeadlineExceeded desc = context deadline exceeded", failed to "KillPodSandbox" for "5f3a" with KillPodSandboxError: "rpc error: code = DeadlineExceeded desc = context deadline exceeded"]',
      'the deleted Pods: rpc error: code = DeadlineExceeded desc = context deadline exceeded',
    ],
    ['other words', 'error killing pod: the runtime is gone', 'the deleted Pods: the runtime is gone'],
  ])('%s', (_, message, why) => {
    expect(judged(check, failing(message))).toEqual([`warning kill-failed: the runtime of node node1 cannot stop ${why}`]);
  });
  test('a silent node, or a finalizer, comes first', () => {
    const message = 'error killing pod: the runtime is gone';
    expect(judged(check, deleted({}, { more: [node('Unknown'), event(message)] }))[0]).toContain('terminating-node-unreachable');
    expect(judged(check, deleted({ finalizers: ['a'] }, { more: [node('True'), event(message)] }))[0]).toContain('terminating-finalizer');
  });
  test('a Pod that has time is none', () => {
    const early = deleted({ deletionTimestamp: '2026-11-24T09:59:45Z' }, { more: [node('True'), event('error killing pod: x')] });
    expect(judged(check, early)).toEqual(['fine: Deleted Pods still have time to stop.']);
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, failing('error killing pod: x'))).toContain('wrong');
  });
});

describe('pdb-blocks-eviction', () => {
  const nodes = (unschedulable: boolean): Made => ({ kind: 'Node', metadata: { name: 'node1' }, spec: { unschedulable } });
  const budget = (disruptionsAllowed: number, app = 'cart', spec: object = {}): Made => ({
    kind: 'PodDisruptionBudget',
    metadata: meta('cart'),
    spec: { minAvailable: 1, selector: { matchLabels: { app } }, ...spec },
    status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1 },
  });
  /** Another question has read the nodes. */
  const withNodes = { ...check, reads: (a: Artifacts): ReadRequest[] => [...check.reads(a), { verb: 'list', kind: 'Node' }] };
  const found = (...more: Made[]) => judged(withNodes, withPod({ more }));
  const NOTE =
    'info pdb-blocks-eviction: PodDisruptionBudget cart allows no Pod to be evicted, so that their cordoned node cannot be drained';

  test('the node is cordoned, and the budget allows nothing', () => {
    expect(found(nodes(true), budget(0))).toEqual(['fine: No Pod is being deleted.', NOTE]);
  });
  test.each<[string, Made[]]>([
    ['a node in use', [nodes(false), budget(0)]],
    ['a budget that allows one', [nodes(true), budget(1)]],
    ['a budget for others', [nodes(true), budget(0, 'web')]],
  ])('%s is none', (_, more) => {
    expect(found(...more)).toEqual(['notApplicable: No Pod is being deleted.']);
  });
  test('costs a healthy workload no request', () => {
    expect(
      check.reads(artifactsOf(check, withPod({ more: [nodes(true), budget(0)] }))).map((one) => 'kind' in one && one.kind),
    ).not.toContain('PodDisruptionBudget');
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(withNodes, withPod({ more: [nodes(true), budget(0)] }))).toContain('fine');
  });
});
