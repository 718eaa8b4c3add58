import { describe, expect, test } from 'vitest';
import { artifactsOf, type Cluster, judged, type Made, NAMESPACE, NOW, patches, withoutFields } from '../testing.ts';
import { check } from './sched.capacity.ts';
import { node, stranger, taint, type Waiting, waiting } from './testing-placement.ts';

const of = (said: string, more: Partial<Waiting> = {}) => judged(check, waiting({ said, ...more }));
const asks = (requests: object) => ({ container: { resources: { requests } } });
const holds = (name: string, requests: object, nodeName = 'node1') =>
  stranger(name, nodeName, { containers: [{ name: 'main', resources: { requests } }] }, 'other');
const ended = (pod: Made): Made => ({ ...pod, status: { phase: 'Succeeded' } });

const remedies = (cluster: Cluster) => {
  const given = check.judge(artifactsOf(check, cluster));
  return given.outcome === 'wrong' ? (given.reports[0]?.remedies ?? []).map(({ argv, complete }) => `${complete} ${argv.join(' ')}`) : [];
};
const evidence = (cluster: Cluster) => {
  const given = check.judge(artifactsOf(check, cluster));
  const all = given.outcome === 'wrong' ? (given.reports[0]?.evidence ?? []) : [];
  return all.flatMap((one) => ('path' in one ? [`${one.object.kind}/${one.object.name} ${one.path}${one.volatile ? ' now' : ''}`] : []));
};

describe('insufficient-cpu', () => {
  const full: Waiting = { said: '1 Insufficient cpu', ...asks({ cpu: '900m' }), more: [holds('index-build', { cpu: '1200m' })] };
  test('says what is asked for, and which node comes nearest with how much', () => {
    expect(judged(check, waiting(full))).toEqual([
      'error insufficient-cpu: each Pod requests 900m CPU, and no node that it may use has so much left; node1 comes nearest with 800m of its 2',
    ]);
    const nodes = ['a', 'b', 'c'].map((name) => node(name));
    const more = [holds('x', { cpu: '1900m' }, 'a'), holds('y', { cpu: '1500m' }, 'b'), holds('z', { cpu: '3' }, 'c')];
    expect(judged(check, waiting({ ...full, nodes, more }))).toEqual([
      'error insufficient-cpu: each Pod requests 900m CPU, and no node that it may use has so much left; b comes nearest with 500m of its 2',
    ]);
  });
  test('without the right to read the Pods of the node the number is not known', () => {
    const artifacts = artifactsOf(check, waiting(full));
    const blind: typeof artifacts = { ...artifacts, list: (request) => (request.fieldSelector ? undefined : artifacts.list(request)) };
    expect(check.judge(blind)).toMatchObject({
      reports: [
        {
          message:
            'each Pod requests 900m CPU, and no node that it may use has so much left; the largest has 2 in all, and how much of it is left is not known',
        },
      ],
    });
  });
  test('room that has come since the scheduler looked', () => {
    expect(judged(check, waiting({ ...full, more: [] }))).toEqual([
      'error insufficient-cpu: each Pod requests 900m CPU, and no node that it may use has so much left; the largest has 2 in all',
    ]);
  });
  test('shows who holds it', () => {
    expect(evidence(waiting(full))).toEqual([
      'Pod/cart-2-a status.conditions[type=PodScheduled].reason',
      'Pod/cart-2-a status.conditions[type=PodScheduled].message now',
      'Pod/cart-2-a spec.containers[name=web].resources.requests.cpu',
      'Node/node1 status.allocatable.cpu',
      'Pod/index-build spec.containers[name=main].resources.requests.cpu now',
    ]);
  });
  test('asks for what is free, if that is at least half: 2 - 1200m = 800m', () => {
    expect(patches(check, waiting(full))).toEqual([
      '[{"op":"add","path":"/spec/template/spec/containers/0/resources/requests/cpu","value":"800m"}]',
    ]);
  });
  test('a Pod that has ended holds nothing', () => {
    expect(patches(check, waiting({ ...full, more: [...full.more!, ended(holds('done', { cpu: '700m' }))] }))[0]).toContain('"800m"');
  });
  test.each([
    ['less than half is free', { more: [holds('index-build', { cpu: '1800m' })] }],
    ['several replicas are to be placed', { replicas: 2 }],
    ['the Pods of the node may not be read', { denied: ['Node' as const] }],
  ])('leaves the amount to the person where %s', (_, parts) => {
    expect(remedies(waiting({ ...full, ...parts }))).toEqual([
      'false kubectl patch deployment cart -n shop --type=json -p [{"op":"add","path":"/spec/template/spec/containers/0/resources/requests/cpu","value":"<smaller>"}]',
    ]);
  });
  test('what only a limit asks for is asked for in the template', () => {
    const cluster = waiting(full);
    const objects = cluster.objects.map((one) => {
      if (one?.kind !== 'Deployment') return one;
      const template = { spec: { containers: [{ name: 'web', resources: { limits: { cpu: '900m' } } }] } };
      return { ...one, spec: { ...(one.spec as object), template } };
    });
    expect(patches(check, { ...cluster, objects })).toEqual([
      '[{"op":"add","path":"/spec/template/spec/containers/0/resources/requests","value":{"cpu":"800m"}}]',
    ]);
  });
  test('without the right to read nodes the scheduler is quoted', () => {
    const cluster = waiting({ ...full, denied: ['Node'] });
    expect(judged(check, cluster)).toEqual([
      'error insufficient-cpu: each Pod requests 900m CPU, and no node that it may use has so much left; how much they have left is not known',
    ]);
    expect(evidence(cluster)).toHaveLength(3);
  });
  test('nodes that are kept for others are not what is short', () => {
    const reserved = node('big', { spec: { taints: [taint('dedicated', 'batch')] }, allocatable: { cpu: '64' } });
    expect(
      of('1 Insufficient cpu, 1 node(s) had untolerated taint(s)', { ...asks({ cpu: '900m' }), nodes: [node('node1'), reserved] }),
    ).toEqual([
      'error insufficient-cpu: each Pod requests 900m CPU, and no node that it may use has so much left; the largest has 2 in all',
    ]);
  });
  test('a bare Pod can only be made anew', () => {
    const cluster = waiting({ ...full, pod: { ownerReferences: [] } });
    const target = { kind: 'Pod' as const, name: 'cart-2-a' };
    expect(remedies({ ...cluster, target })).toEqual(['false kubectl replace --force -n shop -f <corrected manifest>']);
  });
});

