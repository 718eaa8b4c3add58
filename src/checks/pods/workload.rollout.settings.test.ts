/** What the settings of a workload make a rollout wait for, and what else its selector and its Service do. */
import { describe, expect, test } from 'vitest';
import { artifactsOf, BEFORE, type Cluster, healthy, judged, type Made, meta, NOW, service, withoutFields } from '../testing.ts';
import { check as terminal } from './pod.terminal.ts';
import { check } from './workload.rollout.ts';

const [deployment, set, pod] = healthy() as [Made, Made, Made];
const DONE = ['fine: The newest revision has been rolled out.'];
const remedies = (cluster: Cluster): string[] => {
  const answer = check.judge(artifactsOf(check, cluster));
  return answer.outcome === 'wrong' || answer.outcome === 'fine'
    ? (answer.reports ?? []).flatMap((one) => (one.remedies ?? []).map(({ argv }) => argv.join(' ')))
    : [];
};
const inAnHour = '2026-11-24T10:59:00Z';

describe('rollout-recreate-waiting', () => {
  interface Parts {
    readonly strategy?: string;
    readonly replicas?: number;
    readonly metadata?: object;
    readonly phase?: string;
  }
  const waiting = ({ strategy = 'Recreate', replicas = 0, metadata, phase = 'Running' }: Parts = {}): Cluster => ({
    objects: [
      { ...deployment, spec: { ...(deployment.spec as object), strategy: { type: strategy } }, status: { observedGeneration: 1 } },
      { ...set, spec: { replicas } },
      {
        ...pod,
        metadata: { ...pod.metadata, ...(metadata ?? { deletionTimestamp: BEFORE, deletionGracePeriodSeconds: 30 }) },
        status: { ...(pod.status as object), phase },
      },
    ],
  });
  const FOUND = [
    'error rollout-recreate-waiting: Deployment cart makes no new Pods before the old ones are gone (strategy Recreate), and they do not go',
  ];
  const WAITS = ['fine (in progress): Deployment cart: not all Pods of the newest revision are available yet.'];

  test('an old Pod is past its grace period, or long at it', () => {
    expect(judged(check, waiting())).toEqual(FOUND);
    expect(judged(check, waiting({ metadata: { deletionTimestamp: inAnHour, deletionGracePeriodSeconds: 3700 } }))).toEqual(FOUND);
  });
  test.each<[string, Parts]>([
    ['an old Pod that has just been asked to stop', { metadata: { deletionTimestamp: NOW, deletionGracePeriodSeconds: 30 } }],
    ['an old Pod that has ended', { phase: 'Failed' }],
    ['a rolling update', { strategy: 'RollingUpdate' }],
    ['an old ReplicaSet that is not scaled down yet', { replicas: 1 }],
  ])('under way: %s', (_, parts) => {
    expect(judged(check, waiting(parts))).toEqual(WAITS);
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, waiting())).toContain('wrong');
  });
});

