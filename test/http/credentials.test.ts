/** Credential plugins and OIDC: what reaches the API server, and what a person reads when there is nothing to send. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ExecEntry } from '../../src/cluster/kubeconfig-files.ts';
import type { GetRequest } from '../../src/model.ts';
import { makeCertificate } from './certificates.ts';
import { connectionTo, readerOf, temporaryFolder } from './connections.ts';
import { json, serve } from './servers.ts';

const request: GetRequest<'Pod'> = { verb: 'get', kind: 'Pod', namespace: 'shop', name: 'web' };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const API = 'client.authentication.k8s.io/v1';

/** @returns a program with these lines of shell. */
function program(...lines: string[]): string {
  const file = join(temporaryFolder(), 'login');
  writeFileSync(file, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(file, 0o755);
  return file;
}

const printing = (status: object) => `echo '${JSON.stringify({ apiVersion: API, kind: 'ExecCredential', status })}'`;
const exec = (command: string, more: ExecEntry = {}) => ({ userEntry: { exec: { apiVersion: API, command, ...more } } });
const env = { PATH: process.env['PATH'] };

/** A server that answers only to `Bearer good`. */
const guarded = () =>
  serve((incoming, response) =>
    (incoming.headers.authorization === 'Bearer good' ? json({ kind: 'Pod' }) : json({ kind: 'Status', code: 401 }, 401))(
      incoming,
      response,
    ),
  );

describe('a credential plugin', () => {
  test('its token is sent; it runs once for many reads, with its arguments and environment', async () => {
    const log = join(temporaryFolder(), 'log');
    const command = program(`echo "$1 $CLUSTER" >> ${log}`, printing({ token: 'good' }));
    const { url } = await guarded();
    const more = { args: ['get-token'], env: [{ name: 'CLUSTER', value: 'prod' }] };
    const reader = await readerOf({ server: url, env, ...exec(command, more) });
    const reads = await Promise.all([reader.get(request), reader.get(request), reader.get(request)]);
    expect(reads.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(readFileSync(log, 'utf8')).toBe('get-token prod\n');
  });

  test('its client certificate is used', async () => {
    const authority = makeCertificate('ca');
    const client = makeCertificate('jane', '', authority);
    const answer = join(temporaryFolder(), 'answer');
    writeFileSync(
      answer,
      JSON.stringify({ kind: 'ExecCredential', status: { clientCertificateData: client.cert, clientKeyData: client.key } }),
    );
    const tls = {
      ...makeCertificate('server', 'IP:127.0.0.1', authority),
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
    };
    const { url } = await serve(json({ kind: 'Pod' }), tls);
    const clusterEntry = { 'certificate-authority-data': base64(authority.cert) };
    expect((await (await readerOf({ server: url, clusterEntry, env, ...exec(program(`cat ${answer}`)) })).get(request)).ok).toBe(true);
  });

  test('it is told what it may do, and which cluster it is for if it asks to know', async () => {
    const file = join(temporaryFolder(), 'info');
    const command = program(`printf %s "$KUBERNETES_EXEC_INFO" > ${file}`, printing({ token: 't' }));
    const info = async (more: ExecEntry, interactive?: boolean) => {
      await readerOf({
        env,
        clusterEntry: { 'certificate-authority-data': base64('ca') },
        ...exec(command, more),
        ...(interactive && { interactive }),
      });
      return JSON.parse(readFileSync(file, 'utf8'));
    };
    expect(await info({})).toEqual({ apiVersion: API, kind: 'ExecCredential', spec: { interactive: false } });
    expect(await info({ provideClusterInfo: true })).toMatchObject({
      spec: { cluster: { server: 'https://k8s.test:6443', 'certificate-authority-data': base64('ca') } },
    });
    expect(await info({ interactiveMode: 'IfAvailable' }, true)).toMatchObject({ spec: { interactive: true } });
    expect(await info({ interactiveMode: 'Never' }, true)).toMatchObject({ spec: { interactive: false } });
  });

  test('its stderr comes through while it runs', async () => {
    const said: string[] = [];
    const command = program('echo "open https://login and enter ABCD" >&2', printing({ token: 't' }));
    await readerOf({ env, stderr: (text) => said.push(text), ...exec(command) });
    expect(said.join('')).toBe('open https://login and enter ABCD\n');
  });

  test('a token in the kubeconfig wins, and the plugin does not run', async () => {
    const { url } = await guarded();
    const userEntry = { token: 'good', exec: { command: '/nowhere/login' } };
    expect((await (await readerOf({ server: url, userEntry })).get(request)).ok).toBe(true);
  });

  test('a token that has ended is renewed once, for all reads that meet it', async () => {
    const folder = temporaryFolder();
    const count = join(folder, 'count');
    const command = program(
      `echo x >> ${count}`,
      `if [ $(wc -l < ${count}) = 1 ]; then`,
      printing({ token: 'old' }),
      'else',
      printing({ token: 'good' }),
      'fi',
    );
    const { url } = await guarded();
    const reader = await readerOf({ server: url, env, ...exec(command) });
    const reads = await Promise.all([reader.get(request), reader.get(request), reader.get(request)]);
    expect(reads.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(readFileSync(count, 'utf8')).toBe('x\nx\n');
  });

  test('a token that is refused again is not renewed for ever', async () => {
    const count = join(temporaryFolder(), 'count');
    const { url } = await guarded();
    const reader = await readerOf({ server: url, env, ...exec(program(`echo x >> ${count}`, printing({ token: 'bad' }))) });
    for (let i = 0; i < 3; i += 1) expect(await reader.get(request)).toMatchObject({ ok: false, reason: 'unauthorized' });
    expect(readFileSync(count, 'utf8')).toBe('x\nx\n');
  });

  test('a renewal that fails is a failed read, with the plugin’s reason', async () => {
    const count = join(temporaryFolder(), 'count');
    const command = program(
      `echo x >> ${count}`,
      `if [ $(wc -l < ${count}) = 1 ]; then`,
      printing({ token: 'old' }),
      'else',
      'echo "session expired" >&2; exit 1',
      'fi',
    );
    const { url } = await guarded();
    const reader = await readerOf({ server: url, env, ...exec(command) });
    expect(await reader.get(request)).toEqual({
      ok: false,
      reason: 'unauthorized',
      message: `The credential plugin "${command}" failed (exit code 1): session expired`,
    });
  });
});

describe('a credential plugin that gives nothing', () => {
  const opening = (command: string, more: ExecEntry = {}, interactive = false) =>
    connectionTo({ env, ...exec(command, more) }).open({ version: '1', interactive });

  test('not installed: one sentence, and the hint of the kubeconfig', async () => {
    await expect(opening('no-such-plugin', { installHint: 'Run: apt install no-such-plugin\n' })).rejects.toMatchObject({
      name: 'ClusterError',
      message: 'The credential plugin "no-such-plugin" of the user "u" is not installed, or not on PATH.',
      hint: 'Run: apt install no-such-plugin',
    });
    await expect(opening('no-such-plugin')).rejects.toMatchObject({ hint: 'Install no-such-plugin, then try again.' });
  });

  test('it fails: its last line is the reason', async () => {
    const command = program('echo first >&2', 'echo "token has expired, run aws sso login" >&2', 'exit 255');
    await expect(opening(command)).rejects.toMatchObject({
      name: 'ClusterError',
      message: `The credential plugin "${command}" failed (exit code 255): token has expired, run aws sso login`,
    });
  });

  test('it prints something else: that is not repeated, because it may be a token', async () => {
    for (const output of ['echo secret-thing', printing({}), printing({ clientCertificateData: 'only half' }), 'true']) {
      const error: Error = await opening(program(output)).then(
        () => new Error('It was opened.'),
        (thrown) => thrown,
      );
      expect(error.message).toMatch(/printed no credentials\.$/);
      expect(JSON.stringify(error) + error.message).not.toContain('secret-thing');
    }
  });

  test('it is not executable, or has no command', async () => {
    const file = join(temporaryFolder(), 'login');
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o644);
    await expect(opening(file)).rejects.toMatchObject({ name: 'ClusterError', message: expect.stringContaining('cannot be started') });
    await expect(opening('')).rejects.toMatchObject({
      name: 'ClusterError',
      message: 'The user "u" has a credential plugin without a command.',
    });
  });

  test('it must ask a person, and there is no terminal', async () => {
    const command = program(printing({ token: 't' }));
    await expect(opening(command, { interactiveMode: 'Always' })).rejects.toMatchObject({
      name: 'ClusterError',
      message: expect.stringContaining('must ask a person'),
    });
    (await opening(command, { interactiveMode: 'Always' }, true)).close();
  });
});

describe('OIDC', () => {
  const token = (exp: number) =>
    ['{"alg":"none"}', JSON.stringify({ exp }), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const oidc = (config: Record<string, string>) => ({ userEntry: { 'auth-provider': { name: 'oidc', config } } });

  test('a token that is valid is sent', async () => {
    const idToken = token(Date.now() / 1000 + 600);
    const { url } = await serve((incoming, response) =>
      json(incoming.headers.authorization === `Bearer ${idToken}` ? { kind: 'Pod' } : {})(incoming, response),
    );
    expect((await (await readerOf({ server: url, ...oidc({ 'id-token': idToken }) })).get(request)).ok).toBe(true);
  });

  test('one that has ended and cannot be renewed', async () => {
    const ended = token(1000);
    const noRefresh = connectionTo(oidc({ 'id-token': ended })).open({ version: '1' });
    await expect(noRefresh).rejects.toMatchObject({
      name: 'ClusterError',
      message: 'The oidc login of the user "u" could not be renewed: it has ended.',
    });
    const config = { 'id-token': ended, 'refresh-token': 'r', 'client-id': 'c', 'idp-issuer-url': 'https://127.0.0.1:1' };
    await expect(connectionTo(oidc(config)).open({ version: '1' })).rejects.toMatchObject({
      name: 'ClusterError',
      hint: 'Log in again, then try again.',
    });
  });
});
