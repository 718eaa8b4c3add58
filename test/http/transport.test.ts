/** What nock cannot play: TLS, resets, silence, connections, proxies. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import type { GetRequest } from '../../src/model.ts';
import { type Certificate, makeCertificate } from './certificates.ts';
import { readerOf, temporaryFolder } from './connections.ts';
import { json, serve, serveProxy } from './servers.ts';

const request: GetRequest<'Pod'> = { verb: 'get', kind: 'Pod', namespace: 'shop', name: 'web' };
const pod = json({ kind: 'Pod' });
const NAMES = 'DNS:localhost,DNS:k8s.test,IP:127.0.0.1';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const unauthorized = json({ kind: 'Status', code: 401, message: 'Unauthorized' }, 401);

let authority: Certificate;
let good: Certificate;
let expired: Certificate;
beforeAll(() => {
  authority = makeCertificate('test-authority');
  good = makeCertificate('server', NAMES, authority);
  expired = makeCertificate('old', NAMES, authority, -1);
});
const trusted = () => ({ 'certificate-authority-data': base64(authority.cert) });

describe('TLS', () => {
  test('the authority of the kubeconfig is trusted, also without a user', async () => {
    const { url } = await serve(pod, good);
    expect(await (await readerOf({ server: url, clusterEntry: trusted() })).get(request)).toEqual({ ok: true, value: { kind: 'Pod' } });
  });

  test('from a file; embedded data wins over it, as in kubectl', async () => {
    const { url } = await serve(pod, good);
    const file = join(temporaryFolder(), 'ca.crt');
    writeFileSync(file, authority.cert);
    expect((await (await readerOf({ server: url, clusterEntry: { 'certificate-authority': file } })).get(request)).ok).toBe(true);
    writeFileSync(file, makeCertificate('wrong').cert);
    expect((await (await readerOf({ server: url, clusterEntry: { 'certificate-authority': file, ...trusted() } })).get(request)).ok).toBe(
      true,
    );
  });

  test('a file that is not there is named', async () => {
    await expect(readerOf({ clusterEntry: { 'certificate-authority': '/nowhere/ca.crt' } })).rejects.toMatchObject({
      name: 'ClusterError',
      message: 'The file /nowhere/ca.crt, which the kubeconfig names, does not exist.',
    });
  });

  test.each([
    ['expired', () => expired, trusted, 'has expired. Is the clock of this machine right?'],
    ['of an unknown authority', () => good, () => ({}), 'is signed by an authority that this machine does not trust.'],
    ['signed by itself', () => makeCertificate('self', NAMES), () => ({}), 'is signed by an authority that this machine does not trust.'],
    ['made for other names', () => makeCertificate('server', 'DNS:other.test', authority), trusted, 'was made for other names.'],
  ])('a certificate %s', async (_name, certificate, clusterEntry, words) => {
    const { url, port } = await serve(pod, certificate());
    const read = await (await readerOf({ server: url, clusterEntry: clusterEntry() })).get(request);
    expect(read).toMatchObject({ ok: false, reason: 'unreachable' });
    expect(!read.ok && read.message).toContain(`The certificate of 127.0.0.1:${port} ${words}`);
  });

  test('insecure-skip-tls-verify, also without a user', async () => {
    const { url } = await serve(pod, expired);
    expect((await (await readerOf({ server: url, clusterEntry: { 'insecure-skip-tls-verify': true } })).get(request)).ok).toBe(true);
  });

  test('tls-server-name is sent and checked', async () => {
    const names: unknown[] = [];
    const { url } = await serve(
      (incoming, response) => {
        names.push((incoming.socket as TLSSocket).servername);
        pod(incoming, response);
      },
      makeCertificate('server', 'DNS:api.inner', authority),
    );
    expect((await (await readerOf({ server: url, clusterEntry: { ...trusted(), 'tls-server-name': 'api.inner' } })).get(request)).ok).toBe(
      true,
    );
    expect(names).toEqual(['api.inner']);
  });

  test('a client certificate is sent; one that has expired is named when the API server answers 401', async () => {
    const { url } = await serve(
      (incoming, response) => ((incoming.socket as TLSSocket).authorized ? pod : unauthorized)(incoming, response),
      { ...good, ca: authority.cert, requestCert: true, rejectUnauthorized: false },
    );
    const as = ({ cert, key }: Certificate) =>
      readerOf({
        server: url,
        clusterEntry: trusted(),
        userEntry: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) },
      });
    expect((await (await as(makeCertificate('jane', '', authority))).get(request)).ok).toBe(true);
    const read = await (await as(makeCertificate('jane', '', authority, -1))).get(request);
    expect(read).toMatchObject({ ok: false, reason: 'unauthorized' });
    expect(!read.ok && read.message).toMatch(/^The client certificate of the kubeconfig expired on \d{4}-\d\d-\d\d, /);
  });

  test.each([
    ['TLSv1.3', 'wants a client certificate and the kubeconfig has none.'],
    ['TLSv1.2', 'ended the TLS handshake. It may want a client certificate.'],
  ] as const)('%s: a server that insists on a client certificate', async (maxVersion, words) => {
    const { url, port } = await serve(pod, { ...good, ca: authority.cert, requestCert: true, rejectUnauthorized: true, maxVersion });
    const read = await (await readerOf({ server: url, clusterEntry: trusted() })).get(request);
    expect(read).toEqual({ ok: false, reason: 'unreachable', message: `127.0.0.1:${port} ${words}` });
  });

  test('a server that ends the handshake because the client certificate has expired', async () => {
    const { url, port } = await serve(pod, { ...good, ca: authority.cert, requestCert: true, rejectUnauthorized: true });
    const { cert, key } = makeCertificate('jane', '', authority, -1);
    const userEntry = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    const read = await (await readerOf({ server: url, clusterEntry: trusted(), userEntry })).get(request);
    expect(read).toMatchObject({ ok: false, reason: 'unreachable' });
    const words = `127.0.0.1:${port} ended the connection: the client certificate of the kubeconfig expired on `;
    expect(!read.ok && read.message.startsWith(words)).toBe(true);
  });

  test('http spoken to https, and https to http', async () => {
    const plain = await serve(pod);
    const read = await (await readerOf({ server: plain.url.replace('http:', 'https:') })).get(request);
    expect(read).toEqual({
      ok: false,
      reason: 'unreachable',
      message: `127.0.0.1:${plain.port} does not speak TLS. Should the server URL begin with http://?`,
    });
    const tls = await serve(pod, good);
    const other = await (await readerOf({ server: tls.url.replace('https:', 'http:') })).get(request);
    expect(other).toMatchObject({ ok: false, reason: 'unreachable' });
  });
});

describe('connections', () => {
  test('http:// works, with a token', async () => {
    const { url } = await serve((incoming, response) =>
      (incoming.headers.authorization === 'Bearer t' ? pod : unauthorized)(incoming, response),
    );
    expect((await (await readerOf({ server: url, userEntry: { token: 't' } })).get(request)).ok).toBe(true);
  });

  test('one connection for calls in a row, 16 at most at once, none after close', async () => {
    const { url, connections } = await serve((incoming, response) => void setTimeout(() => pod(incoming, response), 20), good);
    const reader = await readerOf({ server: url, clusterEntry: trusted() });
    for (let i = 0; i < 3; i += 1) await reader.get(request);
    expect(connections).toHaveLength(1);
    const reads = await Promise.all(Array.from({ length: 40 }, () => reader.get(request)));
    expect(reads.every(({ ok }) => ok)).toBe(true);
    expect(connections).toHaveLength(16);
    expect(reader.requests.count).toBe(43);
    reader.close();
    await expect.poll(() => connections.filter(({ destroyed }) => !destroyed).length).toBe(0);
  });

  test('an idle connection that the server closed does not fail the next read', async () => {
    let answers = 0;
    const { url, connections } = await serve((incoming, response) => {
      answers += 1;
      if (answers === 2) incoming.socket.resetAndDestroy();
      else pod(incoming, response);
    });
    const reader = await readerOf({ server: url });
    expect((await reader.get(request)).ok).toBe(true);
    expect((await reader.get(request)).ok).toBe(true);
    expect(connections).toHaveLength(2);
  });

  test('refused, reset, cut off, no such name', async () => {
    const { url, port, server } = await serve(pod);
    server.close();
    expect(await (await readerOf({ server: url })).get(request)).toEqual({
      ok: false,
      reason: 'unreachable',
      message: `Nothing listens at 127.0.0.1:${port}: the connection was refused.`,
    });
    const resetting = await serve((incoming) => void incoming.socket.resetAndDestroy());
    const closed = { ok: false, reason: 'unreachable', message: `127.0.0.1:${resetting.port} closed the connection before it answered.` };
    expect(await (await readerOf({ server: resetting.url })).get(request)).toEqual(closed);
    const cutting = await serve((incoming, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"kind":');
      setTimeout(() => incoming.socket.destroy(), 20);
    });
    expect(await (await readerOf({ server: cutting.url })).get(request)).toEqual({
      ...closed,
      message: `127.0.0.1:${cutting.port} closed the connection before it answered.`,
    });
    expect(await (await readerOf({ server: 'https://no-such-host.invalid' })).get(request)).toMatchObject({
      ok: false,
      reason: 'unreachable',
      message: expect.stringContaining('The name of no-such-host.invalid cannot be resolved'),
    });
  });

  test('a silent server, and one that stops half way: the deadline', async () => {
    const silent = await serve(() => {});
    const started = performance.now();
    const late = (port: number) => ({
      ok: false,
      reason: 'timeout',
      message: `127.0.0.1:${port} did not answer in time. --request-timeout allows more.`,
    });
    expect(await (await readerOf({ server: silent.url, requestTimeout: 200 })).get(request)).toEqual(late(silent.port));
    const halfway = await serve((_incoming, response) => void response.writeHead(200).write('{'));
    expect(await (await readerOf({ server: halfway.url, requestTimeout: 200 })).get(request)).toEqual(late(halfway.port));
    expect(performance.now() - started).toBeLessThan(10_000);
    await expect.poll(() => silent.connections.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('0 is no deadline', async () => {
    const { url } = await serve((incoming, response) => void setTimeout(() => pod(incoming, response), 50));
    expect((await (await readerOf({ server: url, requestTimeout: 0 })).get(request)).ok).toBe(true);
  });

  test('an abort throws its reason and lets the connection go', async () => {
    const { url, connections } = await serve(() => {});
    const reader = await readerOf({ server: url });
    const abort = new AbortController();
    const reading = reader.get(request, abort.signal);
    await expect.poll(() => connections.length).toBe(1);
    abort.abort(new Error('Ctrl-C'));
    await expect(reading).rejects.toThrow('Ctrl-C');
    await expect.poll(() => connections[0]?.destroyed).toBe(true);
    await expect(reader.get(request, abort.signal)).rejects.toThrow('Ctrl-C');
    expect(connections).toHaveLength(1);
  });

  test('bytes are counted as they came, packed', async () => {
    const packed = gzipSync(JSON.stringify({ kind: 'Pod', filler: 'x'.repeat(10_000) }));
    const { url } = await serve((_incoming, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed));
    const reader = await readerOf({ server: url });
    expect((await reader.get(request)).ok).toBe(true);
    expect(reader.requests).toMatchObject({ count: 1, bytes: packed.length });
  });

  test('an answer without end, and one that unpacks without end, are given up', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024, ' '));
    const { url } = await serve((_incoming, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    expect(await (await readerOf({ server: url })).get(request)).toEqual({
      ok: false,
      reason: 'other',
      message: 'The answer is too large to be read.',
    });
  });
});

describe('who asks', () => {
  /** The values of a header as they stood on the wire. */
  const seen = async (userEntry: object, more: object, name: string) => {
    let values: string[] = [];
    const { url } = await serve((incoming, response) => {
      values = incoming.rawHeaders.filter((_, i) => i % 2 === 1 && incoming.rawHeaders[i - 1]?.toLowerCase() === name);
      pod(incoming, response);
    });
    await (await readerOf({ server: url, userEntry, ...more })).get(request);
    return values;
  };

  test('--as and --as-group: one header for each group', async () => {
    const options = { as: 'jane', asGroup: ['dev', 'ops, all'] };
    expect(await seen({}, options, 'impersonate-user')).toEqual(['jane']);
    expect(await seen({}, options, 'impersonate-group')).toEqual(['dev', 'ops, all']);
  });

  test('as in the kubeconfig, with groups, uid and extras; --as replaces the name only', async () => {
    const user = { as: 'joe', 'as-groups': ['a', 'b'], 'as-uid': '7', 'as-user-extra': { 'acme.com/role': ['x', 'y'] } };
    expect(await seen(user, {}, 'impersonate-user')).toEqual(['joe']);
    expect(await seen(user, { as: 'jane' }, 'impersonate-user')).toEqual(['jane']);
    expect(await seen(user, { as: 'jane' }, 'impersonate-group')).toEqual(['a', 'b']);
    expect(await seen(user, { asGroup: ['c'] }, 'impersonate-group')).toEqual(['c']);
    expect(await seen(user, {}, 'impersonate-uid')).toEqual(['7']);
    expect(await seen(user, {}, 'impersonate-extra-acme.com%2frole')).toEqual(['x', 'y']);
  });

  test('basic authentication, and a token file without its last newline', async () => {
    expect(await seen({ username: 'joe', password: 'pw' }, {}, 'authorization')).toEqual([`Basic ${base64('joe:pw')}`]);
    const tokenFile = join(temporaryFolder(), 'token');
    writeFileSync(tokenFile, 'from-file\n');
    expect(await seen({ tokenFile, token: 'older' }, {}, 'authorization')).toEqual(['Bearer from-file']);
  });

  test('a token file that was written anew is read again after a 401', async () => {
    const tokenFile = join(temporaryFolder(), 'token');
    writeFileSync(tokenFile, 'old');
    const { url } = await serve((incoming, response) =>
      (incoming.headers.authorization === 'Bearer new' ? pod : unauthorized)(incoming, response),
    );
    const reader = await readerOf({ server: url, userEntry: { tokenFile } });
    expect(await reader.get(request)).toMatchObject({ reason: 'unauthorized' });
    const again = await readerOf({ server: url, userEntry: { tokenFile } });
    writeFileSync(tokenFile, 'new');
    expect((await again.get(request)).ok).toBe(true);
  });
});

