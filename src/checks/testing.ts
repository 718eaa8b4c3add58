/** For the tests of the checks only: a cluster made of a few objects, read in rounds as gather does. */
import { createArtifacts, type GrowingArtifacts } from '../artifacts.ts';
import { isNotServed, KINDS, type Kind, type KindInfo } from '../kinds.ts';
import type { Artifacts, Check, ClusterReader, ListRequest, ProbeAnswer, ProbeRequest, Read, ReadRequest, Target } from '../model.ts';
import { type Made, NAMESPACE, NOW } from './testing-objects.ts';

export * from './testing-objects.ts';

export interface Cluster {
  readonly target?: Partial<Target>;
  readonly objects: readonly (Made | undefined)[];
  /** Kinds that may not be read (403). */
  readonly denied?: readonly Kind[];
  /** API groups that are not served, and resources of others. */
  readonly notServed?: readonly string[];
  /** What a probe is answered. */
  readonly probe?: ProbeAnswer | ((request: ProbeRequest) => ProbeAnswer);
  /** Logs by `pod/container`, or `pod/container previous`. */
  readonly logs?: Readonly<Record<string, string>>;
}

const at = (object: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);

const selects = (query: string | undefined, valueAt: (key: string) => unknown): boolean =>
  (query ?? '')
    .split(',')
    .filter(Boolean)
    .every((pair) => valueAt(pair.slice(0, pair.indexOf('='))) === pair.slice(pair.indexOf('=') + 1));

function list(objects: readonly Made[], request: ListRequest): Made[] {
  const { namespaced }: KindInfo = KINDS[request.kind];
  return objects.filter(
    (one) =>
      one.kind === request.kind &&
      (!namespaced || request.namespace === undefined || one.metadata.namespace === request.namespace) &&
      selects(request.labelSelector, (key) => one.metadata.labels?.[key]) &&
      selects(request.fieldSelector, (path) => at(one, path)),
  );
}

function answer({ objects, denied = [], notServed = [], probe, logs = {} }: Cluster, request: ReadRequest): Read<unknown> {
  const all = objects.filter((one) => one !== undefined);
  if (request.verb === 'probe')
    return probe
      ? { ok: true, value: typeof probe === 'function' ? probe(request) : probe }
      : { ok: false, reason: 'forbidden', message: 'pods "traefik" is forbidden' };
  if (request.verb === 'logs') {
    const text = logs[`${request.pod}/${request.container}${request.previous ? ' previous' : ''}`];
    return text === undefined ? { ok: false, reason: 'notFound', message: 'no log' } : { ok: true, value: text };
  }
  const info: KindInfo = KINDS[request.kind];
  if (isNotServed(notServed, info)) return { ok: false, reason: 'noSuchApi', message: 'not served' };
  if (denied.includes(request.kind)) return { ok: false, reason: 'forbidden', message: `${KINDS[request.kind].resource} is forbidden` };
  if (request.verb === 'list') return { ok: true, value: { items: list(all, request), complete: true } };
  const found = list(all, {
    verb: 'list',
    kind: request.kind,
    ...(request.namespace !== undefined && { namespace: request.namespace }),
  }).find(({ metadata }) => metadata.name === request.name);
  return found ? { ok: true, value: found } : { ok: false, reason: 'notFound', message: 'not found' };
}

/** @returns the target that the cluster is asked about: Deployment cart, unless it says otherwise. */
export const targetOf = ({ target }: Cluster): Target => ({ kind: 'Deployment', namespace: NAMESPACE, name: 'cart', ...target });

/** @returns a reader of that cluster, for the whole engine. */
export function readerOf(cluster: Cluster): ClusterReader {
  const read = async (request: ReadRequest) => answer(cluster, request) as Read<never>;
  return { get: read, list: read, logs: read, probe: read, requests: { count: 0, bytes: 0 }, close: () => {} };
}

/** Rounds of a walk, and one for probes. */
const ROUNDS = 5;

/** @returns what the check asks for, read from the cluster; probes are only asked where the cluster answers them. */
export function artifactsOf(check: Pick<Check, 'reads'>, cluster: Cluster): Artifacts {
  const artifacts: GrowingArtifacts = createArtifacts(targetOf(cluster), NOW);
  for (let round = 0; round < ROUNDS; round++) {
    const wanted = check.reads(artifacts).filter((one) => artifacts.answer(one) === undefined && (one.verb !== 'probe' || cluster.probe));
    for (const request of wanted) artifacts.add(request, answer(cluster, request));
  }
  return artifacts;
}

/** @returns the check's answer, in short: its outcome, and `severity cause: message` of each report, else what it says. */
export function judged(check: Check, cluster: Cluster): string[] {
  const given = check.judge(artifactsOf(check, cluster));
  const reports = given.outcome === 'wrong' || given.outcome === 'fine' ? (given.reports ?? []) : [];
  const told = reports.map(({ severity, cause, message }) => `${severity} ${cause}: ${message}`);
  if (given.outcome === 'wrong') return told;
  return [`${given.outcome}${given.outcome === 'fine' && given.inProgress ? ' (in progress)' : ''}: ${given.says}`, ...told];
}

/** @returns the patch of every remedy of the first report, as printed: the last argument. */
export function patches(check: Check, cluster: Cluster): string[] {
  const given = check.judge(artifactsOf(check, cluster));
  return given.outcome === 'wrong' ? (given.reports[0]?.remedies ?? []).map(({ argv }) => argv.at(-1) ?? '') : [];
}

/** @returns what judge says of the cluster where every object has lost a field, one at a time; each must be an answer, none an exception. */
export function withoutFields(check: Check, cluster: Cluster): string[] {
  const targets = cluster.objects.flatMap((one, index) => (one ? pathsOf(one).map((path) => ({ index, path })) : []));
  return targets.map(({ index, path }) => {
    const objects = cluster.objects.map((one, other) => (other === index ? (cut(one, path) as Made) : one));
    return check.judge(artifactsOf(check, { ...cluster, objects })).outcome;
  });
}

const KEPT = ['kind', 'metadata', 'name', 'namespace'];

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(path.length < 2 && KEPT.includes(key) ? [] : [[...path, key]]),
    ...pathsOf(inner, [...path, key]),
  ]);
}

function cut(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return undefined;
  const copy = structuredClone(value) as Record<string, unknown>;
  if (rest.length > 0) copy[first] = cut(copy[first], rest);
  else delete copy[first];
  return Array.isArray(copy) ? copy.filter(() => true) : copy;
}
