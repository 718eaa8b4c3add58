import { describe, expect, test } from 'vitest';
import { artifactsOf, type Cluster, judged, type Made, meta, patches, withoutFields } from '../testing.ts';
import { check } from './sched.constraints.ts';
import { node, stranger, taint, type Waiting, waiting } from './testing-placement.ts';

const of = (said: string, more: Partial<Waiting> = {}) => judged(check, waiting({ said, ...more }));
const report = (cluster: Cluster) => {
  const given = check.judge(artifactsOf(check, cluster));
  return given.outcome === 'wrong' ? given.reports[0] : undefined;
};
const remedies = (cluster: Cluster) => (report(cluster)?.remedies ?? []).map(({ argv, complete }) => `${complete} ${argv.join(' ')}`);
const evidence = (cluster: Cluster) =>
  (report(cluster)?.evidence ?? []).flatMap((one) => ('path' in one ? [`${one.object.kind}/${one.object.name} ${one.path}`] : [])).slice(2);
const SELECTOR = "1 node(s) didn't match Pod's node affinity/selector";
const FINE = ['fine: No rule keeps the Pods off every node.'];
const patched = (operations: string) => `true kubectl patch deployment cart -n shop --type=json -p ${operations}`;

describe('taint-not-tolerated', () => {
  const batch = node('batch-1', { labels: { pool: 'batch' }, spec: { taints: [taint('dedicated', 'batch')] } });
  const TAINTED =
    'error taint-not-tolerated: node batch-1, which the Pods may use by its labels, has a taint that the Pods do not tolerate: dedicated=batch:NoSchedule';
  test.each([
    ['1.34, without the key', `${SELECTOR}, 1 node(s) had untolerated taint(s)`],
    ['1.33, with it', `${SELECTOR}, 1 node(s) had untolerated taint {dedicated: batch}`],
    ['the preemption', `${SELECTOR}, 1 node(s) had taints that the pod didn't tolerate`],
  ])('of the node that was chosen by its label, in the words of %s', (_, said) => {
    const cluster = waiting({ said, spec: { nodeSelector: { pool: 'batch' } }, nodes: [node('node1'), batch] });
    expect(judged(check, cluster)).toEqual([TAINTED]);
    expect(evidence(cluster)).toEqual(['Node/batch-1 spec.taints[key=dedicated].effect']);
    expect(remedies(cluster)).toEqual([
      patched(
        '[{"op":"add","path":"/spec/template/spec/tolerations","value":[{"key":"dedicated","operator":"Equal","value":"batch","effect":"NoSchedule"}]}]',
      ),
    ]);
  });
  test('a node of another pool says nothing about this one', () => {
    const jobs = node('jobs-1', { labels: { pool: 'jobs' }, spec: { taints: [taint('dedicated', 'jobs')] } });
    expect(
      of(`${SELECTOR}, 2 node(s) had untolerated taint(s)`, {
        spec: { nodeSelector: { pool: 'batch' } },
        nodes: [node('node1'), batch, jobs],
      }),
    ).toEqual([TAINTED]);
  });
  test('tolerations that are there stay', () => {
    const spec = { tolerations: [{ key: 'gpu', operator: 'Exists' }] };
    expect(patches(check, waiting({ said: '1 node(s) had untolerated taint(s)', spec, nodes: [batch] }))).toEqual([
      '[{"op":"add","path":"/spec/template/spec/tolerations/-","value":{"key":"dedicated","operator":"Equal","value":"batch","effect":"NoSchedule"}}]',
    ]);
  });
  test('of two nodes the one with fewer taints is opened, and the control plane only if there is no other', () => {
    const control = node('a-control', { spec: { taints: [taint('node-role.kubernetes.io/control-plane')] } });
    const both = node('b-both', { spec: { taints: [taint('dedicated', 'batch'), taint('gpu')] } });
    const said = '3 node(s) had untolerated taint(s)';
    expect(patches(check, waiting({ said, nodes: [control, both, batch] }))[0]).toContain(
      '[{"key":"dedicated","operator":"Equal","value":"batch","effect":"NoSchedule"}]',
    );
    expect(patches(check, waiting({ said, nodes: [control] }))[0]).toContain(
      '{"key":"node-role.kubernetes.io/control-plane","operator":"Exists","effect":"NoSchedule"}',
    );
    expect(JSON.parse(patches(check, waiting({ said, nodes: [control, both] }))[0]!)).toHaveLength(2);
  });
  test.each([
    'node.kubernetes.io/not-ready',
    'node.kubernetes.io/disk-pressure',
    'node.cloudprovider.kubernetes.io/uninitialized',
    'node.cilium.io/agent-not-ready',
  ])('what Kubernetes marks as unfit is not to be tolerated: %s', (key) => {
    const cluster = waiting({ said: '1 node(s) had untolerated taint(s)', nodes: [node('node1', { spec: { taints: [taint(key)] } })] });
    expect(judged(check, cluster)).toEqual([
      `error taint-not-tolerated: node node1, which the Pods may use by its labels, is marked as unfit: ${key}:NoSchedule`,
    ]);
    expect(remedies(cluster)).toEqual([]);
  });
  test('a node that is about to be removed is not opened', () => {
    const cluster = waiting({
      said: '1 node(s) had untolerated taint(s)',
      nodes: [node('node1', { spec: { taints: [taint('ToBeDeletedByClusterAutoscaler', '1')] } })],
    });
    expect(judged(check, cluster)).toHaveLength(1);
    expect(remedies(cluster)).toEqual([]);
  });
  test('where open nodes only lack room, the taint of others is as it should be', () => {
    expect(of('1 Insufficient cpu, 1 node(s) had untolerated taint(s)', { nodes: [node('node1'), batch] })).toEqual(FINE);
  });
  test('a device that only tainted nodes have', () => {
    const gpu = node('gpu-1', { spec: { taints: [taint('nvidia.com/gpu')] }, allocatable: { 'nvidia.com/gpu': '4' } });
    const container = { resources: { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } } };
    expect(of('1 Insufficient nvidia.com/gpu, 1 node(s) had untolerated taint(s)', { container, nodes: [node('node1'), gpu] })).toEqual([
      'error taint-not-tolerated: node gpu-1, which the Pods may use by its labels, has a taint that the Pods do not tolerate: nvidia.com/gpu:NoSchedule',
    ]);
  });
  test('without the right to read nodes: the key from the words of 1.33, none from those of 1.34', () => {
    const denied = ['Node' as const];
    const named = waiting({ said: '2 node(s) had untolerated taint {dedicated: batch}', denied });
    expect(judged(check, named)).toEqual(['error taint-not-tolerated: nodes have a taint that the Pods do not tolerate: dedicated=batch']);
    expect(remedies(named)[0]).toContain('"value":[{"key":"dedicated","operator":"Equal","value":"batch"}]');
    const unnamed = waiting({ said: '2 node(s) had untolerated taint(s)', denied });
    expect(judged(check, unnamed)).toEqual(['error taint-not-tolerated: nodes have a taint that the Pods do not tolerate']);
    expect(remedies(unnamed)).toEqual([]);
  });
});

