/** A reader for many diagnoses in one namespace: what the first one lists, the others find. */
import { withoutNulls } from '../artifacts.ts';
import { KINDS, type Kind, type KindMap, ROUTE_KINDS, resourceText } from '../kinds.ts';
import type { ClusterReader, GetRequest, ListOf, ListRequest, Read } from '../model.ts';
import { type Failure, failed } from './failure.ts';
import { fieldTest, labelTest } from './select.ts';

/** Kinds of which one workload needs an object or two, and all workloads of a namespace need most. Never Secrets and ConfigMaps: few are needed, and they are large. */
const WHOLE: ReadonlySet<Kind> = new Set<Kind>([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'Pod',
  'Event',
  'Service',
  'EndpointSlice',
  'Ingress',
  ...ROUTE_KINDS,
  'NetworkPolicy',
  'PersistentVolumeClaim',
  'HorizontalPodAutoscaler',
  'ServiceAccount',
]);

const PAGE = 500;

/** More objects of one kind than this are not kept: each diagnosis then asks for its own. A Pod as JSON is about 10 KB. */
const MOST = 2000;

/**
 * @param reader what to ask; its requests are counted as they are sent
 * @returns a reader that asks each question once. Lists of a namespace are read whole, in pages, as long as they are not too long
 *   and may be listed; selectors are then applied here. It forgets nothing: each namespace has one of its own.
 */
export function sharedReader(reader: ClusterReader): ClusterReader {
  const answers = new Map<string, Promise<Read<unknown>>>();
  const once = <T>(key: unknown, ask: () => Promise<Read<T>>): Promise<Read<T>> => {
    const at = JSON.stringify(key);
    const known = answers.get(at) ?? ask();
    answers.set(at, known);
    return known as Promise<Read<T>>;
  };
  /** The whole list, or an incomplete one without items, or why there is none. */
  const whole = <K extends Kind>(kind: K, namespace: string, signal: AbortSignal | undefined) =>
    once(['whole', kind, namespace], () => allPages(reader, { verb: 'list', kind, namespace }, signal));
  const wholeOf = async <K extends Kind>({ kind, namespace }: { kind: K; namespace?: string }, signal: AbortSignal | undefined) => {
    if (namespace === undefined || !WHOLE.has(kind)) return undefined;
    const read = await whole(kind, namespace, signal);
    return read.ok && read.value.complete ? read.value.items : undefined;
  };
  return {
    async get<K extends Kind>(request: GetRequest<K>, signal?: AbortSignal) {
      const items = await wholeOf(request, signal);
      if (!items) return await once(request, () => reader.get(request, signal));
      const found = items.find((one) => nameOf(one) === request.name);
      return found ? { ok: true, value: found } : notFound(request.kind, request.name);
    },
    async list<K extends Kind>(request: ListRequest<K>, signal?: AbortSignal) {
      const items = request.continue ? undefined : await wholeOf(request, signal);
      const test = items && selects(request);
      if (!items || !test) return await once(request, () => reader.list(request, signal));
      return { ok: true, value: { items: items.filter(test), complete: true } };
    },
    logs: (request, signal) => once(request, () => reader.logs(request, signal)),
    probe: (request, signal) => reader.probe(request, signal),
    requests: reader.requests,
    close: () => reader.close(),
  };
}

const nameOf = (object: object): string | undefined => (object as { metadata?: { name?: string } }).metadata?.name;

const notFound = (kind: Kind, name: string): Failure => failed('notFound', `${resourceText(KINDS[kind])} "${name}" not found`);

/** @returns the test that the request's selectors make; undefined where they cannot be read here. */
function selects<K extends Kind>({ kind, labelSelector, fieldSelector }: ListRequest<K>): ((item: KindMap[K]) => boolean) | undefined {
  const byLabels = labelTest(labelSelector);
  const byFields = fieldTest(kind, fieldSelector);
  if (typeof byLabels === 'string' || typeof byFields === 'string') return undefined;
  return (item) => byLabels((item as { metadata?: { labels?: Record<string, string> } }).metadata?.labels) && byFields(item as never);
}

async function allPages<K extends Kind>(
  reader: ClusterReader,
  first: ListRequest<K>,
  signal: AbortSignal | undefined,
): Promise<Read<ListOf<K>>> {
  const items: KindMap[K][] = [];
  let complete = false;
  for await (const page of pages(reader, first, signal)) {
    if (!page.ok) return page;
    items.push(...page.value.items.map((one) => withoutNulls(one) as KindMap[K]));
    complete = page.value.complete;
    if (items.length >= MOST) break;
  }
  return { ok: true, value: { items: complete ? items : [], complete } };
}

/** @returns the pages of a list, one after the other, so that nobody must hold them all; the last one may be a failure. */
export async function* pages<K extends Kind>(
  reader: ClusterReader,
  first: ListRequest<K>,
  signal?: AbortSignal,
): AsyncGenerator<Read<ListOf<K>>> {
  for (let request: ListRequest<K> | undefined = { limit: PAGE, ...first }; request; ) {
    const read: Read<ListOf<K>> = await reader.list(request, signal);
    yield read;
    request = read.ok && read.value.continue !== undefined ? { ...request, continue: read.value.continue } : undefined;
  }
}