test('each resource that is short is named', () => {
  expect(
    of(
      '1 Insufficient cpu, 2 Insufficient memory, 1 Insufficient ephemeral-storage',
      asks({ cpu: '1', memory: '6Gi', 'ephemeral-storage': '50Gi' }),
    ),
  ).toEqual([
    'error insufficient-cpu: each Pod requests 1 CPU, and no node that it may use has so much left; the largest has 2 in all',
    'error insufficient-memory: each Pod requests 6Gi memory, and no node that it may use has so much left; the largest has 8Gi in all',
    'error insufficient-ephemeral-storage: each Pod requests 50Gi local storage, and no node that it may use has so much left; the largest has 100Gi in all',
  ]);
});

describe('request-exceeds-every-node', () => {
  test('no node is as large, even an empty one', () => {
    const cluster = waiting({
      said: '2 Insufficient memory',
      ...asks({ memory: '900Gi' }),
      nodes: [node('node1'), node('node2', { allocatable: { memory: '16Gi' } })],
    });
    expect(judged(check, cluster)).toEqual([
      'error request-exceeds-every-node: each Pod requests 900Gi memory, and the largest node that it may use has 16Gi',
    ]);
    expect(evidence(cluster)).toContain('Node/node2 status.allocatable.memory');
    expect(remedies(cluster)).toEqual([
      'false kubectl patch deployment cart -n shop --type=json -p [{"op":"add","path":"/spec/template/spec/containers/0/resources/requests/memory","value":"<smaller>"}]',
    ]);
  });
  test('CPUs without the m of thousandths', () => {
    const cluster = waiting({ said: '1 Insufficient cpu', ...asks({ cpu: '100' }) });
    expect(judged(check, cluster)).toEqual([
      'error request-exceeds-every-node: each Pod requests 100 CPU, and the largest node that it may use has 2',
    ]);
    expect(patches(check, cluster)).toEqual([
      '[{"op":"add","path":"/spec/template/spec/containers/0/resources/requests/cpu","value":"100m"}]',
    ]);
  });
  test('a node that is large enough and kept for others does not count', () => {
    const large = node('large', { spec: { taints: [taint('dedicated', 'db')] }, allocatable: { memory: '1000Gi' } });
    expect(
      of('1 Insufficient memory, 1 node(s) had untolerated taint(s)', { ...asks({ memory: '900Gi' }), nodes: [node('node1'), large] }),
    ).toEqual(['error request-exceeds-every-node: each Pod requests 900Gi memory, and the largest node that it may use has 8Gi']);
  });
  test('as much as the node has is not more than it has', () => {
    expect(of('1 Insufficient memory', asks({ memory: '8Gi' }))[0]).toMatch(/^error insufficient-memory: /);
  });
  test('an init container counts', () => {
    expect(of('1 Insufficient cpu', { spec: { initContainers: [{ name: 'load', resources: { requests: { cpu: '4' } } }] } })).toEqual([
      'error request-exceeds-every-node: each Pod requests 4 CPU, and the largest node that it may use has 2',
    ]);
  });
});

