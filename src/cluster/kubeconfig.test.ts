import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/http/connections.ts';
import { ClusterError } from './failure.ts';
import { type ConnectionOptions, loadConnection } from './kubeconfig.ts';
import { readKubeconfigs } from './kubeconfig-files.ts';

const write = (folder: string, name: string, content: string) => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

const config = (context: string, server: string, more = '') => `
apiVersion: v1
kind: Config
current-context: ${context}
contexts: [{name: ${context}, context: {cluster: ${context}, user: ${context}${more}}}]
clusters: [{name: ${context}, cluster: {server: "${server}"}}]
users: [{name: ${context}, user: {token: very-secret}}]
`;

const load = (options: Partial<ConnectionOptions>) => loadConnection({ env: {}, homedir: '/nowhere', ...options });

/** The error of a connection that cannot be loaded. */
function complaint(options: Partial<ConnectionOptions>): { message: string; hint: string } {
  try {
    load(options);
  } catch (error) {
    expect(error).toBeInstanceOf(ClusterError);
    const { message, hint } = error as ClusterError;
    return { message, hint };
  }
  throw new Error('It was loaded.');
}

describe('which files', () => {
  test('--kubeconfig before KUBECONFIG before ~/.kube/config', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, '.kube'));
    write(join(folder, '.kube'), 'config', config('home', 'https://home:1'));
    const listed = write(folder, 'listed', config('listed', 'https://listed:1'));
    const given = write(folder, 'given', config('given', 'https://given:1'));
    expect(load({ homedir: folder }).connection).toEqual({ context: 'home', server: 'https://home:1', flags: [] });
    expect(load({ homedir: folder, env: { KUBECONFIG: '' } }).connection.context).toBe('home');
    expect(load({ homedir: folder, env: { KUBECONFIG: listed } }).connection).toEqual({
      context: 'listed',
      server: 'https://listed:1',
      flags: [],
    });
    expect(load({ homedir: folder, env: { KUBECONFIG: listed }, kubeconfig: given }).connection).toEqual({
      context: 'given',
      server: 'https://given:1',
      flags: ['--kubeconfig', given],
    });
  });

  test('in KUBECONFIG a missing file is skipped, and the first to name something wins', () => {
    const folder = temporaryFolder();
    const first = write(
      folder,
      'a',
      `contexts: [{name: one, context: {cluster: shared, namespace: from-a}}]\nclusters: [{name: shared, cluster: {server: https://a:1}}]`,
    );
    const second = write(
      folder,
      'b',
      `current-context: two
contexts: [{name: one, context: {cluster: shared, namespace: from-b}}, {name: two, context: {cluster: shared}}]
clusters: [{name: shared, cluster: {server: https://b:1, tls-server-name: b}}]`,
    );
    const third = write(folder, 'c', 'current-context: one');
    const env = { KUBECONFIG: [join(folder, 'gone'), '', first, second, third].join(delimiter) };
    expect(load({ env }).connection.context).toBe('two');
    expect(load({ env }).connection.server).toBe('https://a:1');
    expect(load({ env, context: 'one' }).namespace).toBe('from-a');
    expect(readKubeconfigs([first, second], true).clusters.get('shared')).toEqual({ server: 'https://a:1' });
  });

  test('the first entry of a name wins within one file too', () => {
    const file = write(
      temporaryFolder(),
      'a',
      'clusters: [{name: c, cluster: {server: https://a:1}}, {name: c, cluster: {server: https://b:1}}]',
    );
    expect(readKubeconfigs([file], false).clusters.get('c')?.server).toBe('https://a:1');
  });

  test('relative paths belong to the file that holds them; a program on PATH is no path', () => {
    const folder = temporaryFolder();
    const file = write(
      folder,
      'a',
      `clusters: [{name: c, cluster: {server: https://a:1, certificate-authority: ca.crt}}]
users:
- {name: u, user: {client-certificate: certs/u.crt, client-key: /abs/u.key, tokenFile: ../token, exec: {command: ./login}}}
- {name: v, user: {exec: {command: aws}}}`,
    );
    const { clusters, users } = readKubeconfigs([file], false);
    expect(clusters.get('c')?.['certificate-authority']).toBe(join(folder, 'ca.crt'));
    expect(users.get('u')).toEqual({
      'client-certificate': join(folder, 'certs/u.crt'),
      'client-key': '/abs/u.key',
      tokenFile: join(folder, '../token'),
      exec: { command: join(folder, 'login') },
    });
    expect(users.get('v')?.exec?.command).toBe('aws');
  });
});