describe('proxies', () => {
  test('HTTPS_PROXY of the environment, with a password; the connection behind it is kept', async () => {
    const { url, met } = await serveProxy();
    const { port } = await serve(pod, good);
    const reader = await readerOf({
      server: `https://k8s.test:${port}`,
      clusterEntry: trusted(),
      env: { HTTPS_PROXY: url.replace('//', '//joe:pw@') },
    });
    expect((await reader.get(request)).ok).toBe(true);
    expect((await reader.get(request)).ok).toBe(true);
    expect(met).toEqual([`k8s.test:${port} Basic ${base64('joe:pw')}`]);
  });

  test('proxy-url of the cluster comes first', async () => {
    const [used, other] = [await serveProxy(), await serveProxy()];
    const { port } = await serve(pod, good);
    const reader = await readerOf({
      server: `https://k8s.test:${port}`,
      clusterEntry: { ...trusted(), 'proxy-url': used.url },
      env: { HTTPS_PROXY: other.url },
    });
    expect((await reader.get(request)).ok).toBe(true);
    expect([used.met.length, other.met.length]).toEqual([1, 0]);
  });

  test('NO_PROXY', async () => {
    const { url, met } = await serveProxy();
    const server = await serve(pod, good);
    const reader = await readerOf({
      server: `https://localhost:${server.port}`,
      clusterEntry: trusted(),
      env: { HTTPS_PROXY: url, NO_PROXY: 'localhost' },
    });
    expect((await reader.get(request)).ok).toBe(true);
    expect(met).toEqual([]);
  });

  test('a proxy that refuses, and one that is not there, are named, without their password', async () => {
    const { url } = await serveProxy(407);
    const through = async (HTTPS_PROXY: string) => (await readerOf({ server: 'https://k8s.test:6443', env: { HTTPS_PROXY } })).get(request);
    expect(await through(url.replace('//', '//joe:pw@'))).toEqual({
      ok: false,
      reason: 'unreachable',
      message: `The proxy ${url} did not connect to k8s.test:6443: Bad response: 407.`,
    });
    expect(await through('http://127.0.0.1:1')).toEqual({
      ok: false,
      reason: 'unreachable',
      message: 'Nothing listens at the proxy http://127.0.0.1:1: the connection was refused.',
    });
    expect(await through('socks5://127.0.0.1:1')).toMatchObject({
      ok: false,
      reason: 'unreachable',
      message: expect.stringContaining('socks5://127.0.0.1:1'),
    });
  });
});
