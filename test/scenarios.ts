/** What the recorder and the cluster test share: scenario folders, a connection, kubectl, and a namespace in which a scenario has settled. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { loadConnection } from '../src/cluster/kubeconfig.ts';
import { type Addon, loadScenario, type Scenario } from '../src/cluster/scenario.ts';
import type { ClusterReader, Connection } from '../src/model.ts';
import { keepAlive, letGo } from './heartbeat.ts';
import { settle } from './settle.ts';

export const SCENARIOS = resolve('scenarios');

export const folderOf = (name: string): string => join(SCENARIOS, name);

/** @returns names of all scenario folders. */
export const scenarioNames = (): string[] =>
  readdirSync(SCENARIOS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

/** @returns the scenarios of the given names; of all folders if there are none. @throws ScenarioError */
export const scenariosOf = (names: readonly string[]): Scenario[] =>
  (names.length > 0 ? names : scenarioNames()).map((name) => loadScenario(folderOf(name)));

const run = promisify(execFile);

/** Runs kubectl. @returns its output. @throws Error with what it said */
export async function kubectl(args: readonly string[], kubeconfig?: string): Promise<string> {
  try {
    const { stdout } = await run('kubectl', [...args], {
      maxBuffer: 64 << 20,
      ...(kubeconfig !== undefined && { env: { ...process.env, KUBECONFIG: kubeconfig } }),
    });
    return stdout;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`kubectl ${args.join(' ')}: ${(stderr || String(error)).trim()}`);
  }
}

/** A connection that is open. */
export interface Cluster {
  readonly reader: ClusterReader;
  readonly connection: Connection;
}

/** @param kubeconfig a file; default: as kubectl finds it */
export async function connect(kubeconfig?: string): Promise<Cluster> {
  const loaded = loadConnection({ env: process.env, homedir: homedir(), ...(kubeconfig !== undefined && { kubeconfig }) });
  return { connection: { ...loaded.connection, flags: [] }, reader: await loaded.open({ version: 'test' }) };
}

/** @returns a kubeconfig file for a ServiceAccount: the current cluster, and a token of one hour. */
export async function kubeconfigOf(serviceAccount: string, namespace: string): Promise<string> {
  const [token, config] = await Promise.all([
    kubectl(['create', 'token', serviceAccount, '-n', namespace, '--duration=1h']),
    kubectl(['config', 'view', '--minify', '--flatten', '--raw', '-o', 'json']),
  ]);
  const { clusters } = JSON.parse(config) as { clusters: { name: string }[] };
  const file = join(mkdtempSync(join(tmpdir(), 'kdebug-')), 'kubeconfig');
  const user = { name: serviceAccount, user: { token: token.trim() } };
  const context = { name: 'test', context: { cluster: clusters[0]?.name, user: serviceAccount, namespace } };
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'v1', kind: 'Config', clusters, users: [user], contexts: [context], 'current-context': 'test' }),
    { mode: 0o600 },
  );
  return file;
}

/** Whether an addon is there, as the API shows it. */
const PRESENT: Readonly<Record<Addon, (reader: ClusterReader) => Promise<boolean>>> = {
  traefik: async (reader) => isAvailable(reader, 'traefik', 'traefik'),
  'gateway-api': async (reader) => (await reader.list({ verb: 'list', kind: 'HTTPRoute', namespace: 'default' })).ok,
  metrics: async (reader) => isAvailable(reader, 'kube-system', 'metrics-server'),
  storage: async (reader) => (await reader.get({ verb: 'get', kind: 'StorageClass', name: 'local-path' })).ok,
  // kwok may run outside of the cluster, where the API shows nothing of it but the nodes that it keeps alive.
  kwok: async (reader) => runs('/run/kdebug-cluster/kwok.pid') || isAvailable(reader, 'kube-system', 'kwok-controller'),
};

async function isAvailable(reader: ClusterReader, namespace: string, name: string): Promise<boolean> {
  const read = await reader.get({ verb: 'get', kind: 'Deployment', namespace, name });
  return read.ok && (read.value.status?.availableReplicas ?? 0) > 0;
}