describe('rollout-max-unavailable-zero-no-surge-room', () => {
  interface Parts {
    readonly said?: string;
    readonly strategy?: object;
    readonly replicas?: number;
    readonly old?: object;
    readonly young?: object;
  }
  const CPU =
    '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
  const asks = (cpu: string) => ({ containers: [{ name: 'web', resources: { requests: { cpu } } }] });
  const port = (hostPort: number) => ({ containers: [{ name: 'web', ports: [{ containerPort: hostPort, hostPort }] }] });
  const revision = (number: number, ready: number): Made => ({
    ...set,
    metadata: {
      ...set.metadata,
      name: `cart-${number}`,
      uid: `cart-${number}`,
      annotations: { 'deployment.kubernetes.io/revision': `${number}` },
    },
    status: { replicas: 1, readyReplicas: ready },
  });
  const of = (name: string, owner: string, spec: object, status: object): Made => ({
    ...pod,
    metadata: meta(name, { labels: { app: 'cart' }, ownerReferences: [{ kind: 'ReplicaSet', name: owner, uid: owner, controller: true }] }),
    spec,
    status,
  });
  const rollout = ({
    said = CPU,
    strategy = { maxUnavailable: 0 },
    replicas = 1,
    old = asks('3'),
    young = asks('3'),
  }: Parts = {}): Cluster => ({
    objects: [
      {
        ...deployment,
        spec: { ...(deployment.spec as object), replicas, strategy: { type: 'RollingUpdate', rollingUpdate: strategy } },
        status: { observedGeneration: 1, replicas: replicas + 1, updatedReplicas: 1, availableReplicas: replicas },
      },
      revision(2, 0),
      revision(1, 1),
      of('cart-1-a', 'cart-1', { ...old, nodeName: 'node1' }, pod.status as object),
      of('cart-2-a', 'cart-2', young, {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: said }],
      }),
    ],
  });
  const found = (parts: Parts = {}) => judged(check, rollout(parts)).filter((one) => one.includes('no-surge-room'));
  const FOUND = (value: unknown) => [
    `error rollout-max-unavailable-zero-no-surge-room: the rollout of Deployment cart first needs one Pod more (maxUnavailable ${value} allows none to be missing), and no node has room for it while the old Pods run`,
  ];

  test('what the new Pod lacks, an old one holds', () => {
    expect(found()).toEqual(FOUND(0));
    expect(remedies(rollout()).at(-1)).toBe(
      'kubectl patch deployment cart -n shop --type=merge -p {"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":1}}}}',
    );
  });
  test('a port of the node', () => {
    const said =
      "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
    expect(found({ said, old: port(80), young: port(80) })).toEqual(FOUND(0));
    expect(found({ said, old: port(80), young: port(81) })).toEqual([]);
  });
  test('the default is rounded down', () => {
    expect(found({ strategy: {}, replicas: 3 })).toEqual(FOUND('25%'));
    expect(found({ strategy: {}, replicas: 4 })).toEqual([]);
  });
  test.each<[string, Parts]>([
    ['a new Pod that asks for more than the old one', { young: asks('4') }],
    ['a new Pod that is meant for other nodes', { young: { ...asks('3'), nodeSelector: { pool: 'large' } } }],
    ['a rollout that may take an old Pod first', { strategy: { maxUnavailable: 1 } }],
    ['neither surge nor absence: then one may be absent', { strategy: { maxUnavailable: 0, maxSurge: 0 } }],
    ['another reason', { said: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector." }],
  ])('%s is none', (_, parts) => {
    expect(found(parts)).toEqual([]);
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, rollout())).toContain('wrong');
  });
});

describe('selector-overlap', () => {
  const other = (kind: string, name: string, more: object = {}): Made => ({
    ...pod,
    metadata: meta(`${name}-x`, {
      labels: { app: 'cart', task: 'import' },
      ownerReferences: [{ kind, name, uid: name, controller: true }],
      ...more,
    }),
  });
  const rolled = { ...deployment, status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 } };
  const found = (one: Made, denied: Cluster['denied'] = []) => judged(check, { objects: [rolled, set, pod, one], denied });
  const FOUND = (owner: string) => [`warning selector-overlap: the selector of Deployment cart also matches the Pods of ${owner}`];

  test('Pods of another Deployment, by the name of its ReplicaSet', () => {
    const labels = { app: 'cart', 'pod-template-hash': '5699b486fb' };
    expect(found(other('ReplicaSet', 'cart-import-5699b486fb', { labels }))).toEqual(FOUND('Deployment cart-import'));
  });
  test('Pods of another kind', () => {
    expect(found(other('StatefulSet', 'cart-db'))).toEqual(FOUND('StatefulSet cart-db'));
    expect(remedies({ objects: [rolled, set, pod, other('StatefulSet', 'cart-db')] })).toEqual([
      'kubectl replace --force -n shop -f <corrected manifest>',
    ]);
  });
  test.each<[string, Made]>([
    ['a Job: its Pods often carry the labels of the application', other('Job', 'cart-import')],
    ['a Pod of nobody', other('ReplicaSet', 'x', { ownerReferences: [] })],
    [
      'a ReplicaSet of its own that was made a moment ago',
      other('ReplicaSet', 'cart-77', { labels: { app: 'cart', 'pod-template-hash': '77' } }),
    ],
    ['a Pod that goes', other('StatefulSet', 'cart-db', { deletionTimestamp: NOW })],
  ])('%s is none', (_, one) => {
    expect(found(one)).toEqual(DONE);
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, { objects: [rolled, set, pod, other('StatefulSet', 'cart-db')] })).toContain('wrong');
  });
});