describe('what a person chooses', () => {
  const two = `
current-context: dev
contexts:
- {name: dev, context: {cluster: c1, user: u, namespace: shop}}
- {name: prod, context: {cluster: c2, user: u}}
- {name: nobody, context: {cluster: c1}}
clusters: [{name: c1, cluster: {server: https://c1:1/}}, {name: c2, cluster: {server: http://c2:8001}}]
users: [{name: u, user: {token: very-secret}}, {name: admin, user: {token: other-secret}}]
`;

  test('the namespace: -n, else that of the context, else default', () => {
    const kubeconfig = write(temporaryFolder(), 'c', two);
    expect(load({ kubeconfig }).namespace).toBe('shop');
    expect(load({ kubeconfig, namespace: 'web' }).namespace).toBe('web');
    expect(load({ kubeconfig, context: 'prod' }).namespace).toBe('default');
    expect(load({ kubeconfig, context: 'prod', namespace: 'web' }).namespace).toBe('web');
  });

  test('the printed flags are those that were typed, in a fixed order', () => {
    const kubeconfig = write(temporaryFolder(), 'c', two);
    const { connection } = load({
      kubeconfig,
      asGroup: ['a', 'b'],
      as: 'jane',
      user: 'admin',
      cluster: 'c1',
      context: 'prod',
      namespace: 'web',
    });
    expect(connection).toEqual({
      context: 'prod',
      server: 'https://c1:1',
      flags: [
        '--kubeconfig',
        kubeconfig,
        '--context',
        'prod',
        '--cluster',
        'c1',
        '--user',
        'admin',
        '--as',
        'jane',
        '--as-group',
        'a',
        '--as-group',
        'b',
      ],
    });
    expect(load({ env: { KUBECONFIG: kubeconfig }, context: 'dev' }).connection.flags).toEqual(['--context', 'dev']);
  });

  test('an http:// server, and a context without a user', () => {
    const kubeconfig = write(temporaryFolder(), 'c', two);
    expect(load({ kubeconfig, context: 'prod' }).connection.server).toBe('http://c2:8001');
    expect(load({ kubeconfig, context: 'nobody' }).connection.server).toBe('https://c1:1');
  });

  test('a cluster is enough where there is no context', () => {
    const kubeconfig = write(temporaryFolder(), 'c', 'clusters: [{name: c, cluster: {server: https://c:1}}]');
    expect(load({ kubeconfig, cluster: 'c' }).connection).toEqual({
      context: '',
      server: 'https://c:1',
      flags: ['--kubeconfig', kubeconfig, '--cluster', 'c'],
    });
  });

  test('a password in the server URL is not shown', () => {
    const kubeconfig = write(temporaryFolder(), 'c', config('x', 'https://joe:secret@c:1'));
    expect(load({ kubeconfig }).connection.server).toBe('https://c:1');
  });

  test('mistakes are named, with the next step', () => {
    const kubeconfig = write(temporaryFolder(), 'c', two);
    expect(complaint({ kubeconfig, context: 'prdo' })).toEqual({
      message: 'The kubeconfig has no context "prdo".',
      hint: 'Did you mean prod? It has: dev, prod, nobody.',
    });
    expect(complaint({ kubeconfig, cluster: 'c3' })).toEqual({ message: 'The kubeconfig has no cluster "c3".', hint: 'It has: c1, c2.' });
    expect(complaint({ kubeconfig, user: 'root' }).message).toBe('The kubeconfig has no user "root".');
    expect(complaint({ kubeconfig, asGroup: ['admins'] })).toEqual({
      message: 'A group cannot be impersonated without a user.',
      hint: 'Give --as USER together with --as-group.',
    });
  });
});