describe('node-unschedulable', () => {
  const cordoned = (name: string, labels = {}, taints: object[] = []) =>
    node(name, { labels, spec: { unschedulable: true, taints: [...taints, taint('node.kubernetes.io/unschedulable')] } });
  const said = `${SELECTOR}, 1 node(s) were unschedulable`;
  test('the only node of the pool', () => {
    const cluster = waiting({
      said,
      spec: { nodeSelector: { pool: 'edge' } },
      nodes: [cordoned('edge-1', { pool: 'edge' }), node('node1')],
    });
    expect(judged(check, cluster)).toEqual(['error node-unschedulable: node edge-1, which the Pods may use, is cordoned']);
    expect(evidence(cluster)).toEqual(['Node/edge-1 spec.unschedulable']);
    expect(remedies(cluster)).toEqual(['true kubectl uncordon edge-1']);
  });
  test('a cordoned node that is kept for others would not help', () => {
    const other = cordoned('edge-1', {}, [taint('dedicated', 'edge')]);
    expect(of('1 Insufficient cpu, 1 node(s) were unschedulable', { nodes: [node('node1'), other] })).toEqual(FINE);
  });
  test('a cordoned node that would take them is a cause beside the lack of room', () => {
    expect(of('1 Insufficient cpu, 1 node(s) were unschedulable', { nodes: [node('node1'), cordoned('node2')] })).toEqual([
      'error node-unschedulable: node node2, which the Pods may use, is cordoned',
    ]);
  });
  test('without the right to read nodes nobody can say which', () => {
    expect(remedies(waiting({ said: '1 node(s) were unschedulable', denied: ['Node'] }))).toEqual(['false kubectl uncordon <node>']);
  });
});

