/**
 * Every scenario on a real cluster: its manifest makes the fault, the built program must find exactly the expected roots and consequences, as three
 * kinds of user, and each complete remedy must mend. Side by side, each in a namespace of its own.
 */
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/cluster/scenario.ts';
import { KINDS } from '../../src/kinds.ts';
import type { Diagnosis } from '../../src/model.ts';
import { differences } from '../expected.ts';
import { type Advice, adviceOf, mend } from '../mend.ts';
import { runProgram } from '../program.ts';
import { apply, type Cluster, connect, kubeconfigOf, kubectl, missingAddons, namespaceFor, remove, scenariosOf } from '../scenarios.ts';
import { auditedSince } from './audit.ts';

const EXIT_CODES = { healthy: 0, progressing: 0, faulty: 1, unknown: 2 } as const;
/** May read what docs/rbac/role.yaml allows in the namespace of the scenario. */
const NAMESPACE_READER = 'kdebug-test-namespace-reader';
/** May read what docs/rbac/cluster-role.yaml allows. */
const CLUSTER_READER = 'kdebug-test-cluster-reader';

const started = new Date();
const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync('docs/schema/diagnosis.schema.json', 'utf8')));
const costs: { name: string; milliseconds: number; count: number }[] = [];
const probed = new Set<string>();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
  await kubectl(['apply', '-f', 'docs/rbac/cluster-role.yaml']);
  await kubectl(['delete', 'clusterrolebinding', CLUSTER_READER, '--ignore-not-found']);
  await kubectl(['create', 'clusterrolebinding', CLUSTER_READER, '--clusterrole=kdebug', `--user=${CLUSTER_READER}`]);
});

afterAll(async () => {
  await kubectl(['delete', 'clusterrolebinding', CLUSTER_READER, '--ignore-not-found']);
  cluster.reader.close();
  const sorted = costs.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const slowest = costs.find(({ milliseconds }) => milliseconds === sorted.at(-1));
  console.log(
    `${costs.length} diagnoses: median ${sorted[Math.floor(sorted.length / 2)]} ms, slowest ${slowest?.milliseconds} ms (${slowest?.name}), at most ${Math.max(...costs.map(({ count }) => count))} requests`,
  );
});

const fromOf = ({ from }: Scenario): string[] => (from === undefined ? [] : ['--from', from]);

interface Asked {
  readonly diagnosis: Diagnosis;
  readonly faults: readonly string[];
}

/** Runs the program; what is wrong with its output as such is told in sentences. */
async function ask(
  scenario: Scenario,
  namespace: string,
  { kubeconfig, flags = [] }: { kubeconfig?: string | undefined; flags?: readonly string[] } = {},
): Promise<Asked> {
  const { kind, name } = scenario.target;
  const env = { ...process.env, ...(kubeconfig !== undefined && { KUBECONFIG: kubeconfig }) };
  const args = [
    kind.toLowerCase(),
    name,
    '-n',
    namespace,
    '-o',
    'json',
    ...(scenario.probe ? ['--probe'] : []),
    ...fromOf(scenario),
    ...flags,
  ];
  const { code, stdout, stderr } = await runProgram(args, env);
  if (!stdout) throw new Error(`kdebug ${args.join(' ')} printed nothing on stdout: ${stderr}`);
  const diagnosis = JSON.parse(stdout) as Diagnosis;
  const { rounds } = diagnosis.requests;
  // What a log or a controller says may call for two looks more; of a workload without a finding nobody says anything.
  const late = diagnosis.findings.length > 0 ? 2 : 0;
  const most = (kind === 'Service' || kind === 'Ingress' ? 4 : 3) + late + (scenario.probe ? 3 : 0);
  const faults = [
    ...(validate(diagnosis) ? [] : [`the JSON is not as the schema says: ${JSON.stringify(validate.errors)}`]),
    ...(code === EXIT_CODES[diagnosis.verdict] ? [] : [`exit code ${code} for ${diagnosis.verdict}`]),
    ...(stderr ? [`stderr: ${stderr}`] : []),
    ...(rounds <= most ? [] : [`${rounds} rounds of requests instead of at most ${most}`]),
  ];
  return { diagnosis, faults };
}

