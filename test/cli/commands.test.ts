/** The commands around the walk, as a pipe sees them. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { createTarGzip } from 'nanotar';
import { afterEach, expect, test } from 'vitest';
import { loadRecorded } from '../../src/cluster/scenario.ts';
import type { Diagnosis, Scan } from '../../src/model.ts';
import { type FakeApi, fakeApi } from '../fake-api.ts';
import { type Result, runProgram } from '../program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kdebug-commands-'));
const schemaOf = (name: string) => JSON.parse(readFileSync(join(root, `docs/schema/${name}.schema.json`), 'utf8'));

function kdebug(...args: string[]): Promise<Result> {
  const { KUBECONFIG: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env;
  return runProgram(args, { ...inherited, HOME: folder });
}

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

/** @returns the flags that lead to the recorded cluster. */
async function serving(name: string): Promise<string[]> {
  const recorded = loadRecorded(join(root, 'scenarios', name))!;
  api = await fakeApi(recorded);
  return ['--kubeconfig', api.kubeconfig, '-n', recorded.recording.namespace];
}

const CHAIN = 'chain-crash-service-ingress';
const SELECTOR = 'service-selector-near-miss';

test('scan: a line for each workload, the exit code of the worst', async () => {
  const { code, stdout, stderr } = await kdebug('scan', ...(await serving(CHAIN)));
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toMatch(
    /^deployment\/checkout +faulty +Container web needs the environment variable PAYMENT_API_URL, which is not set\.\n/,
  );
  expect(stdout).toContain('\n1 workload: 1 faulty.\n');
});

test('scan as data is valid by its schema, and as names and annotations it is short', async () => {
  const flags = await serving(CHAIN);
  const ajv = new Ajv({ allErrors: true, strict: false }).addSchema(schemaOf('diagnosis'));
  const validate = ajv.compile(schemaOf('scan'));
  const scan = JSON.parse((await kdebug('scan', ...flags, '-o', 'json')).stdout) as Scan;
  expect(validate(scan), JSON.stringify(validate.errors)).toBe(true);
  expect(scan.items.map(({ target, findings }) => [target.name, findings.map(({ cause }) => cause)])).toEqual([
    ['checkout', ['log-env-missing']],
  ]);
  expect((await kdebug('scan', ...flags, '-o', 'name')).stdout).toBe('deployment/checkout\n');
  expect((await kdebug('scan', ...flags, '-o', 'github')).stdout).toMatch(
    /^::error title=deployment\/checkout in namespace \S+::Container web needs /,
  );
  expect((await kdebug('scan', ...flags, '-l', 'app=nobody')).stdout).toMatch(/^There are no workloads in namespace /);
});

test('scan where the workloads may not be listed: unknown, with the rules', async () => {
  const flags = await serving('healthy-web');
  const recorded = loadRecorded(join(root, 'scenarios/healthy-web'))!;
  const message = 'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" in the namespace "x"';
  const denied = [{ verb: 'list' as const, group: 'apps', resource: 'deployments', namespace: recorded.recording.namespace, message }];
  api!.serve({ ...recorded, recording: { ...recorded.recording, denied } });
  const { code, stdout } = await kdebug('scan', ...flags);
  expect(code).toBe(2);
  expect(stdout).toContain('list deployments.apps in');
  expect(stdout).toContain('{"apiGroups":["apps"],"resources":["deployments"],"verbs":["list"]}');
});

test('several targets: a report after the other, or one list; -l finds them', async () => {
  const flags = await serving(CHAIN);
  const text = await kdebug('deploy/checkout', 'svc/checkout', ...flags);
  expect(text.stdout.match(/FAULTY/g)).toHaveLength(2);
  expect(text.code).toBe(1);
  const list = JSON.parse((await kdebug('deployment', '-l', 'app=checkout', ...flags, '-o', 'json')).stdout) as Diagnosis;
  expect([list.kind, list.target.name]).toEqual(['Diagnosis', 'checkout']);
  const both = JSON.parse((await kdebug('deploy/checkout', 'svc/checkout', ...flags, '-o', 'json')).stdout) as {
    kind: string;
    items: Diagnosis[];
  };
  expect([both.kind, both.items.map(({ target }) => target.kind)]).toEqual(['DiagnosisList', ['Deployment', 'Service']]);
  const none = await kdebug('deployment', '-l', 'app=nobody', ...flags);
  expect([none.code, none.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: No deployment of namespace \S+ has the labels app=nobody\./),
  ]);
});

test('-o name, github and html', async () => {
  const flags = await serving(SELECTOR);
  expect((await kdebug('deploy/cart', ...flags, '-o', 'name')).stdout).toBe('service/cart\n');
  const annotation = (await kdebug('deploy/cart', ...flags, '-o', 'github')).stdout;
  expect(annotation).toMatch(
    /^::error title=deployment\/cart in namespace \S+::Service cart selects app=carts, .*%0Akubectl patch service cart .*\n$/,
  );
  expect((await kdebug('deploy/cart', ...flags, '-o', 'html')).stdout).toMatch(/^<!doctype html>\n[\s\S]*<\/html>\n$/);
});

