/** The commands around the session, on a real cluster: scan, --wait, record and replay, the dry run of a fix, and kdebug as a plugin of kubectl. */
import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Diagnosis, Scan } from '../../src/model.ts';
import { keepAlive, letGo } from '../heartbeat.ts';
import { runProgram } from '../program.ts';
import { folderOf, kubectl } from '../scenarios.ts';
import { terminal } from '../terminal/terminal.ts';
import { auditedSince } from './audit.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ID = `kdebug-commands-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'kdebug-commands-'));
const namespaces = new Set<string>();

async function newNamespace(name: string): Promise<string> {
  await kubectl(['create', 'namespace', name]);
  namespaces.add(name);
  return name;
}

async function apply(namespace: string, objects: readonly object[]): Promise<void> {
  const file = join(folder, `${namespace}-${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  await kubectl(['apply', '-n', namespace, '-f', file]);
}

const kdebug = (...args: string[]) => runProgram(args, process.env);

afterAll(async () => {
  for (const name of namespaces) await kubectl(['delete', 'namespace', name, '--wait=false']);
  rmSync(folder, { recursive: true, force: true });
});

// ------------------------------------------------------------------------------------------------------------- scan

const NODES = Array.from({ length: 4 }, (_, index) => `${ID}-${index}`);
const NAMESPACES = 4;
const EACH = 50;

/** A node without a machine: kwok starts the Pods that are placed on it. */
const kwokNode = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, annotations: { 'kwok.x-k8s.io/node': 'fake' }, labels: { type: 'kwok', pool: ID } },
  spec: { taints: [{ key: 'pool', value: ID, effect: 'NoSchedule' }] },
  status: { capacity: { cpu: '64', memory: '256Gi', pods: '200' }, allocatable: { cpu: '64', memory: '256Gi', pods: '200' } },
});

const deployment = (name: string, spec: object = {}, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: { app: name } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'web', image: 'nginx:1.27', ports: [{ name: 'http', containerPort: 80 }] }],
        ...spec,
      },
    },
  },
});
const service = (name: string, app: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
});
const ON_KWOK = { nodeSelector: { pool: ID }, tolerations: [{ key: 'pool', operator: 'Exists' }] };

/** Five faults in each namespace: two ask for a disk that nobody has, one for a claim that is not there, two Services miss their Pods. */
function workloadsOf(index: number): object[] {
  return Array.from({ length: EACH }, (_, at) => `app-${index}-${at}`).flatMap((name, at) => {
    if (at < 2) return [deployment(name, { ...ON_KWOK, nodeSelector: { pool: ID, disk: 'ssd' } })];
    if (at === 2) return [deployment(name, { ...ON_KWOK, volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] })];
    if (at < 5) return [deployment(name, ON_KWOK), service(name, `${name}x`)];
    return [deployment(name, ON_KWOK), service(name, name)];
  });
}

/** Runs the built program and watches the most memory that it ever held. */
async function measured(args: readonly string[]): Promise<{ code: number; stdout: string; mebibytes: number; seconds: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'bin/kdebug.js'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (data) => {
    stdout += data;
  });
  let kibibytes = 0;
  const watch = setInterval(() => {
    try {
      kibibytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? kibibytes);
    } catch {}
  }, 10);
  const code = await new Promise<number>((resolve) => child.on('close', (result) => resolve(result ?? -1)));
  clearInterval(watch);
  return { code, stdout, mebibytes: Math.round(kibibytes / 1024), seconds: (performance.now() - started) / 1000 };
}

describe('kdebug scan -A', () => {
  const own = Array.from({ length: NAMESPACES }, (_, index) => `${ID}-scan-${index}`);
  beforeAll(async () => {
    await apply('default', NODES.map(kwokNode));
    await keepAlive(NODES);
    for (const [index, name] of own.entries()) await apply(await newNamespace(name), workloadsOf(index));
    const healthy = NAMESPACES * (EACH - 3);
    for (let left = 180; left > 0; left--) {
      const pods = await kubectl([
        'get',
        'pods',
        '-A',
        '-o',
        'jsonpath={range .items[*]}{.metadata.namespace} {.status.phase}{"\\n"}{end}',
      ]);
      if (pods.split('\n').filter((line) => own.includes(line.split(' ')[0]!) && line.endsWith('Running')).length >= healthy) break;
      await sleep(1000);
    }
    // A Pod that has only just been made is not called stuck.
    await sleep(35_000);
  }, 400_000);
  afterAll(async () => {
    await letGo(NODES);
    await kubectl(['delete', 'node', ...NODES]);
  });

  it('200 workloads of which 20 are broken: the right lines, what they have in common, and little memory', async () => {
    const { code, stdout, mebibytes, seconds } = await measured(['scan', '-A', '-o', 'json']);
    const { items, groups, requests } = JSON.parse(stdout) as Scan;
    console.log(`scan -A: ${items.length} workloads, ${requests.count} requests, ${seconds.toFixed(1)} s, ${mebibytes} MiB`);
    const mine = items.filter(({ target }) => own.includes(target.namespace));
    const causes = Object.fromEntries(
      mine.flatMap(({ verdict, target, findings }) => (verdict === 'healthy' ? [] : [[target.name, findings.map(({ cause }) => cause)]])),
    );
    const expected = own.flatMap((_, index) => [
      [`app-${index}-0`, ['node-affinity-mismatch']],
      [`app-${index}-1`, ['node-affinity-mismatch']],
      [`app-${index}-2`, ['pvc-not-found']],
      [`app-${index}-3`, ['service-selector-near-miss']],
      [`app-${index}-4`, ['service-selector-near-miss']],
    ]);
    expect([mine.length, code]).toEqual([NAMESPACES * EACH, 1]);
    expect(causes).toEqual(Object.fromEntries(expected));
    expect(
      groups.filter(({ targets }) => own.includes(targets[0]!.namespace)).map(({ cause, targets }) => [cause, targets.length]),
    ).toEqual(own.map(() => ['node-affinity-mismatch', 2]));
    expect(mebibytes).toBeLessThan(150);
  });

  it('one namespace, as a table: one line each, worst first', async () => {
    const { stdout, code } = await kdebug('scan', '-n', own[0]!);
    const lines = stdout.split('\n');
    expect(code).toBe(1);
    expect(lines.slice(0, 5).every((line) => line.includes('faulty'))).toBe(true);
    expect(lines.slice(5, EACH).every((line) => /^deployment\/app-0-\d+ +healthy$/.test(line))).toBe(true);
    expect(stdout).toContain('50 workloads: 5 faulty, 45 healthy.');
  });
});

// ------------------------------------------------------------------------------------------------------------- wait

/** When `holds` first does, by a look every 100 ms. */
async function momentOf(holds: () => Promise<boolean>): Promise<number> {
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(100)) if (await holds()) return Date.now();
  throw new Error('it did not come to this');
}

describe('--wait', () => {
  const namespace = `${ID}-wait`;
  beforeAll(() => newNamespace(namespace));

  it('returns when the rollout is done, and soon after', async () => {
    const slow = { readinessProbe: { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 6, periodSeconds: 1 } };
    await apply(namespace, [deployment('slow', { containers: [{ name: 'web', image: 'nginx:1.27', ...slow }] }, 2)]);
    const [ended, { code, stdout, at }] = await Promise.all([
      momentOf(
        async () => (await kubectl(['get', 'deploy', 'slow', '-n', namespace, '-o', 'jsonpath={.status.availableReplicas}'])) === '2',
      ),
      kdebug('deploy/slow', '-n', namespace, '--wait', '--for', '2m').then((result) => ({ ...result, at: Date.now() })),
    ]);
    console.log(`--wait returned ${((at - ended) / 1000).toFixed(1)} s after the rollout was done`);
    expect([code, /HEALTHY/.test(stdout)]).toEqual([0, true]);
    expect(at - ended).toBeLessThan(5000);
  });

  it('returns when it cannot become healthy, long before the time is up, and says why', async () => {
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'nowhere', key: 'a' } } }];
    await apply(namespace, [deployment('stuck', { containers: [{ name: 'web', image: 'nginx:1.27', env }] })]);
    const waiting = 'jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}';
    const [ended, { code, stdout, at }] = await Promise.all([
      momentOf(async () => (await kubectl(['get', 'pods', '-l', 'app=stuck', '-n', namespace, '-o', waiting])).includes('ConfigError')),
      kdebug('deploy/stuck', '-n', namespace, '--wait', '--for', '2m', '-o', 'json').then((result) => ({ ...result, at: Date.now() })),
    ]);
    console.log(`--wait returned ${((at - ended) / 1000).toFixed(1)} s after the kubelet had said why`);
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as Diagnosis).findings.map(({ cause }) => cause)).toContain('configmap-not-found-env');
    expect(at - ended).toBeLessThan(5000);
  });

  it('says so when the time is up', async () => {
    const never = { readinessProbe: { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 600 } };
    await apply(namespace, [deployment('never', { containers: [{ name: 'web', image: 'nginx:1.27', ...never }] })]);
    const { code, stderr } = await kdebug('deploy/never', '-n', namespace, '--wait', '--for', '5s');
    expect(code).toBe(1);
    expect(stderr).toContain('Not healthy after 5 seconds.');
  });
});

// ----------------------------------------------------------------------------------------------------------- record

const TOKEN = 'ghp_Zq81mWk20vXb7Tt5Ly3Nc9Rd4Hs6Jf0PaEuG';
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaGVja291dCJ9.c2lnbmF0dXJlLXRoYXQtbXVzdC1nbw';
const PASSWORD = 'Tr0ub4dor-and-3';
const IN_SECRET = 'correct-horse-battery-staple-7';
const PLANTED = [TOKEN, JWT, PASSWORD, IN_SECRET, Buffer.from(IN_SECRET).toString('base64')];

describe('kdebug record', () => {
  const namespace = `${ID}-record`;
  beforeAll(async () => {
    await newNamespace(namespace);
    const says = `echo connecting to postgres://app:${PASSWORD}@db:5432/shop; echo Authorization: Bearer ${JWT}; echo second try with ${PASSWORD}; echo Missing required environment variable: PAYMENT_URL; exit 1`;
    const env = [
      { name: 'GITHUB_TOKEN', value: TOKEN },
      { name: 'DATABASE_URL', value: `postgres://app:${PASSWORD}@db:5432/shop` },
      { name: 'SESSION', value: JWT },
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'missing' } } },
    ];
    await apply(namespace, [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { key: IN_SECRET } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { 'api-key': TOKEN, plain: 'yes' } },
      deployment('leaky', { containers: [{ name: 'web', image: 'busybox:1.36', command: ['sh', '-c', says], env: env.slice(0, 3) }] }),
      deployment('keyless', { containers: [{ name: 'web', image: 'nginx:1.27', env, envFrom: [{ configMapRef: { name: 'settings' } }] }] }),
    ]);
    await momentOf(async () => (await kubectl(['get', 'pods', '-n', namespace, '-o', 'json'])).includes('"CrashLoopBackOff"'));
  });

  it.each(['leaky', 'keyless'])('%s: the case replays to the same JSON, and holds none of what was planted', async (name) => {
    const data = (text: string) => ({ ...(JSON.parse(text) as Diagnosis), requests: undefined });
    const live = () => kdebug(`deploy/${name}`, '-n', namespace, '-o', 'json').then(({ stdout }) => data(stdout));
    // A crash loop may go on between the two looks: then both are made once more.
    for (let tries = 1; ; tries++) {
      const file = join(folder, `${name}-${tries}.tgz`);
      const recorded = await kdebug('record', `deploy/${name}`, '-n', namespace, '-o', file, '--yes');
      const now = await live();
      const replayed = await kdebug('replay', file, '-o', 'json');
      expect([recorded.code, recorded.stderr, replayed.code]).toEqual([0, '', 1]);
      expect(recorded.stdout).toMatch(/credentials? in (?:Deployment|Pod)\//);
      const content = gunzipSync(readFileSync(file)).toString('utf8');
      expect(PLANTED.filter((one) => content.includes(one))).toEqual([]);
      if (tries < 5 && !isDeepStrictEqual(data(replayed.stdout), now)) continue;
      expect(data(replayed.stdout)).toEqual(now);
      return;
    }
  });

  it('--hide-addresses: no address of the cluster is left, and the diagnosis is the same', async () => {
    const file = join(folder, 'hidden.tgz');
    await kdebug('record', 'deploy/keyless', '-n', namespace, '-o', file, '--yes', '--hide-addresses');
    const content = gunzipSync(readFileSync(file)).toString('utf8');
    const ips = (await kubectl(['get', 'pods,nodes', '-A', '-o', 'jsonpath={.items[*].status.podIP} {.items[*].status.hostIP}'])).split(
      /\s+/,
    );
    expect(ips.filter((ip) => ip !== '' && content.includes(ip))).toEqual([]);
    const [replayed, live] = [await kdebug('replay', file, '-o', 'json'), await kdebug('deploy/keyless', '-n', namespace, '-o', 'json')];
    const causes = (text: string) => (JSON.parse(text) as Diagnosis).findings.map(({ cause, message }) => [cause, message]);
    expect(causes(replayed.stdout)).toEqual(causes(live.stdout));
  });
});