describe('node-affinity-mismatch', () => {
  const ssd = { nodeSelector: { disktype: 'ssd' } };
  const affinity = (key: string, ...values: string[]) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values }] }] },
      },
    },
  });
  test.each([
    ['the plugin', SELECTOR],
    ['the scheduler itself', "1 node(s) didn't match scheduler-enforced node affinity"],
    ['1.32 on, for a rule by name', "1 node(s) didn't satisfy plugin(s) [NodeAffinity]"],
  ])('a label that no node has, in the words of %s', (_, said) => {
    const cluster = waiting({ said, spec: ssd });
    expect(judged(check, cluster)).toEqual(['error node-affinity-mismatch: no node has the labels that the Pods require: disktype=ssd']);
    expect(evidence(cluster)).toEqual(['Pod/cart-2-a spec.nodeSelector["disktype"]']);
    expect(remedies(cluster)).toEqual([
      'false kubectl label node <node> disktype=ssd',
      patched('[{"op":"remove","path":"/spec/template/spec/nodeSelector/disktype"}]'),
    ]);
  });
  test('a key that is nearly right, on a node that would take the Pods', () => {
    const tolerant = { ...ssd, tolerations: [{ key: 'dedicated', operator: 'Exists' }] };
    const storage = node('storage-1', { labels: { 'disk-type': 'ssd' }, spec: { taints: [taint('dedicated', 'storage')] } });
    const cluster = waiting({ said: SELECTOR, spec: tolerant, nodes: [node('node1'), storage] });
    expect(judged(check, cluster)).toEqual([
      'error node-affinity-mismatch: no node has the labels that the Pods require: disktype=ssd; node storage-1 has disk-type=ssd',
    ]);
    expect(remedies(cluster)[0]).toBe(
      patched(
        '[{"op":"remove","path":"/spec/template/spec/nodeSelector/disktype"},{"op":"add","path":"/spec/template/spec/nodeSelector/disk-type","value":"ssd"}]',
      ),
    );
    expect(of(SELECTOR, { spec: ssd, nodes: [node('node1'), storage] })).toEqual([
      'error node-affinity-mismatch: no node has the labels that the Pods require: disktype=ssd',
    ]);
  });
  test('a value that is nearly right', () => {
    const cluster = waiting({
      said: SELECTOR,
      spec: { nodeSelector: { tier: 'Front' } },
      nodes: [node('node1', { labels: { tier: 'front' } })],
    });
    expect(patches(check, cluster)[0]).toBe('[{"op":"replace","path":"/spec/template/spec/nodeSelector/tier","value":"front"}]');
  });
  test.each([
    ['topology.kubernetes.io/zone', 'eu-1a', 'eu-1b'],
    ['kubernetes.io/hostname', 'worker-a', 'worker-b'],
    ['pool', 'pool-1', 'pool-2'],
  ])('another place is not a slip of the pen: %s', (key, wants, has) => {
    expect(of(SELECTOR, { spec: { nodeSelector: { [key]: wants } }, nodes: [node('node1', { labels: { [key]: has } })] })).toEqual([
      `error node-affinity-mismatch: no node has the labels that the Pods require: ${key}=${wants}`,
    ]);
  });
  test('node affinity: the near key, in place', () => {
    const cluster = waiting({
      said: SELECTOR,
      spec: affinity('disktype', 'nvme', 'ssd'),
      nodes: [node('node1', { labels: { 'disk-type': 'ssd' } })],
    });
    expect(judged(check, cluster)).toEqual([
      'error node-affinity-mismatch: no node has the labels that the Pods require: disktype in (nvme, ssd); node node1 has disk-type=ssd',
    ]);
    expect(patches(check, cluster)[0]).toBe(
      '[{"op":"replace","path":"/spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0/key","value":"disk-type"}]',
    );
  });
  test('node affinity that nothing fits', () => {
    const cluster = waiting({ said: SELECTOR, spec: affinity('gpu', 'a100') });
    expect(remedies(cluster)).toEqual([
      'false kubectl label node <node> gpu=a100',
      patched('[{"op":"remove","path":"/spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution"}]'),
    ]);
  });
  test('each label is on some node, all of them on none', () => {
    const nodes = [node('node1', { labels: { disktype: 'ssd' } }), node('node2', { labels: { zone: 'b' } })];
    expect(
      of("2 node(s) didn't match Pod's node affinity/selector", { spec: { nodeSelector: { disktype: 'ssd', zone: 'b' } }, nodes }),
    ).toEqual(['error node-affinity-mismatch: no node has the labels that the Pods require: disktype=ssd and zone=b']);
  });
  test('taking the rule out is no advice where no node would take the Pods even so', () => {
    const tainted = node('node1', { spec: { taints: [taint('dedicated', 'db')] } });
    expect(remedies(waiting({ said: SELECTOR, spec: ssd, nodes: [tainted] }))).toEqual(['false kubectl label node <node> disktype=ssd']);
  });
  test('nodes with the label that have no room: room is the cause', () => {
    expect(
      of(`1 Insufficient cpu, ${SELECTOR}`, { spec: ssd, nodes: [node('node1'), node('ssd-1', { labels: { disktype: 'ssd' } })] }),
    ).toEqual(FINE);
  });
  test('without the right to read nodes: the rule, and room as the nearer cause', () => {
    const denied = ['Node' as const];
    expect(of(SELECTOR, { spec: ssd, denied })).toEqual([
      'error node-affinity-mismatch: no node has the labels that the Pods require: disktype=ssd',
    ]);
    expect(of(`1 Insufficient cpu, ${SELECTOR}`, { spec: ssd, denied })).toEqual(FINE);
  });
});