test('a case replays to the same JSON, and is never written over a file that is there', async () => {
  const flags = await serving(CHAIN);
  const file = join(folder, 'case.tgz');
  const written = await kdebug('record', 'deploy/checkout', ...flags, '-o', file, '--yes');
  expect([written.code, written.stderr]).toEqual([0, '']);
  expect(written.stdout).toContain('Taken out');
  const data = (text: string) => ({ ...(JSON.parse(text) as Diagnosis), requests: undefined });
  const live = await kdebug('deploy/checkout', ...flags, '-o', 'json');
  const replayed = await kdebug('replay', file, '-o', 'json');
  // Two clocks: an age in a message would differ.
  expect(data(replayed.stdout)).toEqual(data(live.stdout));
  expect(replayed.code).toBe(1);
  const again = await kdebug('record', 'deploy/checkout', ...flags, '-o', file, '--yes');
  expect([again.code, again.stderr]).toEqual([2, `error: ${file} is there already.\nChoose another name with -o FILE.\n`]);
}, 60_000);

test('record asks before it writes: without a terminal it wants a yes beforehand', async () => {
  const file = join(folder, 'unasked.tgz');
  const { code, stderr } = await kdebug('record', 'deploy/checkout', ...(await serving(CHAIN)), '-o', file);
  expect([code, existsSync(file)]).toEqual([2, false]);
  expect(stderr).toContain('Say yes beforehand with --yes.');
});

test.each([
  ['is not there', undefined],
  ['is no archive', Buffer.from('hello')],
  ['is empty', Buffer.alloc(0)],
  ['is gzip of something else', gzipSync('hello')],
  ['holds other files', async () => createTarGzip([{ name: 'readme', data: 'hello' }])],
  ['holds broken YAML', async () => createTarGzip(['case.yaml', 'objects.yaml', 'logs.yaml'].map((name) => ({ name, data: 'a: [' })))],
])('a case that %s: one sentence, exit code 2', async (what, content) => {
  const file = join(folder, `bad-${what.replaceAll(' ', '-')}.tgz`);
  if (content !== undefined) writeFileSync(file, typeof content === 'function' ? await content() : content);
  const { code, stdout, stderr } = await kdebug('replay', file);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: .*\.tgz (?:is no case of kdebug|cannot be read): [^\n]*\n[^\n]+\n$/);
  expect(stderr).not.toContain('bug in kdebug');
});

test('flowchart: the whole walk, and the way of one diagnosis', async () => {
  const whole = await kdebug('flowchart');
  expect(whole.stdout).toMatch(/^Pods\n {2}workload\.exists +Does the object exist/);
  const way = await kdebug('flowchart', 'deploy/cart', ...(await serving(SELECTOR)));
  expect(way.code).toBe(1);
  expect(way.stdout).toMatch(/WRONG +svc\.selector +Does the selector match the Pod labels\?\n +service-selector-near-miss\n/);
});

test('explain finds pages by words', async () => {
  const { code, stdout } = await kdebug('explain', 'pull', 'secret');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}image-pull-secret-not-found {2}The image pull Secret does not exist$/m);
  expect((await kdebug('explain', 'quux')).code).toBe(2);
});

test('completion: types, names of the cluster, namespaces; silent where there is no cluster', async () => {
  const flags = await serving(CHAIN);
  const words = async (...args: string[]) => (await kdebug('complete', '--', ...args)).stdout.split('\n').map((one) => one.trimEnd());
  expect(await words('dep')).toContain('deployment\ta Deployment');
  expect(await words(...flags, 'deployment', '')).toContain('checkout');
  expect(await words(...flags, 'deploy/che')).toContain('deploy/checkout');
  expect(await words('record', ...flags, 'deployment', '')).toContain('checkout');
  expect(await words('flowchart', ...flags, 'deployment', 'che')).toContain('checkout');
  expect(await words('scan', ...flags, '--color', '')).toContain('never');
  expect(await words('scan', '-o', '')).toContain('github');
  expect(await words('record', '-o', '')).not.toContain('github');
  expect(await words('explain', 'oom')).toContain('oom-killed\tThe container used more than its memory limit');
  expect(await words('demo', 'healthy-w')).toContain('healthy-web');
  const failed = await kdebug('complete', '--', '--kubeconfig', '/nonexistent', 'deployment', '');
  expect([failed.code, failed.stdout.trim(), failed.stderr]).toEqual([0, ':4', '']);
});

test('--wait ends at once where nothing has to be waited for, and --for needs it', async () => {
  const flags = await serving('healthy-web');
  expect((await kdebug('deploy/shop', ...flags, '--wait')).code).toBe(0);
  const { code, stderr } = await kdebug('deploy/shop', ...flags, '--for', '5m');
  expect([code, stderr]).toEqual([2, 'error: --for says how long --wait waits.\nGive both: --wait --for 5m.\n']);
});
