/** Paths, queries, and what each answer of the API server means. */
import { gzipSync } from 'node:zlib';
import nock from 'nock';
import { describe, expect, test } from 'vitest';
import type { GetRequest, ListRequest, LogsRequest } from '../../src/model.ts';
import { readerOf } from './connections.ts';
import './setup.ts';

const SERVER = 'https://k8s.test:6443';
const pod: GetRequest<'Pod'> = { verb: 'get', kind: 'Pod', namespace: 'shop', name: 'web' };
const routes: ListRequest<'HTTPRoute'> = { verb: 'list', kind: 'HTTPRoute', namespace: 'shop' };
const log: LogsRequest = { verb: 'logs', namespace: 'shop', pod: 'web', container: 'app', previous: false };
const status = (code: number, reason: string, message: string, details: object = {}) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
  details,
});

describe('get', () => {
  test('the object as it was sent, unknown fields and dates included', async () => {
    const object = {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name: 'web', creationTimestamp: '2026-01-01T00:00:00Z' },
      status: { newField: 1 },
    };
    nock(SERVER).get('/api/v1/namespaces/shop/pods/web').reply(200, object);
    expect(await (await readerOf()).get(pod)).toEqual({ ok: true, value: object });
  });

  test.each([
    [{ verb: 'get', kind: 'Deployment', namespace: 'shop', name: 'web' }, '/apis/apps/v1/namespaces/shop/deployments/web'],
    [{ verb: 'get', kind: 'Node', name: 'n1' }, '/api/v1/nodes/n1'],
    [{ verb: 'get', kind: 'Node', namespace: 'ignored', name: 'n1' }, '/api/v1/nodes/n1'],
    [
      { verb: 'get', kind: 'ReferenceGrant', namespace: 'shop', name: 'g' },
      '/apis/gateway.networking.k8s.io/v1beta1/namespaces/shop/referencegrants/g',
    ],
  ] as const)('%o asks for %s', async (request, path) => {
    nock(SERVER).get(path).reply(200, { kind: request.kind });
    expect(await (await readerOf()).get(request as GetRequest)).toEqual({ ok: true, value: { kind: request.kind } });
  });

  test('headers: JSON, gzip, who asks, and the token', async () => {
    nock(SERVER, {
      reqheaders: { accept: 'application/json', 'accept-encoding': 'gzip', 'user-agent': 'kdebug/1.2.3', authorization: 'Bearer t0ken' },
    })
      .get('/api/v1/namespaces/shop/pods/web')
      .reply(200, gzipSync(JSON.stringify({ kind: 'Pod' })), { 'content-encoding': 'gzip' });
    expect(await (await readerOf({ userEntry: { token: 't0ken' } })).get(pod)).toEqual({ ok: true, value: { kind: 'Pod' } });
  });

  test("how far the server's clock is ahead", async () => {
    const reader = await readerOf();
    nock(SERVER)
      .get('/api/v1/namespaces/shop/pods/web')
      .reply(200, { kind: 'Pod' }, { date: new Date(Date.now() + 600_000).toUTCString() });
    await reader.get(pod);
    expect(Math.round((reader.requests.clockAhead ?? 0) / 10_000)).toBe(60);
    nock(SERVER).get('/api/v1/namespaces/shop/pods/web').reply(200, { kind: 'Pod' }, { date: 'soon' });
    const other = await readerOf();
    await other.get(pod);
    expect(other.requests.clockAhead).toBeUndefined();
  });

  test('a server below a path, as Rancher gives out', async () => {
    nock('https://rancher.test').get('/k8s/clusters/c-1/api/v1/namespaces/shop/pods/web').reply(200, { kind: 'Pod' });
    expect((await (await readerOf({ server: 'https://rancher.test/k8s/clusters/c-1/' })).get(pod)).ok).toBe(true);
  });

  test('a Secret leaves as facts', async () => {
    const data = { password: Buffer.from('hunter2').toString('base64') };
    nock(SERVER)
      .get('/api/v1/namespaces/shop/secrets/db')
      .reply(200, { kind: 'Secret', metadata: { name: 'db', annotations: { a: 'hunter2' } }, data });
    const read = await (await readerOf()).get({ verb: 'get', kind: 'Secret', namespace: 'shop', name: 'db' });
    expect(read).toEqual({ ok: true, value: { metadata: { name: 'db' }, keys: ['password'], emptyKeys: [] } });
  });
});