describe('insufficient-extended-resource', () => {
  const gpu = (name: string, count: string) => ({ container: { resources: { limits: { [name]: count }, requests: { [name]: count } } } });
  const said = '1 Insufficient nvidia.com/gpu';
  const offers = (count: string) => [node('node1', { allocatable: { 'nvidia.com/gpu': count } })];
  test('no node offers it', () => {
    const cluster = waiting({ said, ...gpu('nvidia.com/gpu', '1') });
    expect(judged(check, cluster)).toEqual([
      'error insufficient-extended-resource: each Pod requests 1 nvidia.com/gpu, and no node offers it',
    ]);
    expect(evidence(cluster)).toContain('Node/node1 status.allocatable.nvidia.com/gpu');
    expect(patches(check, cluster)).toEqual([
      '[{"op":"remove","path":"/spec/template/spec/containers/0/resources/requests/nvidia.com~1gpu"},{"op":"remove","path":"/spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu"}]',
    ]);
  });
  test('a name that is nearly right', () => {
    const cluster = waiting({ said: '1 Insufficient nvidia.com/gpus', ...gpu('nvidia.com/gpus', '1'), nodes: offers('2') });
    expect(judged(check, cluster)).toEqual([
      'error insufficient-extended-resource: each Pod requests 1 nvidia.com/gpus, and no node offers it; there is nvidia.com/gpu',
    ]);
    expect(patches(check, cluster)[0]).toContain(
      '{"op":"add","path":"/spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu","value":"1"}',
    );
  });
  test.each([
    [
      'none works',
      '0',
      '1',
      'error insufficient-extended-resource: each Pod requests 1 nvidia.com/gpu, and the nodes that it may use have none of it in working order',
    ],
    [
      'all are taken',
      '2',
      '1',
      'error insufficient-extended-resource: each Pod requests 1 nvidia.com/gpu, and no node that it may use has so much left; the largest has 2 in all',
    ],
    [
      'no node has so many',
      '2',
      '4',
      'error request-exceeds-every-node: each Pod requests 4 nvidia.com/gpu, and the largest node that it may use has 2',
    ],
  ])('%s', (_, has, wants, expected) => {
    expect(of(said, { ...gpu('nvidia.com/gpu', wants), nodes: offers(has) })).toEqual([expected]);
  });
  test('nodes that have it and are tainted: the taint is the cause, at sched.constraints', () => {
    const [other] = offers('4');
    const tainted = { ...other!, metadata: { name: 'gpu1' }, spec: { taints: [taint('nvidia.com/gpu')] } };
    expect(of(`${said}, 1 node(s) had untolerated taint(s)`, { ...gpu('nvidia.com/gpu', '1'), nodes: [node('node1'), tainted] })).toEqual([
      'fine: Room is not what the Pods lack.',
    ]);
  });
  test('without the right to read nodes nobody can say why', () => {
    expect(of(said, { ...gpu('nvidia.com/gpu', '1'), denied: ['Node'] })).toEqual([
      'error insufficient-extended-resource: each Pod requests 1 nvidia.com/gpu, and no node that it may use has so much left',
    ]);
  });
});

