/** Asking the application over real connections: port-forwards, deadlines, endless answers, TLS. Nothing may stay open. No nock here: it would take the tunnels for its own. */
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ProbeRequest } from '../../src/model.ts';
import { makeCertificate } from './certificates.ts';
import { readerOf } from './connections.ts';
import { REFUSED, servePortForward } from './pod-sockets.ts';
import { json, serve, serveProxy } from './servers.ts';

const byPod: ProbeRequest = { verb: 'probe', via: 'podProxy', namespace: 'shop', name: 'web', port: 8080, scheme: 'http', path: '/' };
const byForward: ProbeRequest = { ...byPod, via: 'portForward' };
const status = (code: number, reason: string, message: string, details: object = {}) => ({
  kind: 'Status',
  status: 'Failure',
  code,
  reason,
  message,
  details,
});

describe('through the proxies of the API server', () => {
  test('the API server that still dials when the deadline comes: the application did not answer in time', async () => {
    const { url } = await serve(() => {});
    const read = await (await readerOf({ server: url, requestTimeout: 200 })).probe(byPod);
    expect(read).toEqual({ ok: true, value: { answered: false, how: 'timeout', message: 'Nothing answered the API server in time.' } });
  });

  test('an application that never stops talking: its first bytes are enough', async () => {
    const endless = await serve((_incoming, response) => {
      const talk = setInterval(() => response.write('x'.repeat(5000)), 1);
      response.on('close', () => clearInterval(talk));
    });
    const read = await (await readerOf({ server: endless.url })).probe(byPod);
    expect(read).toEqual({ ok: true, value: { answered: true, status: 200, body: 'x'.repeat(16_384) } });
    const slow = await serve((_incoming, response) => void response.writeHead(200).write('data: 1\n\n'));
    const early = await (await readerOf({ server: slow.url, requestTimeout: 300 })).probe(byPod);
    expect(early).toEqual({ ok: true, value: { answered: true, status: 200, body: 'data: 1\n\n' } });
    await expect.poll(() => [...endless.connections, ...slow.connections].every(({ destroyed }) => destroyed)).toBe(true);
  });

  test.each(['directly', 'through a proxy'])('a Host header does not change whom the certificate must name, %s', async (way) => {
    const authority = makeCertificate('ca');
    const hosts: unknown[] = [];
    const { port } = await serve(
      (incoming, response) => {
        hosts.push([incoming.headers.host, (incoming.socket as TLSSocket).servername]);
        response.end('hello');
      },
      makeCertificate('server', 'DNS:localhost,DNS:k8s.test', authority),
    );
    const clusterEntry = { 'certificate-authority-data': Buffer.from(authority.cert).toString('base64') };
    const name = way === 'directly' ? 'localhost' : 'k8s.test';
    const reader = await readerOf({ server: `https://${name}:${port}`, clusterEntry, env: { HTTPS_PROXY: (await serveProxy()).url } });
    expect(await reader.probe({ ...byPod, host: 'shop.io' })).toMatchObject({ ok: true, value: { answered: true } });
    expect(hosts).toEqual([['shop.io', name]]);
  });
});

