import { describe, expect, test } from 'vitest';
import { artifactsOf, type Cluster, healthy, judged, type Made, meta, withoutFields } from '../testing.ts';
import { check } from './workload.active.ts';

const [deployment, set, pod] = healthy() as [Made, Made, Made];
const spec = deployment.spec as { template: { metadata: { labels: object }; spec: object } };
const ACTIVE = ['fine: It is meant to run: neither paused, suspended nor scaled to zero.'];

function commands(cluster: Cluster): (string | boolean)[][] {
  const answer = check.judge(artifactsOf(check, cluster));
  return answer.outcome === 'wrong'
    ? (answer.reports[0]?.remedies ?? []).map(({ argv, complete }) => [argv.slice(1).join(' '), complete])
    : [];
}

test('it is meant to run', () => {
  expect(judged(check, { objects: healthy() })).toEqual(ACTIVE);
});

describe('deployment-paused', () => {
  const paused = (status: object, image = 'nginx:1.27'): Cluster => {
    const { metadata } = spec.template;
    const labels = { ...metadata.labels, 'pod-template-hash': '7d4b' };
    const template = {
      metadata: { ...metadata, labels },
      spec: { containers: [{ name: 'web', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
    };
    return {
      objects: [{ ...deployment, spec: { ...spec, replicas: 2, paused: true }, status }, { ...set, spec: { replicas: 2, template } }, pod],
    };
  };
  const WAITS = ['error deployment-paused: Deployment cart is paused, so that its template is not rolled out'];
  const NOTE = [...ACTIVE, 'info deployment-paused: Deployment cart is paused: no change of its template will be rolled out'];

  test('a change that waits', () => {
    expect(judged(check, paused({ updatedReplicas: 0 }, 'nginx:1.26'))).toEqual(WAITS);
    expect(commands(paused({}, 'nginx:1.26'))).toEqual([['rollout resume deployment/cart -n shop', true]]);
  });
  test('made paused, so that it has not even a ReplicaSet', () => {
    expect(judged(check, { objects: [{ ...deployment, spec: { ...spec, paused: true }, status: {} }] })).toEqual(WAITS);
  });
  test('with nothing to roll out it is only worth knowing', () => {
    expect(judged(check, paused({ updatedReplicas: 2 }))).toEqual(NOTE);
  });
  test('a paused Deployment is scaled all the same: missing Pods of the latest template have another reason', () => {
    expect(judged(check, paused({ updatedReplicas: 1 }))).toEqual(NOTE);
  });
});

describe('replicas-zero', () => {
  test.each(['Deployment', 'StatefulSet', 'ReplicaSet'] as const)('%s', (kind) => {
    const cluster: Cluster = { target: { kind }, objects: [{ ...deployment, kind, spec: { ...spec, replicas: 0 } }] };
    expect(judged(check, cluster)).toEqual([`error replicas-zero: ${kind} cart is scaled to zero: it is told to run no Pods`]);
    expect(commands(cluster)).toEqual([[`scale ${kind.toLowerCase()}/cart -n shop --replicas=1`, true]]);
  });
  test('a number that is not given is one', () => {
    const { replicas: _, ...without } = deployment.spec as { replicas: number };
    expect(judged(check, { objects: [{ ...deployment, spec: without }] })).toEqual(ACTIVE);
  });
  test('an old revision, named by hand, is at zero because of its Deployment', () => {
    const old = { ...set, spec: { ...spec, replicas: 0 } };
    expect(judged(check, { target: { kind: 'ReplicaSet', name: 'cart-1' }, objects: [deployment, old] })).toEqual([
      ...ACTIVE,
      'info replicas-zero: ReplicaSet cart-1 is scaled to zero by Deployment cart',
    ]);
  });
  test('a DaemonSet has no such number', () => {
    const daemons: Made = { ...deployment, kind: 'DaemonSet', spec: { ...spec, replicas: 0 } };
    expect(judged(check, { target: { kind: 'DaemonSet' }, objects: [daemons] })).toEqual(ACTIVE);
  });
});

describe('job-suspended', () => {
  const job = (suspend: boolean, labels: Record<string, string> = {}): Cluster => ({
    target: { kind: 'Job' },
    objects: [{ kind: 'Job', metadata: meta('cart', { labels }), spec: { suspend } }],
  });
  test('by hand', () => {
    expect(judged(check, job(true))).toEqual(['error job-suspended: Job cart is suspended, so that it has no Pods']);
    expect(commands(job(true))).toEqual([['patch job cart -n shop --type=merge -p {"spec":{"suspend":false}}', true]]);
    expect(judged(check, job(false))).toEqual(ACTIVE);
  });
  test('by a queue, which would suspend it again', () => {
    const queued = job(true, { 'kueue.x-k8s.io/queue-name': 'batch' });
    expect(judged(check, queued)).toEqual([
      'error job-suspended: Job cart is suspended, so that it has no Pods; it waits in the queue batch',
    ]);
    expect(commands(queued)).toEqual([]);
  });
});

describe('cronjob-suspended', () => {
  const target = { kind: 'CronJob' } as const;
  const cronJob = (suspend: boolean): Made => ({ kind: 'CronJob', metadata: meta('cart'), spec: { suspend } });
  test('before its first Job', () => {
    expect(judged(check, { target, objects: [cronJob(true)] })).toEqual([
      'error cronjob-suspended: CronJob cart is suspended, so that it makes no Jobs',
    ]);
    expect(commands({ target, objects: [cronJob(true)] })).toEqual([
      ['patch cronjob cart -n shop --type=merge -p {"spec":{"suspend":false}}', true],
    ]);
  });
  test('one that waits for its time', () => {
    expect(judged(check, { target, objects: [cronJob(false)] })).toEqual(['notApplicable: There is no workload to judge.']);
  });
  test('a Job that its template suspends', () => {
    const ownerReferences = [{ kind: 'CronJob', name: 'cart', uid: 'cart', controller: true }];
    const job: Made = { kind: 'Job', metadata: meta('cart-1', { ownerReferences }), spec: { suspend: true } };
    expect(judged(check, { target, objects: [cronJob(false), job] })).toEqual([
      'error job-suspended: Job cart-1 is suspended, so that it has no Pods',
    ]);
  });
});

test('fields that are missing do no harm', () => {
  const outcomes = withoutFields(check, { objects: [{ ...deployment, spec: { ...spec, paused: true, replicas: 0 } }, set, pod] });
  expect(outcomes).toContain('wrong');
  expect(outcomes.filter((one) => one !== 'wrong' && one !== 'fine')).toEqual([]);
});
