/** Makes a recording: every known kind of a namespace, and what those objects refer to. */
import { KINDS, type Kind, type KindInfo, type KindMap, resourceText } from '../kinds.ts';
import type { ClusterReader, GetRequest, ListRequest, LogsRequest, Read, ReadRequest } from '../model.ts';
import { type Cover, type Denial, logKey, type Recorded, type RecordedObject, type RecordedProbe, type Recording } from './recorded.ts';
import { neighbourReads, references } from './recording-references.ts';
import { MASK, maskedBelow, maskedIn, redactObject, redactText } from './redact.ts';

/** A request and what came back. */
export interface Remembered {
  readonly request: ReadRequest;
  readonly answer: Read<unknown>;
}

/** A reader that remembers all its answers. */
export interface RecordingReader extends ClusterReader {
  readonly remembered: readonly Remembered[];
}

/** @returns a reader that asks `reader` and remembers what came back, in the order of the answers. */
export function recordingReader(reader: ClusterReader): RecordingReader {
  const remembered: Remembered[] = [];
  const remember = async <T>(request: ReadRequest, answer: Promise<Read<T>>): Promise<Read<T>> => {
    remembered.push({ request, answer: await answer });
    return answer;
  };
  return {
    get: (request, signal) => remember(request as GetRequest, reader.get(request, signal)),
    list: (request, signal) => remember(request as ListRequest, reader.list(request, signal)),
    logs: (request, signal) => remember(request, reader.logs(request, signal)),
    probe: (request, signal) => remember(request, reader.probe(request, signal)),
    requests: reader.requests,
    close: () => reader.close(),
    remembered,
  };
}

export interface RecordOptions {
  readonly namespace: string;
  /** RFC 3339; will be the clock of the replay. */
  readonly now: string;
  /** What a diagnosis read through a `recordingReader`: kept too, so that a replay never asks for more than is there. */
  readonly remembered?: readonly Remembered[];
  readonly signal?: AbortSignal;
}

/** A recording, and what could not be read for it, one sentence each. */
export interface RecordResult extends Recorded {
  readonly missing: readonly string[];
  /** The texts that were masked: they may stand in another place, where nothing tells that they are secret. */
  readonly masked: ReadonlySet<string>;
}

/** At most so many objects of one kind: a recording is meant to be read. */
const LIMIT = 2000;

/** Everything read so far. */
interface Sheet {
  readonly namespace: string;
  readonly items: Map<string, RecordedObject>;
  /** Keys of items of which only a part was kept. */
  readonly partial: Set<string>;
  readonly covers: Cover[];
  readonly denied: Denial[];
  readonly notServed: Set<Kind>;
  readonly logs: Map<string, string>;
  readonly probes: RecordedProbe[];
  readonly missing: string[];
  /** What was masked in logs. */
  readonly masked: Set<string>;
}

const emptySheet = (namespace: string): Sheet => ({
  namespace,
  items: new Map(),
  partial: new Set(),
  covers: [],
  denied: [],
  notServed: new Set(),
  logs: new Map(),
  probes: [],
  missing: [],
  masked: new Set(),
});

/**
 * The recording of one diagnosis: what it read, and no more. A replay of the same kdebug asks for the same.
 * @param remembered through a `recordingReader`
 */
export function recordRemembered({ namespace, now, remembered = [] }: RecordOptions): RecordResult {
  const sheet = emptySheet(namespace);
  for (const { request, answer } of remembered) keep(sheet, request, answer);
  return finish(sheet, now);
}

/**
 * Reads all of a namespace, then what its objects refer to, then the logs of its containers; masks credentials in all of it.
 * Secrets come as SecretFacts, because the reader hands out nothing else.
 */
export async function record(reader: ClusterReader, options: RecordOptions): Promise<RecordResult> {
  const { namespace, now, remembered = [], signal } = options;
  const sheet = emptySheet(namespace);
  const ask = (requests: readonly ReadRequest[]) =>
    Promise.all(requests.map(async (request) => keep(sheet, request, await read(reader, request, signal))));
  await ask(ownReads(namespace));
  await ask(references(sheet.items.values(), namespace));
  await ask([...neighbourReads(sheet.items.values()), ...logReads(sheet)]);
  for (const { request, answer } of remembered) keep(sheet, request, answer);
  return finish(sheet, now);
}

