import { describe, expect, test } from 'vitest';
import { artifactsOf, judged, type Made, meta, patches, service, withoutFields } from '../testing.ts';
import { check } from './crash.logs.ts';
import { type Crashing, crashing } from './testing-crash.ts';
import { configMap, secret } from './testing-start.ts';

const of = (parts: Crashing) => judged(check, crashing(parts));
const says = (log: string, parts: Crashing = {}) => of({ ...parts, log });
const argv = (parts: Crashing): string[] => {
  const answer = check.judge(artifactsOf(check, crashing(parts)));
  return answer.outcome === 'wrong' ? (answer.reports[0]?.remedies ?? []).map((one) => one.argv.join(' ')) : [];
};
const patched = (log: string, parts: Crashing) => patches(check, crashing({ ...parts, log }));
const KNOWN = ['fine: The logs say no more than is known.'];
const at = '/spec/template/spec';

/** ConfigMap cart-config, mounted at a path. */
const mounted = (mountPath: string, more: object = {}): Pick<Crashing, 'container' | 'spec'> => ({
  container: { volumeMounts: [{ name: 'config', mountPath, ...more }] },
  spec: { volumes: [{ name: 'config', configMap: { name: 'cart-config' } }] },
});

describe('log-env-missing', () => {
  const LINE = 'Error: DATABASE_URL is not set';

  test('a ConfigMap has a key like it', () => {
    const parts = { more: [configMap('cart-config', 'database-url', 'log-level')] };
    expect(says(LINE, parts)).toEqual([
      'error log-env-missing: container web needs the environment variable DATABASE_URL, which is not set; ConfigMap cart-config has database-url',
    ]);
    expect(patched(LINE, parts)[0]).toBe(
      `[{"op":"add","path":"${at}/containers/0/env","value":[{"name":"DATABASE_URL","valueFrom":{"configMapKeyRef":{"name":"cart-config","key":"database-url"}}}]}]`,
    );
  });

  test('nobody knows its value', () => {
    expect(argv({ log: LINE })).toEqual(['kubectl set env deployment/cart -n shop -c web DATABASE_URL=<value>']);
  });

  test.each(['DATABASE_URI', 'DATABSE_URL', 'database_url', 'DATABASEURL'])('it is there under a name that is misspelt: %s', (name) => {
    const parts = {
      container: {
        env: [
          { name: 'MODE', value: 'fast' },
          { name, value: 'x' },
        ],
      },
      more: [configMap('cart-config', 'database-url')],
    };
    expect(says(LINE, parts)).toEqual([
      `error log-env-missing: container web needs the environment variable DATABASE_URL, which is not set; it has ${name}`,
    ]);
    expect(patched(LINE, parts)).toEqual([`[{"op":"replace","path":"${at}/containers/0/env/1/name","value":"DATABASE_URL"}]`]);
  });

  test.each([
    ['Error: DB_HOST is not set', 'DB_PORT'],
    ['Error: REDIS_1_HOST is not set', 'REDIS_2_HOST'],
  ])('look-alike: %s, and %s is another variable', (line, name) => {
    expect(says(line, { container: { env: [{ name, value: 'x' }] } })[0]).toMatch(/which is not set$/);
  });

  test('it is there, and empty', () => {
    expect(says(LINE, { container: { env: [{ name: 'DATABASE_URL', value: '' }] } })).toEqual([
      'error log-env-missing: container web needs the environment variable DATABASE_URL, which is empty',
    ]);
  });

  test('it comes from an optional key that is not there', () => {
    const env = [{ name: 'DATABASE_URL', valueFrom: { configMapKeyRef: { name: 'cart-config', key: 'database_url', optional: true } } }];
    const parts = { container: { env }, more: [configMap('cart-config', 'database-url')] };
    expect(says(LINE, parts)).toEqual([
      'error log-env-missing: container web needs the environment variable DATABASE_URL; it comes from the optional key database_url of ConfigMap cart-config, which is not there; there is database-url',
    ]);
    expect(patched(LINE, parts)).toEqual([
      `[{"op":"replace","path":"${at}/containers/0/env/0/valueFrom/configMapKeyRef/key","value":"database-url"}]`,
    ]);
  });

  test('a Secret that the environment comes from has a key like it', () => {
    const parts = { container: { envFrom: [{ secretRef: { name: 'cart-secret' } }] }, more: [secret('cart-secret', 'DATABASE_URI')] };
    expect(says(LINE, parts)[0]).toContain('which is not set; Secret cart-secret has DATABASE_URI');
  });

  test('look-alike: the parameter of a request', () => {
    expect(says('POST /login failed: missing parameter')).toEqual(KNOWN);
  });
});

