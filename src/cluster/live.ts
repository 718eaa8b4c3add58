/** The ClusterReader over a real API server. */
import { KINDS, type Kind, type KindInfo, type KindMap } from '../kinds.ts';
import type { ClusterReader, DryRunRequest, GetRequest, ListOf, ListRequest, LogsRequest, Read } from '../model.ts';
import { failed } from './failure.ts';
import type { Settings } from './kubeconfig.ts';
import { foreignAnswer, jsonOf, noLogIn, refusal } from './live-refusals.ts';
import { probe } from './probe.ts';
import { secretFacts } from './secret-facts.ts';
import { openTransport, type Transport, type TransportOptions } from './transport.ts';
import type { Call, Reply } from './transport-request.ts';

/** What the reader must be told besides the connection. */
export type OpenOptions = TransportOptions;

/**
 * Gets the credentials and hands out the reader; sends nothing to the API server yet.
 * @throws ClusterError if the credentials cannot be had
 */
export async function openReader(settings: Settings, options: OpenOptions): Promise<ClusterReader> {
  return liveReader(await openTransport(settings, options));
}

/** @returns the reader that asks through `transport`, and closes it. */
export function liveReader(transport: Transport): ClusterReader {
  const served: Served = new Map();
  return {
    get: (request, signal) => get(transport, served, request, signal),
    list: (request, signal) => list(transport, served, request, signal),
    logs: (request, signal) => logs(transport, request, signal),
    probe: (request, signal) => probe(transport, request, signal),
    dryRun: (request, signal) => dryRun(transport, served, request, signal),
    requests: transport.target.requests,
    close: () => transport.close(),
  };
}

/** Path of a group and version -> its resources, none if it is not served; undefined: no answer. */
type Served = Map<string, Promise<readonly string[] | undefined>>;

/** Groups that every kube-apiserver serves to everybody (cmd/kube-apiserver; the others come and go with CustomResourceDefinitions). */
const BUILT_IN = new Set([
  '',
  'apps',
  'batch',
  'autoscaling',
  'policy',
  'storage.k8s.io',
  'scheduling.k8s.io',
  'discovery.k8s.io',
  'networking.k8s.io',
]);

const groupPath = ({ group, version }: KindInfo) => (group === '' ? `/api/${version}` : `/apis/${group}/${version}`);

function pathOf(kind: Kind, namespace: string | undefined): string {
  const info = KINDS[kind];
  return `${groupPath(info)}${info.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''}/${info.resource}`;
}

/** As the API server sent it, but for Secrets, of which only facts leave this folder. */
function handedOut<K extends Kind>(kind: K, object: unknown): KindMap[K] {
  return (kind === 'Secret' ? secretFacts(object) : object) as KindMap[K];
}

async function get<K extends Kind>(
  transport: Transport,
  served: Served,
  { kind, namespace, name }: GetRequest<K>,
  signal?: AbortSignal,
): Promise<Read<KindMap[K]>> {
  const read = await ask(transport, served, kind, { path: `${pathOf(kind, namespace)}/${encodeURIComponent(name)}` }, signal);
  if (!read.ok) return read;
  const object = jsonOf(read.value) as { kind?: unknown } | null | undefined;
  return object?.kind === kind ? { ok: true, value: handedOut(kind, object) } : foreignAnswer(read.value);
}

async function list<K extends Kind>(
  transport: Transport,
  served: Served,
  request: ListRequest<K>,
  signal?: AbortSignal,
): Promise<Read<ListOf<K>>> {
  const { kind, namespace, labelSelector, fieldSelector, limit = 500 } = request;
  const query = new URLSearchParams({
    limit: String(limit),
    ...(labelSelector && { labelSelector }),
    ...(fieldSelector && { fieldSelector }),
    ...(request.continue && { continue: request.continue }),
  });
  const read = await ask(transport, served, kind, { path: `${pathOf(kind, namespace)}?${query}` }, signal);
  if (!read.ok) return read;
  const body = jsonOf(read.value) as { kind?: unknown; items?: unknown; metadata?: { continue?: string } } | null | undefined;
  if (body?.kind !== `${kind}List`) return foreignAnswer(read.value);
  const items = Array.isArray(body.items) ? body.items : [];
  const next = body.metadata?.continue;
  return { ok: true, value: { items: items.map((item) => handedOut(kind, item)), complete: !next, ...(next && { continue: next }) } };
}