describe('unusable files', () => {
  const withFile = (content: string) => complaint({ kubeconfig: write(temporaryFolder(), 'file', content) });

  test('--kubeconfig names a file that is not there, or a folder', () => {
    expect(complaint({ kubeconfig: '/nowhere/config' })).toEqual({
      message: 'The kubeconfig /nowhere/config does not exist.',
      hint: 'Give the right file with --kubeconfig FILE, or set KUBECONFIG.',
    });
    expect(complaint({ kubeconfig: '/' }).message).toBe('The kubeconfig / is a folder, not a file.');
  });

  test('there is none at all: it says where it looked, and does not go to localhost', () => {
    expect(complaint({}).message).toBe('There is no kubeconfig: /nowhere/.kube/config does not exist.');
    expect(complaint({ env: { KUBECONFIG: `/a${delimiter}/b` } }).message).toBe('There is no kubeconfig: /a, /b does not exist.');
  });

  test('empty, not YAML, or something else', () => {
    expect(withFile('').message).toMatch(/^The kubeconfig \S+ is empty\.$/);
    expect(withFile('kind: Pod\nmetadata: {}').message).toMatch(/^The file \S+ is not a kubeconfig\.$/);
    expect(withFile('just words').message).toMatch(/^The file \S+ is not a kubeconfig\.$/);
    const empty = write(temporaryFolder(), 'empty', '# nothing\n');
    expect(complaint({ env: { KUBECONFIG: empty } }).message).toBe(`The kubeconfig ${empty} is empty.`);
  });

  test('a YAML mistake is named by its line; the line itself, which may be a token, is not shown', () => {
    const { message, hint } = withFile('users:\n- name: u\n  user: {token: "very-secret\n');
    expect(message).toMatch(/ is not valid YAML \(line \d+\)\.$/);
    expect(message + hint).not.toContain('very-secret');
  });

  test('no current context, a context without a cluster, a cluster without a server', () => {
    expect(withFile('contexts: [{name: a, context: {cluster: c}}, {name: b, context: {cluster: c}}]')).toEqual({
      message: 'The kubeconfig has no current context.',
      hint: 'Choose one with --context NAME: a, b.',
    });
    expect(withFile('current-context: a\ncontexts: [{name: a, context: {}}]').message).toBe('The context "a" names no cluster.');
    expect(withFile('current-context: a\ncontexts: [{name: a, context: {cluster: c}}]').message).toBe('The kubeconfig has no cluster "c".');
    expect(withFile('current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c}]').message).toBe(
      'The cluster "c" of the kubeconfig has no server.',
    );
    expect(withFile(config('a', 'ftp://c')).message).toBe(
      'The server of the cluster "a" is not a URL that begins with https:// or http://.',
    );
  });
});

describe('inside a Pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const serviceAccount = () => {
    const folder = temporaryFolder();
    for (const [name, content] of Object.entries({ token: 'very-secret\n', namespace: 'tools\n', 'ca.crt': 'x' }))
      write(folder, name, content);
    return folder;
  };

  test('the service account, where there is no kubeconfig', () => {
    const loaded = load({ env, serviceAccountFolder: serviceAccount() });
    expect(loaded.connection).toEqual({ context: 'in-cluster', server: 'https://10.96.0.1:443', flags: [] });
    expect(loaded.namespace).toBe('tools');
    expect(load({ env: { ...env, POD_NAMESPACE: 'mine' }, serviceAccountFolder: serviceAccount() }).namespace).toBe('mine');
  });

  test('an IPv6 address gets its brackets', () => {
    expect(load({ env: { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' }, serviceAccountFolder: serviceAccount() }).connection.server).toBe(
      'https://[fd00::1]:443',
    );
  });

  test('a kubeconfig comes first; without a token there is no service account', () => {
    const kubeconfig = write(temporaryFolder(), 'c', config('x', 'https://x:1'));
    expect(load({ env: { ...env, KUBECONFIG: kubeconfig }, serviceAccountFolder: serviceAccount() }).connection.context).toBe('x');
    expect(complaint({ env, serviceAccountFolder: temporaryFolder() }).message).toMatch(/^There is no kubeconfig/);
  });
});
