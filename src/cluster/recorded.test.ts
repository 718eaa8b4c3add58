import { describe, expect, it } from 'vitest';
import type { Kind } from '../kinds.ts';
import type { Read } from '../model.ts';
import { type Denial, logKey, type RecordedObject, type Recording, recordedReader } from './recorded.ts';

const item = (kind: Kind, namespace: string | undefined, name: string, rest: object = {}): RecordedObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace && { namespace }) },
  ...rest,
});
const container = (name: string, state: object) => ({ status: { containerStatuses: [{ name, state }] } });

const recording: Recording = {
  apiVersion: 'kdebug/v1alpha1',
  kind: 'Recording',
  now: '2026-01-31T12:00:00Z',
  server: {},
  namespace: 'shop',
  notServed: ['gateway.networking.k8s.io'],
  denied: [
    {
      verb: 'list',
      group: '',
      resource: 'secrets',
      namespace: 'shop',
      message: 'secrets is forbidden: User "u" cannot list resource "secrets" in API group "" in the namespace "shop"',
    },
    {
      verb: 'get',
      group: '',
      resource: 'secrets',
      namespace: 'shop',
      message: 'secrets is forbidden: User "u" cannot get resource "secrets" in API group "" in the namespace "shop"',
    },
    {
      verb: 'get',
      group: '',
      resource: 'nodes',
      name: 'node2',
      message: 'nodes "node2" is forbidden: User "u" cannot get resource "nodes" in API group "" at the cluster scope',
    },
  ],
  covers: [
    { kind: 'Pod', namespace: 'shop' },
    { kind: 'ConfigMap', namespace: 'shop' },
    { kind: 'Pod', labelSelector: 'app=traefik' },
    { kind: 'Pod', fieldSelector: 'spec.nodeName=node1' },
    { kind: 'StorageClass' },
    { kind: 'DaemonSet', namespace: 'kube-system', name: 'kube-proxy' },
  ],
  items: [
    item('ConfigMap', 'shop', 'settings', { data: { a: '1' } }),
    item('Node', undefined, 'node1'),
    item('Pod', 'shop', 'web-1', { ...container('app', { running: {} }), spec: { nodeName: 'node1' } }),
    item('Pod', 'shop', 'web-2', container('app', { waiting: { reason: 'ContainerCreating' } })),
    { ...item('Pod', 'traefik', 'traefik-1'), metadata: { name: 'traefik-1', namespace: 'traefik', labels: { app: 'traefik', v: '3' } } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'other' }, type: 'Opaque', keys: ['password'] },
  ],
};
const logs = new Map([['web-1.app', 'hello\n']]);
const reader = recordedReader(recording, logs);

const reasonOf = (read: Read<unknown>): string => (read.ok ? 'ok' : read.reason);