describe('through a port-forward', () => {
  /** An application; `asked` holds what it was asked. */
  async function application(listener?: Parameters<typeof serve>[0], tls?: Parameters<typeof serve>[1]) {
    const asked: IncomingMessage[] = [];
    const running = await serve((incoming, response) => {
      asked.push(incoming);
      if (listener) listener(incoming, response);
      else response.end('hello');
    }, tls);
    return { ...running, asked };
  }

  /** A TCP server that is no web server. */
  async function raw(onConnection: Parameters<typeof createServer>[1]): Promise<number> {
    const server = createServer(onConnection as () => void).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  }

  test('the application answers, and everything is closed at once', async () => {
    const app = await application();
    const upgrades: IncomingMessage[] = [];
    const api = await servePortForward(app.port, { onUpgrade: (request) => upgrades.push(request) });
    const lines: unknown[] = [];
    const reader = await readerOf({
      server: api.url,
      userEntry: { token: 't', as: 'jane', 'as-groups': ['a', 'b'] },
      trace: ({ path, status }) => lines.push([path, status]),
    });
    expect(await reader.probe({ ...byForward, path: '/x?y=1' })).toEqual({
      ok: true,
      value: { answered: true, status: 200, body: 'hello' },
    });
    expect(upgrades.map(({ url }) => url)).toEqual(['/api/v1/namespaces/shop/pods/web/portforward?ports=8080']);
    expect(upgrades[0]?.headers).toMatchObject({ authorization: 'Bearer t', 'impersonate-user': 'jane', 'user-agent': 'kdebug/1.2.3' });
    expect(upgrades[0]?.rawHeaders.filter((name) => name === 'Impersonate-Group')).toHaveLength(2);
    expect(app.asked.map(({ url, headers }) => [url, headers.host, headers.authorization])).toEqual([
      ['/x?y=1', 'localhost:8080', undefined],
    ]);
    expect(lines).toEqual([['/api/v1/namespaces/shop/pods/web/portforward?ports=8080', 101]]);
    expect(reader.requests).toEqual({ count: 1, bytes: 5 });
    await expect.poll(() => [...api.connections, ...app.connections].every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('over TLS to the API server, without a user', async () => {
    const app = await application();
    const authority = makeCertificate('ca');
    const api = await servePortForward(app.port, { tls: makeCertificate('server', 'IP:127.0.0.1', authority) });
    const clusterEntry = { 'certificate-authority-data': Buffer.from(authority.cert).toString('base64') };
    expect(await (await readerOf({ server: api.url, clusterEntry })).probe(byForward)).toMatchObject({
      ok: true,
      value: { answered: true, status: 200 },
    });
    const distrusted = await (await readerOf({ server: api.url })).probe(byForward);
    expect(distrusted).toMatchObject({
      ok: false,
      reason: 'unreachable',
      message: expect.stringContaining('signed by an authority that this machine does not trust'),
    });
  });

  test('through a proxy to the API server', async () => {
    const app = await application();
    const authority = makeCertificate('ca');
    const api = await servePortForward(app.port, { tls: makeCertificate('server', 'DNS:k8s.test', authority) });
    const clusterEntry = { 'certificate-authority-data': Buffer.from(authority.cert).toString('base64') };
    const proxy = await serveProxy();
    const reader = await readerOf({ server: `https://k8s.test:${api.port}`, clusterEntry, env: { HTTPS_PROXY: proxy.url } });
    expect(await reader.probe(byForward)).toMatchObject({ ok: true, value: { answered: true, status: 200 } });
    expect(proxy.met).toEqual([`k8s.test:${api.port}`]);
    await expect.poll(() => api.connections.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('https: TLS inside, with SNI and Host; whose certificate it is does not matter', async () => {
    const app = await application(undefined, makeCertificate('anybody'));
    const api = await servePortForward(app.port);
    const reader = await readerOf({ server: api.url });
    expect(await reader.probe({ ...byForward, scheme: 'https', host: 'shop.io:8443' })).toMatchObject({
      ok: true,
      value: { answered: true, status: 200 },
    });
    expect(await reader.probe({ ...byForward, scheme: 'https', host: '10.0.0.1' })).toMatchObject({ ok: true, value: { answered: true } });
    expect(app.asked.map(({ headers, socket }) => [headers.host, (socket as TLSSocket).servername])).toEqual([
      ['shop.io:8443', 'shop.io'],
      ['10.0.0.1', false],
    ]);
  });

  test('a large answer is cut', async () => {
    const app = await application((_incoming, response) => void response.writeHead(503).end('x'.repeat(200_000)));
    const api = await servePortForward(app.port);
    expect(await (await readerOf({ server: api.url })).probe(byForward)).toEqual({
      ok: true,
      value: { answered: true, status: 503, body: 'x'.repeat(16_384) },
    });
  });

  test('an answer that ends with the connection', async () => {
    const port = await raw((socket) => socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nold')));
    const api = await servePortForward(port);
    expect(await (await readerOf({ server: api.url })).probe(byForward)).toEqual({
      ok: true,
      value: { answered: true, status: 200, body: 'old' },
    });
  });

  test('nothing listens: only the error channel says so', async () => {
    expect(REFUSED).toContain('connection refused');
    const api = await servePortForward('refuse');
    expect(await (await readerOf({ server: api.url })).probe(byForward)).toEqual({
      ok: true,
      value: { answered: false, how: 'refused', message: 'Nothing listens on localhost:8080 inside the Pod.' },
    });
    await expect.poll(() => api.connections.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('what listens closes, speaks something else, or wants TLS', async () => {
    const how = async (port: number, scheme: 'http' | 'https' = 'http') => {
      const api = await servePortForward(port);
      return (await readerOf({ server: api.url })).probe({ ...byForward, scheme });
    };
    const no = (kind: string, message: string) => ({ ok: true, value: { answered: false, how: kind, message } });
    const closed = no('reset', 'The connection to localhost:8080 inside the Pod was closed before an answer came.');
    expect(await how(await raw((socket) => socket.once('data', () => socket.end())))).toEqual(closed);
    const greeting = await raw((socket) => socket.write('SSH-2.0-x\r\n'));
    expect(await how(greeting)).toEqual(no('other', 'What listens on localhost:8080 inside the Pod does not answer in HTTP.'));
    const plain = await raw((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await how(plain, 'https')).toEqual(no('tls', 'What listens on localhost:8080 inside the Pod does not agree on TLS.'));
  });

  test('silence ends after five seconds, with nothing left open', { timeout: 60_000 }, async () => {
    const api = await servePortForward('silence');
    const started = performance.now();
    expect(await (await readerOf({ server: api.url })).probe(byForward)).toEqual({
      ok: true,
      value: { answered: false, how: 'timeout', message: 'Nothing answered on localhost:8080 inside the Pod in time.' },
    });
    expect(performance.now() - started).toBeGreaterThan(4900);
    expect(performance.now() - started).toBeLessThan(15_000);
    await expect.poll(() => api.connections.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('an API server that never opens it: nobody looked', { timeout: 60_000 }, async () => {
    const api = await serve(() => {});
    api.server.on('upgrade', (_request, socket) => socket.resume().on('end', () => socket.destroy()));
    expect(await (await readerOf({ server: api.url })).probe(byForward)).toEqual({
      ok: false,
      reason: 'timeout',
      message: 'The API server did not open the port-forward in time.',
    });
    await expect.poll(() => api.connections.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('an abort throws, and closes it', async () => {
    const api = await servePortForward('silence');
    const reader = await readerOf({ server: api.url });
    const abort = new AbortController();
    const probing = reader.probe(byForward, abort.signal);
    setTimeout(() => abort.abort(new Error('Ctrl-C')), 100);
    await expect(probing).rejects.toThrow('Ctrl-C');
    await expect.poll(() => api.connections.every(({ destroyed }) => destroyed)).toBe(true);
    await expect(reader.probe(byForward, abort.signal)).rejects.toThrow('Ctrl-C');
  });

  test('the API server refuses, in its own words', async () => {
    const message =
      'pods "web" is forbidden: User "jane" cannot create resource "pods/portforward" in API group "" in the namespace "shop"';
    const api = await serve(json(status(403, 'Forbidden', message), 403));
    const lines: unknown[] = [];
    const reader = await readerOf({ server: api.url, trace: ({ status }) => lines.push(status) });
    expect(await reader.probe(byForward)).toEqual({ ok: false, reason: 'forbidden', message });
    const gone = await serve(json(status(404, 'NotFound', 'pods "web" not found', { name: 'web' }), 404));
    expect(await (await readerOf({ server: gone.url })).probe(byForward)).toEqual({
      ok: false,
      reason: 'notFound',
      message: 'pods "web" not found',
    });
    expect(lines).toEqual([403]);
    await expect.poll(() => api.connections.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('no API server', async () => {
    const { url, port, server } = await serve(() => {});
    server.close();
    expect(await (await readerOf({ server: url })).probe(byForward)).toEqual({
      ok: false,
      reason: 'unreachable',
      message: `Nothing listens at 127.0.0.1:${port}: the connection was refused.`,
    });
  });
});
