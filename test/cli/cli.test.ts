/** The built program as a pipe sees it: exit codes, streams, data, errors. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CAUSES } from '../../src/causes.ts';
import { loadRecorded } from '../../src/cluster/scenario.ts';
import { type FakeApi, fakeApi } from '../fake-api.ts';
import { type Result, runProgram } from '../program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const recorded = (name: string) => loadRecorded(join(root, 'scenarios', name))!;
const empty = mkdtempSync(join(tmpdir(), 'kdebug-home-'));

/** Runs the built program without a terminal, and without what the tests' own environment would change. */
function kdebug(args: readonly string[], { env = {}, stdin = '' }: { env?: Record<string, string>; stdin?: string } = {}): Promise<Result> {
  const { KUBECONFIG: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env;
  return runProgram(args, { ...inherited, HOME: empty, ...env }, stdin);
}

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

const serving = async (name: string) => {
  api = await fakeApi(recorded(name));
  return ['--kubeconfig', api.kubeconfig];
};

test('a fault: report on stdout, nothing on stderr, exit code 1, and no prompt even with a line on stdin', async () => {
  const { code, stdout, stderr } = await kdebug(['deployment', 'cart', ...(await serving('service-selector-near-miss'))], {
    stdin: '\n\n',
  });
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toContain('FAULTY');
  expect(stdout).not.toContain('What next?');
  expect(stdout).not.toMatch(/\u001b/);
});

test('healthy: exit code 0, and the ledger says what was asked', async () => {
  const { code, stdout } = await kdebug(['deploy/shop', ...(await serving('healthy-web'))]);
  expect(code).toBe(0);
  expect(stdout).toContain('HEALTHY');
  expect(stdout).toContain('Are there ready endpoints?');
});

test('every printed command carries the flags that were given', async () => {
  const flags = await serving('service-selector-near-miss');
  const { stdout } = await kdebug(['deploy/cart', ...flags, '--context', 'fake', '--as', 'jane', '-o', 'json']);
  const { findings } = JSON.parse(stdout);
  const argvs: string[][] = findings.flatMap((finding: { remedies: { argv: string[] }[]; nextChecks: { argv: string[] }[] }) =>
    [...finding.remedies, ...finding.nextChecks].map(({ argv }) => argv),
  );
  expect(argvs.length).toBeGreaterThan(0);
  for (const argv of argvs)
    expect(argv).toEqual(expect.arrayContaining(['-n', '--context', 'fake', '--as', 'jane', '--kubeconfig', flags[1]]));
});

test('JSON and YAML are the same Diagnosis, valid by the schema', async () => {
  const flags = await serving('service-selector-near-miss');
  const json = await kdebug(['deploy/cart', ...flags, '-o', 'json']);
  const yaml = await kdebug(['deploy/cart', ...flags, '-o', 'yaml']);
  const validate = new Ajv({ allErrors: true, strict: false }).compile(
    JSON.parse(readFileSync(join(root, 'docs/schema/diagnosis.schema.json'), 'utf8')),
  );
  const diagnosis = JSON.parse(json.stdout);
  expect(validate(diagnosis), JSON.stringify(validate.errors)).toBe(true);
  expect({ ...parse(yaml.stdout), requests: 0 }).toEqual({ ...diagnosis, requests: 0 });
});

test('--from: the caller is judged, and is part of the data', async () => {
  const flags = await serving('networkpolicy-caller-label');
  const { code, stdout } = await kdebug(['service/cart', ...flags, '--from', 'deploy/frontend', '-o', 'json']);
  const { target, findings } = JSON.parse(stdout);
  expect(code).toBe(1);
  expect(target.from).toEqual({ kind: 'Deployment', namespace: target.namespace, name: 'frontend' });
  expect(findings[0].cause).toBe('networkpolicy-default-deny-ingress');
  const other = await kdebug(['service/cart', ...flags, '--from', 'deploy/fronted']);
  expect([other.code, other.stdout]).toEqual([2, '']);
  expect(other.stderr).toMatch(
    /^error: There is no deployment fronted in namespace \S+, which --from names\.\nDid you mean --from deployment\/frontend\.\S+\?/,
  );
});

test('a URL: the Ingress or HTTPRoute that takes it is the target, and the URL is part of the data', async () => {
  const flags = await serving('ingress-service-missing-from-ingress');
  const { code, stdout, stderr } = await kdebug(['url', 'https://me:secret@wishlist.example.com/lists?id=7', ...flags, '-o', 'json']);
  const { target, findings } = JSON.parse(stdout);
  expect([code, stderr]).toEqual([1, '']);
  expect([target.kind, target.name, target.url]).toEqual(['Ingress', 'shop', 'https://wishlist.example.com/lists']);
  expect(findings[0].cause).toBe('ingress-service-missing');
  const text = await kdebug(['url', 'wishlist.example.com', ...flags, '--from', 'deploy/wishlist']);
  expect(text.stdout).toMatch(/^ingress\/shop in namespace \S+, for http:\/\/wishlist\.example\.com\/, called from deployment\/wishlist\n/);
  await api?.close();
  const route = await kdebug(['url', 'http://market.example.com/prices', ...(await serving('chain-crash-service-httproute'))]);
  expect([route.code, route.stderr]).toEqual([1, '']);
  expect(route.stdout).toMatch(/^httproute\/market in namespace \S+, for http:\/\/market\.example\.com\/prices\n/);
});

test.each([
  [
    'a host that is not there',
    'https://wishlist.exmaple.com/lists',
    /^error: No Ingress or HTTPRoute of namespace \S+ is for wishlist\.exmaple\.com; there is wishlist\.example\.com of Ingress shop\.\nDid you mean kdebug url https:\/\/wishlist\.example\.com\/lists -n \S+\?\n$/,
  ],
  [
    'no URL',
    'https://:80/',
    /^error: "https:\/\/:80\/" is not a URL of http or https\.\nWrite it like https:\/\/shop\.example\.com\/cart\.\n$/,
  ],
])('a URL that nothing takes: %s', async (_, url, says) => {
  const flags = await serving('ingress-service-missing-from-ingress');
  const { code, stdout, stderr } = await kdebug([
    'url',
    url,
    ...flags,
    '-n',
    recorded('ingress-service-missing-from-ingress').recording.namespace,
  ]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(says);
});

test('hostile text: not one byte of it reaches the terminal, in any format', async () => {
  const flags = await serving('hostile-crash');
  const scenario = parse(readFileSync(join(root, 'scenarios/hostile-crash/scenario.yaml'), 'utf8'));
  for (const format of [[], ['-o', 'wide'], ['-o', 'json'], ['-o', 'yaml'], ['--color', 'always']]) {
    const { stdout, stderr } = await kdebug([scenario.target, ...flags, ...format]);
    const own = (stdout + stderr).replace(/\u001b\[(?:1|2|22|31|32|33|36|39)m/g, '');
    expect(own).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
    expect(stdout.length).toBeGreaterThan(500);
  }
});

test('a closed pipe ends quietly', async () => {
  const flags = await serving('service-selector-near-miss');
  const child = spawn('sh', [
    '-c',
    `"${process.execPath}" "${root}/bin/kdebug.js" deploy/cart --kubeconfig '${flags[1]}' | head -c 10 >/dev/null`,
  ]);
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  await new Promise((resolve) => child.on('close', resolve));
  expect(stderr).toBe('');
});

test.each([
  ['no arguments', [], /^error: Which workload\?\nkdebug TYPE NAME/],
  ['an unknown type', ['deploymnt', 'web'], /^error: kdebug knows no resource type "deploymnt"\.\nDid you mean deployment\?/],
  ['a type that is no start', ['configmap', 'web'], /^error: kdebug cannot start at a configmap\./],
  ['a type without a name', ['deploy'], /^error: Which deployment\?/],
  ['an unknown flag', ['deploy/web', '--frobnicate'], /unknown option '--frobnicate'/],
  ['an unknown format', ['deploy/web', '-o', 'xml'], /^error: "xml" is not an output format\.\nUse one of json, yaml, wide/],
  [
    'a bad caller',
    ['deploy/web', '--from', 'frontend'],
    /^error: "frontend" is not a workload that --from can name\.\nWrite it like deployment\/frontend/,
  ],
  ['a caller without Pods', ['deploy/web', '--from', 'service/frontend'], /^error: "service\/frontend" is not a workload/],
  ['a bad time', ['deploy/web', '--request-timeout', 'soon'], /^error: "soon" is not a time\./],
  ['a bad colour', ['deploy/web', '--color', 'pink'], /^error: "pink" is not a value of --color/],
  ['no kubeconfig', ['deploy/web'], /^error: .*kubeconfig/i],
  ['a kubeconfig that names a missing file', ['deploy/web', '--kubeconfig', '/nonexistent/config'], /^error: .*\/nonexistent\/config/],
  ['an unknown demo', ['demo', 'helthy-web'], /^error: There is no demo case helthy-web\.\nDid you mean healthy-web\?/],
  ['a page as data', ['explain', 'oom-killed', '-o', 'json'], /^error: A page cannot be printed as json\.\nkdebug explain --list -o json /],
  ['an unknown cause', ['explain', 'oom-kiled'], /^error: There is no page about "oom-kiled"\.\nDid you mean oom-killed\?/],
])('%s: one sentence, what to do next, exit code 2', async (_, args, says) => {
  const { code, stdout, stderr } = await kdebug(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
});

test('a wrong name: the near one', async () => {
  const { code, stderr } = await kdebug(['deploy/crat', ...(await serving('service-selector-near-miss'))]);
  expect(code).toBe(2);
  expect(stderr).toContain('There is deployment cart: kdebug deployment cart -n ');
});

test('an unreachable server: which one, and what to try', async () => {
  const flags = await serving('service-selector-near-miss');
  await api!.close();
  const { code, stderr } = await kdebug(['deploy/cart', ...flags]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: .*127\.0\.0\.1.*\nIs the context right/s);
});

test('an answer that is HTML: a proxy answered', async () => {
  const { createServer } = await import('node:http');
  const proxy = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>'));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const flags = await serving('service-selector-near-miss');
  const file = join(empty, 'proxy-config');
  writeFileSync(
    file,
    readFileSync(flags[1]!, 'utf8').replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${(proxy.address() as { port: number }).port}`),
  );
  const { code, stderr } = await kdebug(['deploy/cart', '--kubeconfig', file]);
  proxy.closeAllConnections();
  proxy.close();
  expect(code).toBe(2);
  expect(stderr).toMatch(/proxy/);
});

test('help and version', async () => {
  const help = await kdebug(['--help']);
  expect([help.code, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain('kdebug deployment my-app -n shop');
  const version = await kdebug(['--version']);
  expect(version.stdout.trim()).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
});

test('explain knows causes, kubectl words and the list', async () => {
  expect((await kdebug(['explain', 'oom-killed'])).stdout).toContain('## How to mend it');
  expect((await kdebug(['explain', 'CrashLoopBackOff'])).stdout).toContain('oom-killed');
  expect((await kdebug(['explain', '--list'])).stdout.split('\n').length).toBeGreaterThan(100);
});

test('explain lists every cause as data, with what proves it', async () => {
  const { code, stdout } = await kdebug(['explain', '--list', '-o', 'json']);
  const { kind, items } = JSON.parse(stdout) as { kind: string; items: { cause: string; proof: { kind: string; where: string } }[] };
  expect([code, kind]).toEqual([0, 'CauseList']);
  expect(items.map(({ cause }) => cause)).toEqual(Object.keys(CAUSES));
  expect(items.find(({ cause }) => cause === 'oom-killed')).toEqual({
    cause: 'oom-killed',
    title: CAUSES['oom-killed'].title,
    layer: 'pods',
    question: 'crash.killed-by',
    role: 'root',
    proof: { kind: 'cluster', where: 'scenarios/oom-killed' },
  });
});

test('the demo touches no kubeconfig and prints a report on a pipe', async () => {
  const { code, stdout } = await kdebug(['demo'], { env: { KUBECONFIG: '/nonexistent/config' } });
  expect(code).toBe(1);
  expect(stdout).toContain('kubectl patch service cart');
});