function runs(pidFile: string): boolean {
  try {
    return existsSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}/status`);
  } catch {
    return false;
  }
}

/** @returns the addons that the scenario needs and the cluster lacks. */
export async function missingAddons(reader: ClusterReader, { needs }: Scenario): Promise<Addon[]> {
  const there = await Promise.all(needs.map((addon) => PRESENT[addon](reader)));
  return needs.filter((_, index) => !there[index]);
}

const CLUSTER_SCOPED =
  /^(Namespace|Node|PersistentVolume|StorageClass|PriorityClass|RuntimeClass|IngressClass|GatewayClass|ClusterRole|ClusterRoleBinding|CustomResourceDefinition|APIService|CSIDriver|CSINode|DeviceClass|ResourceSlice|.*AdmissionPolicy.*|.*WebhookConfiguration)$/;

const manifestsOf = (name: string): string[] =>
  ['manifest.before.yaml', 'manifest.yaml'].map((file) => join(folderOf(name), file)).filter((file) => existsSync(file));

interface Manifest {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
}

/** @returns the objects of the scenario's manifests. */
const manifestObjects = (name: string): Manifest[] =>
  manifestsOf(name).flatMap((file) =>
    parseAllDocuments(readFileSync(file, 'utf8')).flatMap((document) => (document.toJS() as Manifest | null) ?? []),
  );

/** @returns what the scenario makes outside of its namespace, as `Node/edge-pool-1`. */
export const clusterWideObjects = (name: string): string[] => [
  ...new Set(
    manifestObjects(name).flatMap(({ kind = '', metadata }) => (CLUSTER_SCOPED.test(kind) ? `${kind}/${metadata?.name ?? ''}` : [])),
  ),
];

/** @returns whether the scenario has objects outside of its namespace: it cannot be there twice at once. */
export const isClusterWide = ({ name }: Scenario): boolean => clusterWideObjects(name).length > 0;

/** @returns the Nodes that the scenario makes up, without those that are to be silent. */
const liveNodes = ({ name, settle: conditions }: Scenario): string[] =>
  manifestObjects(name)
    .flatMap(({ kind, metadata }) => (kind === 'Node' ? (metadata?.name ?? []) : []))
    .filter((node) => !conditions.some((one) => one.startsWith(`node ${node}:`) && one.endsWith('== Unknown')));

/** @returns a namespace name of at most 63 characters. */
export const namespaceFor = (name: string, suffix = ''): string =>
  `kdebug-${name}`.slice(0, 63 - suffix.length).replace(/-+$/, '') + suffix;

/**
 * Makes the namespace, applies the manifests, and waits until the fault is there.
 * @returns the seconds that settling took
 */
export async function apply(reader: ClusterReader, scenario: Scenario, namespace: string): Promise<number> {
  await newNamespace(reader, namespace, scenario.namespaceLabels);
  await keepAlive(liveNodes(scenario));
  for (const command of scenario.setup) await kubectl(inNamespace(command, namespace));
  const [first, second] = manifestsOf(scenario.name);
  if (second !== undefined) {
    await applyFile(namespace, first!);
    await settle(reader, namespace, scenario.settleBefore, scenario.timeout);
  }
  await applyFile(namespace, second ?? first!);
  return await settle(reader, namespace, scenario.settle, scenario.timeout, scenario.stays);
}

const inNamespace = (command: readonly string[], namespace: string): string[] =>
  command.map((word) => word.replaceAll('{namespace}', namespace));

/** A Node that kwok has just made ready, or an object that a controller has just written, may be in the way for a moment. */
async function applyFile(namespace: string, file: string): Promise<void> {
  try {
    await kubectl(['apply', '-n', namespace, '-f', file]);
  } catch {
    await sleep(2000);
    await kubectl(['apply', '-n', namespace, '-f', file]);
  }
}

async function newNamespace(reader: ClusterReader, namespace: string, labels: Readonly<Record<string, string>>): Promise<void> {
  for (let left = 120; (await reader.get({ verb: 'get', kind: 'Namespace', name: namespace })).ok; left -= 1) {
    if (left === 0) throw new Error(`namespace ${namespace} of an earlier run does not go away`);
    if (left === 120) await dropNamespace(reader, namespace);
    await sleep(1000);
  }
  await kubectl(['create', 'namespace', namespace]);
  if (Object.keys(labels).length > 0)
    await kubectl(['label', 'namespace', namespace, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]);
  // Without it the API server refuses Pods that no controller would create again.
  while (!(await reader.get({ verb: 'get', kind: 'ServiceAccount', namespace, name: 'default' })).ok) await sleep(200);
}

/** Sets back what `setup` changed and deletes all that `apply` made, without waiting for the end of it. @throws Error if something was not set back */
export async function remove(reader: ClusterReader, scenario: Scenario, namespace: string): Promise<void> {
  const failed: string[] = [];
  for (const command of scenario.restore)
    await kubectl(inNamespace(command, namespace)).catch((error) => failed.push(error instanceof Error ? error.message : String(error)));
  if (isClusterWide(scenario))
    for (const file of manifestsOf(scenario.name))
      await kubectl(['delete', '-n', namespace, '-f', file, '--ignore-not-found', '--wait=false']).catch(() => {});
  await letGo(liveNodes(scenario));
  await dropNamespace(reader, namespace);
  if (failed.length > 0) throw new Error(`the cluster was not set back: ${failed.join('; ')}`);
}

async function dropNamespace(reader: ClusterReader, namespace: string): Promise<void> {
  await kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found']);
  const pods = await reader.list({ verb: 'list', kind: 'Pod', namespace });
  for (const { metadata } of pods.ok ? pods.value.items : []) {
    // Some faults are just this: a Pod that does not go.
    if (metadata?.finalizers?.length)
      await kubectl(['patch', 'pod', metadata.name ?? '', '-n', namespace, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']).catch(
        () => {},
      );
  }
  await kubectl(['delete', 'pods', '--all', '-n', namespace, '--force', '--grace-period=0', '--wait=false', '--ignore-not-found']).catch(
    () => {},
  );
}

/** Runs `work` over all items, at most `width` at once. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, queue.length) }, lane));
}