describe('pod-affinity-unsatisfied', () => {
  const said = "1 node(s) didn't match pod affinity rules";
  const rule = (app: string, topologyKey = 'kubernetes.io/hostname') => ({
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: { app } } }] },
    },
  });
  const POINTER = '/spec/template/spec/affinity/podAffinity';
  const deployment = (name: string, replicas: number): Made => ({
    kind: 'Deployment',
    metadata: meta(name),
    spec: { replicas, template: { metadata: { labels: { app: name } } } },
  });
  const cache = (nodeName: string): Made => {
    const pod = stranger('session-cache', nodeName, {});
    return { ...pod, metadata: { ...pod.metadata, labels: { app: 'session-cache' } } };
  };
  test('no Pod is there', () => {
    const cluster = waiting({ said, spec: rule('session-cache') });
    expect(judged(check, cluster)).toEqual([
      'error pod-affinity-unsatisfied: the Pods must run on the same node as a Pod with app=session-cache, and there is none',
    ]);
    expect(evidence(cluster)).toEqual([
      'Pod/cart-2-a spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector',
    ]);
    expect(remedies(cluster)).toEqual([
      patched(
        `[{"op":"remove","path":"${POINTER}/requiredDuringSchedulingIgnoredDuringExecution"},{"op":"add","path":"${POINTER}/preferredDuringSchedulingIgnoredDuringExecution","value":[{"weight":100,"podAffinityTerm":{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"session-cache"}}}}]}]`,
      ),
    ]);
  });
  test('its Deployment is scaled to zero', () => {
    const cluster = waiting({ said, spec: rule('session-cache'), more: [deployment('session-cache', 0)] });
    expect(judged(check, cluster)[0]).toMatch(/, and there is none; Deployment session-cache is scaled to zero$/);
    expect(remedies(cluster)[0]).toBe('true kubectl scale deployment/session-cache -n shop --replicas=1');
  });
  test('its label is nearly right', () => {
    const cluster = waiting({ said, spec: rule('session-cach'), more: [deployment('session-cache', 1)] });
    expect(judged(check, cluster)[0]).toMatch(/, and there is none; there are Pods with app=session-cache$/);
    expect(patches(check, cluster)[0]).toBe(
      `[{"op":"replace","path":"${POINTER}/requiredDuringSchedulingIgnoredDuringExecution/0/labelSelector/matchLabels/app","value":"session-cache"}]`,
    );
  });
  test('the own label is never the near one', () => {
    expect(of(said, { spec: rule('carts') })[0]).toMatch(/, and there is none$/);
  });
  test('it is there, on a node that is closed to these Pods', () => {
    expect(
      of(`${said}, 1 node(s) had untolerated taint(s)`, {
        spec: rule('session-cache', 'topology.kubernetes.io/zone'),
        more: [cache('node2')],
      }),
    ).toEqual([
      'error pod-affinity-unsatisfied: the Pods must run in the same zone as a Pod with app=session-cache, and those that run are where the Pods cannot go',
    ]);
  });
  test('a rule for other namespaces is not looked into', () => {
    const spec = rule('session-cache');
    const [term] = spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    Object.assign(term!, { namespaces: ['caches'] });
    expect(of(said, { spec })).toEqual([
      'error pod-affinity-unsatisfied: the Pods must run on the same node as a Pod with app=session-cache, and no node is beside one',
    ]);
  });
});