describe('env-invalid-names-skipped', () => {
  const LINE = 'Error: SECOND_DATABASE_URL is not set';
  const skipped = (words: string, uid = 'cart-1-a'): Made => ({
    kind: 'Event',
    metadata: meta('cart-1-a.skipped'),
    type: 'Warning',
    reason: 'InvalidEnvironmentVariableNames',
    message: words,
    involvedObject: { uid, name: 'cart-1-a' },
  });
  const words = (kind: string, name: string) =>
    `Keys [2nd-database-url, 3rd-region] from the EnvFrom ${kind} shop/${name} were skipped since they are considered invalid environment variable names.`;
  const container = { envFrom: [{ configMapRef: { name: 'cart-config' } }] };
  const parts = {
    container,
    more: [configMap('cart-config', '2nd-database-url', '3rd-region'), skipped(words('configMap', 'cart-config'))],
  };

  test('the key that it should come from was skipped (Kubernetes 1.29 and before): the variable by its own name', () => {
    expect(says(LINE, parts)).toEqual([
      'error env-invalid-names-skipped: container web needs the environment variable SECOND_DATABASE_URL, and key 2nd-database-url of ConfigMap cart-config was skipped, because it is no valid name for a variable',
    ]);
    expect(patched(LINE, parts)[0]).toBe(
      `[{"op":"add","path":"${at}/containers/0/env","value":[{"name":"SECOND_DATABASE_URL","valueFrom":{"configMapKeyRef":{"name":"cart-config","key":"2nd-database-url"}}}]}]`,
    );
  });

  test('a Secret', () => {
    const more = [secret('cart-secret', '2nd-database-url'), skipped(words('secret', 'cart-secret'))];
    expect(says(LINE, { container: { envFrom: [{ secretRef: { name: 'cart-secret' } }] }, more })[0]).toContain(
      'key 2nd-database-url of Secret cart-secret was skipped',
    );
  });

  test('look-alikes: another variable is missing, another Pod was told so, no event as of 1.30', () => {
    expect(says('Error: REDIS_HOST is not set', parts)[0]).toMatch(/^error log-env-missing: /);
    const other = [configMap('cart-config', '2nd-database-url'), skipped(words('configMap', 'cart-config'), 'cart-1-z')];
    expect(says(LINE, { container, more: other })[0]).toMatch(/^error log-env-missing: /);
    expect(says(LINE, { container, more: [configMap('cart-config', '2nd-database-url')] })[0]).toMatch(/^error log-env-missing: /);
  });
});

