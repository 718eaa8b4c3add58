/**
 * What the walk is about: the workloads, Pods, Services and routes that belong to the target, found in what was read.
 * Each function here has a sibling `...Reads` that says what must be read for it; checks put both together.
 * All of it is pure, and asked again after every round of requests.
 */
import { refOf, valueOf } from '../artifacts.ts';
import {
  type Event,
  isRouteKind,
  KINDS,
  type Kind,
  type KindMap,
  type Pod,
  type PodTemplate,
  type Route,
  type RouteKind,
  type Service,
  type TargetKind,
} from '../kinds.ts';
import { ingressBackends, ownServicesOfRoute } from '../kubernetes/backends.ts';
import { matchesLabels, selectorQuery } from '../kubernetes/selectors.ts';
import { type TemplateOwner, templateOwner, WORKLOAD_KINDS, type WorkloadKind } from '../kubernetes/template.ts';
import type { Artifacts, Read, ReadRequest, Ref } from '../model.ts';

type Meta = { metadata?: KindMap['Pod']['metadata'] };
type LabelSelector = NonNullable<KindMap['ReplicaSet']['spec']>['selector'];

/** A controller (or a bare Pod) whose Pods are judged. */
export interface Workload {
  readonly ref: Ref;
  /** The object as read; its type follows `ref.kind`. */
  readonly object: Meta;
  readonly template: PodTemplate | undefined;
  readonly selector: LabelSelector | undefined;
  /** How many Pods should be there; undefined where the kind has no such number (DaemonSet, CronJob). */
  readonly desired: number | undefined;
}

/** @returns the owner that controls an object: at most one does. */
export const controllerOf = (object: Meta) => object.metadata?.ownerReferences?.find((owner) => owner.controller);
/** @returns the object that was made last. */
export const newest = <T extends Meta>(all: readonly T[]): T | undefined =>
  [...all].sort((x, y) => (y.metadata?.creationTimestamp ?? '').localeCompare(x.metadata?.creationTimestamp ?? ''))[0];

const isKind = (word: string | undefined): word is Kind => word !== undefined && word in KINDS;

function workload(kind: WorkloadKind, object: Meta): Workload {
  const spec = (object as KindMap['Deployment']).spec;
  const job = kind === 'Job' ? (object as KindMap['Job']).spec : undefined;
  return {
    ref: refOf(kind, object),
    object,
    template: templateOwner(refOf(kind, object), object).template,
    selector: kind === 'Pod' || kind === 'CronJob' ? undefined : spec?.selector,
    desired:
      kind === 'Pod'
        ? 1
        : kind === 'Job'
          ? (job?.parallelism ?? 1)
          : kind === 'DaemonSet' || kind === 'CronJob'
            ? undefined
            : (spec?.replicas ?? 1),
  };
}

/** @returns the list of the objects of one kind and name in all namespaces. */
export const namesakes = <K extends Kind>(kind: K, name: string) => ({ kind, fieldSelector: `metadata.name=${name}`, limit: 20 }) as const;

// ------------------------------------------------------------------------------------------------------- workloads

/** Kinds that a Service's selector may mean; listed only for targets that start above the Pods. */
const SERVING_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;

/** @returns whether the person asks about an Ingress or a route: all of it is judged, and none beside it. */
export const startsAtRoute = (kind: TargetKind): kind is 'Ingress' | RouteKind => kind === 'Ingress' || isRouteKind(kind);

/** @returns whether the walk starts above the Pods, and finds them by the Services. */
export const startsAbove = (kind: TargetKind): kind is 'Service' | 'Ingress' | RouteKind => kind === 'Service' || startsAtRoute(kind);

/** @returns the target object itself. */
export const targetRead = (a: Artifacts): Read<KindMap[Kind]> | undefined => a.get(a.target.kind, a.target.namespace, a.target.name);

