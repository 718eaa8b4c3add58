import { describe, expect, test } from 'vitest';
import { artifactsOf, BEFORE, type Cluster, healthy, judged, type Made, meta, withoutFields } from '../testing.ts';
import { check } from './workload.rollout.ts';

/** A second before now: less than the kubelet takes. */
const JUST = '2026-11-24T09:59:59Z';

const [deployment, set, pod] = healthy() as [Made, Made, Made];
const spec = pod.spec as object;

interface PodParts {
  readonly set?: string;
  readonly ready?: boolean;
  readonly state?: object;
  readonly restarts?: number;
  readonly status?: object;
  readonly init?: object;
}

/** A Pod of a ReplicaSet, whose container runs since an hour. */
function podOf(
  name: string,
  { set: owner = 'cart-2', ready = false, state = { running: { startedAt: BEFORE } }, restarts = 0, status, init }: PodParts,
): Made {
  const containerStatuses = [{ name: 'web', ready, restartCount: restarts, state }];
  return {
    kind: 'Pod',
    metadata: meta(name, { labels: { app: 'cart' }, ownerReferences: [{ kind: 'ReplicaSet', name: owner, uid: owner, controller: true }] }),
    spec,
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses,
      ...(init && { initContainerStatuses: [{ name: 'migrate', ...init }] }),
      ...status,
    },
  };
}

const setOf = (revision: number, ready: number): Made => ({
  ...set,
  metadata: {
    ...set.metadata,
    name: `cart-${revision}`,
    uid: `cart-${revision}`,
    annotations: { 'deployment.kubernetes.io/revision': `${revision}` },
  },
  spec: { replicas: 1 },
  status: { replicas: 1, readyReplicas: ready },
});

interface Parts {
  readonly pods?: readonly Made[];
  /** Whether revision 1 still has a Pod that serves. */
  readonly old?: boolean;
  readonly conditions?: readonly object[];
  readonly spec?: object;
  readonly status?: object;
}

/** Deployment cart, rolling out revision 2. */
function rollout({ pods = [], old = true, conditions = [], spec: more = {}, status = {} }: Parts): Cluster {
  const own = { replicas: 2, updatedReplicas: 1, availableReplicas: old ? 1 : 0, conditions, ...status };
  return {
    objects: [
      { ...deployment, spec: { ...(deployment.spec as object), ...more }, status: own },
      setOf(2, 0),
      ...(old ? [setOf(1, 1), podOf('cart-1-a', { set: 'cart-1', ready: true })] : []),
      ...pods,
    ],
  };
}

const of = (parts: Parts) => judged(check, rollout(parts));
const WAITS = ['fine (in progress): Deployment cart: not all Pods of the newest revision are available yet.'];
const STUCK = ['error rollout-stuck-old-replicaset: revision 2 of Deployment cart does not come up, and revision 1 still serves'];
const OVERDUE = {
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: 'ReplicaSet "cart-2" has timed out progressing.',
};

function because(cluster: Cluster): unknown {
  const answer = check.judge(artifactsOf(check, cluster));
  return answer.outcome === 'wrong' && answer.reports[0]?.because;
}