/** All that a namespace holds, and the kinds of the cluster that any namespace may refer to. */
function ownReads(namespace: string): ReadRequest[] {
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => kind !== 'Namespace' && kind !== 'Node');
  return [
    { verb: 'get', kind: 'Namespace', name: namespace },
    ...kinds.map((kind): ReadRequest => ({ verb: 'list', kind, limit: LIMIT, ...(KINDS[kind].namespaced && { namespace }) })),
  ];
}

/** Current and previous log of every container of the namespace. */
function logReads({ items, namespace }: Sheet): ReadRequest[] {
  const pods = [...items.values()].filter(
    (one) => one.kind === 'Pod' && one.metadata?.namespace === namespace,
  ) as unknown as KindMap['Pod'][];
  return pods.flatMap(({ metadata, spec }) => {
    const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
    return containers.flatMap(({ name: container = '' }) =>
      [false, true].map((previous): ReadRequest => ({ verb: 'logs', namespace, pod: metadata?.name ?? '', container, previous })),
    );
  });
}

function read(reader: ClusterReader, request: ReadRequest, signal: AbortSignal | undefined): Promise<Read<unknown>> {
  switch (request.verb) {
    case 'get':
      return reader.get(request, signal);
    case 'list':
      return reader.list(request, signal);
    case 'logs':
      return reader.logs(request, signal);
    case 'probe':
      return reader.probe(request, signal);
  }
}

/** Puts one answer into the sheet. */
function keep(sheet: Sheet, request: ReadRequest, answer: Read<unknown>): void {
  if (request.verb === 'probe') keepProbe(sheet, request, answer);
  else if (!answer.ok && answer.reason === 'forbidden') deny(sheet.denied, request, answer.message);
  else if (request.verb === 'logs') keepLog(sheet, request, answer);
  else if (!answer.ok && answer.reason === 'noSuchApi') sheet.notServed.add(request.kind);
  else if (!answer.ok && answer.reason === 'notFound' && request.verb === 'get') cover(sheet, { ...where(request), name: request.name });
  else if (!answer.ok) sheet.missing.push(`${KINDS[request.kind].resource}: ${answer.message}`);
  else if (request.verb === 'get') put(sheet, request.kind, answer.value as object, false);
  else keepList(sheet, request, answer.value as { items: readonly object[]; complete: boolean });
}

function keepList(sheet: Sheet, request: ListRequest, { items, complete }: { items: readonly object[]; complete: boolean }): void {
  const { labelSelector, fieldSelector, kind } = request;
  for (const item of items) put(sheet, kind, item, fieldSelector?.includes('spec.nodeName') === true);
  const part = { ...where(request), ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) };
  cover(sheet, complete ? part : { ...part, incomplete: true });
  if (!complete) sheet.missing.push(`${KINDS[kind].resource}: there are more than ${items.length}.`);
}

function where({ kind, namespace }: GetRequest | ListRequest): Pick<Cover, 'kind' | 'namespace'> {
  return KINDS[kind].namespaced && namespace !== undefined ? { kind, namespace } : { kind };
}

function cover({ covers }: Sheet, one: Cover): void {
  const same = (other: Cover) =>
    (['kind', 'namespace', 'name', 'labelSelector', 'fieldSelector'] as const).every((field) => one[field] === other[field]);
  const wider = (other: Cover) =>
    other.kind === one.kind &&
    other.name === undefined &&
    !other.incomplete &&
    !other.labelSelector &&
    !other.fieldSelector &&
    (other.namespace === undefined || other.namespace === one.namespace);
  if (!covers.some((other) => same(other) || wider(other))) covers.push(one);
}

/** What of a neighbour on the same node counts for the scheduler; the rest of another team's Pod is nobody's business. */
const SCHEDULED = ['nodeName', 'priority', 'tolerations', 'affinity', 'overhead', 'hostNetwork', 'resources'];
const COUNTED = ['name', 'resources', 'ports', 'restartPolicy'];

const only = (object: object | undefined, fields: readonly string[]) =>
  Object.fromEntries(Object.entries(object ?? {}).filter(([field]) => fields.includes(field)));

function neighbour(pod: KindMap['Pod']): object {
  const { spec, status } = pod;
  return {
    metadata: only(pod.metadata, ['name', 'namespace', 'uid', 'labels', 'ownerReferences', 'deletionTimestamp', 'creationTimestamp']),
    spec: {
      ...only(spec, SCHEDULED),
      ...(spec?.initContainers && { initContainers: spec.initContainers.map((one) => only(one, COUNTED)) }),
      containers: (spec?.containers ?? []).map((one) => only(one, COUNTED)),
    },
    status: only(status, ['phase', 'resources']),
  };
}