describe('log-file-not-found', () => {
  const LINE = 'fatal: open /etc/cart/rates.yaml: no such file or directory';

  test('its ConfigMap is mounted somewhere else', () => {
    const parts = { ...mounted('/etc/cart/config'), more: [configMap('cart-config', 'rates.yaml')] };
    expect(says(LINE, parts)).toEqual([
      'error log-file-not-found: container web needs /etc/cart/rates.yaml, but ConfigMap cart-config, which has rates.yaml, is mounted at /etc/cart/config',
    ]);
    expect(patched(LINE, parts)).toEqual([`[{"op":"replace","path":"${at}/containers/0/volumeMounts/0/mountPath","value":"/etc/cart"}]`]);
  });

  test('the mounted ConfigMap has a key like it', () => {
    const parts = { ...mounted('/etc/cart'), more: [configMap('cart-config', 'rate.yaml')] };
    expect(says(LINE, parts)).toEqual([
      'error log-file-not-found: container web needs /etc/cart/rates.yaml, and ConfigMap cart-config, mounted at /etc/cart, has no key rates.yaml; it has rate.yaml',
    ]);
    expect(patched(LINE, parts)[0]).toBe(
      `[{"op":"add","path":"${at}/volumes/0/configMap/items","value":[{"key":"rate.yaml","path":"rates.yaml"}]}]`,
    );
  });

  test('a ConfigMap has it, and nobody mounts it', () => {
    const parts = { more: [configMap('cart-rates', 'rates.yaml')] };
    expect(says(LINE, parts)).toEqual([
      'error log-file-not-found: container web needs /etc/cart/rates.yaml; ConfigMap cart-rates has rates.yaml, but is not mounted',
    ]);
    expect(patched(LINE, parts)).toEqual([
      `[{"op":"add","path":"${at}/volumes","value":[{"name":"cart-rates-file","configMap":{"name":"cart-rates"}}]},{"op":"add","path":"${at}/containers/0/volumeMounts","value":[{"name":"cart-rates-file","mountPath":"/etc/cart/rates.yaml","subPath":"rates.yaml"}]}]`,
    ]);
  });

  test('it is nowhere', () => {
    expect(says(LINE)).toEqual([
      'error log-file-not-found: container web needs /etc/cart/rates.yaml, which is not in image nginx:1.27, and no volume is mounted there',
    ]);
  });

  test('where the ConfigMaps may not be read nothing is said about their keys', () => {
    const cluster = { ...crashing({ ...mounted('/etc/cart'), log: LINE }), denied: ['ConfigMap'] as const };
    expect(judged(check, cluster)).toEqual([
      'error log-file-not-found: container web needs /etc/cart/rates.yaml, which ConfigMap cart-config, mounted at /etc/cart, does not have',
    ]);
  });
});

describe('log-config-parse', () => {
  const LINE = '2026/11/24 09:59:50 [emerg] 1#1: unknown directive "proxy_passs" in /etc/nginx/conf.d/default.conf:3';

  test('names the key of the ConfigMap that the file is', () => {
    const parts = { ...mounted('/etc/nginx/conf.d'), more: [configMap('cart-config', 'default.conf')] };
    expect(says(LINE, parts)).toEqual([
      `error log-config-parse: container web cannot read /etc/nginx/conf.d/default.conf, which is key default.conf of ConfigMap cart-config; its last words: "[emerg] unknown directive 'proxy_passs' in /etc/nginx/conf.d/default.conf:3"`,
    ]);
    expect(patched(LINE, parts)).toEqual(['{"data":{"default.conf":"<corrected text>"}}']);
  });

  test('a file of the image', () => {
    expect(says(LINE)[0]).toMatch(
      /^error log-config-parse: container web cannot read its configuration \/etc\/nginx\/conf\.d\/default\.conf; /,
    );
  });

  test('look-alike: nginx does not find its upstream, in a file that is well-formed', () => {
    expect(says('nginx: [emerg] host not found in upstream "prices" in /etc/nginx/conf.d/default.conf:3')[0]).toMatch(/log-dns-failure/);
  });
});

describe('log-bad-flag', () => {
  const LINE = "httpd: unrecognized option '--port=8080'";

  test('a flag with a value: its right name is for a person to find', () => {
    const parts = { container: { command: ['httpd', '-f', '--port=8080'] } };
    expect(says(LINE, parts)).toEqual(['error log-bad-flag: container web is started with --port=8080, which its program does not know']);
    expect(patched(LINE, parts)).toEqual([`[{"op":"replace","path":"${at}/containers/0/command/2","value":"<flag>"}]`]);
  });

  test('a flag that stands alone may go', () => {
    const parts = { container: { args: ['--verbos', '--listen=:80'] } };
    expect(patched('Error: unknown flag: --verbos', parts)[1]).toBe(`[{"op":"remove","path":"${at}/containers/0/args/0"}]`);
  });

  test('a flag that nobody can see in the spec', () => {
    expect(says(LINE)).toEqual(['error log-bad-flag: container web does not know the flag --port=8080']);
  });
});