describe('list', () => {
  test('one page of 500, selectors escaped', async () => {
    const query = { limit: '500', labelSelector: 'app=web,tier in (a,b)', fieldSelector: 'spec.nodeName=n1' };
    const scope = nock(SERVER)
      .get('/api/v1/namespaces/shop/pods')
      .query(query)
      .reply(200, { kind: 'PodList', metadata: {}, items: [{ metadata: { name: 'a' } }] });
    const request: ListRequest<'Pod'> = {
      verb: 'list',
      kind: 'Pod',
      namespace: 'shop',
      labelSelector: query.labelSelector,
      fieldSelector: query.fieldSelector,
    };
    expect(await (await readerOf()).list(request)).toEqual({ ok: true, value: { items: [{ metadata: { name: 'a' } }], complete: true } });
    expect(scope.isDone()).toBe(true);
  });

  test('more than the limit: not complete, and not asked again', async () => {
    nock(SERVER)
      .get('/api/v1/events')
      .query({ limit: '2' })
      .reply(200, { kind: 'EventList', metadata: { continue: 'next' }, items: [{}, {}] });
    const reader = await readerOf();
    const value = { items: [{}, {}], complete: false, continue: 'next' };
    expect(await reader.list({ verb: 'list', kind: 'Event', limit: 2 })).toEqual({ ok: true, value });
    expect(reader.requests.count).toBe(1);
  });

  test('the next page, where it is asked for', async () => {
    const query = { limit: '2', continue: 'next' };
    nock(SERVER)
      .get('/api/v1/events')
      .query(query)
      .reply(200, { kind: 'EventList', metadata: {}, items: [{}] });
    const request = { verb: 'list', kind: 'Event', limit: 2, continue: 'next' } as const;
    expect(await (await readerOf()).list(request)).toEqual({ ok: true, value: { items: [{}], complete: true } });
  });

  test('a dry run is a PATCH with dryRun=All, and its refusal is told', async () => {
    const path = '/apis/apps/v1/namespaces/shop/deployments/web';
    const request = { kind: 'Deployment', namespace: 'shop', name: 'web', type: 'merge', patch: '{"spec":{}}' } as const;
    const headers = { reqheaders: { 'content-type': 'application/merge-patch+json' } };
    nock(SERVER, headers).patch(path, { spec: {} }).query({ dryRun: 'All', fieldManager: 'kdebug' }).reply(200, { kind: 'Deployment' });
    const reader = await readerOf();
    expect(await reader.dryRun?.(request)).toEqual({ ok: true, value: true });
    const status = { kind: 'Status', reason: 'Forbidden', message: 'deployments.apps "web" is forbidden' };
    nock(SERVER).patch(path).query(true).reply(403, status);
    expect(await reader.dryRun?.(request)).toMatchObject({ ok: false, reason: 'forbidden', message: status.message });
  });

  test('items may be null', async () => {
    nock(SERVER).get('/apis/apps/v1/deployments').query(true).reply(200, { kind: 'DeploymentList', items: null });
    expect(await (await readerOf()).list({ verb: 'list', kind: 'Deployment' })).toEqual({ ok: true, value: { items: [], complete: true } });
  });

  test('Secrets leave as facts', async () => {
    const items = [{ metadata: { name: 'db', annotations: { a: 'hunter2' } }, type: 'Opaque', data: { empty: '' } }];
    nock(SERVER).get('/api/v1/namespaces/shop/secrets').query(true).reply(200, { kind: 'SecretList', items });
    const read = await (await readerOf()).list({ verb: 'list', kind: 'Secret', namespace: 'shop' });
    expect(read).toEqual({
      ok: true,
      value: { items: [{ metadata: { name: 'db' }, type: 'Opaque', keys: ['empty'], emptyKeys: ['empty'] }], complete: true },
    });
  });
});