describe('pod-anti-affinity-unsatisfied', () => {
  const said = "1 node(s) didn't match pod anti-affinity rules";
  const EXISTING = "1 node(s) didn't satisfy existing pods anti-affinity rules";
  const spec = {
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'cart' } } },
        ],
      },
    },
  };
  const MESSAGE =
    'error pod-anti-affinity-unsatisfied: the Pods must not share a node with Pods with app=cart, and every node that they may use has one';
  test('more replicas than nodes: as many as there are places', () => {
    const cluster = waiting({ said, spec, replicas: 2, placed: ['node1'] });
    expect(judged(check, cluster)).toEqual([MESSAGE]);
    expect(evidence(cluster)).toEqual([
      'Pod/cart-2-a spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector',
      'Pod/cart-2-r0 spec.nodeName',
    ]);
    expect(remedies(cluster)).toEqual(['true kubectl scale deployment/cart -n shop --replicas=1']);
  });
  test('a rollout: an old Pod must go first', () => {
    const cluster = waiting({ said, spec, old: ['node1'] });
    expect(judged(check, cluster)).toEqual([MESSAGE]);
    expect(remedies(cluster)).toEqual([
      'true kubectl patch deployment cart -n shop --type=merge -p {"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":1}}}}',
    ]);
  });
  test('Pods of others are in the way: the rule can be a wish', () => {
    expect(patches(check, waiting({ said, spec }))[0]).toContain(
      '/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution',
    );
  });
  test('the rule of a Pod that runs, which is shown', () => {
    const cluster = waiting({ said: EXISTING, more: [stranger('db', 'node1', spec), stranger('web', 'node1', {})] });
    expect(judged(check, cluster)).toEqual([
      'error pod-anti-affinity-unsatisfied: Pods that already run refuse to share their place with these Pods (their anti-affinity)',
    ]);
    expect(evidence(cluster)).toEqual(['Pod/db spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution']);
    expect(remedies(cluster)).toEqual([]);
  });
});