describe('log-address-in-use', () => {
  const LOG = 'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\nnginx: [emerg] still could not bind()\n';

  test('nobody declares the port, and another container runs the same image', () => {
    const containers = ['web', 'metrics'].map((name) => ({ name, image: 'nginx:1.27' }));
    expect(says(LOG, { spec: { containers } })).toEqual([
      'error log-address-in-use: container web cannot listen on port 80 of the Pod: something else already does, most likely container metrics, which runs the same image',
    ]);
  });

  test('another container of the Pod declares the port', () => {
    const containers = [
      { name: 'web', image: 'nginx:1.27' },
      { name: 'front', ports: [{ containerPort: 80 }] },
    ];
    expect(says(LOG, { spec: { containers } })).toEqual([
      'error log-address-in-use: container web cannot listen on port 80 of the Pod: container front already does',
    ]);
  });

  test('nobody does', () => {
    expect(says(LOG)).toEqual(['error log-address-in-use: container web cannot listen on port 80 of the Pod: something else already does']);
  });

  test('the port is the value of a variable: another one', () => {
    expect(patched('listen tcp :8080: bind: address already in use', { container: { env: [{ name: 'PORT', value: '8080' }] } })).toEqual([
      `[{"op":"replace","path":"${at}/containers/0/env/0/value","value":"8081"}]`,
    ]);
  });

  test('on the network of the node', () => {
    expect(says(LOG, { spec: { hostNetwork: true } })[0]).toContain('cannot listen on port 80 of the node');
  });
});

describe('log-bind-permission', () => {
  const LINE = 'nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)';
  const sysctl = (value: string) => ({ name: 'net.ipv4.ip_unprivileged_port_start', value });

  test('the user is not root', () => {
    const parts = { spec: { securityContext: { runAsUser: 101 } } };
    expect(says(LINE, parts)).toEqual([
      'error log-bind-permission: container web may not listen on port 80: it runs as user 101, and ports below 1024 need a privilege',
    ]);
    expect(patched(LINE, parts)).toEqual([
      `[{"op":"add","path":"${at}/securityContext/sysctls","value":${JSON.stringify([sysctl('0')])}}]`,
    ]);
  });

  test('a sysctl is not named twice', () => {
    expect(patched(LINE, { spec: { securityContext: { sysctls: [sysctl('1024')] } } })).toEqual([
      `[{"op":"replace","path":"${at}/securityContext/sysctls/0/value","value":"0"}]`,
    ]);
  });

  test('look-alike: a file', () => {
    expect(says('open /data/app.db: permission denied')[0]).toMatch(/^error log-permission-file: /);
  });
});

describe('log-permission-file', () => {
  const LINE = "sh: can't create /data/x.db: Permission denied";
  const claim = (user?: number): Crashing => ({
    container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    spec: {
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'cart-data' } }],
      ...(user !== undefined && { securityContext: { runAsUser: user } }),
    },
  });

  test('on a volume without fsGroup', () => {
    expect(says(LINE, claim(1000))).toEqual([
      'error volume-permission-denied: user 1000 of container web may not use /data/x.db, where PersistentVolumeClaim cart-data is mounted and no fsGroup is set',
    ]);
    expect(patched(LINE, claim(1000))).toEqual([
      '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null},"template":{"spec":{"securityContext":{"fsGroup":1000}}}}}',
    ]);
  });

  test("on a volume with fsGroup: the file itself is not the group's", () => {
    const parts = claim(1000);
    const spec = { ...parts.spec, securityContext: { ...(parts.spec as { securityContext?: object }).securityContext, fsGroup: 1000 } };
    expect(says(LINE, { ...parts, spec })[0]).toMatch(/^error log-permission-file: /);
  });

  test('of the image', () => {
    expect(says(LINE)).toEqual(['error log-permission-file: container web may not use /data/x.db of image nginx:1.27']);
  });

  test('look-alike: the file system is read-only', () => {
    expect(says("sh: can't create /data/x.db: Read-only file system")[0]).toMatch(/^error log-readonly-fs: /);
  });
});

