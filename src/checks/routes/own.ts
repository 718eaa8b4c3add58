/** The Ingresses of the walk, and its routes of the Gateway API. */
import { refOf } from '../../artifacts.ts';
import { isRouteKind, KINDS, ROUTE_KINDS, type Route, type RouteKind, type Service } from '../../kinds.ts';
import { type IngressBackend, ingressBackends, type RouteBackend, routeBackends, servicesOfRoute } from '../../kubernetes/backends.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { look } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, NextCheck, ReadRequest, Ref } from '../../model.ts';
import { notApplicable } from '../answers.ts';
import { misses, missReads, walkReads } from '../services/walk.ts';
import { isAsked, services, startsAtRoute, workloads } from '../subject.ts';
import { type Ingress, ingresses, isOwnBackend, isServiceMissing, type KindRoute, routeReads, routes } from './backends.ts';

/** An Ingress of the walk. */
export interface OwnIngress {
  readonly ingress: Ingress;
  readonly ref: Ref;
  readonly name: string;
  /** Those that lead to the walk's Services, or were meant to. */
  readonly backends: readonly IngressBackend[];
  /** Those of other applications. */
  readonly others: readonly IngressBackend[];
}

/** A route of the walk. */
export interface OwnRoute {
  readonly route: Route;
  readonly ref: Ref & { readonly kind: RouteKind };
  readonly name: string;
  readonly namespace: string;
  readonly backends: readonly RouteBackend[];
}

const servesNobody = (a: Artifacts): boolean => a.target.kind === 'Job' || a.target.kind === 'CronJob';

/** What the first question here must have: which Ingresses and routes there are. Nobody calls the Pods of a Job: nothing is read for it. */
export const kindReads = (a: Artifacts): ReadRequest[] => (servesNobody(a) ? [] : [...routeReads(a), ...edgeReads(a)]);

/** What `ownIngresses` and `ownRoutes` need. Where it cannot be read, the first question and those about Services say so; the others do not repeat it. */
export const edgeReads = (a: Artifacts): ReadRequest[] => (servesNobody(a) ? [] : missReads(a).map(asOptional));

/** The same with the endpoints of the Services. */
export const edgeWalkReads = (a: Artifacts): ReadRequest[] => (servesNobody(a) ? [] : walkReads(a).map(asOptional));

const asOptional = (request: ReadRequest): ReadRequest => ({ ...request, optional: true });

/** @returns whether a read was refused or failed; an API that is not served holds nothing. */
const isUnread = (a: Artifacts, kind: 'Ingress' | RouteKind): boolean => {
  const read = a.list({ kind, namespace: a.target.namespace });
  return read !== undefined && !read.ok && read.reason !== 'noSuchApi';
};

/** @returns `GRPCRoutes and TLSRoutes`: which of these kinds could not be read; undefined: all could. */
export function unreadText(a: Artifacts, kinds: readonly ('Ingress' | RouteKind)[]): string | undefined {
  const unread = kinds.filter((kind) => isUnread(a, kind)).map((kind) => (kind === 'Ingress' ? 'Ingresses' : `${kind}s`));
  return unread.length > 0 ? listText(unread) : undefined;
}

/** The answer where there is nothing of these kinds to ask about. */
function none(a: Artifacts, kinds: readonly ('Ingress' | RouteKind)[], isNone: string): Answer<never> {
  if (startsAtRoute(a.target.kind)) return notApplicable(`Only ${a.target.kind} ${a.target.name} was asked about.`);
  const unread = unreadText(a, kinds);
  return notApplicable(unread === undefined ? isNone : `The ${unread} of the namespace could not be read.`);
}

/** The answer where there is no Ingress to ask about. */
export const noIngress = (a: Artifacts): Answer<never> => none(a, ['Ingress'], 'No Ingress leads to these Pods.');

/** The answer where there is no route of the Gateway API to ask about. */
export const noRoute = (a: Artifacts): Answer<never> => none(a, ROUTE_KINDS, 'No Gateway API route leads to these Pods.');

/** @returns the Services of the walk, and those that were meant for its Pods and miss them. */
export const ownServices = (a: Artifacts): Service[] =>
  a.once('routes services', () => [...new Set([...services(a), ...misses(a).map(({ service }) => service)])]);

const ownNames = (a: Artifacts): string[] => ownServices(a).map((service) => service.metadata?.name ?? '');