describe('refusals', () => {
  const forbidden = 'pods "web" is forbidden: User "jane" cannot get resource "pods" in API group "" in the namespace "shop"';
  const html = { 'content-type': 'text/html; charset=utf-8' };
  const text = { 'content-type': 'text/plain' };

  test.each([
    [
      '404 that names the object',
      404,
      status(404, 'NotFound', 'pods "web" not found', { name: 'web', kind: 'pods' }),
      {},
      'notFound',
      'pods "web" not found',
    ],
    ['404 page not found', 404, '404 page not found\n', text, 'noSuchApi', 'The API server does not serve this kind.'],
    [
      '404 without an object',
      404,
      status(404, 'NotFound', 'the server could not find the requested resource'),
      {},
      'noSuchApi',
      'The API server does not serve this kind.',
    ],
    [
      '404 of a web server',
      404,
      '<html>nginx</html>',
      html,
      'other',
      'A proxy answered instead of the API server, with a web page (HTTP 404). It may want a login.',
    ],
    ['403', 403, status(403, 'Forbidden', forbidden), {}, 'forbidden', forbidden],
    [
      '403 of a web proxy',
      403,
      '<html>no</html>',
      html,
      'other',
      'A proxy answered instead of the API server, with a web page (HTTP 403). It may want a login.',
    ],
    [
      '401',
      401,
      status(401, 'Unauthorized', 'Unauthorized'),
      {},
      'unauthorized',
      'The API server does not accept the credentials of this context (HTTP 401). Log in again.',
    ],
    ['410', 410, status(410, 'Expired', 'too old'), {}, 'gone', 'too old'],
    ['504', 504, status(504, 'Timeout', 'etcd took too long'), {}, 'timeout', 'etcd took too long'],
    [
      '500',
      500,
      status(500, 'InternalError', 'etcdserver: no leader'),
      {},
      'other',
      'The API server answered (HTTP 500): etcdserver: no leader',
    ],
    ['502 in plain text', 502, 'bad gateway\nmore', text, 'other', 'The server answered HTTP 502: bad gateway'],
    ['502 without a body', 502, '', text, 'other', 'The server answered HTTP 502.'],
    [
      '429 without Retry-After',
      429,
      status(429, 'TooManyRequests', 'too many'),
      {},
      'other',
      'The API server is overloaded (HTTP 429): too many',
    ],
    [
      '302 to a login',
      302,
      '',
      { location: 'https://sso/' },
      'other',
      'A proxy answered instead of the API server, with a redirect (HTTP 302). It may want a login.',
    ],
    [
      '200 with HTML',
      200,
      '<!doctype html><title>Log in</title>',
      html,
      'other',
      'A proxy answered instead of the API server, with a web page (HTTP 200). It may want a login.',
    ],
    [
      '200 with HTML that calls itself JSON',
      200,
      ' <html>',
      {},
      'other',
      'A proxy answered instead of the API server, with a web page (HTTP 200). It may want a login.',
    ],
    [
      '200 with other text',
      200,
      'ok',
      text,
      'other',
      'The answer is not an object of the Kubernetes API. Does a proxy stand before the API server?',
    ],
    [
      '200 with an empty object',
      200,
      {},
      {},
      'other',
      'The answer is not an object of the Kubernetes API. Does a proxy stand before the API server?',
    ],
    [
      '200 with null',
      200,
      'null',
      {},
      'other',
      'The answer is not an object of the Kubernetes API. Does a proxy stand before the API server?',
    ],
  ] as const)('%s', async (_name, code, body, headers, reason, message) => {
    nock(SERVER).get('/api/v1/namespaces/shop/pods/web').reply(code, body, headers);
    expect(await (await readerOf()).get(pod)).toEqual({ ok: false, reason, message });
  });

  test('a list is judged in the same way', async () => {
    nock(SERVER).get('/api/v1/pods').query(true).reply(200, { kind: 'PodTable', items: [] });
    expect(await (await readerOf()).list({ verb: 'list', kind: 'Pod' })).toMatchObject({ ok: false, reason: 'other' });
  });
});