describe('log-permission-file: a Secret that only root may read', () => {
  const LINE = 'open /etc/tls/tls.key: permission denied';
  const parts = (user: number | undefined, secret: object, more: object = {}): Crashing => ({
    container: { volumeMounts: [{ name: 'tls', mountPath: '/etc/tls', readOnly: true }] },
    spec: {
      volumes: [{ name: 'tls', secret: { secretName: 'cart-tls', ...secret } }],
      securityContext: { ...(user !== undefined && { runAsUser: user }), ...more },
    },
  });

  test('the mode of the volume: let the group read it, or everybody', () => {
    const one = parts(1000, { defaultMode: 0o400 });
    expect(says(LINE, one)).toEqual([
      'error log-permission-file: user 1000 of container web may not use /etc/tls/tls.key: Secret cart-tls is mounted there with mode 0400, which lets only root read it',
    ]);
    expect(patched(LINE, one)).toEqual([
      `[{"op":"add","path":"${at}/securityContext/fsGroup","value":1000}]`,
      `[{"op":"replace","path":"${at}/volumes/0/secret/defaultMode","value":292}]`,
    ]);
  });

  test('the mode of one key', () => {
    const one = parts(undefined, { defaultMode: 0o644, items: [{ key: 'tls.key', path: 'tls.key', mode: 0o600 }] });
    expect(says(LINE, one)[0]).toContain('is mounted there with mode 0600');
    expect(patched(LINE, one)).toEqual([`[{"op":"replace","path":"${at}/volumes/0/secret/items/0/mode","value":292}]`]);
  });

  test.each([
    ['a mode that lets everybody read', parts(1000, { defaultMode: 0o644 })],
    ['a group that may', parts(1000, { defaultMode: 0o400 }, { fsGroup: 1000 })],
    ['root', parts(0, { defaultMode: 0o400 })],
  ])('look-alike: %s', (_, one) => {
    expect(says(LINE, one)[0]).toMatch(/^error log-permission-file: /);
    expect(says(LINE, one)[0]).not.toContain('with mode');
  });
});

describe('log-readonly-fs', () => {
  const LINE = "sh: can't create /var/log/cart.log: Read-only file system";

  test('the root file system', () => {
    const parts = { container: { securityContext: { readOnlyRootFilesystem: true } } };
    expect(says(LINE, parts)).toEqual([
      'error log-readonly-fs: container web writes to /var/log/cart.log, but readOnlyRootFilesystem is true',
    ]);
    expect(patched(LINE, parts)).toEqual([
      `[{"op":"add","path":"${at}/volumes","value":[{"name":"writable-var-log","emptyDir":{}}]},{"op":"add","path":"${at}/containers/0/volumeMounts","value":[{"name":"writable-var-log","mountPath":"/var/log"}]}]`,
    ]);
  });

  test('a volume that is mounted read-only', () => {
    const parts = {
      container: { volumeMounts: [{ name: 'logs', mountPath: '/var/log', readOnly: true }] },
      spec: { volumes: [{ name: 'logs', emptyDir: {} }] },
    };
    expect(says(LINE, parts)[0]).toContain('writes to /var/log/cart.log, where emptyDir logs is mounted read-only');
    expect(patched(LINE, parts)).toEqual([`[{"op":"remove","path":"${at}/containers/0/volumeMounts/0/readOnly"}]`]);
  });

  test('a ConfigMap cannot be written', () => {
    expect(says(LINE, mounted('/var/log'))[0]).toContain('where ConfigMap cart-config is mounted, which is always read-only');
    expect(patched(LINE, mounted('/var/log'))).toEqual([]);
  });

  test('look-alike: a database that is read-only', () => {
    expect(says('ERROR: cannot execute INSERT in a read-only transaction')).toEqual(KNOWN);
  });
});