describe('too-many-pods', () => {
  const two = [node('jobs-1', { labels: { pool: 'jobs' }, allocatable: { pods: '2' } }), node('node1')];
  const said = "1 Too many pods, 1 node(s) didn't match Pod's node affinity/selector";
  const parts: Partial<Waiting> = { spec: { nodeSelector: { pool: 'jobs' } }, nodes: two, replicas: 3, placed: ['jobs-1', 'jobs-1'] };
  test('of the node that was chosen by its label', () => {
    expect(of(said, parts)).toEqual(['error too-many-pods: the nodes that the Pods may use run as many Pods as they may: jobs-1 2']);
    expect(remedies(waiting({ said, ...parts }))).toEqual(['true kubectl scale deployment/cart -n shop --replicas=2']);
  });
  test('where old Pods hold the places, fewer replicas would not help', () => {
    expect(remedies(waiting({ said, ...parts, placed: [], old: ['jobs-1', 'jobs-1'] }))).toEqual([]);
  });
});

test('no-nodes', () => {
  expect(of('no nodes available to schedule pods', { nodes: [] })).toEqual(['error no-nodes: the cluster has no nodes']);
});

describe('not a fault', () => {
  test('a rule keeps them off, not room', () => {
    expect(of("1 node(s) didn't match pod affinity rules")).toEqual(['fine: Room is not what the Pods lack.']);
  });
  test('a Pod that has its node by now', () => {
    const cluster = waiting({ said: '1 Insufficient cpu' });
    const objects = cluster.objects.map((one) =>
      one?.kind === 'Pod' ? { ...one, spec: { ...(one.spec as object), nodeName: 'node1' } } : one,
    );
    expect(judged(check, { ...cluster, objects })).toEqual(['notApplicable: No Pod waits for a node.']);
  });
  const scaleUp = (reason: string, lastTimestamp: string): Made => ({
    kind: 'Event',
    metadata: { name: `cart-2-a.${reason}`, namespace: NAMESPACE },
    reason,
    lastTimestamp,
    involvedObject: { kind: 'Pod', name: 'cart-2-a', uid: 'cart-2-a' },
  });
  test.each([
    ['a node is on its way', [scaleUp('TriggeredScaleUp', NOW)], 'fine (in progress): The cluster autoscaler is adding a node.'],
    ['it has not come', [scaleUp('TriggeredScaleUp', '2026-11-24T09:30:00Z')], undefined],
    ['it will not come', [scaleUp('TriggeredScaleUp', '2026-11-24T09:59:00Z'), scaleUp('NotTriggerScaleUp', NOW)], undefined],
  ])('the autoscaler: %s', (_, more, expected) => {
    const [first] = of('1 Insufficient cpu', { ...asks({ cpu: '900m' }), more });
    if (expected) expect(first).toBe(expected);
    else expect(first).toMatch(/^error insufficient-cpu: /);
  });
  test('Pods that are being deleted make room', () => {
    const cluster = waiting({ said: '1 Insufficient cpu', ...asks({ cpu: '900m' }), old: ['node1'] });
    const objects = cluster.objects.map((one) =>
      one?.metadata.name === 'cart-1-r0' ? { ...one, metadata: { ...one.metadata, deletionTimestamp: NOW } } : one,
    );
    expect(judged(check, { ...cluster, objects })).toEqual(['fine (in progress): Pods that are being deleted still hold their places.']);
  });
});

test('fields that are missing do no harm', () => {
  const full = waiting({
    said: '1 Insufficient cpu, 1 Too many pods',
    ...asks({ cpu: '900m' }),
    more: [holds('index-build', { cpu: '1200m' })],
  });
  const outcomes = withoutFields(check, full);
  expect(outcomes.length).toBeGreaterThan(60);
  expect(outcomes).not.toContain(undefined);
});