describe('a group that may be absent', () => {
  const GROUP = '/apis/gateway.networking.k8s.io/v1';
  const no = (resource: string) => status(403, 'Forbidden', `${resource} is forbidden`, { kind: resource });
  const forbid = (resource: string) => nock(SERVER).get(`${GROUP}/namespaces/shop/${resource}`).query(true).reply(403, no(resource));

  test('403, and the group is not served: noSuchApi; asked once for the group', async () => {
    forbid('httproutes');
    forbid('gateways');
    nock(SERVER).get(GROUP).once().reply(404, '404 page not found');
    const reader = await readerOf();
    const absent = { ok: false, reason: 'noSuchApi', message: 'The API server does not serve this kind.' };
    expect(await reader.list(routes)).toEqual(absent);
    expect(await reader.list({ verb: 'list', kind: 'Gateway', namespace: 'shop' })).toEqual(absent);
    expect(reader.requests.count).toBe(3);
  });

  test('403, and it is served: forbidden', async () => {
    forbid('httproutes');
    nock(SERVER)
      .get(GROUP)
      .reply(200, { kind: 'APIResourceList', resources: [{ name: 'gateways' }, { name: 'httproutes' }, { name: 'httproutes/status' }] });
    expect(await (await readerOf()).list(routes)).toEqual({ ok: false, reason: 'forbidden', message: 'httproutes is forbidden' });
  });

  test('403, the group is served without this kind: noSuchApi', async () => {
    forbid('httproutes');
    nock(SERVER)
      .get(GROUP)
      .reply(200, { kind: 'APIResourceList', resources: [{ name: 'gateways' }] });
    expect(await (await readerOf()).list(routes)).toMatchObject({ reason: 'noSuchApi' });
  });

  test('403, and that question is not answered either: forbidden', async () => {
    forbid('httproutes');
    nock(SERVER).get(GROUP).reply(403, no('x'));
    expect(await (await readerOf()).list(routes)).toMatchObject({ reason: 'forbidden' });
  });

  test('403 in a group that is always there is not doubted', async () => {
    nock(SERVER).get('/apis/networking.k8s.io/v1/namespaces/shop/ingresses').query(true).reply(403, no('ingresses'));
    const reader = await readerOf();
    expect(await reader.list({ verb: 'list', kind: 'Ingress', namespace: 'shop' })).toMatchObject({ reason: 'forbidden' });
    expect(reader.requests.count).toBe(1);
  });
});

describe('logs', () => {
  const path = '/api/v1/namespaces/shop/pods/web/log';
  const query = { container: 'app', tailLines: '200', limitBytes: '65536' };
  const bad = (message: string) => status(400, 'BadRequest', message);

  test('the last 200 lines; bytes that are no UTF-8 do not matter', async () => {
    nock(SERVER, { reqheaders: { accept: '*/*' } })
      .get(path)
      .query(query)
      .reply(200, Buffer.from([0x61, 0xff, 0x62, 0x0a]), { 'content-type': 'text/plain' });
    expect(await (await readerOf()).logs(log)).toEqual({ ok: true, value: 'a\uFFFDb\n' });
  });

  test('of the run before', async () => {
    nock(SERVER)
      .get(path)
      .query({ ...query, previous: 'true' })
      .reply(200, 'boom\n');
    expect(await (await readerOf()).logs({ ...log, previous: true })).toEqual({ ok: true, value: 'boom\n' });
  });

  test('long lines: cut at the end, so fewer lines are asked for until the newest is there', async () => {
    const line = `${'x'.repeat(999)}\n`;
    nock(SERVER)
      .get(path)
      .query(query)
      .reply(200, line.repeat(65) + 'x'.repeat(536));
    nock(SERVER)
      .get(path)
      .query({ ...query, tailLines: '32' })
      .reply(200, `${line.repeat(31)}PANIC\n`);
    expect(await (await readerOf()).logs(log)).toEqual({ ok: true, value: `${line.repeat(31)}PANIC\n` });
  });

  test('one line that is longer than the limit is given as it is', async () => {
    nock(SERVER).get(path).query(query).reply(200, 'x'.repeat(65_536));
    expect(await (await readerOf()).logs(log)).toEqual({ ok: true, value: 'x'.repeat(65_536) });
  });

  test.each([
    [
      400,
      bad('previous terminated container "app" in pod "web" not found'),
      'notFound',
      'previous terminated container "app" in pod "web" not found',
    ],
    [
      400,
      bad('container "app" in pod "web" is waiting to start: ContainerCreating'),
      'notFound',
      'container "app" in pod "web" is waiting to start: ContainerCreating',
    ],
    [400, bad('container "app" in pod "web" is not available'), 'notFound', 'container "app" in pod "web" is not available'],
    [400, bad('container app is not valid for pod web'), 'notFound', 'container app is not valid for pod web'],
    [400, bad('something else'), 'other', 'The API server answered (HTTP 400): something else'],
    [404, status(404, 'NotFound', 'pods "web" not found', { name: 'web' }), 'notFound', 'pods "web" not found'],
    [
      500,
      status(500, 'InternalError', 'Get "https://10.0.0.7:10250/containerLogs/shop/web/app": dial tcp 10.0.0.7:10250: i/o timeout'),
      'other',
      'The API server answered (HTTP 500): Get "https://10.0.0.7:10250/containerLogs/shop/web/app": dial tcp 10.0.0.7:10250: i/o timeout',
    ],
    [200, 'unable to retrieve container logs for containerd://abc', 'gone', 'unable to retrieve container logs for containerd://abc'],
    [
      200,
      'failed to try resolving symlinks in path "/var/log/pods/shop_web_1/app/1.log": lstat /var/log/pods/shop_web_1/app/1.log: no such file or directory',
      'gone',
      'failed to try resolving symlinks in path "/var/log/pods/shop_web_1/app/1.log": lstat /var/log/pods/shop_web_1/app/1.log: no such file or directory',
    ],
    [400, bad('unable to retrieve container logs for containerd://abc'), 'gone', 'unable to retrieve container logs for containerd://abc'],
  ] as const)('%i %o is %s', async (code, body, reason, message) => {
    nock(SERVER).get(path).query(query).reply(code, body);
    expect(await (await readerOf()).logs(log)).toEqual({ ok: false, reason, message });
  });

  test.each(['unable to retrieve container logs for containerd://abc\nand more\n', 'app is waiting to start\n', ''])(
    '%j is a log',
    async (body) => {
      nock(SERVER).get(path).query(query).reply(200, body);
      expect(await (await readerOf()).logs(log)).toEqual({ ok: true, value: body });
    },
  );

  test('a web page is none', async () => {
    nock(SERVER).get(path).query(query).reply(200, '<html>', { 'content-type': 'text/html' });
    expect(await (await readerOf()).logs(log)).toMatchObject({ ok: false, reason: 'other' });
  });
});