describe('names and addresses of dependencies', () => {
  const db = service('cart-db', { selector: { app: 'cart-db' }, clusterIP: '10.96.0.7', ports: [{ port: 5432 }] });
  const slice = (...ready: boolean[]): Made => ({
    kind: 'EndpointSlice',
    metadata: meta('cart-db-x', { labels: { 'kubernetes.io/service-name': 'cart-db' } }),
    ...(ready.length > 0 && { endpoints: ready.map((one) => ({ addresses: ['10.244.0.3'], conditions: { ready: one } })) }),
  });
  const env = (value: string) => ({ container: { env: [{ name: 'DB', value }] } });

  test('log-dns-failure: a Service has a name like it', () => {
    const parts = { ...env('carts-db'), more: [db] };
    expect(says('Error: getaddrinfo ENOTFOUND carts-db', parts)).toEqual([
      'error log-dns-failure: container web cannot resolve carts-db: there is no Service carts-db; there is cart-db',
    ]);
    expect(patched('Error: getaddrinfo ENOTFOUND carts-db', parts)).toEqual([
      `[{"op":"replace","path":"${at}/containers/0/env/0/value","value":"cart-db"}]`,
    ]);
  });

  test('log-dns-failure: the Service is there', () => {
    expect(says('Error: getaddrinfo EAI_AGAIN cart-db', { more: [db] })).toEqual([
      'error log-dns-failure: container web could not resolve cart-db, although there is a Service of that name',
    ]);
  });

  test('log-dns-failure: a name outside of the cluster says nothing about Services', () => {
    expect(says('curl: (6) Could not resolve host: api.example.com', { more: [db] })).toEqual([
      'error log-dns-failure: container web cannot resolve api.example.com',
    ]);
  });

  test('log-dns-failure: where the Services may not be read none is said to be missing', () => {
    const cluster = { ...crashing({ ...env('carts-db'), log: 'Error: getaddrinfo ENOTFOUND carts-db' }), denied: ['Service'] as const };
    expect(judged(check, cluster)).toEqual(['error log-dns-failure: container web cannot resolve carts-db']);
  });

  test.each([
    ['nobody is behind the Service', slice(), ': it has no ready endpoints'],
    ['nobody behind the Service is ready', slice(false), ': it has no ready endpoints'],
    ['somebody is', slice(false, true), ''],
  ])('log-conn-refused: %s', (_, endpoints, told) => {
    expect(says("nc: can't connect to remote host (10.96.0.7): Connection refused", { more: [db, endpoints] })).toEqual([
      `error log-conn-refused: container web is refused by Service cart-db${told}`,
    ]);
  });

  test('log-conn-refused: the Service has another port', () => {
    const parts = { ...env('cart-db:5433'), more: [db, slice(true)] };
    const line = 'dial tcp cart-db:5433: connect: connection refused';
    expect(says(line, parts)).toEqual(['error log-conn-refused: container web is refused by cart-db:5433: Service cart-db has port 5432']);
    expect(patched(line, parts)).toEqual([`[{"op":"replace","path":"${at}/containers/0/env/0/value","value":"cart-db:5432"}]`]);
  });

  test('log-conn-refused: in its own Pod, where another was meant', () => {
    const parts = { ...env('localhost'), more: [db] };
    const line = 'Error: connect ECONNREFUSED 127.0.0.1:5432';
    expect(says(line, parts)).toEqual([
      'error log-conn-refused: container web looks for 127.0.0.1:5432 in its own Pod, where nothing listens; Service cart-db has port 5432',
    ]);
  });

  test('log-conn-timeout', () => {
    expect(says('dial tcp 10.96.0.7:5432: i/o timeout', { more: [db, slice(true)] })).toEqual([
      'error log-conn-timeout: container web gets no answer from Service cart-db, port 5432',
    ]);
  });

  test('log-conn-reset', () => {
    expect(says('server closed the connection unexpectedly')).toEqual([
      'error log-conn-reset: a dependency closes the connection of container web; its last words: "server closed the connection unexpectedly"',
    ]);
  });

  test('a password in an address stays unsaid', () => {
    const line = 'Error: postgres://cart:hunter2@cart-db:5432 connect ECONNREFUSED 10.96.0.7:5432';
    const answer = check.judge(artifactsOf(check, crashing({ ...env('postgres://cart:hunter2@cart-db:5432'), more: [db], log: line })));
    expect(JSON.stringify(answer)).toContain('log-conn-refused');
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });
});