/** @returns whether an Ingress or route bears the name of a workload or Service of the walk: then a Service that it names and that is not there was meant to be theirs. */
const bearsOurName = (a: Artifacts, name: string): boolean =>
  workloads(a).some(({ ref }) => ref.name === name) || ownNames(a).includes(name);

/** @returns the Ingresses that lead to the Services of the walk or were meant to, sorted by name. */
export const ownIngresses = (a: Artifacts): OwnIngress[] =>
  a.once('routes ingresses', () => (servesNobody(a) ? [] : ingresses(a).flatMap((ingress) => own(a, ingress))));

function own(a: Artifacts, ingress: Ingress): OwnIngress[] {
  const name = ingress.metadata?.name ?? '';
  const ours = bearsOurName(a, name);
  const isOwn = ({ service, pointer }: IngressBackend) =>
    isAsked(a, pointer) && (isOwnBackend(a, service, ownNames(a)) || (ours && isServiceMissing(a, service)));
  const all = ingressBackends(ingress);
  const backends = all.filter(isOwn);
  if (backends.length === 0 && a.target.kind !== 'Ingress') return [];
  return [{ ingress, ref: refOf('Ingress', ingress), name, backends, others: all.filter((one) => !backends.includes(one)) }];
}

/** @returns the routes that lead to the Services of the walk or were meant to, by kind and name. */
export const ownRoutes = (a: Artifacts): OwnRoute[] =>
  a.once('routes routes', () => (servesNobody(a) ? [] : routes(a).flatMap((one) => ownRoute(a, one))));

function ownRoute(a: Artifacts, { kind, route }: KindRoute): OwnRoute[] {
  const { name = '', namespace = a.target.namespace } = route.metadata ?? {};
  const ours = bearsOurName(a, name);
  const leads = servicesOfRoute(route).some((service) => isOwnBackend(a, service, ownNames(a)) || (ours && isServiceMissing(a, service)));
  return leads || isRouteKind(a.target.kind)
    ? [
        {
          route,
          ref: { ...refOf(kind, route), kind },
          name,
          namespace,
          backends: routeBackends(route).filter(({ pointer }) => isAsked(a, pointer)),
        },
      ]
    : [];
}

/**
 * @param named Services that an Ingress or route names
 * @returns the one Service of the walk, where the Ingress or route leads to none of them: then it was the one that was meant, whatever name was written
 */
export function onlyService(a: Artifacts, named: readonly string[]): Service | undefined {
  const all = ownServices(a);
  return !startsAtRoute(a.target.kind) && all.length === 1 && !named.includes(all[0]?.metadata?.name ?? '') ? all[0] : undefined;
}

/** @returns whether the controller has given the Ingress an address. */
export const hasAddress = ({ ingress }: OwnIngress): boolean => (ingress.status?.loadBalancer?.ingress ?? []).length > 0;

/** A freshly made Ingress, route or Gateway gets its status within seconds. */
export const SETTLE_SECONDS = 60;

/** @returns `Ingress shop`, `Ingresses shop and shop-api`. */
export function namesText(kind: string, names: readonly string[]): string {
  if (names.length === 1) return `${kind} ${names[0]}`;
  const plural = kind.endsWith('s') ? `${kind}es` : `${kind}s`;
  return `${plural} ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** A look at the route with all that controllers say of it. */
export const describeRoute = ({ ref, name, namespace }: OwnRoute, says: string): NextCheck =>
  look(['describe', KINDS[ref.kind].names[0], name, '-n', namespace], says);

/** @returns `HTTPRoute shop`, `HTTPRoutes shop and shop-api and GRPCRoute stock`. */
export const routesText = (all: readonly OwnRoute[]): string =>
  ROUTE_KINDS.flatMap((kind) => {
    const names = all.filter(({ ref }) => ref.kind === kind).map(({ name }) => name);
    return names.length > 0 ? [namesText(kind, names)] : [];
  }).join(' and ');

/** `/spec/rules/0/http/paths/1/backend` -> `spec.rules[0].http.paths[1].backend`. */
export const fieldPath = (pointer: string): string =>
  pointer
    .slice(1)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');

/** The field path of an annotation: its key holds dots and slashes. */
export const annotationPath = (key: string): string => `metadata.annotations["${key}"]`;
