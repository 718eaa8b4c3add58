/** Where Ingresses and routes of the namespace lead, and which of them have to do with the walk. */
import { isMissing, valueOf } from '../../artifacts.ts';
import { isRouteKind, type KindMap, ROUTE_KINDS, type Route, type RouteKind } from '../../kinds.ts';
import { servicesOfIngress, servicesOfRoute } from '../../kubernetes/backends.ts';
import { nearest } from '../../kubernetes/nearest.ts';
import type { Artifacts, ReadRequest } from '../../model.ts';
import { namespaceServices, services, startsAtRoute, targetRead, workloads } from '../subject.ts';

export type Ingress = KindMap['Ingress'];

/** What `ingresses` and `routes` need. A Job serves nobody: nothing is read for it. */
export function routeReads(a: Artifacts): ReadRequest[] {
  const { kind, namespace, name } = a.target;
  if (kind === 'Job' || kind === 'CronJob') return [];
  if (startsAtRoute(a.target.kind)) return [{ verb: 'get', kind, namespace, name }];
  return [
    { verb: 'list', kind: 'Ingress', namespace },
    // Few have others than HTTPRoutes, and a Role may be older than they are.
    ...ROUTE_KINDS.map((one): ReadRequest => ({ verb: 'list', kind: one, namespace, ...(one !== 'HTTPRoute' && { optional: true }) })),
  ];
}

const byName = (x: { metadata?: { name?: string } }, y: { metadata?: { name?: string } }) =>
  (x.metadata?.name ?? '').localeCompare(y.metadata?.name ?? '');

/** @returns the Ingress that the person asks about, else all of the namespace; none where the person asks about a route. */
export function ingresses(a: Artifacts): Ingress[] {
  if (a.target.kind === 'Ingress') {
    const target = valueOf(targetRead(a)) as Ingress | undefined;
    return target ? [target] : [];
  }
  if (isRouteKind(a.target.kind)) return [];
  return [...(valueOf(a.list({ kind: 'Ingress', namespace: a.target.namespace }))?.items ?? [])].sort(byName);
}

/** A route of the Gateway API with its kind: the items of a list do not carry it. */
export interface KindRoute {
  readonly kind: RouteKind;
  readonly route: Route;
}

/** @returns the route that the person asks about, else all of the namespace, by kind; none where the person asks about an Ingress. */
export function routes(a: Artifacts): KindRoute[] {
  const { kind, namespace } = a.target;
  if (isRouteKind(kind)) {
    const route = valueOf(targetRead(a)) as Route | undefined;
    return route ? [{ kind, route }] : [];
  }
  if (kind === 'Ingress') return [];
  return ROUTE_KINDS.flatMap((one) =>
    [...(valueOf(a.list({ kind: one, namespace }))?.items ?? [])].sort(byName).map((route) => ({ kind: one, route })),
  );
}

/** Words that people add to the name of a Service or leave out; any other word more means another application. */
const PLAIN_WORDS = /^(?:svc|service|srv|app|http|https|web|api|server|backend|v?\d+)$/;

const wordsOf = (name: string): string[] =>
  name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

/** `cart-svc` is near `cart`; `cart-admin` is an application of its own. */
function isMeantFor(name: string, own: string): boolean {
  const [given, real] = [wordsOf(name), wordsOf(own)];
  const more = [...given.filter((word) => !real.includes(word)), ...real.filter((word) => !given.includes(word))];
  const contained = given.every((word) => real.includes(word)) || real.every((word) => given.includes(word));
  return contained ? more.every((word) => PLAIN_WORDS.test(word)) : nearest(name, [own]) !== undefined;
}

/** @returns whether the namespace is known to have no Service of that name; a list that was refused or cut off proves nothing. */
export const isServiceMissing = (a: Artifacts, name: string): boolean => isMissing(a.get('Service', a.target.namespace, name));

/**
 * @param name of a Service that a backend names
 * @param own names of the Services of the walk
 * @returns whether that backend belongs to the walk: its Service does, or there is no such Service and the name was meant for one of them,
 *   or for the workload
 */
export function isOwnBackend(a: Artifacts, name: string, own: readonly string[]): boolean {
  if (startsAtRoute(a.target.kind) || own.includes(name)) return true;
  if (!isServiceMissing(a, name)) return false;
  const near = nearest(
    name,
    namespaceServices(a).map((service) => service.metadata?.name ?? ''),
  );
  if (near !== undefined && own.includes(near) && isMeantFor(name, near)) return true;
  return workloads(a).some(({ ref }) => ref.name === name || (near === undefined && isMeantFor(name, ref.name)));
}

/** @returns the names of Services that routes of the walk name, as far as they lead to a Service that selects its Pods or bear its name. */
export function namedServices(a: Artifacts): Set<string> {
  const own = services(a).map((service) => service.metadata?.name ?? '');
  const workloadNames = workloads(a).map(({ ref }) => ref.name);
  const all = [
    ...ingresses(a).map((one) => ({ one, to: servicesOfIngress(one) })),
    ...routes(a).map(({ route }) => ({ one: route, to: servicesOfRoute(route) })),
  ];
  return new Set(
    all
      .filter(({ one, to }) => workloadNames.includes(one.metadata?.name ?? '') || to.some((name) => isOwnBackend(a, name, own)))
      .flatMap(({ to }) => to),
  );
}