describe('what only a person can mend', () => {
  test.each([
    ['FATAL:  password authentication failed for user "cart"', 'log-db-auth: the database refuses user cart of container web'],
    ['FATAL:  database "cart" does not exist', 'log-db-missing: database cart, which container web needs, does not exist'],
    ['sqlite3.OperationalError: no such table: orders', 'log-db-missing: table orders, which container web needs, does not exist'],
    [
      'x509: certificate signed by unknown authority',
      'log-tls-verify: container web does not trust the certificate of a dependency: nobody that the container trusts has signed it',
    ],
    ['Error: certificate has expired', 'log-tls-verify: container web does not trust the certificate of a dependency: it is out of date'],
    ["Error: Cannot find module 'express'", 'log-module-missing: module express, which container web needs, is not in image nginx:1.27'],
    ['write /data/wal: no space left on device', 'log-no-space: container web finds no space left on the disk under /data/wal'],
  ])('%s', (line, told) => {
    expect(says(line)).toEqual([`error ${told}`]);
  });

  test('log-db-auth: from which Secret the credentials come', () => {
    const env = [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'cart-db', key: 'password' } } }];
    expect(says('FATAL:  password authentication failed for user "cart"', { container: { env } })[0]).toContain(
      'the database refuses user cart of container web; its credentials come from Secret cart-db',
    );
  });

  test('log-no-space: on a volume', () => {
    const parts = {
      container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'cart-data' } }] },
    };
    expect(says('write /data/wal: no space left on device', parts)).toEqual([
      'error log-no-space: PersistentVolumeClaim cart-data, mounted at /data in container web, is full',
    ]);
  });

  test('log-module-missing: a volume hides the program', () => {
    const { container, spec } = mounted('/app');
    expect(says("Error: Cannot find module '/app/server.js'", { container, spec })[0]).toContain(
      'ConfigMap cart-config is mounted at /app and hides what the image has there',
    );
  });
});

describe('limits and leave of others', () => {
  const on = (more: object = {}): Crashing => ({ spec: { nodeName: 'node1', serviceAccountName: 'cart', ...more } });

  test.each([
    [
      'Error: Dirty database version 12. Fix and force version.',
      `log-migration: a database migration of container web fails or is held up; its last words: "Error: Dirty database version 12. Fix and force version."`,
    ],
    ['FATAL:  sorry, too many clients already', 'log-db-too-many: the database accepts no more connections, and container web gives up'],
    [
      'botocore.exceptions.NoCredentialsError: Unable to locate credentials',
      `log-cloud-credentials: container web has no identity at its cloud, or one that may not do this; its ServiceAccount is cart; its last words: "botocore.exceptions.NoCredentialsError: Unable to locate credentials"`,
    ],
    ['accept4: too many open files', 'log-too-many-files: container web opens more files at once than it may'],
    [
      "Error: EMFILE: too many open files, watch '/app'",
      'log-too-many-files: container web watches more files than node node1 allows (sysctl fs.inotify)',
    ],
    [
      'max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]',
      'log-ulimit-vm-map: container web needs the sysctl vm.max_map_count of node node1 to be higher than it is',
    ],
    ['leader election lost', 'log-leader-lease: container web lost its leader lease and ended by design: it could not renew it in time'],
    [
      'You must accept the EULA to use this image',
      `log-license: the licence of image nginx:1.27 is not accepted; its last words: "You must accept the EULA to use this image"`,
    ],
    [
      'the license key is invalid',
      `log-license: the licence of container web is missing, invalid or expired; its last words: "the license key is invalid"`,
    ],
  ])('%s', (line, told) => {
    expect(says(line, on())).toEqual([`error ${told}`]);
  });

  test('quotes the line that names the fault, not the last one', () => {
    expect(says('Error: Dirty database version 12. Fix and force version.\nerror: cannot go on\n', on())[0]).toContain(
      'its last words: "Error: Dirty database version 12. Fix and force version."',
    );
  });

  test('log-leader-lease: a CPU limit may hold it back', () => {
    expect(says('leader election lost', { container: { resources: { limits: { cpu: '50m' } } } })[0]).toContain('; its CPU limit is 50m');
  });

  test('log-license: the variable that accepts it is for a person to know', () => {
    expect(argv({ log: 'You must accept the EULA to use this image' })).toEqual([
      'kubectl set env deployment/cart -n shop -c web <variable that accepts it>=<value>',
    ]);
    expect(argv({ log: 'the license key is invalid' })).toEqual([]);
  });

  test('look-alikes: a disk that is full, a role that the API server refuses', () => {
    expect(says('write /data/wal: no space left on device')[0]).toMatch(/^error log-no-space: /);
    const line = 'leases.coordination.k8s.io is forbidden: User "system:serviceaccount:shop:default" cannot get resource "leases"';
    expect(says(line)[0]).toMatch(/^error log-k8s-forbidden: /);
  });
});

