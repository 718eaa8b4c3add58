/** A ClusterReader over a recording: the same answers that the API server gave, without the API server. */
import { type ContainerStatus, isNotServed, KINDS, type Kind, type KindInfo, type KindMap, resourceText } from '../kinds.ts';
import type {
  ClusterReader,
  GetRequest,
  ListOf,
  ListRequest,
  LogsRequest,
  ProbeAnswer,
  ProbeRequest,
  Read,
  ReadFailure,
} from '../model.ts';
import { type Failure, failed } from './failure.ts';
import { fieldTest, isNarrower, labelTest } from './select.ts';

/** An object as the API sent it; a Secret as SecretFacts. */
export interface RecordedObject {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** A request that the API server refused with 403. Without a name it stands for every object of the resource. */
export interface Denial {
  /** `create` for probes, from Kubernetes 1.35. */
  readonly verb: 'get' | 'list' | 'create';
  readonly group: string;
  /** As in RBAC rules: also `pods/log`, `pods/proxy`. */
  readonly resource: string;
  /** Absent: asked of the whole cluster. */
  readonly namespace?: string;
  readonly name?: string;
  readonly message: string;
}

/** What the recording holds completely: what is not among its items was not there. */
export interface Cover {
  readonly kind: Kind;
  /** Absent: the whole cluster. */
  readonly namespace?: string;
  /** Only this object, which was asked for and is not there. */
  readonly name?: string;
  /** Only the objects that this selects. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** The server had more than were asked for: what is not among the items may have been there. */
  readonly incomplete?: true;
}

/** One probe with what came back. */
export interface RecordedProbe {
  readonly request: Omit<ProbeRequest, 'verb'>;
  readonly answer?: ProbeAnswer;
  readonly failure?: { readonly reason: ReadFailure; readonly message: string };
}

/** The state of a namespace at one moment, and of what its objects refer to: scenarios/<name>/objects.yaml. */
export interface Recording {
  readonly apiVersion: 'kdebug/v1alpha1';
  readonly kind: 'Recording';
  /** RFC 3339; the clock of a replay. */
  readonly now: string;
  readonly server: { readonly version?: string; readonly containerRuntime?: string };
  readonly namespace: string;
  /** API groups that the cluster does not serve, and resources of others (`tlsroutes.gateway.networking.k8s.io`). */
  readonly notServed: readonly string[];
  readonly denied: readonly Denial[];
  readonly covers: readonly Cover[];
  readonly probes?: readonly RecordedProbe[];
  /** Sorted by kind, namespace and name. */
  readonly items: readonly RecordedObject[];
}

/** Text by `logKey`. */
export type RecordedLogs = ReadonlyMap<string, string>;

/** A recording with its logs. */
export interface Recorded {
  readonly recording: Recording;
  readonly logs: RecordedLogs;
}

/**
 * @param home namespace of the recording
 * @returns the name under which a log is kept, without `.txt`: `web-1.app`, `web-1.app.previous`; of another namespace `kube-system_coredns-1.coredns`
 */
export const logKey = ({ namespace, pod, container, previous }: Omit<LogsRequest, 'verb'>, home = namespace): string =>
  `${namespace === home ? '' : `${namespace}_`}${pod}.${container}${previous ? '.previous' : ''}`;

/**
 * @returns the reader that answers from the recording: 403 where the recorded user met one, `noSuchApi` for groups that were not served,
 *   `notFound` for what is not there in what the recording covers, and `notRecorded` for all else.
 */
export function recordedReader(recording: Recording, logs: RecordedLogs): ClusterReader {
  const requests = { count: 0, bytes: 0 };
  const counted = async <T>(signal: AbortSignal | undefined, read: () => Read<T>): Promise<Read<T>> => {
    signal?.throwIfAborted();
    requests.count += 1;
    return read();
  };
  return {
    get: (request, signal) => counted(signal, () => get(recording, request)),
    list: (request, signal) => counted(signal, () => list(recording, request)),
    logs: (request, signal) => counted(signal, () => readLog(recording, logs, request)),
    probe: (request, signal) => counted(signal, () => probe(recording, request)),
    requests,
    close: () => {},
  };
}

/** @returns how the API server says no, with the name of the object put back where the denial stands for all of them. */
function denial(
  { denied }: Recording,
  verb: Denial['verb'],
  group: string,
  resource: string,
  namespace: string | undefined,
  name?: string,
): Failure | undefined {
  const found = denied.find(
    (one) =>
      one.verb === verb &&
      one.group === group &&
      one.resource === resource &&
      (one.namespace ?? '') === (namespace ?? '') &&
      (one.name === undefined || one.name === name),
  );
  if (!found) return undefined;
  const named =
    found.name === undefined && name !== undefined
      ? found.message.replace(/^(\S+) is forbidden/, `$1 "${name}" is forbidden`)
      : found.message;
  return failed('forbidden', named);
}

const notRecorded = (what: string): Failure => failed('notRecorded', `The recording does not hold ${what}.`);

/** Cluster-scoped kinds are asked for without a namespace, whatever the request says. */
const place = (info: KindInfo, namespace: string | undefined): string | undefined => (info.namespaced ? namespace : undefined);

function get<K extends Kind>(recording: Recording, request: GetRequest<K>): Read<KindMap[K]> {
  const info: KindInfo = KINDS[request.kind];
  const { kind, name } = request;
  const namespace = place(info, request.namespace);
  if (isNotServed(recording.notServed, info)) return failed('noSuchApi', 'The API server does not serve this kind.');
  const denied = denial(recording, 'get', info.group, info.resource, namespace, name);
  if (denied) return denied;
  const item = recording.items.find(
    (one) => one.kind === kind && one.metadata?.name === name && (one.metadata.namespace ?? '') === (namespace ?? ''),
  );
  if (item) return { ok: true, value: (kind === 'Secret' ? withoutType(item) : item) as KindMap[K] };
  const covered = recording.covers.some(
    (cover) =>
      cover.kind === kind &&
      !cover.incomplete &&
      isWithin(namespace, cover) &&
      (cover.name === undefined ? cover.labelSelector === undefined && cover.fieldSelector === undefined : cover.name === name),
  );
  return covered
    ? failed('notFound', `${resourceText(info)} "${name}" not found`)
    : notRecorded(`${resourceText(info)} "${name}"${namespace ? ` of namespace ${namespace}` : ''}`);
}

const isWithin = (namespace: string | undefined, cover: Cover): boolean => cover.namespace === undefined || cover.namespace === namespace;

/** Items of a list carry neither, nor do Secrets, of which only facts are handed on. */
function withoutType({ apiVersion: _version, kind: _kind, ...rest }: RecordedObject): object {
  return rest;
}

function list<K extends Kind>(recording: Recording, request: ListRequest<K>): Read<ListOf<K>> {
  const info: KindInfo = KINDS[request.kind];
  const { kind, labelSelector, fieldSelector, limit = 500 } = request;
  const namespace = place(info, request.namespace);
  if (isNotServed(recording.notServed, info)) return failed('noSuchApi', 'The API server does not serve this kind.');
  const denied = denial(recording, 'list', info.group, info.resource, namespace);
  if (denied) return denied;
  const byLabels = labelTest(labelSelector);
  const byFields = fieldTest(kind, fieldSelector);
  if (typeof byLabels === 'string') return failed('other', `The API server answered (HTTP 400): ${byLabels}`);
  if (typeof byFields === 'string') return failed('other', `The API server answered (HTTP 400): ${byFields}`);
  const covered = recording.covers.some(
    (cover) =>
      cover.kind === kind &&
      cover.name === undefined &&
      !cover.incomplete &&
      isWithin(namespace, cover) &&
      isNarrower(labelSelector, cover.labelSelector) &&
      isNarrower(fieldSelector, cover.fieldSelector),
  );
  const partly = recording.covers.some(
    (cover) =>
      cover.kind === kind &&
      cover.incomplete &&
      cover.namespace === namespace &&
      cover.labelSelector === labelSelector &&
      cover.fieldSelector === fieldSelector,
  );
  if (!covered && !partly)
    return notRecorded(
      `all ${resourceText(info)} of ${namespace ? `namespace ${namespace}` : 'the cluster'}${labelSelector || fieldSelector ? ` with ${[labelSelector, fieldSelector].filter(Boolean).join(' and ')}` : ''}`,
    );
  const found = recording.items.filter(
    (one) =>
      one.kind === kind &&
      (namespace === undefined || one.metadata?.namespace === namespace) &&
      byLabels(one.metadata?.labels) &&
      byFields(one),
  );
  return {
    ok: true,
    value: { items: found.slice(0, limit).map((one) => withoutType(one) as KindMap[K]), complete: covered && found.length <= limit },
  };
}

function readLog(recording: Recording, logs: RecordedLogs, request: LogsRequest): Read<string> {
  const { namespace, pod, container, previous } = request;
  const denied = denial(recording, 'get', '', 'pods/log', namespace, pod);
  if (denied) return denied;
  const text = logs.get(logKey(request, recording.namespace));
  if (text !== undefined) return { ok: true, value: text };
  // Of another namespace only what was asked for is kept.
  if (namespace !== recording.namespace && !previous) return notRecorded(`logs of namespace ${namespace}`);
  const read = get(recording, { verb: 'get', kind: 'Pod', namespace, name: pod });
  if (!read.ok) return read.reason === 'forbidden' ? notRecorded(`the log of ${container} in ${pod}`) : read;
  // Where nothing is kept there was nothing: the sentences are the kubelet's (pkg/kubelet/kubelet_pods.go validateContainerLogStatus).
  if (previous) return failed('notFound', `previous terminated container "${container}" in pod "${pod}" not found`);
  const state = statusesOf(read.value).find((one) => one?.name === container)?.state;
  if (state?.running || state?.terminated) return notRecorded(`the log of ${container} in ${pod}`);
  return failed(
    'notFound',
    `container "${container}" in pod "${pod}" is waiting to start: ${state?.waiting?.reason ?? 'no status available'}`,
  );
}

/** Whatever is in the file: a recording may come from a stranger. */
function statusesOf({ status }: KindMap['Pod']): (ContainerStatus | null)[] {
  const lists: unknown[] = [status?.initContainerStatuses, status?.containerStatuses, status?.ephemeralContainerStatuses];
  return lists.flatMap((one) => (Array.isArray(one) ? one : []));
}

const PROBE_RESOURCES = { podProxy: 'pods/proxy', portForward: 'pods/portforward', serviceProxy: 'services/proxy' } as const;

function probe(recording: Recording, request: ProbeRequest): Read<ProbeAnswer> {
  const { via, namespace, name, port, scheme, path, host } = request;
  const denied =
    denial(recording, 'get', '', PROBE_RESOURCES[via], namespace, name) ??
    denial(recording, 'create', '', PROBE_RESOURCES[via], namespace, name);
  if (denied) return denied;
  const found = recording.probes?.find(
    ({ request: one }) =>
      one.via === via &&
      one.namespace === namespace &&
      one.name === name &&
      one.port === port &&
      one.scheme === scheme &&
      one.path === path &&
      one.host === host,
  );
  if (found?.answer) return { ok: true, value: found.answer };
  return found?.failure ? failed(found.failure.reason, found.failure.message) : notRecorded(`this probe of ${name}:${port}`);
}