/** @returns a reply with status 2xx, or why there is none. */
async function ask(transport: Transport, served: Served, kind: Kind, call: Call, signal?: AbortSignal): Promise<Read<Reply>> {
  const read = await transport.send(call, signal);
  if (!read.ok || isFine(read.value)) return read;
  const failure = refusal(read.value, (await transport.access()).certificateEnds);
  return failure.reason === 'forbidden' && (await isAbsent(transport, served, KINDS[kind], signal))
    ? failed('noSuchApi', 'The API server does not serve this kind.')
    : failure;
}

const isFine = ({ status }: Reply) => status >= 200 && status < 300;

/**
 * A group that is not served answers 403 to somebody without the right to it; what is served, every user may ask
 * (ClusterRole system:discovery). Where even that gives no answer, the 403 stands.
 */
async function isAbsent(transport: Transport, served: Served, info: KindInfo, signal?: AbortSignal): Promise<boolean> {
  if (BUILT_IN.has(info.group)) return false;
  const path = groupPath(info);
  const known = served.get(path) ?? discover(transport, path, signal);
  served.set(path, known);
  known.catch(() => served.delete(path));
  const resources = await known;
  return resources !== undefined && !resources.includes(info.resource);
}

async function discover(transport: Transport, path: string, signal?: AbortSignal): Promise<readonly string[] | undefined> {
  const read = await transport.send({ path }, signal);
  if (read.ok && read.value.status === 404) return [];
  const body = read.ok && isFine(read.value) ? (jsonOf(read.value) as { resources?: { name?: string }[] } | null | undefined) : undefined;
  return body?.resources?.flatMap(({ name }) => name ?? []);
}

/** apimachinery pkg/types/patch.go */
const CONTENT_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

async function dryRun(
  transport: Transport,
  served: Served,
  { kind, namespace, name, type, patch }: DryRunRequest,
  signal?: AbortSignal,
): Promise<Read<true>> {
  const path = `${pathOf(kind, namespace)}/${encodeURIComponent(name)}?dryRun=All&fieldManager=kdebug`;
  const read = await ask(transport, served, kind, { path, patch: { contentType: CONTENT_TYPES[type], body: patch } }, signal);
  return read.ok ? { ok: true, value: true } : read;
}

const TAIL_LINES = 200;
const LIMIT_BYTES = 65_536;

/**
 * The last 200 lines. The kubelet counts `limitBytes` from the first of them, so that long lines cost the newest ones, which matter most:
 * then fewer lines are asked for, half of what fitted.
 */
async function logs(transport: Transport, request: LogsRequest, signal?: AbortSignal): Promise<Read<string>> {
  for (let lines = TAIL_LINES; ; ) {
    const read = await readLog(transport, request, lines, signal);
    if (!read.ok) return read;
    const text = read.value.toString('utf8');
    const fewer = Math.floor((text.split('\n').length - 1) / 2);
    if (read.value.length < LIMIT_BYTES || fewer < 1 || fewer >= lines) return { ok: true, value: text };
    lines = fewer;
  }
}

async function readLog(
  transport: Transport,
  { namespace, pod, container, previous }: LogsRequest,
  lines: number,
  signal?: AbortSignal,
): Promise<Read<Buffer>> {
  const query = new URLSearchParams({
    container,
    tailLines: String(lines),
    limitBytes: String(LIMIT_BYTES),
    ...(previous && { previous: 'true' }),
  });
  const read = await transport.send({ path: `${pathOf('Pod', namespace)}/${encodeURIComponent(pod)}/log?${query}`, accept: '*/*' }, signal);
  if (!read.ok) return read;
  const noLog = noLogIn(read.value);
  if (noLog) return noLog;
  if (!isFine(read.value)) return refusal(read.value, (await transport.access()).certificateEnds);
  return String(read.value.headers['content-type']).includes('html') ? foreignAnswer(read.value) : { ok: true, value: read.value.body };
}