describe('log-oom', () => {
  const limits = { resources: { limits: { memory: '256Mi' } } };

  test('a heap inside the limit: more memory, and a bound for the heap', () => {
    const parts = { code: 134, container: limits };
    const line = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
    expect(says(line, parts)).toEqual(['error log-oom: container web ran out of memory in its JavaScript heap; its limit is 256Mi']);
    expect(patched(line, parts)[0]).toBe(
      `[{"op":"replace","path":"${at}/containers/0/resources/limits/memory","value":"512Mi"},{"op":"add","path":"${at}/containers/0/env","value":[{"name":"NODE_OPTIONS","value":"--max-old-space-size=384"}]}]`,
    );
  });

  test('a child that the kernel killed: the shell says so, and ends with 137', () => {
    expect(says('/entrypoint.sh: line 12:     9 Killed', { code: 137, container: limits })).toEqual([
      'error log-oom: container web ran out of memory; its limit is 256Mi',
    ]);
  });

  test('look-alike: the kernel killed the container itself', () => {
    expect(says('Killed', { code: 137, reason: 'OOMKilled', container: limits })).toEqual(KNOWN);
  });
});

describe('log-k8s-forbidden', () => {
  const line = (account: string) =>
    `pods is forbidden: User "system:serviceaccount:shop:${account}" cannot list resource "pods" in API group "" in the namespace "shop"`;

  test('the right that the ServiceAccount lacks', () => {
    const parts = { spec: { serviceAccountName: 'cart' } };
    expect(says(line('cart'), parts)).toEqual(['error log-k8s-forbidden: ServiceAccount cart of container web may not list pods']);
    expect(argv({ ...parts, log: line('cart') })[0]).toBe(
      'kubectl create rolebinding cart-view -n shop --clusterrole=view --serviceaccount=shop:cart',
    );
  });

  test('a line about another account makes no command', () => {
    expect(argv({ spec: { serviceAccountName: 'cart' }, log: line('admin') })).toEqual([]);
  });

  test('no token', () => {
    const parts = { spec: { automountServiceAccountToken: false } };
    expect(says('unable to load in-cluster configuration', parts)).toEqual([
      'error log-k8s-forbidden: container web cannot sign in to the API server: its Pod mounts no ServiceAccount token',
    ]);
  });
});

describe('crash-unknown', () => {
  test('an empty log', () => {
    expect(of({ log: '' })).toEqual(['error crash-unknown: container web exits with 1, and its log is empty']);
  });

  test('look-alike: a log that could not be read is told as such', () => {
    expect(of({})).toEqual(['couldNotLook: The log of container web could not be read: no log.']);
  });

  test('the current log stands in for the one of the run before, in back-off', () => {
    expect(of({ logs: { 'cart-1-a/web': 'Error: DATABASE_URL is not set' } })[0]).toMatch(/^error log-env-missing: /);
  });

  test('and while the container is up again: as soon as it ends, the log of the run before is removed', () => {
    expect(of({ phase: 'running', logs: { 'cart-1-a/web': 'Error: DATABASE_URL is not set' } })[0]).toMatch(/^error log-env-missing: /);
  });

  test('the run before counts where both can be read', () => {
    const logs = { 'cart-1-a/web previous': 'Error: DATABASE_URL is not set', 'cart-1-a/web': 'starting' };
    expect(of({ phase: 'running', logs })[0]).toMatch(/^error log-env-missing: /);
  });
});

test('what a container says is the same in every phase of the loop', () => {
  const log = 'Error: DATABASE_URL is not set';
  const [first, ...others] = (['waiting', 'terminated', 'running'] as const).map((phase) => says(log, { phase }));
  for (const other of others) expect(other).toEqual(first);
});

test('missing fields do no harm', () => {
  const parts = {
    ...mounted('/etc/cart'),
    more: [configMap('cart-config', 'rate.yaml')],
    log: 'open /etc/cart/rates.yaml: no such file or directory',
  };
  expect(new Set(withoutFields(check, crashing(parts)))).toEqual(new Set(['wrong', 'notApplicable']));
});