test('rolled out', () => {
  const status = { replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
  expect(of({ old: false, pods: [podOf('cart-2-a', { ready: true })], status })).toEqual([
    'fine: The newest revision has been rolled out.',
  ]);
  expect(of({ old: false, spec: { replicas: 0 }, status: { replicas: 0, updatedReplicas: 0 } })).toEqual([
    'fine: The newest revision has been rolled out.',
  ]);
});

test('Jobs and bare Pods are not rolled out', () => {
  const job: Made = { kind: 'Job', metadata: meta('cart'), spec: {} };
  expect(judged(check, { target: { kind: 'Job' }, objects: [job] })).toEqual(['notApplicable: A workload of this kind is not rolled out.']);
});

describe('what the newest revision has that the one that serves had not', () => {
  const container = (more: object, name = 'web') => ({ name, image: 'nginx:1.27', ...more });
  const template = (hash: string, ...containers: object[]) => ({ metadata: { labels: { app: 'cart', hash } }, spec: { containers } });
  const cluster = (before: object, after: object, state: object): Cluster => {
    const parts = rollout({ pods: [podOf('cart-2-a', { state })] });
    const templates: Record<string, object> = { 'cart-1': before, 'cart-2': after };
    const objects = parts.objects.map((one) =>
      one?.kind === 'ReplicaSet' ? { ...one, spec: { replicas: 1, template: templates[one.metadata.name] } } : one,
    );
    return { ...parts, objects };
  };
  const pulls = { waiting: { reason: 'ImagePullBackOff' } };
  const crashes = { waiting: { reason: 'CrashLoopBackOff' } };
  const side = container({ image: 'busybox:1.36' }, 'side');
  test.each<[string, object, object, object, string]>([
    [
      'the image that cannot be pulled, and not the variable',
      container({}),
      container({ image: 'nginx:1.72', env: [{ name: 'A' }] }),
      pulls,
      '; what differs is spec.containers[name=web].image',
    ],
    [
      'the variable of a container that crashes',
      container({ env: [{ name: 'A', value: '1' }] }),
      container({ env: [{ name: 'A', value: '2' }] }),
      crashes,
      '; what differs is spec.containers[name=web].env[name=A].value',
    ],
    ['nothing, where the new Pods fail for another reason', container({}), container({}), crashes, ''],
  ])('%s', (_, before, after, state, fields) => {
    const stuck = cluster(template('1', before, side), template('1', after, { ...side, image: 'busybox:1.37' }), state);
    expect(judged(check, stuck)).toEqual([STUCK[0] + fields]);
  });
  test('goes back to the revision that serves', () => {
    const answer = check.judge(
      artifactsOf(check, cluster(template('1', container({})), template('1', container({ image: 'nginx:1.72' })), pulls)),
    );
    const [report] = answer.outcome === 'wrong' ? answer.reports : [];
    expect(report?.remedies?.map(({ argv }) => argv.join(' '))).toEqual(['kubectl rollout undo deployment/cart -n shop --to-revision=1']);
    expect(report?.evidence.map((one) => ('path' in one ? one.path : ''))).toContain('spec.template.spec.containers[name=web].image');
  });
});

describe('rollout-stuck-old-replicaset', () => {
  test.each<[string, PodParts]>([
    ['an image that cannot be pulled', { state: { waiting: { reason: 'ImagePullBackOff' } } }],
    [
      'an init container that fails',
      { state: { waiting: { reason: 'PodInitializing' } }, init: { state: { waiting: { reason: 'CrashLoopBackOff' } } } },
    ],
    ['a container that runs once more after a crash', { state: { running: { startedAt: JUST } }, restarts: 3 }],
    ['a container that has had the time to become ready', {}],
    [
      'a Pod that no node takes',
      { state: {}, status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] } },
    ],
    ['a Pod that was evicted', { status: { phase: 'Failed', reason: 'Evicted' } }],
  ])('%s', (_, parts) => {
    expect(of({ pods: [podOf('cart-2-a', parts)] })).toEqual(STUCK);
  });

  test.each<[string, PodParts]>([
    ['a container that is being made', { state: { waiting: { reason: 'ContainerCreating' } } }],
    [
      'a container that waits for its init containers',
      { state: { waiting: { reason: 'PodInitializing' } }, init: { ready: false, restartCount: 0, state: { running: {} } } },
    ],
    ['a container that runs since a moment', { state: { running: { startedAt: JUST } } }],
  ])('under way: %s', (_, parts) => {
    expect(of({ pods: [podOf('cart-2-a', parts)] })).toEqual(WAITS);
  });

  test('points at the Pods that are stuck, not at those that start', () => {
    const pods = [podOf('cart-2-a', {}), podOf('cart-2-b', { state: { waiting: { reason: 'ContainerCreating' } } })];
    expect(because(rollout({ pods }))).toEqual({ relation: 'owner', objects: [{ kind: 'Pod', namespace: 'shop', name: 'cart-2-a' }] });
  });

  test('without new Pods it points at the Deployment, which cannot make them', () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }];
    expect(of({ conditions })).toEqual(STUCK);
    expect(because(rollout({ conditions }))).toEqual({
      relation: 'owner',
      objects: [{ kind: 'Deployment', namespace: 'shop', name: 'cart' }],
    });
  });

  test('a rollout that is paused is told at workload.active', () => {
    expect(of({ pods: [podOf('cart-2-a', {})], spec: { paused: true } })).toEqual(WAITS);
  });

  test('a first rollout has no old revision', () => {
    expect(of({ pods: [podOf('cart-2-a', {})], old: false })).toEqual(WAITS);
  });
});