describe('patience', () => {
  const busy = status(429, 'TooManyRequests', 'too many requests');
  const get = () => nock(SERVER).get('/api/v1/namespaces/shop/pods/web');

  test.each([429, 503])('%i with Retry-After is asked again', async (code) => {
    get().reply(code, busy, { 'retry-after': '0' });
    get().reply(200, { kind: 'Pod' });
    const lines: unknown[] = [];
    const reader = await readerOf({ trace: ({ path, status }) => lines.push([path, status]) });
    expect(await reader.get(pod)).toEqual({ ok: true, value: { kind: 'Pod' } });
    expect(lines).toEqual([
      ['/api/v1/namespaces/shop/pods/web', code],
      ['/api/v1/namespaces/shop/pods/web', 200],
    ]);
  });

  test('a date is understood, and waited for', async () => {
    get().reply(429, busy, { 'retry-after': new Date(Date.now() + 1900).toUTCString() });
    get().reply(200, { kind: 'Pod' });
    const started = performance.now();
    expect((await (await readerOf()).get(pod)).ok).toBe(true);
    expect(performance.now() - started).toBeGreaterThan(500);
  });

  test('three times at most', async () => {
    get().times(3).reply(429, busy, { 'retry-after': '0' });
    const reader = await readerOf();
    expect(await reader.get(pod)).toEqual({
      ok: false,
      reason: 'other',
      message: 'The API server is overloaded (HTTP 429): too many requests',
    });
    expect(reader.requests.count).toBe(3);
  });

  test('a wait beyond the deadline is not begun', async () => {
    get().reply(429, busy, { 'retry-after': '20' });
    const started = performance.now();
    expect(await (await readerOf({ requestTimeout: 5000 })).get(pod)).toMatchObject({ reason: 'other' });
    expect(performance.now() - started).toBeLessThan(4000);
  });

  test('503 without Retry-After is final', async () => {
    get().reply(503, status(503, 'ServiceUnavailable', 'apiserver is shutting down'));
    expect(await (await readerOf()).get(pod)).toMatchObject({
      reason: 'other',
      message: 'The API server answered (HTTP 503): apiserver is shutting down',
    });
  });

  test('an abort ends the wait', async () => {
    get().reply(429, busy, { 'retry-after': '3' });
    const reader = await readerOf();
    const reason = new Error('Ctrl-C');
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 100);
    await expect(reader.get(pod, abort.signal)).rejects.toBe(reason);
  });
});