describe('get', () => {
  it('gives the object as it was', async () => {
    expect(await reader.get({ verb: 'get', kind: 'ConfigMap', namespace: 'shop', name: 'settings' })).toEqual({
      ok: true,
      value: recording.items[0],
    });
  });

  it('takes cluster-scoped objects also where the request names a namespace', async () => {
    expect(reasonOf(await reader.get({ verb: 'get', kind: 'Node', namespace: 'shop', name: 'node1' }))).toBe('ok');
  });

  it('says in the words of the API server that an object of a covered place is not there', async () => {
    expect(await reader.get({ verb: 'get', kind: 'ConfigMap', namespace: 'shop', name: 'nope' })).toEqual({
      ok: false,
      reason: 'notFound',
      message: 'configmaps "nope" not found',
    });
    expect(await reader.get({ verb: 'get', kind: 'StorageClass', name: 'fast' })).toEqual({
      ok: false,
      reason: 'notFound',
      message: 'storageclasses.storage.k8s.io "fast" not found',
    });
    expect(await reader.get({ verb: 'get', kind: 'DaemonSet', namespace: 'kube-system', name: 'kube-proxy' })).toMatchObject({
      reason: 'notFound',
    });
  });

  it('does not say so of what it does not hold', async () => {
    expect(reasonOf(await reader.get({ verb: 'get', kind: 'Service', namespace: 'shop', name: 'web' }))).toBe('notRecorded');
    expect(reasonOf(await reader.get({ verb: 'get', kind: 'ConfigMap', namespace: 'other', name: 'settings' }))).toBe('notRecorded');
    expect(reasonOf(await reader.get({ verb: 'get', kind: 'Node', name: 'node9' }))).toBe('notRecorded');
    // What a selector covers says nothing about a name.
    expect(reasonOf(await reader.get({ verb: 'get', kind: 'Pod', namespace: 'traefik', name: 'traefik-2' }))).toBe('notRecorded');
    expect(reasonOf(await reader.get({ verb: 'get', kind: 'DaemonSet', namespace: 'kube-system', name: 'other' }))).toBe('notRecorded');
  });

  it('answers 403 as the server did, with the name of the object that was asked for', async () => {
    expect(await reader.get({ verb: 'get', kind: 'Secret', namespace: 'shop', name: 'db' })).toEqual({
      ok: false,
      reason: 'forbidden',
      message: 'secrets "db" is forbidden: User "u" cannot get resource "secrets" in API group "" in the namespace "shop"',
    });
    expect(reasonOf(await reader.get({ verb: 'get', kind: 'Node', name: 'node2' }))).toBe('forbidden');
    expect(reasonOf(await reader.get({ verb: 'get', kind: 'Node', name: 'node1' }))).toBe('ok');
  });

  it('says that a group is not served', async () => {
    expect(reasonOf(await reader.get({ verb: 'get', kind: 'HTTPRoute', namespace: 'shop', name: 'web' }))).toBe('noSuchApi');
    expect(reasonOf(await reader.list({ verb: 'list', kind: 'GatewayClass' }))).toBe('noSuchApi');
  });

  it('says that one resource of a group is not served', async () => {
    const newer = { ...recording, notServed: ['tlsroutes.gateway.networking.k8s.io'], covers: [{ kind: 'HTTPRoute' as const }] };
    const reader = recordedReader(newer, new Map());
    expect(reasonOf(await reader.list({ verb: 'list', kind: 'TLSRoute', namespace: 'shop' }))).toBe('noSuchApi');
    expect(reasonOf(await reader.get({ verb: 'get', kind: 'TLSRoute', namespace: 'shop', name: 'web' }))).toBe('noSuchApi');
    expect(reasonOf(await reader.list({ verb: 'list', kind: 'HTTPRoute', namespace: 'shop' }))).toBe('ok');
  });

  it('hands out the facts of a Secret and nothing around them, as the live reader does', async () => {
    expect(await reader.get({ verb: 'get', kind: 'Secret', namespace: 'other', name: 'db' })).toEqual({
      ok: true,
      value: { metadata: { name: 'db', namespace: 'other' }, type: 'Opaque', keys: ['password'] },
    });
  });
});

describe('list', () => {
  const names = async (request: Parameters<typeof reader.list>[0]) => {
    const read = await reader.list(request);
    return read.ok ? read.value.items.map((one) => one.metadata?.name) : read.reason;
  };

  it('selects by namespace, labels and fields', async () => {
    expect(await names({ verb: 'list', kind: 'Pod', namespace: 'shop' })).toEqual(['web-1', 'web-2']);
    expect(await names({ verb: 'list', kind: 'Pod', namespace: 'shop', fieldSelector: 'metadata.name=web-2' })).toEqual(['web-2']);
    expect(await names({ verb: 'list', kind: 'Pod', namespace: 'shop', labelSelector: 'app=none' })).toEqual([]);
    expect(await names({ verb: 'list', kind: 'Pod', labelSelector: 'app=traefik,v=3' })).toEqual(['traefik-1']);
    expect(await names({ verb: 'list', kind: 'Pod', fieldSelector: 'spec.nodeName=node1,metadata.name!=x' })).toEqual(['web-1']);
    expect(await names({ verb: 'list', kind: 'StorageClass' })).toEqual([]);
  });

  it('does not answer what it holds only in part', async () => {
    expect(await names({ verb: 'list', kind: 'Pod' })).toBe('notRecorded');
    expect(await names({ verb: 'list', kind: 'Pod', labelSelector: 'app=nginx' })).toBe('notRecorded');
    expect(await names({ verb: 'list', kind: 'Pod', fieldSelector: 'spec.nodeName=node2' })).toBe('notRecorded');
    expect(await names({ verb: 'list', kind: 'Node' })).toBe('notRecorded');
    expect(await names({ verb: 'list', kind: 'DaemonSet', namespace: 'kube-system' })).toBe('notRecorded');
  });

  it('gives one page, and says whether there is more', async () => {
    expect(await reader.list({ verb: 'list', kind: 'Pod', namespace: 'shop', limit: 1 })).toMatchObject({
      value: { complete: false, items: [{ metadata: { name: 'web-1' } }] },
    });
    expect(await reader.list({ verb: 'list', kind: 'Pod', namespace: 'shop', limit: 2 })).toMatchObject({ value: { complete: true } });
  });

  it('gives items without kind and apiVersion, as the API server does', async () => {
    const read = await reader.list({ verb: 'list', kind: 'ConfigMap', namespace: 'shop' });
    expect(read).toEqual({
      ok: true,
      value: { items: [{ metadata: { name: 'settings', namespace: 'shop' }, data: { a: '1' } }], complete: true },
    });
  });

  it('refuses what the API server refuses', async () => {
    expect(await names({ verb: 'list', kind: 'Secret', namespace: 'shop' })).toBe('forbidden');
    expect(await reader.list({ verb: 'list', kind: 'Pod', namespace: 'shop', fieldSelector: 'spec.hostname=a' })).toEqual({
      ok: false,
      reason: 'other',
      message: 'The API server answered (HTTP 400): field label not supported: spec.hostname',
    });
    expect(await names({ verb: 'list', kind: 'Pod', namespace: 'shop', labelSelector: 'a in b' })).toBe('other');
  });
});

