/** What was read, by request. Gather fills it; checks ask it. */
import type { Kind, KindMap } from './kinds.ts';
import type { Artifacts, GetRequest, ListOf, ListRequest, Read, ReadRequest, Ref, Target } from './model.ts';

/** Artifacts that gather can still add to. */
export interface GrowingArtifacts extends Artifacts {
  add(request: ReadRequest, answer: Read<unknown>): void;
  /** Sets the clock of the checks: the server's, where this machine's differs. */
  setNow(now: string): void;
  /** All requests that were answered, in the order of their answers. */
  readonly requests: readonly ReadRequest[];
}

/** @returns a string that two requests share exactly when they ask for the same thing (`optional` does not count). */
export function requestKey(request: ReadRequest): string {
  switch (request.verb) {
    case 'get':
      return `get ${request.kind} ${request.namespace ?? ''}/${request.name}`;
    case 'list':
      return `list ${request.kind} ${request.namespace ?? '*'}?${request.labelSelector ?? ''}&${request.fieldSelector ?? ''}`;
    case 'logs':
      return `logs ${request.namespace}/${request.pod}/${request.container}${request.previous ? ' previous' : ''}`;
    case 'probe':
      return `probe ${request.via} ${request.scheme} ${request.namespace}/${request.name}:${request.port}${request.path} ${request.host ?? ''}`;
  }
}

/** Whether a value is one with fields, not a list. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects that have no nulls, because they come from `withoutNulls`: a scan hands the same ones to hundreds of runs. */
const CLEAN = new WeakSet<object>();

/** @returns the value without null fields and null list items: to the checks a null says no more than a field that is not there. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => one !== null).map(withoutNulls);
  if (!isObject(value) || CLEAN.has(value)) return value;
  const clean = Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (one === null ? [] : [[key, withoutNulls(one)]])));
  CLEAN.add(clean);
  return clean;
}

/**
 * @param target what the person asked about
 * @param from RFC 3339, the only clock the checks will see, unless it is set later
 */
export function createArtifacts(target: Target, from: string): GrowingArtifacts {
  let now = from;
  const answers = new Map<string, Read<unknown>>();
  const requests: ReadRequest[] = [];
  const views = new Map<string, unknown>();
  const completeList = <K extends Kind>(kind: K, namespace: string | undefined): ListOf<K> | undefined => {
    const listed = answers.get(requestKey({ verb: 'list', kind, namespace })) as Read<ListOf<K>> | undefined;
    return listed?.ok && listed.value.complete ? listed.value : undefined;
  };
  const get = <K extends Kind>(kind: K, namespace: string | undefined, name: string): Read<KindMap[K]> | undefined => {
    const exact = answers.get(requestKey({ verb: 'get', kind, namespace, name } as GetRequest));
    if (exact) return exact as Read<KindMap[K]>;
    // A complete list answers every get of its kind, also "it is not there".
    const list = completeList(kind, namespace);
    if (!list) return undefined;
    const item = list.items.find((one) => (one as { metadata?: { name?: string } }).metadata?.name === name);
    return item ? { ok: true, value: item } : { ok: false, reason: 'notFound', message: `${kind} ${name} not found` };
  };
  const list = <K extends Kind>(request: Omit<ListRequest<K>, 'verb'>): Read<ListOf<K>> | undefined =>
    answers.get(requestKey({ ...request, verb: 'list' } as ListRequest)) as Read<ListOf<K>> | undefined;
  return {
    target,
    get now() {
      return now;
    },
    setNow(time) {
      views.clear();
      now = time;
    },
    get,
    list,
    logs: (request) => answers.get(requestKey({ ...request, verb: 'logs' })) as Read<string> | undefined,
    probe: (request) => answers.get(requestKey({ ...request, verb: 'probe' })) as ReturnType<Artifacts['probe']>,
    answer: (request) => (request.verb === 'get' ? get(request.kind, request.namespace, request.name) : answers.get(requestKey(request))),
    once<T>(key: string, compute: () => T): T {
      if (!views.has(key)) views.set(key, compute());
      return views.get(key) as T;
    },
    add(request, answer) {
      views.clear();
      answers.set(requestKey(request), answer.ok ? { ok: true, value: withoutNulls(answer.value) } : answer);
      requests.push(request);
    },
    requests,
  };
}

/** @returns the Ref of an object of a known kind; objects without a name give ''. */
export function refOf(kind: Kind, object: { metadata?: { name?: string; namespace?: string } } | undefined): Ref {
  const { name = '', namespace } = object?.metadata ?? {};
  return namespace === undefined ? { kind, name } : { kind, namespace, name };
}

/** @returns whether both name the same object. */
export const sameRef = (a: Ref, b: Ref): boolean => a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');

/** @returns `Kind/name`, for ids and for sentences about objects of the target's own namespace. */
export const refName = (ref: Ref): string => `${ref.kind}/${ref.name}`;

/** @returns the value, or undefined where the read failed or was never made. */
export const valueOf = <T>(read: Read<T> | undefined): T | undefined => (read?.ok ? read.value : undefined);

/** @returns whether the read says for certain that there is no such object. */
export const isMissing = (read: Read<unknown> | undefined): boolean => read !== undefined && !read.ok && read.reason === 'notFound';