describe('a StatefulSet', () => {
  const db = (name: string, revision: string): Made => ({
    ...pod,
    metadata: meta(name, {
      labels: { app: 'cart', 'controller-revision-hash': revision },
      ownerReferences: [{ kind: 'StatefulSet', name: 'cart', uid: 'cart', controller: true }],
    }),
  });
  const stateful = (spec: object, status: object = {}, objects: Made[] = [db('cart-0', 'cart-1'), db('cart-1', 'cart-2')]): Cluster => ({
    target: { kind: 'StatefulSet' },
    objects: [
      {
        ...deployment,
        kind: 'StatefulSet',
        spec: { ...(deployment.spec as object), replicas: 2, ...spec },
        status: { replicas: 2, updatedReplicas: 1, availableReplicas: 2, currentRevision: 'cart-1', updateRevision: 'cart-2', ...status },
      },
      ...objects,
    ],
  });
  const partition = (value: number, more: object = {}) => ({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: value } },
    ...more,
  });

  describe('statefulset-update-partition', () => {
    const AS_FAR = 'fine: The newest revision has been rolled out as far as it is meant to.';
    test('Pods below the partition', () => {
      expect(judged(check, stateful(partition(1)))).toEqual([
        AS_FAR,
        'info statefulset-update-partition: the Pods of StatefulSet cart with an ordinal below 1 are meant to stay on the old revision (partition)',
      ]);
      expect(remedies(stateful(partition(1)))).toEqual([
        'kubectl patch statefulset cart -n shop --type=merge -p {"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}',
      ]);
    });
    test('OnDelete', () => {
      expect(judged(check, stateful({ updateStrategy: { type: 'OnDelete' } }))).toEqual([
        AS_FAR,
        'info statefulset-update-partition: StatefulSet cart leaves its Pods on the old revision until somebody deletes them (updateStrategy OnDelete)',
      ]);
      expect(remedies(stateful({ updateStrategy: { type: 'OnDelete' } }))).toEqual(['kubectl delete pod cart-0 -n shop']);
    });
    test('ordinals may begin elsewhere', () => {
      expect(judged(check, stateful(partition(5, { ordinals: { start: 5 } })))).toEqual([
        'fine (in progress): StatefulSet cart: not all Pods of the newest revision are available yet.',
      ]);
    });
    test.each<[string, object, object]>([
      ['no update', partition(1), { updateRevision: 'cart-1', updatedReplicas: 2 }],
      ['no partition', partition(0), { updatedReplicas: 2 }],
    ])('%s is none', (_, spec, status) => {
      expect(judged(check, stateful(spec, status))).toEqual(DONE);
    });
    test('an update that goes on above the partition is under way', () => {
      expect(judged(check, stateful(partition(1), { updatedReplicas: 0 }))[0]).toContain('in progress');
    });
    test('fields that are missing do no harm', () => {
      expect(withoutFields(check, stateful(partition(1)))).toContain('fine');
    });
  });

  describe('statefulset-headless-service-missing', () => {
    const done = { updatedReplicas: 2, updateRevision: 'cart-1' };
    const named = (...services: Made[]) => stateful({ serviceName: 'peers' }, done, [db('cart-0', 'cart-1'), ...services]);
    const MISSING =
      'warning statefulset-headless-service-missing: Service peers, which gives the Pods of StatefulSet cart their DNS names, does not exist: the Pods cannot find each other by name';
    test('there is none', () => {
      expect(judged(check, named(service('cart')))).toEqual([MISSING]);
      expect(remedies(named())).toEqual(['kubectl expose pod cart-0 -n shop --name=peers --cluster-ip=None --selector=app=cart']);
    });
    test('it has an IP of its own', () => {
      expect(judged(check, named(service('peers', { clusterIP: '10.96.0.9' })))[1]).toBe(
        'info statefulset-headless-service-missing: Service peers of StatefulSet cart is not headless, so that its Pods have no DNS names of their own',
      );
    });
    test('it is headless, or nobody may see it, or none is named', () => {
      expect(judged(check, named(service('peers', { clusterIP: 'None' })))).toEqual(DONE);
      expect(judged(check, { ...named(), denied: ['Service'] })).toEqual(DONE);
      expect(judged(check, stateful({}, done))).toEqual(DONE);
    });
    test('fields that are missing do no harm', () => {
      expect(withoutFields(check, named())).toContain('wrong');
    });
  });
});