describe('logs', () => {
  const log = (pod: string, previous = false, from = reader) =>
    from.logs({ verb: 'logs', namespace: 'shop', pod, container: 'app', previous });

  it('gives what was kept', async () => expect(await log('web-1')).toEqual({ ok: true, value: 'hello\n' }));

  it('says as the kubelet does that there is none', async () => {
    expect(await log('web-1', true)).toMatchObject({
      reason: 'notFound',
      message: 'previous terminated container "app" in pod "web-1" not found',
    });
    expect(await log('web-2')).toMatchObject({
      reason: 'notFound',
      message: 'container "app" in pod "web-2" is waiting to start: ContainerCreating',
    });
    expect(await log('web-9')).toMatchObject({ reason: 'notFound', message: 'pods "web-9" not found' });
  });

  it('does not take a lost log for an absent one', async () => {
    expect(reasonOf(await log('web-1', false, recordedReader(recording, new Map())))).toBe('notRecorded');
    expect(reasonOf(await reader.logs({ verb: 'logs', namespace: 'traefik', pod: 'traefik-1', container: 'app', previous: false }))).toBe(
      'notRecorded',
    );
  });

  it('is forbidden where pods/log is', async () => {
    const message = 'pods is forbidden: User "u" cannot get resource "pods/log" in API group "" in the namespace "shop"';
    const denied: Denial = { verb: 'get', group: '', resource: 'pods/log', namespace: 'shop', message };
    const strict = recordedReader({ ...recording, denied: [denied] }, logs);
    expect(await log('web-1', false, strict)).toEqual({
      ok: false,
      reason: 'forbidden',
      message: message.replace('pods is', 'pods "web-1" is'),
    });
  });

  it('has a name for each of them', () => {
    expect(logKey({ namespace: 'shop', pod: 'web-1', container: 'app', previous: true })).toBe('web-1.app.previous');
    expect(logKey({ namespace: 'kube-system', pod: 'dns-1', container: 'dns', previous: false }, 'shop')).toBe('kube-system_dns-1.dns');
  });
});

describe('probe', () => {
  const request = { via: 'podProxy', namespace: 'shop', name: 'web-1', port: 8080, scheme: 'http', path: '/' } as const;

  it('gives what was recorded for exactly this probe', async () => {
    const probed = recordedReader(
      {
        ...recording,
        probes: [
          { request, answer: { answered: true, status: 503, body: '' } },
          { request: { ...request, port: 1 }, failure: { reason: 'timeout', message: 'late' } },
        ],
      },
      logs,
    );
    expect(await probed.probe({ verb: 'probe', ...request })).toEqual({ ok: true, value: { answered: true, status: 503, body: '' } });
    expect(await probed.probe({ verb: 'probe', ...request, port: 1 })).toEqual({ ok: false, reason: 'timeout', message: 'late' });
    expect(reasonOf(await probed.probe({ verb: 'probe', ...request, host: 'shop.example.com' }))).toBe('notRecorded');
    expect(reasonOf(await reader.probe({ verb: 'probe', ...request }))).toBe('notRecorded');
  });

  it('is forbidden with either verb', async () => {
    for (const verb of ['get', 'create'] as const) {
      const strict = recordedReader(
        {
          ...recording,
          denied: [
            {
              verb,
              group: '',
              resource: 'pods/proxy',
              namespace: 'shop',
              message: `pods is forbidden: User "u" cannot ${verb} resource "pods/proxy"`,
            },
          ],
        },
        logs,
      );
      expect(await strict.probe({ verb: 'probe', ...request })).toMatchObject({
        reason: 'forbidden',
        message: `pods "web-1" is forbidden: User "u" cannot ${verb} resource "pods/proxy"`,
      });
    }
  });
});

it('counts requests, and stops for an abort', async () => {
  const one = recordedReader(recording, logs);
  await one.get({ verb: 'get', kind: 'Node', name: 'node1' });
  await one.list({ verb: 'list', kind: 'StorageClass' });
  expect(one.requests.count).toBe(2);
  await expect(one.get({ verb: 'get', kind: 'Node', name: 'node1' }, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
});
