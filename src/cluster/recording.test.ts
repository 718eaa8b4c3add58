import { describe, expect, it } from 'vitest';
import { KINDS, type Kind } from '../kinds.ts';
import { type RecordedObject, type Recording, recordedReader } from './recorded.ts';
import { denials, record, recordingReader } from './recording.ts';
import { MASK } from './redact.ts';

const NOW = '2026-01-31T12:00:00Z';
const item = (kind: Kind, namespace: string | undefined, name: string, rest: object = {}): RecordedObject => ({
  apiVersion: KINDS[kind].group ? `${KINDS[kind].group}/${KINDS[kind].version}` : 'v1',
  kind,
  metadata: { name, ...(namespace && { namespace }) },
  ...rest,
});

/** A cluster of which everything may be read. */
const whole = (items: readonly RecordedObject[], more: Partial<Recording> = {}): Recording => ({
  apiVersion: 'kdebug/v1alpha1',
  kind: 'Recording',
  now: NOW,
  server: {},
  namespace: 'shop',
  notServed: [],
  denied: [],
  covers: (Object.keys(KINDS) as Kind[]).map((kind) => ({ kind })),
  items,
  ...more,
});

const cluster = (items: readonly RecordedObject[], logs: Record<string, string> = {}, more: Partial<Recording> = {}) =>
  recordedReader(whole(items, more), new Map(Object.entries(logs)));

const namesOf = ({ items }: Recording) =>
  items.map(({ kind, metadata }) => `${kind} ${metadata?.namespace ? `${metadata.namespace}/` : ''}${metadata?.name}`);

const pod = (namespace: string, name: string, nodeName: string | undefined, phase = 'Running') =>
  item('Pod', namespace, name, {
    spec: {
      ...(nodeName && { nodeName }),
      containers: [{ name: 'app', image: 'x', env: [{ name: 'A', value: 'b' }], resources: { requests: { cpu: '1' } } }],
    },
    status: { phase },
  });