/** What was read first stays, so that all is of one moment; but a whole object takes the place of a part. */
function put({ items, partial, namespace }: Sheet, kind: Kind, object: object, onNode: boolean): void {
  const info: KindInfo = KINDS[kind];
  const item: RecordedObject = { apiVersion: info.group ? `${info.group}/${info.version}` : info.version, kind, ...object };
  const claim = (item as { spec?: KindMap['PersistentVolume']['spec'] }).spec?.claimRef;
  if (kind === 'PersistentVolume' && claim && claim.namespace !== namespace) return;
  const key = itemKey(item);
  const isPart = onNode && item.metadata?.namespace !== namespace;
  if (items.has(key) && (isPart || !partial.has(key))) return;
  if (isPart) partial.add(key);
  else partial.delete(key);
  items.set(key, isPart ? { apiVersion: item.apiVersion, kind, ...neighbour(object) } : item);
}

/** A Node object without a machine behind it (pkg/kubelet/client/kubelet_client.go). */
const NO_KUBELET = /no preferred addresses found/;

function keepLog({ logs, missing, masked, namespace }: Sheet, request: LogsRequest, answer: Read<unknown>): void {
  const key = logKey(request, namespace);
  if (answer.ok && !logs.has(key)) {
    const text = String(answer.value);
    logs.set(key, redactText(text));
    for (const line of text.split('\n')) for (const one of maskedIn(line, redactText(line))) masked.add(one);
  }
  if (!answer.ok && !['notFound', 'gone'].includes(answer.reason) && !NO_KUBELET.test(answer.message))
    missing.push(`The log of ${request.container} in ${request.pod}: ${answer.message}`);
}

function keepProbe(
  { probes }: Sheet,
  { verb: _verb, optional: _optional, ...request }: Extract<ReadRequest, { verb: 'probe' }>,
  answer: Read<unknown>,
): void {
  probes.push(
    answer.ok
      ? { request, answer: answer.value as NonNullable<RecordedProbe['answer']> }
      : { request, failure: { reason: answer.reason, message: answer.message } },
  );
}

/** Notes a 403, without the name of the object if the server would say the same of every other one. */
function deny(denied: Denial[], request: Exclude<ReadRequest, { verb: 'probe' }>, message: string): void {
  const one: Denial =
    request.verb === 'logs'
      ? { verb: 'get', group: '', resource: 'pods/log', namespace: request.namespace, message: unnamed(message) }
      : {
          verb: request.verb,
          group: KINDS[request.kind].group,
          resource: KINDS[request.kind].resource,
          ...(KINDS[request.kind].namespaced && request.namespace !== undefined && { namespace: request.namespace }),
          message: unnamed(message),
        };
  if (
    !denied.some(
      (other) =>
        other.verb === one.verb && other.group === one.group && other.resource === one.resource && other.namespace === one.namespace,
    )
  )
    denied.push(one);
}

const unnamed = (message: string): string => message.replace(/^(\S+) "[^"]*" is forbidden/, '$1 is forbidden');

/** A name that no object has: whether it may be read shows whether any may. */
const ANY = 'kdebug-looks-whether-it-may';

/**
 * @param reader of the user whose rights are asked for
 * @param recording made by somebody who may read everything
 * @returns what that user is refused of all that the recording can answer
 */
export async function denials(reader: ClusterReader, recording: Recording): Promise<Denial[]> {
  const places = new Map(
    recording.covers.map(({ kind, namespace }) => [`${kind} ${namespace}`, { kind, ...(namespace !== undefined && { namespace }) }]),
  );
  for (const { kind, metadata } of recording.items)
    places.set(`${kind} ${metadata?.namespace}`, { kind, ...(metadata?.namespace !== undefined && { namespace: metadata.namespace }) });
  const asked = [...places.values()].flatMap((place): ReadRequest[] => [
    ...(KINDS[place.kind].namespaced && place.namespace === undefined
      ? []
      : [{ verb: 'get' as const, ...place, name: place.kind === 'Namespace' ? recording.namespace : ANY }]),
    { verb: 'list', ...place, limit: 1 },
  ]);
  const log: ReadRequest = { verb: 'logs', namespace: recording.namespace, pod: ANY, container: ANY, previous: false };
  const answers = await Promise.all([...asked, log].map(async (request) => ({ request, answer: await read(reader, request, undefined) })));
  const denied: Denial[] = [];
  for (const { request, answer } of answers)
    if (request.verb !== 'probe' && !answer.ok && answer.reason === 'forbidden') deny(denied, request, answer.message);
  return sortedBy(denied, denialKey);
}

