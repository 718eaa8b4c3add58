/** Asking the application through the API server's proxies: what it says itself, and what the API server says in its place. */
import nock from 'nock';
import { describe, expect, test } from 'vitest';
import type { ProbeRequest } from '../../src/model.ts';
import { readerOf } from './connections.ts';
import './setup.ts';

const SERVER = 'https://k8s.test:6443';
const byPod: ProbeRequest = { verb: 'probe', via: 'podProxy', namespace: 'shop', name: 'web', port: 8080, scheme: 'http', path: '/' };
const byService: ProbeRequest = { ...byPod, via: 'serviceProxy', port: 80 };
const status = (code: number, reason: string, message: string, details: object = {}) => ({
  kind: 'Status',
  status: 'Failure',
  code,
  reason,
  message,
  details,
});
const unavailable = (message: string) => status(503, 'ServiceUnavailable', message);
const POD = '/api/v1/namespaces/shop/pods/web:8080/proxy/';

describe('through the proxies of the API server', () => {
  test.each([
    [byPod, POD],
    [{ ...byPod, scheme: 'https' }, '/api/v1/namespaces/shop/pods/https:web:8080/proxy/'],
    [{ ...byPod, path: '/healthz?full=1&q=a b' }, '/api/v1/namespaces/shop/pods/web:8080/proxy/healthz?full=1&q=a%20b'],
    [{ ...byPod, path: 'ready' }, '/api/v1/namespaces/shop/pods/web:8080/proxy/ready'],
    [byService, '/api/v1/namespaces/shop/services/web:80/proxy/'],
    [{ ...byService, scheme: 'https' }, '/api/v1/namespaces/shop/services/https:web:80/proxy/'],
  ] as const)('%o asks for %s', async (request, path) => {
    nock(SERVER).get(path).reply(200, 'hello');
    expect(await (await readerOf()).probe(request)).toEqual({ ok: true, value: { answered: true, status: 200, body: 'hello' } });
  });

  test('the Host header goes along', async () => {
    nock(SERVER, { reqheaders: { host: 'shop.io' } })
      .get(POD)
      .reply(200, 'hello');
    expect((await (await readerOf()).probe({ ...byPod, host: 'shop.io' })).ok).toBe(true);
  });

  test.each([
    [404, 'not here'],
    [403, 'go away'],
    [401, 'who are you'],
    [503, '{"status":"DOWN"}'],
    [500, '<html>oops</html>'],
    [302, ''],
    [200, '{"kind":"Status","status":"Success"}'],
    [429, 'slow down'],
    [403, JSON.stringify(status(403, 'Forbidden', 'forbidden: User "system:anonymous" cannot get path "/"'))],
  ])('%i %s is the answer of the application, asked once', async (code, body) => {
    nock(SERVER).get(POD).reply(code, body, { 'retry-after': '0' });
    const reader = await readerOf();
    expect(await reader.probe(byPod)).toEqual({ ok: true, value: { answered: true, status: code, body } });
    expect(reader.requests.count).toBe(1);
  });

  test.each([
    ['error trying to reach service: dial tcp 10.0.0.5:8080: connect: connection refused', 'refused'],
    ['error trying to reach service: dial tcp 10.0.0.5:8080: i/o timeout', 'timeout'],
    ['error trying to reach service: net/http: TLS handshake timeout', 'timeout'],
    ['error trying to reach service: EOF', 'reset'],
    ['error trying to reach service: read tcp 10.0.0.1:3->10.0.0.5:8080: read: connection reset by peer', 'reset'],
    ['error trying to reach service: tls: first record does not look like a TLS handshake', 'tls'],
    ['error trying to reach service: http: server gave HTTP response to HTTPS client', 'tls'],
    [
      'error trying to reach service: net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x01\\x00\\x02\\x02P"',
      'tls',
    ],
    ['error trying to reach service: dial tcp 10.0.0.5:8080: connect: no route to host', 'other'],
    ['no endpoints available for service "web"', 'noEndpoints'],
  ])('503 %s is %s', async (message, how) => {
    nock(SERVER).get(POD).reply(503, unavailable(message));
    expect(await (await readerOf()).probe(byPod)).toEqual({ ok: true, value: { answered: false, how, message } });
  });

  const forbidden = 'pods "web:8080" is forbidden: User "jane" cannot create resource "pods/proxy" in API group "" in the namespace "shop"';
  test.each([
    [403, status(403, 'Forbidden', forbidden), 'forbidden', forbidden],
    [404, status(404, 'NotFound', 'pods "web" not found', { name: 'web' }), 'notFound', 'pods "web" not found'],
    [
      401,
      status(401, 'Unauthorized', 'Unauthorized'),
      'unauthorized',
      'The API server does not accept the credentials of this context (HTTP 401). Log in again.',
    ],
    [
      503,
      unavailable('no service port 81 found for service "web"'),
      'other',
      'The API server answered (HTTP 503): no service port 81 found for service "web"',
    ],
    [400, status(400, 'BadRequest', 'address not allowed'), 'other', 'The API server answered (HTTP 400): address not allowed'],
  ] as const)('%i of the API server itself: nobody looked', async (code, body, reason, message) => {
    nock(SERVER).get(POD).reply(code, body);
    expect(await (await readerOf()).probe(byPod)).toEqual({ ok: false, reason, message });
  });
});
