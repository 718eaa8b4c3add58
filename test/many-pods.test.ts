/** One workload of fifty Pods in several states: one finding for each fault, whatever the number of Pods, and none for what has recovered. */
import { expect, test } from 'vitest';
import { healthy, type Made, meta, NOW, readerOf, targetOf } from '../src/checks/testing.ts';
import { diagnose } from '../src/diagnose.ts';
import { reportLines } from '../src/report/text.ts';
import { render } from '../src/ui/render.ts';

const NOT_FOUND =
  'failed to pull and unpack image "docker.io/library/nginx:1.72": failed to resolve image: docker.io/library/nginx:1.72: not found';
const KEY = "couldn't find key currency in ConfigMap shop/settings";
const SINCE = '2026-11-24T09:50:00Z';

const labels = { app: 'cart' };
const IMAGE = { name: 'web', image: 'nginx:1.72' };
const owned = (replicaSet: string) => ({
  labels,
  ownerReferences: [{ kind: 'ReplicaSet', name: replicaSet, uid: replicaSet, controller: true }],
});

const revision = (number: number, replicas: number): Made => ({
  kind: 'ReplicaSet',
  metadata: meta(`cart-${number}`, {
    labels,
    annotations: { 'deployment.kubernetes.io/revision': String(number) },
    ownerReferences: [{ kind: 'Deployment', name: 'cart', uid: 'cart', controller: true }],
  }),
  spec: { replicas, template: { metadata: { labels }, spec: { containers: [IMAGE] } } },
});

/** @param state of the container web */
function pods(count: number, replicaSet: string, word: string, state: object, more: object = {}): Made[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'Pod',
    metadata: meta(`${replicaSet}-${word}${index}`, owned(replicaSet)),
    spec: { containers: [IMAGE], nodeName: 'node1' },
    status: {
      phase: 'Running',
      podIP: '10.244.0.9',
      conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: SINCE }],
      containerStatuses: [{ name: 'web', ready: false, started: false, restartCount: 0, state, ...more }],
      ...(word === 'fine' && { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: SINCE }] }),
    },
  }));
}

const killed = { exitCode: 137, reason: 'OOMKilled', startedAt: '2026-11-24T09:57:00Z', finishedAt: '2026-11-24T09:58:00Z' };
const running = { running: { startedAt: SINCE } };

const deployment = {
  ...healthy()[0]!,
  spec: { replicas: 50, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [IMAGE] } } },
  status: { observedGeneration: 1, replicas: 50, readyReplicas: 20, availableReplicas: 20 },
};

const cluster = {
  objects: [
    deployment,
    revision(2, 45),
    revision(1, 5),
    // Restarted once, long ago: it has recovered.
    ...pods(15, 'cart-2', 'fine', running, { ready: true, started: true, restartCount: 1, lastState: { terminated: killed } }),
    ...pods(12, 'cart-2', 'image', { waiting: { reason: 'ImagePullBackOff', message: NOT_FOUND } }),
    ...pods(10, 'cart-2', 'key', { waiting: { reason: 'CreateContainerConfigError', message: KEY } }),
    ...pods(8, 'cart-2', 'oom', { waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 4, lastState: { terminated: killed } }),
    ...pods(5, 'cart-1', 'fine', running, { ready: true, started: true }),
    { kind: 'ConfigMap', metadata: meta('settings'), data: {} } as Made,
  ],
};

const look = await diagnose(readerOf(cluster), { context: 'fake', server: 'a test', flags: [] }, targetOf(cluster), {
  now: NOW,
  probe: false,
  clock: () => 0,
});

test('each fault is one finding that counts its Pods', () => {
  const faults = look.diagnosis.findings.filter(({ severity, consequenceOf }) => severity === 'error' && consequenceOf.length === 0);
  expect(faults.map(({ cause, count }) => [cause, count]).sort()).toEqual([
    ['config-key-not-found', 10],
    ['image-tag-not-found', 12],
    ['oom-killed', 8],
  ]);
});

test('what has recovered, and the revision before, is no finding', () => {
  const names = look.diagnosis.findings.flatMap(({ objects }) => objects.map(({ name }) => name));
  expect(names.filter((name) => name.includes('-fine'))).toEqual([]);
});

test('the table shows some of each state, the newest revision first, and counts them', () => {
  const lines = render(reportLines(look.diagnosis, look.artifacts), { colour: false, width: undefined }).split('\n');
  const from = lines.findIndex((line) => line.includes('NAME  '));
  const rows = lines.slice(from + 1, from + 12);
  const states = rows.slice(0, 10).map((row) => row.trim().split(/ {2,}/)[2]);
  expect(new Set(states)).toEqual(new Set(['ImagePullBackOff', 'CreateContainerConfigError', 'CrashLoopBackOff', 'Running']));
  expect(rows[9]).toMatch(/older revision$/);
  expect(rows[10]!.trim()).toBe(
    '50 in all: 12 ImagePullBackOff, 10 CreateContainerConfigError, 8 CrashLoopBackOff, 15 Running, 5 Running (older revision)',
  );
});