describe('record', () => {
  it('takes all of the namespace and of the cluster what it refers to, sorted, and nothing else', async () => {
    const reader = cluster([
      item('Service', 'shop', 'web'),
      pod('shop', 'web-2', 'node1'),
      pod('shop', 'web-1', 'node1'),
      pod('other', 'api-1', 'node1'),
      item('Node', undefined, 'node1'),
      item('Node', undefined, 'node2'),
      item('Namespace', undefined, 'shop'),
      item('Namespace', undefined, 'other'),
      item('StorageClass', undefined, 'fast'),
      item('PersistentVolume', undefined, 'mine', { spec: { claimRef: { namespace: 'shop' } } }),
      item('PersistentVolume', undefined, 'free', { spec: {} }),
      item('PersistentVolume', undefined, 'taken', { spec: { claimRef: { namespace: 'other' } } }),
      item('Secret', 'other', 'db'),
    ]);
    const { recording, missing } = await record(reader, { namespace: 'shop', now: NOW });
    expect(namesOf(recording)).toEqual([
      'Namespace shop',
      'Node node1',
      'PersistentVolume free',
      'PersistentVolume mine',
      'Pod shop/web-1',
      'Pod shop/web-2',
      'Service shop/web',
      'StorageClass fast',
    ]);
    expect(missing).toEqual([]);
    expect(recording).toMatchObject({ now: NOW, namespace: 'shop', notServed: [], denied: [] });
  });

  it('covers what it holds, so that a replay tells "not there" from "not recorded"', async () => {
    const { recording, logs } = await record(cluster([]), { namespace: 'shop', now: NOW });
    const replay = recordedReader(recording, logs);
    const reason = async (kind: Kind, namespace: string | undefined, name: string) => {
      const read = await replay.get({ verb: 'get', kind, name, ...(namespace && { namespace }) });
      return read.ok ? 'ok' : read.reason;
    };
    expect(await reason('ConfigMap', 'shop', 'settings')).toBe('notFound');
    expect(await reason('IngressClass', undefined, 'nginx')).toBe('notFound');
    expect(await reason('DaemonSet', 'kube-system', 'kube-proxy')).toBe('notFound');
    expect(await reason('Namespace', undefined, 'shop')).toBe('notFound');
    expect(await reason('Namespace', undefined, 'other')).toBe('notRecorded');
    expect(await reason('ConfigMap', 'other', 'settings')).toBe('notRecorded');
    expect(await reason('Node', undefined, 'node1')).toBe('notRecorded');
  });

  it('takes every node and who lives there if a Pod found no place, but of others only what the scheduler counts', async () => {
    const reader = cluster([
      pod('shop', 'web-1', undefined, 'Pending'),
      pod('other', 'api-1', 'node2'),
      item('Node', undefined, 'node1'),
      item('Node', undefined, 'node2'),
    ]);
    const { recording } = await record(reader, { namespace: 'shop', now: NOW });
    expect(namesOf(recording)).toEqual(['Node node1', 'Node node2', 'Pod other/api-1', 'Pod shop/web-1']);
    expect(recording.items.find(({ metadata }) => metadata?.name === 'api-1')).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'api-1', namespace: 'other' },
      spec: { nodeName: 'node2', containers: [{ name: 'app', resources: { requests: { cpu: '1' } } }] },
      status: { phase: 'Running' },
    });
    const listed = await recordedReader(recording, new Map()).list({ verb: 'list', kind: 'Pod', fieldSelector: 'spec.nodeName=node2' });
    expect(listed).toMatchObject({ ok: true, value: { items: [{ metadata: { name: 'api-1' } }] } });
  });

  it('follows routes to Gateways, Services and grants of other namespaces, and classes to the Pods of their controller', async () => {
    const reader = cluster([
      item('HTTPRoute', 'shop', 'web', {
        spec: {
          parentRefs: [{ name: 'public', namespace: 'edge' }],
          rules: [{ backendRefs: [{ name: 'api', namespace: 'back' }, { name: 'gone', namespace: 'back' }, { name: 'web' }] }],
        },
      }),
      item('Gateway', 'edge', 'public'),
      item('Gateway', 'edge', 'internal'),
      item('Service', 'back', 'api'),
      item('ReferenceGrant', 'back', 'allow'),
      item('IngressClass', undefined, 'traefik', { spec: { controller: 'traefik.io/ingress-controller' } }),
      {
        ...item('Pod', 'traefik', 'traefik-1'),
        metadata: { name: 'traefik-1', namespace: 'traefik', labels: { 'app.kubernetes.io/name': 'traefik' } },
      },
    ]);
    const { recording } = await record(reader, { namespace: 'shop', now: NOW });
    expect(namesOf(recording)).toEqual([
      'Gateway edge/public',
      'HTTPRoute shop/web',
      'IngressClass traefik',
      'Pod traefik/traefik-1',
      'ReferenceGrant back/allow',
      'Service back/api',
    ]);
    const replay = recordedReader(recording, new Map());
    expect(await replay.get({ verb: 'get', kind: 'Service', namespace: 'back', name: 'gone' })).toMatchObject({ reason: 'notFound' });
    expect(await replay.list({ verb: 'list', kind: 'ReferenceGrant', namespace: 'back' })).toMatchObject({ ok: true });
  });

  it('keeps current and previous logs of all containers, with credentials masked', async () => {
    const one = item('Pod', 'shop', 'web-1', {
      spec: { initContainers: [{ name: 'init' }], containers: [{ name: 'app' }] },
      status: { containerStatuses: [{ name: 'app', state: { running: {} } }] },
    });
    const { logs, missing } = await record(
      cluster([one], { 'web-1.app': 'db password=hunter2\n', 'web-1.app.previous': 'bye\n', 'web-1.init': '' }),
      { namespace: 'shop', now: NOW },
    );
    expect([...logs]).toEqual([
      ['web-1.app', `db password=${MASK}\n`],
      ['web-1.app.previous', 'bye\n'],
      ['web-1.init', ''],
    ]);
    expect(missing).toEqual([]);
  });

  it('says which log it could not have', async () => {
    const one = item('Pod', 'shop', 'web-1', {
      spec: { containers: [{ name: 'app' }] },
      status: { containerStatuses: [{ name: 'app', state: { running: {} } }] },
    });
    const { missing } = await record(cluster([one]), { namespace: 'shop', now: NOW });
    expect(missing).toEqual(['The log of app in web-1: The recording does not hold the log of app in web-1.']);
  });

  it('drops what no check reads, and masks credentials in every object', async () => {
    const reader = cluster([
      item('Node', undefined, 'node1', {
        status: { nodeInfo: { kubeletVersion: 'v1.34.4', containerRuntimeVersion: 'containerd://1.6.20' } },
      }),
      item('ConfigMap', 'shop', 'kube-root-ca.crt', { data: { 'ca.crt': 'long' } }),
      {
        ...item('ConfigMap', 'shop', 'settings', { data: { url: 'amqp://shop:hunter2@queue', plain: 'x' } }),
        metadata: {
          name: 'settings',
          namespace: 'shop',
          managedFields: [{ manager: 'kubectl' }],
          annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{}}' },
        },
      },
      pod('shop', 'web-1', 'node1'),
    ]);
    const { recording } = await record(reader, { namespace: 'shop', now: NOW });
    expect(recording.items.slice(0, 2)).toEqual([
      item('ConfigMap', 'shop', 'kube-root-ca.crt', { data: { 'ca.crt': MASK } }),
      item('ConfigMap', 'shop', 'settings', { data: { url: `amqp://shop:${MASK}@queue`, plain: 'x' } }),
    ]);
    expect(recording.server).toEqual({ version: 'v1.34.4', containerRuntime: 'containerd://1.6.20' });
  });

  it('notes denials and groups that are not served, and a replay answers the same', async () => {
    const message = 'services is forbidden: User "u" cannot list resource "services" in API group "" in the namespace "shop"';
    const reader = cluster(
      [],
      {},
      { notServed: ['gateway.networking.k8s.io'], denied: [{ verb: 'list', group: '', resource: 'services', namespace: 'shop', message }] },
    );
    const { recording, missing } = await record(reader, { namespace: 'shop', now: NOW });
    expect(recording.notServed).toEqual(['gateway.networking.k8s.io']);
    expect(recording.denied).toEqual([{ verb: 'list', group: '', resource: 'services', namespace: 'shop', message }]);
    expect(missing).toEqual([]);
    expect(await recordedReader(recording, new Map()).list({ verb: 'list', kind: 'Service', namespace: 'shop' })).toEqual({
      ok: false,
      reason: 'forbidden',
      message,
    });
  });

  it('notes one resource of a group that is otherwise served', async () => {
    const notServed = ['backendtlspolicies.gateway.networking.k8s.io', 'tlsroutes.gateway.networking.k8s.io'];
    const { recording } = await record(cluster([item('HTTPRoute', 'shop', 'web')], {}, { notServed }), { namespace: 'shop', now: NOW });
    expect(recording.notServed).toEqual(notServed);
    expect(namesOf(recording)).toEqual(['HTTPRoute shop/web']);
  });

  it('keeps what a diagnosis read besides', async () => {
    const items = [
      { ...item('Pod', 'edge', 'proxy-1'), metadata: { name: 'proxy-1', namespace: 'edge', labels: { app: 'proxy' } } },
      item('Service', 'edge', 'proxy'),
    ];
    const probe = { via: 'podProxy', namespace: 'shop', name: 'web-1', port: 80, scheme: 'http', path: '/' } as const;
    const reader = cluster(items, {}, { probes: [{ request: probe, answer: { answered: true, status: 200, body: 'token=hunter2' } }] });
    const watched = recordingReader(reader);
    await watched.list({ verb: 'list', kind: 'Pod', labelSelector: 'app=proxy' });
    await watched.get({ verb: 'get', kind: 'Service', namespace: 'edge', name: 'proxy' });
    await watched.get({ verb: 'get', kind: 'Service', namespace: 'edge', name: 'gone' });
    await watched.probe({ verb: 'probe', ...probe });
    expect(watched.remembered).toHaveLength(4);
    expect(watched.requests.count).toBe(4);
    const { recording } = await record(reader, { namespace: 'shop', now: NOW, remembered: watched.remembered });
    const replay = recordedReader(recording, new Map());
    expect(namesOf(recording)).toEqual(['Pod edge/proxy-1', 'Service edge/proxy']);
    expect(await replay.list({ verb: 'list', kind: 'Pod', labelSelector: 'app=proxy' })).toMatchObject({
      ok: true,
      value: { items: [{}] },
    });
    expect(await replay.get({ verb: 'get', kind: 'Service', namespace: 'edge', name: 'gone' })).toMatchObject({ reason: 'notFound' });
    expect(await replay.probe({ verb: 'probe', ...probe })).toEqual({
      ok: true,
      value: { answered: true, status: 200, body: `token=${MASK}` },
    });
  });

  it('gives the same for the same cluster, whatever the order in which it answers', async () => {
    const items = [
      item('Service', 'shop', 'a'),
      item('Service', 'shop', 'b'),
      item('ConfigMap', 'shop', 'b'),
      item('ConfigMap', 'shop', 'a'),
      item('StorageClass', undefined, 'z'),
    ];
    const [one, other] = await Promise.all([
      record(cluster(items), { namespace: 'shop', now: NOW }),
      record(cluster([...items].reverse()), { namespace: 'shop', now: NOW }),
    ]);
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });
});

describe('denials', () => {
  it('are all that another user is refused of what the recording can answer', async () => {
    const { recording } = await record(
      cluster([
        item('Namespace', undefined, 'shop'),
        item('Service', 'shop', 'web'),
        pod('shop', 'web-1', 'node1'),
        item('Node', undefined, 'node1'),
      ]),
      { namespace: 'shop', now: NOW },
    );
    const refused = (verb: 'get' | 'list', resource: string, namespace?: string) => ({
      verb,
      group: '',
      resource,
      ...(namespace && { namespace }),
      message: `${resource} is forbidden: User "u" cannot ${verb}`,
    });
    const denied = [
      refused('get', 'nodes'),
      refused('get', 'pods/log', 'shop'),
      refused('list', 'services', 'shop'),
      refused('get', 'services', 'shop'),
    ];
    const user = recordedReader({ ...recording, denied: [...denied, refused('list', 'secrets', 'elsewhere')] }, new Map());
    const found = await denials(user, recording);
    expect(found).toHaveLength(4);
    expect(found).toEqual(expect.arrayContaining(denied));
  });
});
