/** Which listeners would take a route: the rules of gateway-api (apis/v1/shared_types.go, AllowedRoutes, and gateway_types.go, Listener.Hostname). */
import { valueOf } from '../../artifacts.ts';
import type { Gateway, GatewayListener, RouteKind } from '../../kinds.ts';
import { matchesLabelSelector } from '../../kubernetes/selectors.ts';
import type { Artifacts, ReadRequest, Ref } from '../../model.ts';
import { GROUP, gatewayOf, gatewayParents, type Listener } from './gateways.ts';
import type { OwnRoute } from './own.ts';

/** Listeners of these protocols take such routes, where they say nothing else. */
const PROTOCOLS: Readonly<Record<RouteKind, readonly string[]>> = {
  HTTPRoute: ['HTTP', 'HTTPS'],
  GRPCRoute: ['HTTP', 'HTTPS'],
  TLSRoute: ['TLS'],
};

/** @returns whether the listener takes routes of that kind at all. */
export function allowsKind({ protocol = 'HTTP', allowedRoutes }: GatewayListener, own: RouteKind): boolean {
  const kinds = allowedRoutes?.kinds ?? [];
  return kinds.length === 0 ? PROTOCOLS[own].includes(protocol) : kinds.some(({ kind, group = GROUP }) => kind === own && group === GROUP);
}

/** Which namespaces a listener takes routes from; its own, where it says nothing. */
export const fromOf = ({ allowedRoutes }: GatewayListener): string => allowedRoutes?.namespaces?.from ?? 'Same';

/** What `allowsNamespace` needs: the labels of the own namespace, only where a listener asks for labels. The Role for one namespace does not grant it. */
export function namespaceReads(a: Artifacts): ReadRequest[] {
  const asked = gatewayParents(a).some((parent) =>
    (gatewayOf(a, parent)?.spec?.listeners ?? []).some((listener) => fromOf(listener) === 'Selector'),
  );
  return asked ? [{ verb: 'get', kind: 'Namespace', name: a.target.namespace, optional: true }] : [];
}

/** @returns whether the listener of a Gateway takes routes of the route's namespace; undefined: its labels could not be read. */
export function allowsNamespace(a: Artifacts, listener: GatewayListener, gateway: Ref, route: OwnRoute): boolean | undefined {
  const from = fromOf(listener);
  if (from === 'All') return true;
  if (from === 'Same') return gateway.namespace === route.namespace;
  if (from !== 'Selector') return false;
  const namespace = valueOf(a.get('Namespace', undefined, route.namespace));
  return namespace && matchesLabelSelector(listener.allowedRoutes?.namespaces?.selector, namespace.metadata?.labels);
}

/** @returns whether two hostnames, each maybe with a wildcard in front, have a host in common; a wildcard stands for one label or more. */
export function hostnamesMeet(one: string, other: string): boolean {
  const [x, y] = [one.toLowerCase(), other.toLowerCase()];
  const isBelow = (host: string, wildcard: string) =>
    wildcard.startsWith('*.') && host.endsWith(wildcard.slice(1)) && host.length > wildcard.length - 1;
  return x === y || isBelow(x, y) || isBelow(y, x);
}

/** @returns whether the listener serves one of the route's hostnames; no hostname means all. */
export function servesHost({ hostname }: GatewayListener, { route }: OwnRoute): boolean {
  const hosts = route.spec?.hostnames ?? [];
  return !hostname || hosts.length === 0 || hosts.some((host) => hostnamesMeet(hostname, host));
}

/** @returns whether a listener would take the route, as far as is known. */
export const wouldAccept = (a: Artifacts, { listener }: Listener, gateway: Ref, route: OwnRoute): boolean =>
  allowsKind(listener, route.ref.kind) && allowsNamespace(a, listener, gateway, route) !== false && servesHost(listener, route);

/** @returns the listeners of a Gateway that would take the route. */
export const takers = (a: Artifacts, gateway: Gateway, ref: Ref, route: OwnRoute): Listener[] =>
  (gateway.spec?.listeners ?? [])
    .map((listener, index) => ({ listener, index, name: listener.name ?? '' }))
    .filter((one) => wouldAccept(a, one, ref, route));