/** What `workloads` needs. */
export function workloadReads(a: Artifacts): ReadRequest[] {
  const { kind, namespace, name } = a.target;
  const target: ReadRequest = { verb: 'get', kind, namespace, name };
  if (kind === 'CronJob') return [target, { verb: 'list', kind: 'Job', namespace }];
  if (startsAbove(kind))
    return [target, ...serviceListReads(a), ...SERVING_KINDS.map((one): ReadRequest => ({ verb: 'list', kind: one, namespace }))];
  return [target];
}

/** @returns the controllers whose Pods are judged: the target, the newest Job of a CronJob, or what a Service, Ingress or route leads to. */
export const workloads = (a: Artifacts): Workload[] => a.once('workloads', () => findWorkloads(a));

function findWorkloads(a: Artifacts): Workload[] {
  const object = valueOf(targetRead(a)) as Meta | undefined;
  if (!object) return [];
  const { kind, namespace } = a.target;
  if (kind === 'CronJob') {
    const jobs = valueOf(a.list({ kind: 'Job', namespace }))?.items ?? [];
    const job = newest(jobs.filter((one) => controllerOf(one)?.uid === object.metadata?.uid));
    return job ? [workload('Job', job)] : [];
  }
  if (startsAbove(kind)) {
    const selectors = services(a).map((service) => service.spec?.selector);
    return neighbours(a).filter((one) => selectors.some((selector) => matchesLabels(selector, one.template?.metadata?.labels)));
  }
  return [workload(kind, object)];
}

/** @returns for a target above the Pods every Deployment, StatefulSet and DaemonSet of the namespace; else the workload itself. */
export function neighbours(a: Artifacts): Workload[] {
  const { namespace } = a.target;
  if (!startsAbove(a.target.kind)) return workloads(a);
  return SERVING_KINDS.flatMap((one) =>
    (valueOf(a.list({ kind: one, namespace }))?.items ?? []).map((item) => workload(one, item as Meta)),
  );
}

/** @returns the CronJob that was asked about; it makes Jobs, and only those make Pods. */
export function cronJobOf(a: Artifacts): Workload | undefined {
  const object = a.target.kind === 'CronJob' ? valueOf(targetRead(a)) : undefined;
  return object && workload('CronJob', object);
}

// ------------------------------------------------------------------------------------------------------------- Pods

const jobLabel = 'batch.kubernetes.io/job-name';

function podList(one: Workload): ReadRequest | undefined {
  const { kind, namespace, name } = one.ref;
  if (kind === 'Pod') return undefined;
  if (kind === 'Job')
    return { verb: 'list', kind: 'Pod', ...(namespace !== undefined && { namespace }), labelSelector: `${jobLabel}=${name}`, limit: 200 };
  const query = selectorQuery(one.selector);
  return query ? { verb: 'list', kind: 'Pod', ...(namespace !== undefined && { namespace }), labelSelector: query, limit: 200 } : undefined;
}

function replicaSetList(one: Workload): ReadRequest | undefined {
  const query = selectorQuery(one.selector);
  if (one.ref.kind !== 'Deployment' || !query) return undefined;
  // Optional: without them the Pods are still found, and all revisions are judged alike.
  return {
    verb: 'list',
    kind: 'ReplicaSet',
    optional: true,
    ...(one.ref.namespace !== undefined && { namespace: one.ref.namespace }),
    labelSelector: query,
    limit: 50,
  };
}

/** What `pods`, `replicaSets` and `ownerOf` need. */
export function podReads(a: Artifacts): ReadRequest[] {
  const all = workloads(a);
  const lists = all.flatMap((one) => [replicaSetList(one), podList(one)]).filter((request) => request !== undefined);
  const owners = all.flatMap((one) => ownerReads(a, one));
  return [...workloadReads(a), ...lists, ...owners];
}

/** The way up from a Pod or ReplicaSet that was named by hand to the object whose template counts. */
function ownerReads(a: Artifacts, one: Workload): ReadRequest[] {
  const owner = controllerOf(one.object);
  if (!owner || !isKind(owner.kind) || !owner.name || one.ref.namespace === undefined) return [];
  const request: ReadRequest = { verb: 'get', kind: owner.kind, namespace: one.ref.namespace, name: owner.name, optional: true };
  const above = valueOf(a.get(owner.kind, one.ref.namespace, owner.name)) as Meta | undefined;
  return above && (WORKLOAD_KINDS as readonly string[]).includes(owner.kind)
    ? [request, ...ownerReads(a, workload(owner.kind as WorkloadKind, above))]
    : [request];
}