describe('daemonset-failed-pod-loop', () => {
  const event: Made = {
    kind: 'Event',
    metadata: meta('cart.1'),
    involvedObject: { kind: 'DaemonSet', name: 'cart', uid: 'cart' },
    type: 'Warning',
    reason: 'FailedDaemonPod',
    lastTimestamp: BEFORE,
    message: 'Found failed daemon pod shop/cart-abcde on node node1, will try to kill it',
  };
  const failed: Made = {
    ...pod,
    metadata: meta('cart-abcde', {
      labels: { app: 'cart' },
      ownerReferences: [{ kind: 'DaemonSet', name: 'cart', uid: 'cart', controller: true }],
    }),
    status: { phase: 'Failed', reason: 'Evicted' },
  };
  const daemons = (available: number, ...more: Made[]): Cluster => ({
    target: { kind: 'DaemonSet' },
    objects: [
      {
        ...deployment,
        kind: 'DaemonSet',
        status: { desiredNumberScheduled: 1, currentNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: available },
      },
      ...more,
    ],
  });
  test('with a failed Pod, which explains it, and between two', () => {
    const FOUND = [
      'error daemonset-failed-pod-loop: Pods of DaemonSet cart fail as a whole again and again; the controller deletes each and makes a new one',
    ];
    expect(judged(check, daemons(0, event, failed))).toEqual(FOUND);
    expect(judged(check, daemons(0, event))).toEqual(FOUND);
    const answer = check.judge(artifactsOf(check, daemons(0, event, failed)));
    expect(answer.outcome === 'wrong' && answer.reports[0]?.because).toEqual({
      relation: 'owner',
      objects: [{ kind: 'Pod', namespace: 'shop', name: 'cart-abcde' }],
    });
  });
  test("between two, the kubelet's event of the deleted one tells the cause", () => {
    const said: Made = {
      kind: 'Event',
      metadata: meta('cart-abcde.2'),
      involvedObject: { kind: 'Pod', name: 'cart-abcde', uid: 'gone' },
      source: { component: 'kubelet', host: 'node1' },
      type: 'Warning',
      reason: 'SysctlForbidden',
      lastTimestamp: BEFORE,
      message: 'forbidden sysctl: "net.core.somaxconn" not allowlisted',
    };
    const securityContext = { sysctls: [{ name: 'net.core.somaxconn', value: '4096' }] };
    const [set, ...others] = daemons(0, event, said).objects;
    const between = { ...daemons(0), objects: [{ ...set!, spec: { template: { spec: { securityContext, containers: [] } } } }, ...others] };
    expect(judged(terminal, between)).toEqual([
      'error kubelet-admission-other: the kubelet of node node1 refused the Pod: forbidden sysctl: "net.core.somaxconn" not allowlisted',
    ]);
    const refused = terminal.judge(artifactsOf(terminal, between));
    expect(refused.outcome === 'wrong' && refused.reports[0]?.remedies?.[0]?.argv.slice(0, 4)).toEqual([
      'kubectl',
      'patch',
      'daemonset',
      'cart',
    ]);
    const answer = check.judge(artifactsOf(check, between));
    expect(answer.outcome === 'wrong' && answer.reports[0]?.because?.objects).toEqual([
      { kind: 'Pod', namespace: 'shop', name: 'cart-abcde' },
    ]);
    const next: Made = {
      ...failed,
      metadata: { ...failed.metadata, name: 'cart-fghij' },
      spec: { nodeName: 'node1' },
      status: { phase: 'Pending' },
    };
    expect(judged(terminal, daemons(0, event, said, next))).toEqual(['fine: No Pod has failed for good.']);
    expect(judged(terminal, daemons(1, event, said))).toEqual(['fine: No Pod has failed for good.']);
  });
  test('what has recovered, or never was, is none', () => {
    expect(judged(check, daemons(1, event))).toEqual(DONE);
    expect(judged(check, daemons(0))[0]).toContain('in progress');
  });
  test('fields that are missing do no harm', () => {
    expect(withoutFields(check, daemons(0, event, failed))).toContain('wrong');
  });
});