describe('topology-spread-unsatisfied', () => {
  const ZONE = 'topology.kubernetes.io/zone';
  const SKEW = "1 node(s) didn't match pod topology spread constraints";
  const MISSING = `${SKEW} (missing required label)`;
  const spread = (topologyKey: string) => ({
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
      { maxSkew: 1, topologyKey, whenUnsatisfiable: 'DoNotSchedule' },
    ],
  });
  const ANYWAY = patched(
    '[{"op":"add","path":"/spec/template/spec/topologySpreadConstraints/1/whenUnsatisfiable","value":"ScheduleAnyway"}]',
  );
  test('no node has the label, whatever other nodes are tainted', () => {
    const nodes = [node('node1'), node('jobs-1', { labels: { [ZONE]: 'a' }, spec: { taints: [taint('dedicated', 'jobs')] } })];
    const cluster = waiting({ said: `${MISSING}, 1 node(s) had untolerated taint(s)`, spec: spread(ZONE), nodes });
    expect(judged(check, cluster)).toEqual([
      `error topology-spread-unsatisfied: the Pods must be spread over ${ZONE}, and no node that they may use has such a label`,
    ]);
    expect(evidence(cluster)).toEqual([
      `Pod/cart-2-a spec.topologySpreadConstraints[topologyKey=${ZONE}].topologyKey`,
      `Node/node1 metadata.labels.${ZONE}`,
    ]);
    expect(remedies(cluster)).toEqual([ANYWAY, `false kubectl label node <node> ${ZONE}=<place>`]);
  });
  test('a key that is nearly right', () => {
    const cluster = waiting({
      said: MISSING,
      spec: spread('topology.kubernetes.io/zones'),
      nodes: [node('node1', { labels: { [ZONE]: 'a' } })],
    });
    expect(judged(check, cluster)[0]).toMatch(/has such a label; there is topology\.kubernetes\.io\/zone$/);
    expect(patches(check, cluster)[0]).toBe(
      `[{"op":"add","path":"/spec/template/spec/topologySpreadConstraints/1/topologyKey","value":"${ZONE}"}]`,
    );
  });
  test('too uneven wherever it goes', () => {
    const cluster = waiting({ said: SKEW, spec: spread(ZONE), nodes: [node('node1', { labels: { [ZONE]: 'a' } })] });
    expect(judged(check, cluster)).toEqual([
      `error topology-spread-unsatisfied: wherever a Pod went, the Pods would be spread too unevenly over ${ZONE}`,
    ]);
    expect(remedies(cluster)).toEqual([ANYWAY]);
  });
  test('old Pods count, unless only the own revision does', () => {
    const cluster = waiting({ said: SKEW, spec: spread(ZONE), old: ['node1'], nodes: [node('node1', { labels: { [ZONE]: 'a' } })] });
    expect(patches(check, cluster)[0]).toBe(
      '[{"op":"add","path":"/spec/template/spec/topologySpreadConstraints/1/matchLabelKeys","value":["pod-template-hash"]}]',
    );
  });
  test('the place that is short has no room: then room is the cause', () => {
    const nodes = ['a', 'b'].map((zone) => node(`node-${zone}`, { labels: { [ZONE]: zone } }));
    expect(of(`1 Insufficient cpu, ${SKEW}`, { spec: spread(ZONE), nodes })).toEqual(FINE);
  });
});