// ---------------------------------------------------------------------------------------------------------- dry run

describe('the guided session', () => {
  let tries = 0;

  it('picks from the list, checks the fix by a dry run that changes nothing, sees the fix take effect, and goes on by itself', async () => {
    // Each try begins with the fault.
    const namespace = await newNamespace(`${ID}-try-${++tries}`);
    await kubectl(['apply', '-n', namespace, '-f', join(folderOf('config-key-not-found'), 'manifest.yaml')]);
    await momentOf(async () => (await kubectl(['get', 'pods', '-n', namespace, '-o', 'json'])).includes('CreateContainerConfigError'));
    const started = new Date();
    const generation = () => kubectl(['get', 'deploy', 'checkout', '-n', namespace, '-o', 'jsonpath={.metadata.generation}']);
    const before = await generation();
    const at = terminal(['-n', namespace], { patience: 120_000 });
    await at.see('Which workload?');
    await at.choose('deployment/checkout');
    await at.see('What next?');
    await at.choose('Check the fix');
    await at.see('nothing was changed');
    expect(await generation()).toBe(before);
    await at.choose('Copy the command');
    const command = Buffer.from(/\u001b\]52;c;([^\u0007]+)\u0007/.exec(at.bytes())?.[1] ?? '', 'base64').toString('utf8');
    await at.choose('Look again');
    await at.see('Waiting for a fix to take effect');
    await promisify(execFile)('sh', ['-c', command]);
    await at.see('nothing is wrong any more');
    await at.see('[Services]');
    await at.choose('Stop and show the diagnosis');
    await at.see('HEALTHY');
    await at.choose('Stop');
    expect(await at.ended).toBe(0);
    if (!process.env.KDEBUG_AUDIT_LOG) return;
    const own = auditedSince(started, process.env.KDEBUG_AUDIT_LOG).filter(
      (one) => one.namespace === namespace && one.userAgent?.startsWith('kdebug/'),
    );
    const writes = own.filter(({ verb }) => verb !== 'get' && verb !== 'list');
    expect(writes.map(({ verb, uri }) => `${verb} ${uri}`)).toEqual([
      `patch /apis/apps/v1/namespaces/${namespace}/deployments/checkout?dryRun=All&fieldManager=kdebug`,
    ]);
  });
});

