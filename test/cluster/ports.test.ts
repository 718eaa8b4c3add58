/**
 * Where a Service leads, where the Pod says it listens, and where it really does: every combination on a real cluster, asked with --probe. Nothing stays
 * open afterwards, and a Pod that never answers does not hold the program up.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../src/model.ts';
import { runProgram } from '../program.ts';
import { kubectl } from '../scenarios.ts';

const NAMESPACE = `kdebug-ports-${process.pid}`;
/** So long after its start kdebug does not call a port dead. */
const MAY_STILL_START = 60_000;

interface Row {
  readonly name: string;
  /** What the Service targets. */
  readonly target: number | 'http';
  /** The port that the container declares, with the name `http`. */
  readonly declared?: number;
  /** The address and port that the application listens on. */
  readonly listens: string;
  /** The only faults and warnings that nothing else explains; none for a healthy one. */
  readonly roots: readonly string[];
}

const ALL = '0.0.0.0:8080';
const LOCAL = '127.0.0.1:8080';
const OTHER = '0.0.0.0:9090';
const NOTHING = 'nothing';
const ROWS: readonly Row[] = [
  { name: 'numeric-declared-all', target: 8080, declared: 8080, listens: ALL, roots: [] },
  { name: 'numeric-undeclared-all', target: 8080, listens: ALL, roots: [] },
  { name: 'numeric-misdeclared-all', target: 8080, declared: 9090, listens: ALL, roots: [] },
  { name: 'named-declared-all', target: 'http', declared: 8080, listens: ALL, roots: [] },
  { name: 'numeric-declared-local', target: 8080, declared: 8080, listens: LOCAL, roots: ['app-listens-on-localhost'] },
  { name: 'numeric-undeclared-local', target: 8080, listens: LOCAL, roots: ['app-listens-on-localhost'] },
  { name: 'named-declared-local', target: 'http', declared: 8080, listens: LOCAL, roots: ['app-listens-on-localhost'] },
  { name: 'numeric-declared-none', target: 8080, declared: 8080, listens: OTHER, roots: ['app-listens-on-other-port'] },
  { name: 'numeric-undeclared-none', target: 8080, listens: OTHER, roots: ['service-targetport-numeric-mismatch'] },
  { name: 'named-declared-none', target: 'http', declared: 8080, listens: OTHER, roots: ['app-listens-on-other-port'] },
  { name: 'numeric-declared-nothing', target: 8080, declared: 8080, listens: NOTHING, roots: ['app-listens-on-other-port'] },
  { name: 'numeric-undeclared-nothing', target: 8080, listens: NOTHING, roots: ['service-targetport-numeric-mismatch'] },
  { name: 'named-declared-nothing', target: 'http', declared: 8080, listens: NOTHING, roots: ['app-listens-on-other-port'] },
  { name: 'named-undeclared-all', target: 'http', listens: ALL, roots: ['service-named-targetport-missing'] },
  { name: 'named-undeclared-local', target: 'http', listens: LOCAL, roots: ['service-named-targetport-missing'] },
  { name: 'named-undeclared-none', target: 'http', listens: OTHER, roots: ['service-named-targetport-missing'] },
];

function objects(name: string, target: number | string, declared: number | undefined, command: string): object[] {
  const labels = { app: name };
  const ports = declared === undefined ? [] : [{ name: 'http', containerPort: declared }];
  const container = { name: 'web', image: 'busybox:1.36', imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', command], ports };
  const spec = { terminationGracePeriodSeconds: 0, containers: [container] };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: labels, ports: [{ port: 80, targetPort: target }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ];
}

const serve = (listens: string) =>
  listens === NOTHING ? 'exec sleep 3600' : `mkdir -p /www && echo ok > /www/index.html; exec busybox httpd -f -p ${listens} -h /www`;
const SILENT = 'exec busybox nc -ll -p 8080 -e sleep 600';

beforeAll(async () => {
  await kubectl(['create', 'namespace', NAMESPACE]);
  const items = [
    ...ROWS.flatMap(({ name, target, declared, listens }) => objects(name, target, declared, serve(listens))),
    ...objects('silent', 8080, 8080, SILENT),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'kdebug-ports-'));
  const manifest = join(folder, 'manifest.json');
  writeFileSync(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await kubectl(['apply', '-n', NAMESPACE, '-f', manifest]).finally(() => rmSync(folder, { recursive: true }));
  await kubectl(['wait', '-n', NAMESPACE, '--for=condition=Available', 'deployment', '--all', '--timeout=110s']);
  await new Promise((resolve) => setTimeout(resolve, MAY_STILL_START + 5_000));
}, 240_000);

afterAll(async () => {
  await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
});

async function ask(name: string): Promise<Diagnosis> {
  const { stdout, stderr } = await runProgram(['deployment', name, '-n', NAMESPACE, '--probe', '-o', 'json'], process.env);
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as Diagnosis;
}

/** @returns the connections of a table of /proc/net that are established (state 01), to the port in hexadecimal. */
const establishedIn = (table: string, port: string): string[] =>
  table.split('\n').filter((line) => new RegExp(`^\\s*\\d+: [0-9A-F]+:${port} [0-9A-F:]+ 01 `).test(line));

async function established(name: string, port: string): Promise<string[]> {
  return establishedIn(
    await kubectl(['exec', '-n', NAMESPACE, `deployment/${name}`, '--', 'cat', '/proc/net/tcp', '/proc/net/tcp6']),
    port,
  );
}

describe('ports', () => {
  it.each(ROWS)('$name', async ({ name, roots }) => {
    const { verdict, findings } = await ask(name);
    const found = findings
      .filter(({ severity, consequenceOf }) => severity !== 'info' && consequenceOf.length === 0)
      .map(({ cause }) => cause);
    expect({ verdict, found }).toEqual({ verdict: roots.length > 0 ? 'faulty' : 'healthy', found: roots });
  });

  it('sees a connection that is open', async () => {
    const script = '(sleep 5 | nc 127.0.0.1 8080) >/dev/null 2>&1 & sleep 1; cat /proc/net/tcp /proc/net/tcp6';
    const table = await kubectl(['exec', '-n', NAMESPACE, 'deployment/numeric-undeclared-all', '--', 'sh', '-c', script]);
    expect(establishedIn(table, '1F90').length).toBeGreaterThan(0);
  });

  it('leaves no connection open', async () => {
    for (const name of ['numeric-declared-all', 'numeric-declared-local']) {
      await ask(name);
      expect(await established(name, '1F90')).toEqual([]);
    }
  });

  it('does not wait for a Pod that accepts and never answers', async () => {
    const start = Date.now();
    const { findings, ledger } = await ask('silent');
    expect(Date.now() - start).toBeLessThan(45_000);
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(ledger.find(({ question }) => question === 'reach.pod-ip')?.says).toMatch(/could not be judged/);
    await expect.poll(() => established('silent', '1F90'), { timeout: 10_000 }).toEqual([]);
  });
});