/** The letters that a controller gives to a Pod: it may have replaced a failed one between two runs. */
const GENERATED = /(Pod\/[a-z0-9.-]+|"name": "[a-z0-9.-]+)-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g;

/** What two runs over the same state must have in common (`x-volatile` in the schema, and evidence of the moment). */
const lasting = ({ requests: _, findings, ...rest }: Diagnosis): string =>
  JSON.stringify(
    { ...rest, findings: findings.map((one) => ({ ...one, evidence: one.evidence.filter(({ volatile }) => !volatile) })) },
    null,
    1,
  ).replaceAll(GENERATED, '$1-*');

function firstDifference(a: string, b: string): string {
  const [one, other] = [a.split('\n'), b.split('\n')];
  const at = one.findIndex((line, index) => line !== other[index]);
  return `${one[at]?.trim()} / ${other[at]?.trim()}`;
}

/** @returns three looks, and what the first of them says otherwise than another; undefined: they say the same. */
async function threeLooks(scenario: Scenario, namespace: string, kubeconfig: string | undefined) {
  const runs: Asked[] = [];
  for (let run = 0; run < 3; run++) runs.push(await ask(scenario, namespace, { kubeconfig }));
  const [first = '', ...others] = runs.map((run) => lasting(run.diagnosis));
  const other = others.find((text) => text !== first);
  return { runs, difference: other === undefined ? undefined : firstDifference(first, other) };
}

/** A controller that lags behind its Pods: the fault has settled, its status has not. What goes on changing is seen again after this. */
const CATCH_UP = 5000;

/** The user of the scenario asks, three times. */
async function asItself(scenario: Scenario, namespace: string): Promise<Asked> {
  const kubeconfig = scenario.as === undefined ? undefined : await kubeconfigOf(scenario.as, namespace);
  try {
    let looks = await threeLooks(scenario, namespace, kubeconfig);
    if (looks.difference !== undefined) {
      console.log(`${scenario.name}: asked again, since three runs did not say the same: ${looks.difference}`);
      await sleep(CATCH_UP);
      looks = await threeLooks(scenario, namespace, kubeconfig);
    }
    const { runs, difference } = looks;
    const { diagnosis } = runs[0]!;
    costs.push(...runs.map((run) => ({ name: scenario.name, ...run.diagnosis.requests })));
    return {
      diagnosis,
      faults: [
        ...new Set(runs.flatMap(({ faults }) => faults)),
        ...differences(scenario, diagnosis),
        ...(difference === undefined ? [] : [`three runs do not say the same: ${difference}`]),
      ],
    };
  } finally {
    if (kubeconfig !== undefined) rmSync(dirname(kubeconfig), { recursive: true, force: true });
  }
}

/** docs/rbac/role.yaml is enough for every fault that needs no more, and never leaves the verdict open. */
async function asNamespaceReader(scenario: Scenario, namespace: string): Promise<string[]> {
  await kubectl(['apply', '-n', namespace, '-f', 'docs/rbac/role.yaml']);
  await kubectl(['create', 'rolebinding', NAMESPACE_READER, '-n', namespace, '--role=kdebug', `--user=${NAMESPACE_READER}`]);
  const { diagnosis, faults } = await ask({ ...scenario, probe: false }, namespace, { flags: ['--as', NAMESPACE_READER] });
  const open = diagnosis.ledger.filter(({ blocks }) => blocks).map(({ question, says }) => `${question}: ${says}`);
  // Of a caller in another namespace the Role shows nothing: then nobody can tell.
  const isElsewhere = diagnosis.target.from !== undefined && diagnosis.target.from.namespace !== namespace;
  const wrong = diagnosis.verdict === 'unknown' && !isElsewhere ? [`the verdict is unknown: ${open.join(' ')}`] : [];
  const missed = scenario.needsMore || scenario.probe ? [] : differences(scenario, diagnosis);
  return [...faults, ...wrong, ...missed].map((fault) => `with role.yaml: ${fault}`);
}

/** With docs/rbac/cluster-role.yaml nothing is unread. */
async function asClusterReader(scenario: Scenario, namespace: string): Promise<string[]> {
  const { diagnosis, faults } = await ask(scenario, namespace, { flags: ['--as', CLUSTER_READER] });
  const unread = diagnosis.unread.map(({ verb, resource, reason, message }) => `could not ${verb} ${resource}: ${reason} (${message})`);
  return [...faults, ...unread, ...differences(scenario, diagnosis)].map((fault) => `with cluster-role.yaml: ${fault}`);
}

async function mended(scenario: Scenario, namespace: string, before: Diagnosis, advice: Advice): Promise<string[]> {
  try {
    await mend(cluster.reader, scenario, namespace, before, advice);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Each further remedy gets the fault anew. */
async function mendedAnew(scenario: Scenario, index: number): Promise<string[]> {
  const namespace = namespaceFor(scenario.name, `-fix${index + 1}`);
  try {
    await apply(cluster.reader, scenario, namespace);
    const { diagnosis } = await ask(scenario, namespace);
    const advice = adviceOf(diagnosis)[index];
    return advice ? await mended(scenario, namespace, diagnosis, advice) : [`remedy ${index + 1} is not offered a second time`];
  } finally {
    await remove(cluster.reader, scenario, namespace);
  }
}

async function faultsOf(scenario: Scenario): Promise<string[]> {
  const missing = await missingAddons(cluster.reader, scenario);
  if (missing.length > 0) return process.env.KDEBUG_SKIP_MISSING ? [] : [`the cluster lacks the addons ${missing.join(', ')}`];
  const namespace = namespaceFor(scenario.name);
  if (scenario.probe) probed.add(namespace);
  const found: string[] = [];
  let advice: Advice[] = [];
  try {
    await apply(cluster.reader, scenario, namespace);
    const { diagnosis, faults } = await asItself(scenario, namespace);
    found.push(...faults);
    if (scenario.as === undefined)
      found.push(...(await asNamespaceReader(scenario, namespace)), ...(await asClusterReader(scenario, namespace)));
    advice = scenario.remedies === 'skip' ? [] : adviceOf(diagnosis);
    if (advice[0]) found.push(...(await mended(scenario, namespace, diagnosis, advice[0])));
  } finally {
    await remove(cluster.reader, scenario, namespace);
  }
  for (let index = 1; index < advice.length; index++) {
    if (scenario.probe) probed.add(namespaceFor(scenario.name, `-fix${index + 1}`));
    found.push(...(await mendedAnew(scenario, index)));
  }
  return found;
}

async function test(scenario: Scenario) {
  const faults = await faultsOf(scenario);
  // A second try that passes must not hide what the first has shown.
  if (faults.length > 0) console.log([scenario.name, ...faults].join('\n  '));
  expect(faults).toEqual([]);
}

const { serverVersion } = JSON.parse(await kubectl(['version', '-o', 'json'])) as { serverVersion: { minor: string } };
/** Kubernetes 1.32 is older than 1.34; a scenario that cannot be made on this one is left out, and counted. */
const isTooNew = ({ since }: Scenario): boolean =>
  since !== undefined && Number(since.split('.')[1]) > Number.parseInt(serverVersion.minor, 10);
const all = scenariosOf([]).filter((scenario) => !isTooNew(scenario));
console.log(`${scenariosOf([]).length - all.length} scenarios need a newer Kubernetes than 1.${serverVersion.minor}`);

describe.concurrent('side by side', () => {
  it.each(all.filter(({ exclusive }) => !exclusive))('$name', test);
});

describe('alone', () => {
  it.each(all.filter(({ exclusive }) => exclusive))('$name', test);
});

describe('the audit log of the API server', () => {
  it.runIf(process.env.KDEBUG_AUDIT_LOG)('shows that kdebug only read, and probed only where it was asked to', () => {
    const allowed = new Set([...Object.values(KINDS).map(({ resource }) => resource as string), 'pods/log']);
    const probes = new Set(['pods/proxy', 'services/proxy', 'pods/portforward']);
    const events = auditedSince(started, process.env.KDEBUG_AUDIT_LOG!).filter(({ userAgent }) => userAgent?.startsWith('kdebug/'));
    expect(events.length).toBeGreaterThan(costs.length);
    const offending = events.filter(({ verb, resource, namespace, uri }) => {
      if (resource === undefined) return verb !== 'get' || !/^\/(?:apis?(?:\/|$)|version$)/.test(uri);
      if (probes.has(resource)) return !probed.has(namespace ?? '') && !/^traefik$/.test(namespace ?? '');
      return !(verb === 'get' || verb === 'list') || !allowed.has(resource);
    });
    expect([...new Set(offending.map(({ verb, uri }) => `${verb} ${uri}`))]).toEqual([]);
  });
});