/** @returns ReplicaSets of a Deployment, newest revision first. Empty for other kinds. */
export const replicaSets = (a: Artifacts, one: Workload): KindMap['ReplicaSet'][] =>
  a.once(`replicaSets ${one.ref.kind}/${one.ref.name}`, () => findReplicaSets(a, one));

function findReplicaSets(a: Artifacts, one: Workload): KindMap['ReplicaSet'][] {
  const request = replicaSetList(one);
  const items = request ? ((valueOf(a.answer(request)) as { items: KindMap['ReplicaSet'][] } | undefined)?.items ?? []) : [];
  const revision = (set: Meta) => Number(set.metadata?.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  return items.filter((set) => controllerOf(set)?.uid === one.object.metadata?.uid).sort((x, y) => revision(y) - revision(x));
}

/** @returns all Pods of a workload by ownership, sorted by name; also old revisions, ended and deleted ones. */
export const podsOfWorkload = (a: Artifacts, one: Workload): Pod[] =>
  a.once(`pods ${one.ref.kind}/${one.ref.name}`, () => findPods(a, one));

function findPods(a: Artifacts, one: Workload): Pod[] {
  if (one.ref.kind === 'Pod') return [one.object as Pod];
  const request = podList(one);
  const items = request ? ((valueOf(a.answer(request)) as { items: Pod[] } | undefined)?.items ?? []) : [];
  return items.filter((pod) => isOwned(a, one, pod)).sort((x, y) => (x.metadata?.name ?? '').localeCompare(y.metadata?.name ?? ''));
}

function isOwned(a: Artifacts, one: Workload, pod: Pod): boolean {
  const owner = controllerOf(pod);
  if (one.ref.kind !== 'Deployment') return owner?.uid === one.object.metadata?.uid;
  const sets = replicaSetList(one);
  if (sets && a.answer(sets)?.ok) return replicaSets(a, one).some((set) => set.metadata?.uid === owner?.uid);
  // Without the right to read ReplicaSets their names tell: Deployment and template hash (pkg/controller/deployment/sync.go).
  return owner?.kind === 'ReplicaSet' && owner.name === `${one.ref.name}-${pod.metadata?.labels?.['pod-template-hash']}`;
}

/** @returns the Pods that the selector of a workload matches, and that belong to another controller. */
export function foreignPods(a: Artifacts, one: Workload): Pod[] {
  const request = one.ref.kind === 'Pod' || one.ref.kind === 'Job' ? undefined : podList(one);
  const items = request ? ((valueOf(a.answer(request)) as { items: Pod[] } | undefined)?.items ?? []) : [];
  const isForeign = (pod: Pod) => {
    const owner = controllerOf(pod);
    // A ReplicaSet of its own may have been made between two requests.
    return owner !== undefined && !isOwned(a, one, pod) && owner.name !== `${one.ref.name}-${pod.metadata?.labels?.['pod-template-hash']}`;
  };
  return items.filter(isForeign).sort((x, y) => (x.metadata?.name ?? '').localeCompare(y.metadata?.name ?? ''));
}

/** @returns all Pods of all workloads of the walk. */
export const allPods = (a: Artifacts): Pod[] => workloads(a).flatMap((one) => podsOfWorkload(a, one));

/**
 * The Pods that are judged: not being deleted, and of the newest revision (a Deployment's old Pods are background, unless
 * the new ReplicaSet has none). Of a Job only those after which no other succeeded.
 */
export const pods = (a: Artifacts): Pod[] => a.once('pods', () => workloads(a).flatMap((one) => judged(a, one)));

function judged(a: Artifacts, one: Workload): Pod[] {
  const live = podsOfWorkload(a, one).filter((pod) => !pod.metadata?.deletionTimestamp);
  if (one.ref.kind === 'Job') return jobIsComplete(one) ? live.filter((pod) => pod.status?.phase === 'Succeeded') : live;
  const newest = replicaSets(a, one)[0]?.metadata?.uid;
  const current = newest === undefined ? live : live.filter((pod) => controllerOf(pod)?.uid === newest);
  return current.length > 0 ? current : live;
}

/** @returns whether a Job has reached its completions: then failed Pods of it are history. */
export const jobIsComplete = (one: Workload): boolean =>
  one.ref.kind === 'Job' &&
  ((one.object as KindMap['Job']).status?.conditions ?? []).some(
    ({ type, status }) => (type === 'Complete' || type === 'SuccessCriteriaMet') && status === 'True',
  );

/** @returns the workload a Pod belongs to: the one of the walk, or the first; of a Pod that is gone, the one that had made it. */
export const workloadOf = (a: Artifacts, pod: Pod): Workload | undefined =>
  a
    .once(
      'workloadOf',
      () => new Map(workloads(a).flatMap((one) => podsOfWorkload(a, one).map((other) => [other.metadata?.name, one] as const))),
    )
    .get(pod.metadata?.name) ?? workloads(a).find(({ object }) => object.metadata?.uid && object.metadata.uid === controllerOf(pod)?.uid);

/** @returns where a fix for this workload must go: up the controllers as far as they could be read and can be changed. */
export function ownerOf(a: Artifacts, one: Workload): TemplateOwner {
  if (a.target.kind === 'CronJob' && one.ref.kind === 'Job') return templateOwner(a.target, valueOf(targetRead(a)));
  const owner = controllerOf(one.object);
  if (owner && (WORKLOAD_KINDS as readonly string[]).includes(owner.kind ?? '')) {
    const kind = owner.kind as WorkloadKind;
    const above = valueOf(a.get(kind, one.ref.namespace, owner.name ?? '')) as Meta | undefined;
    if (above) return ownerOf(a, workload(kind, above));
  }
  return templateOwner(one.ref, one.object);
}

/** @returns where a fix for this Pod's spec must go. */
export function ownerOfPod(a: Artifacts, pod: Pod): TemplateOwner {
  const one = workloadOf(a, pod);
  return one ? ownerOf(a, one) : templateOwner(refOf('Pod', pod), pod);
}

// ----------------------------------------------------------------------------------------------------------- events

/** What `events` needs: one page of the namespace; if there is more, those of the objects that matter, by uid. */
export function eventReads(a: Artifacts): ReadRequest[] {
  const { namespace } = a.target;
  const page: ReadRequest = { verb: 'list', kind: 'Event', namespace, optional: true };
  if (valueOf(a.list({ kind: 'Event', namespace }))?.complete !== false) return [page];
  const objects: Meta[] = workloads(a).flatMap((one) => [one.object, ...replicaSets(a, one).slice(0, 1), ...pods(a).slice(0, 3)]);
  return [page, ...objects.flatMap((object) => eventReadsByUid(a, object.metadata?.uid)).slice(0, 5)];
}

/** The events of one object, where the page of the namespace does not hold all. */
export const eventReadsByUid = (a: Artifacts, uid: string | undefined): ReadRequest[] =>
  uid
    ? [
        {
          verb: 'list',
          kind: 'Event',
          namespace: a.target.namespace,
          fieldSelector: `involvedObject.uid=${uid}`,
          limit: 50,
          optional: true,
        },
      ]
    : [];

/** When an event was last seen: the legacy recorder and events.k8s.io fill different fields. */
export const eventTime = (event: Event): string =>
  event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata?.creationTimestamp ?? '';

/** Sorts events, oldest first. One recorder writes whole seconds, the other microseconds: as texts they do not compare. */
export const byTime = (x: Event, y: Event): number => (Date.parse(eventTime(x)) || 0) - (Date.parse(eventTime(y)) || 0);

/** @returns the events about an object (by uid, so that a namesake of yesterday is not confused), oldest first. */
export function eventsOf(a: Artifacts, object: Meta | undefined): Event[] {
  const uid = object?.metadata?.uid;
  return uid ? a.once(`events ${uid}`, () => findEvents(a, uid)) : [];
}

function findEvents(a: Artifacts, uid: string): Event[] {
  const page = valueOf(a.list({ kind: 'Event', namespace: a.target.namespace }));
  const own = eventReadsByUid(a, uid).flatMap((request) => (valueOf(a.answer(request)) as { items: Event[] } | undefined)?.items ?? []);
  const all = [...(page?.items ?? []).filter((event) => event.involvedObject?.uid === uid), ...own];
  const seen = new Map(all.map((event) => [event.metadata?.name, event]));
  return [...seen.values()].sort(byTime);
}

/** @returns the container an event speaks of: `spec.containers{web}` -> `web` (pkg/kubelet/container/ref.go). */
export const eventContainer = (event: Event): string | undefined => /\{(.+)\}/.exec(event.involvedObject?.fieldPath ?? '')?.[1];

// --------------------------------------------------------------------------------------------------------- Services

/** All Services of the namespace: one request, and the only way to know which selectors match. */
export const serviceListReads = (a: Artifacts): ReadRequest[] => [{ verb: 'list', kind: 'Service', namespace: a.target.namespace }];

/** @returns every Service of the namespace, sorted by name. */
export const namespaceServices = (a: Artifacts): readonly Service[] =>
  a.once('namespaceServices', () => {
    const items = valueOf(a.list({ kind: 'Service', namespace: a.target.namespace }))?.items ?? [];
    return [...items].sort((x, y) => (x.metadata?.name ?? '').localeCompare(y.metadata?.name ?? ''));
  });

/** @returns whether a backend of the target, by its JSON pointer, was asked about: of all that an Ingress or route leads to, a URL means what takes it. */
export const isAsked = ({ target: { rule } }: Artifacts, pointer: string): boolean =>
  rule === undefined || `${pointer}/`.startsWith(`${rule}/`);

/** @returns the Services of the walk: those whose selector matches the Pod template; for a Service target that one; for an Ingress or route its backends. */
export const services = (a: Artifacts): readonly Service[] => a.once('services', () => findServices(a));

function findServices(a: Artifacts): readonly Service[] {
  const all = namespaceServices(a);
  if (a.target.kind === 'Service') return all.filter((service) => service.metadata?.name === a.target.name);
  if (startsAtRoute(a.target.kind)) {
    const object = valueOf(targetRead(a));
    const backends =
      a.target.kind === 'Ingress'
        ? ingressBackends(object as KindMap['Ingress']).map(({ service, pointer }) => ({ name: service, pointer }))
        : ownServicesOfRoute(object as Route);
    const names = new Set(backends.flatMap(({ pointer, name }) => (isAsked(a, pointer) ? name : [])));
    return all.filter((service) => names.has(service.metadata?.name ?? ''));
  }
  const labels = workloads(a).flatMap((one) => [one.template?.metadata?.labels]);
  return all.filter((service) => labels.some((one) => matchesLabels(service.spec?.selector, one)));
}

/** What `endpointSlices` needs, for the given Services. */
export function endpointReads(a: Artifacts, of: readonly Service[]): ReadRequest[] {
  const names = of.map((service) => service.metadata?.name).filter((name) => name !== undefined);
  return names.map((name) => ({
    verb: 'list',
    kind: 'EndpointSlice',
    namespace: a.target.namespace,
    labelSelector: `kubernetes.io/service-name=${name}`,
  }));
}

/** @returns the slices of one Service; undefined: not read. */
export function endpointSlices(a: Artifacts, service: Service): readonly KindMap['EndpointSlice'][] | undefined {
  const read = a.list({
    kind: 'EndpointSlice',
    namespace: a.target.namespace,
    labelSelector: `kubernetes.io/service-name=${service.metadata?.name}`,
  });
  return valueOf(read)?.items;
}

/** @returns the judged Pods that a Service selects. */
export const selectedPods = (a: Artifacts, service: Service): Pod[] =>
  pods(a).filter((pod) => matchesLabels(service.spec?.selector, pod.metadata?.labels));