const sortedBy = <T>(items: Iterable<T>, key: (item: T) => string): T[] => {
  const keyed = [...items].map((item) => ({ item, key: key(item) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
};
const denialKey = (one: Denial) => [one.group, one.resource, one.namespace ?? '', one.verb].join('\0');
const coverKey = (one: Cover) =>
  [one.kind, one.namespace ?? '', one.name ?? '', one.labelSelector ?? '', one.fieldSelector ?? ''].join('\0');
const itemKey = ({ kind, metadata }: RecordedObject) => [kind, metadata?.namespace ?? '', metadata?.name ?? ''].join('\0');

function finish(sheet: Sheet, now: string): RecordResult {
  const tidied = sortedBy(sheet.items.values(), itemKey).map(tidy);
  const items = tidied.map((one) => redactObject(one) as RecordedObject);
  const masked = new Set([...sheet.masked, ...tidied.flatMap((one, index) => maskedBelow(one, items[index]))]);
  const node = items.find(({ kind }) => kind === 'Node') as unknown as KindMap['Node'] | undefined;
  const { kubeletVersion: version, containerRuntimeVersion: containerRuntime } = node?.status?.nodeInfo ?? {};
  const recording: Recording = {
    apiVersion: 'kdebug/v1alpha1',
    kind: 'Recording',
    now,
    server: { ...(version !== undefined && { version }), ...(containerRuntime !== undefined && { containerRuntime }) },
    namespace: sheet.namespace,
    notServed: notServed(sheet),
    denied: sortedBy(sheet.denied, denialKey),
    covers: sortedBy(sheet.covers, coverKey),
    ...(sheet.probes.length > 0 && {
      probes: sortedBy(sheet.probes, (one) => JSON.stringify(one.request)).map((one) => redactObject(one) as RecordedProbe),
    }),
    items,
  };
  return { recording, logs: new Map(sortedBy(sheet.logs, ([key]) => key)), missing: sheet.missing, masked };
}

/** @returns the groups of which nothing was answered, and of other groups the resources that are not served. */
function notServed({ notServed: kinds, covers, denied, items }: Sheet): string[] {
  const served = new Set([...[...covers, ...items.values()].map(({ kind }) => KINDS[kind].group), ...denied.map(({ group }) => group)]);
  return [...new Set([...kinds].map((kind) => (served.has(KINDS[kind].group) ? resourceText(KINDS[kind]) : KINDS[kind].group)))].sort();
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The same in every namespace of a cluster, and long. */
const ROOT_CERTIFICATE = 'kube-root-ca.crt';

/** When the data of a ConfigMap was changed, and by whom; not which keys. */
function changes(item: RecordedObject, fields: unknown): object[] {
  const all = item.kind === 'ConfigMap' && Array.isArray(fields) ? (fields as Record<string, unknown>[]) : [];
  return all.flatMap(({ manager, operation, time, fieldsV1 }) =>
    time && fieldsV1 && 'f:data' in (fieldsV1 as object) ? [{ manager, operation, time, fieldsV1: { 'f:data': {} } }] : [],
  );
}

/** Without what no check reads and what may hold values: managedFields (but for the times of a ConfigMap), the last applied configuration, the cluster's certificate. */
function tidy(item: RecordedObject): RecordedObject {
  const { managedFields, annotations, ...metadata } = (item.metadata ?? {}) as Record<string, unknown>;
  const { [LAST_APPLIED]: _applied, ...others } = (annotations ?? {}) as Record<string, unknown>;
  const changed = changes(item, managedFields);
  const isRoot = item.kind === 'ConfigMap' && item.metadata?.name === ROOT_CERTIFICATE;
  return {
    ...item,
    metadata: {
      ...metadata,
      ...(Object.keys(others).length > 0 && { annotations: others }),
      ...(!isRoot && changed.length > 0 && { managedFields: changed }),
    },
    ...(isRoot && { data: { 'ca.crt': MASK } }),
  };
}