describe('rollout-progress-deadline-exceeded', () => {
  test('no Pod serves', () => {
    expect(of({ pods: [podOf('cart-2-a', {})], old: false, conditions: [OVERDUE] })).toEqual([
      'error rollout-progress-deadline-exceeded: the rollout of Deployment cart has not finished within 600 s',
    ]);
  });
  test('with a deadline of its own', () => {
    expect(of({ pods: [podOf('cart-2-a', {})], old: false, conditions: [OVERDUE], spec: { progressDeadlineSeconds: 30 } })).toEqual([
      'error rollout-progress-deadline-exceeded: the rollout of Deployment cart has not finished within 30 s',
    ]);
  });
  test('while the old revision serves that is what counts', () => {
    expect(of({ pods: [podOf('cart-2-a', {})], conditions: [OVERDUE] })).toEqual(STUCK);
  });
  test('progress is none', () => {
    const conditions = [{ type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }];
    expect(of({ pods: [podOf('cart-2-a', {})], old: false, conditions })).toEqual(WAITS);
  });
});

describe('statefulset-blocked-by-ordinal', () => {
  const ordered = (name: string, more: object, metadata: object = {}): Made => {
    const one = podOf(name, more);
    return {
      ...one,
      metadata: { ...one.metadata, ownerReferences: [{ kind: 'StatefulSet', name: 'cart', uid: 'cart', controller: true }], ...metadata },
    };
  };
  const stateful = (pods: readonly Made[], status: object = { replicas: pods.length }, more: object = {}): Cluster => ({
    target: { kind: 'StatefulSet' },
    objects: [{ ...deployment, kind: 'StatefulSet', spec: { ...(deployment.spec as object), replicas: 3, ...more }, status }, ...pods],
  });
  const blocked = (name: string) => [
    `error statefulset-blocked-by-ordinal: StatefulSet cart makes its Pods one after the other, and waits for ${name}`,
  ];
  const SLOW = ['fine (in progress): StatefulSet cart: not all Pods of the newest revision are available yet.'];
  const waiting = { state: { waiting: { reason: 'CrashLoopBackOff' } } };

  test('the lowest that is not ready holds up the others', () => {
    const pods = [ordered('cart-0', { ready: true }), ordered('cart-1', waiting)];
    expect(judged(check, stateful(pods))).toEqual(blocked('cart-1'));
    expect(because(stateful(pods))).toEqual({ relation: 'owner', objects: [{ kind: 'Pod', namespace: 'shop', name: 'cart-1' }] });
  });
  test('ordinals are numbers', () => {
    const all = [ordered('cart-10', waiting), ordered('cart-2', waiting)];
    expect(judged(check, stateful(all, { replicas: 2 }))).toEqual(blocked('cart-2'));
  });
  test('one that does not go away', () => {
    const leaving = ordered('cart-0', { ready: false, state: { running: { startedAt: JUST } } }, { deletionTimestamp: JUST });
    expect(judged(check, stateful([leaving]))).toEqual(blocked('cart-0'));
  });
  test('one that starts is no fault', () => {
    expect(judged(check, stateful([ordered('cart-0', { state: { waiting: { reason: 'ContainerCreating' } } })]))).toEqual(SLOW);
  });
  test('with Parallel nobody waits, and with all Pods made neither', () => {
    expect(judged(check, stateful([ordered('cart-0', waiting)], undefined, { podManagementPolicy: 'Parallel' }))).toEqual(SLOW);
    expect(judged(check, stateful([ordered('cart-0', waiting)], { replicas: 3 }))).toEqual(SLOW);
  });
  test('fields that are missing do no harm', () => {
    const outcomes = withoutFields(check, stateful([ordered('cart-0', { ready: true }), ordered('cart-1', waiting)]));
    expect(outcomes).toContain('wrong');
    expect(outcomes.filter((one) => one !== 'wrong' && one !== 'fine')).toEqual([]);
  });
});

test('a DaemonSet counts nodes', () => {
  const daemons = (status: object): Cluster => ({ target: { kind: 'DaemonSet' }, objects: [{ ...deployment, kind: 'DaemonSet', status }] });
  expect(judged(check, daemons({ desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }))).toEqual([
    'fine: The newest revision has been rolled out.',
  ]);
  expect(judged(check, daemons({ desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 }))).toEqual([
    'fine (in progress): DaemonSet cart: not all Pods of the newest revision are available yet.',
  ]);
});

test('fields that are missing do no harm', () => {
  const outcomes = withoutFields(
    check,
    rollout({ pods: [podOf('cart-2-a', { state: { waiting: { reason: 'ErrImagePull' } } })], conditions: [OVERDUE] }),
  );
  expect(outcomes).toContain('wrong');
  expect(outcomes.filter((one) => one !== 'wrong' && one !== 'fine')).toEqual([]);
});