describe('host-port-conflict', () => {
  const said = "1 node(s) didn't have free ports for the requested pod ports";
  const container = { ports: [{ name: 'http', containerPort: 80, hostPort: 18080 }] };
  const remove = patched('[{"op":"remove","path":"/spec/template/spec/containers/0/ports/0/hostPort"}]');
  test('another replica has it', () => {
    const cluster = waiting({ said, container, replicas: 2, placed: ['node1'] });
    expect(judged(check, cluster)).toEqual([
      'error host-port-conflict: the Pods want port 18080 of their node, and on every node that they may use Pods of the same workload have it',
    ]);
    expect(evidence(cluster)).toEqual([
      'Pod/cart-2-a spec.containers[name=web].ports[hostPort=18080].hostPort',
      'Pod/cart-2-r0 spec.nodeName',
    ]);
    expect(remedies(cluster)).toEqual([remove, 'true kubectl scale deployment/cart -n shop --replicas=1']);
  });
  test('a Pod of somebody else has it', () => {
    const other = stranger('ingress', 'node1', { containers: [{ name: 'main', ...container }] }, 'edge');
    const cluster = waiting({ said, container, more: [other, stranger('web', 'node1', {})] });
    expect(judged(check, cluster)[0]).toMatch(/on every node that they may use other Pods have it$/);
    expect(evidence(cluster)).toContain('Pod/ingress spec.nodeName');
    expect(remedies(cluster)).toEqual([remove]);
  });
  test('in the network of the node each port is one of the node', () => {
    const cluster = waiting({ said, container, spec: { hostNetwork: true }, replicas: 2, placed: ['node1'] });
    expect(remedies(cluster)).toEqual(['true kubectl scale deployment/cart -n shop --replicas=1']);
  });
});

describe('unschedulable-unclassified', () => {
  test.each([
    ['0/3 nodes are available: 3 node(s) are of no use. preemption: 0/3 nodes are available: 3 x.', 'node(s) are of no use'],
    [
      '0/3 nodes are available: waiting for ephemeral volume controller to create the persistentvolumeclaim "cart-1-a-tmp".',
      'waiting for ephemeral volume controller to create the persistentvolumeclaim "cart-1-a-tmp"',
    ],
    ['', 'it gives no reason'],
  ])('%s', (said, words) => {
    expect(of(said)).toEqual([`error unschedulable-unclassified: the scheduler finds no node: ${words}`]);
  });
  test('what sched.volumes answers is not told again', () => {
    const spec = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'media' } }] };
    const cluster = waiting({ said: '0/1 nodes are available: persistentvolumeclaim "media" not found. not found', spec });
    // The claims are read by sched.volumes; here they are an empty list.
    const reads = {
      reads: (a: Parameters<typeof check.reads>[0]) => [
        ...check.reads(a),
        { verb: 'list' as const, kind: 'PersistentVolumeClaim' as const, namespace: 'shop' },
      ],
    };
    expect(check.judge(artifactsOf(reads, cluster))).toEqual({ outcome: 'fine', says: 'No rule keeps the Pods off every node.' });
  });
  test('beside a reason that is known it is not told', () => {
    expect(of('1 Insufficient cpu, 2 node(s) exceed max volume count')).toEqual(FINE);
  });
  test.each(['SchedulingGated', undefined])('a Pod that no scheduler has refused: %s', (reason) => {
    const status = { conditions: reason ? [{ type: 'PodScheduled', status: 'False', reason, message: 'x' }] : [] };
    expect(of('', { status })).toEqual(['notApplicable: No Pod waits for a node.']);
  });
});

test('fields that are missing do no harm', () => {
  const all = [
    waiting({
      said: `${SELECTOR}, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable`,
      spec: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'x' }] },
    }),
    waiting({
      said: "1 node(s) didn't have free ports for the requested pod ports, 1 node(s) didn't match pod affinity rules, 1 node(s) didn't match pod topology spread constraints (missing required label)",
      container: { ports: [{ hostPort: 80 }] },
      spec: {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector: { matchLabels: { app: 'db' } } }],
          },
        },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      },
    }),
  ].flatMap((one) => withoutFields(check, one));
  expect(all.length).toBeGreaterThan(120);
  expect(all).not.toContain(undefined);
});