// ---------------------------------------------------------------------------------------------------------- kubectl

describe('kubectl kdebug', () => {
  const bin = mkdtempSync(join(tmpdir(), 'kdebug-plugin-'));
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const run = (...args: string[]) => promisify(execFile)('kubectl', args, { env }).then(({ stdout }) => stdout);
  beforeAll(() => {
    for (const [name, file] of [
      ['kubectl-kdebug', 'kdebug.js'],
      ['kubectl_complete-kdebug', 'kubectl_complete-kdebug.js'],
    ] as const) {
      chmodSync(join(ROOT, 'bin', file), 0o755);
      symlinkSync(join(ROOT, 'bin', file), join(bin, name));
    }
  });
  afterAll(() => rmSync(bin, { recursive: true, force: true }));

  it('runs as a plugin, says so in its help, and completes names from the cluster', async () => {
    expect(await run('plugin', 'list')).toContain('kubectl-kdebug');
    expect(await run('kdebug', '--help')).toMatch(/^Usage: kubectl kdebug /);
    expect(await run('kdebug', 'deploy/coredns', '-n', 'kube-system')).toContain('HEALTHY');
    expect(await run('__complete', 'kdebug', '-n', 'kube-system', 'deploy', 'co')).toMatch(/^coredns/m);
  });
});
