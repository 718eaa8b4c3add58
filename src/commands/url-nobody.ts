/** Why no Ingress or HTTPRoute takes a URL, with the nearest host or path there is. */
import type { Route } from '../kinds.ts';
import { coversHost, entriesOf, type Ingress, nearestHost, nearestPath } from '../kubernetes/ingress-paths.ts';
import { hostRank } from '../kubernetes/route-matches.ts';
import { UsageError } from './run.ts';

/** What a URL asks for. */
export interface Asked {
  /** Without user, query and fragment: no rule knows them, and they may hold what is nobody's business. */
  readonly url: string;
  readonly host: string;
  readonly path: string;
}

/** All that may take a URL, as far as it could be read. */
export interface Edges {
  readonly ingresses: readonly Ingress[];
  readonly routes: readonly Route[];
  /** Why others are not known, by kind. */
  readonly unread: { readonly Ingress?: string; readonly HTTPRoute?: string };
}

/** A host and path that an Ingress or HTTPRoute is for. */
interface Claim {
  readonly kind: 'Ingress' | 'HTTPRoute';
  readonly namespace: string;
  readonly name: string;
  /** Empty: all hosts. */
  readonly host: string;
  readonly path: string;
  readonly isForHost: boolean;
}

/** Where an Ingress or HTTPRoute stands. */
export const placeOf = ({ metadata }: Ingress | Route) => ({ namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' });

function claimsOf({ ingresses, routes }: Edges, host: string): Claim[] {
  return [
    ...entriesOf(ingresses).map(
      ({ ingress, rule, path }): Claim => ({
        kind: 'Ingress',
        ...placeOf(ingress),
        host: rule.host ?? '',
        path: path.path || '/',
        isForHost: coversHost(rule.host, host) !== undefined,
      }),
    ),
    ...routes.flatMap((route) => {
      const hosts = route.spec?.hostnames?.length ? route.spec.hostnames : [''];
      const paths = (route.spec?.rules ?? [])
        .flatMap(({ matches }) => (matches?.length ? matches : [{}]))
        .map(({ path }) => path?.value ?? '/');
      const isForHost = hostRank(route, host) !== undefined;
      return hosts.flatMap((one) => paths.map((path): Claim => ({ kind: 'HTTPRoute', ...placeOf(route), host: one, path, isForHost })));
    }),
  ];
}

/**
 * @param namespace that was looked at; undefined: all of them
 * @returns what is said where nothing takes the URL
 */
export function nobodyTakes(edges: Edges, { url, host, path }: Asked, namespace: string | undefined): UsageError {
  const place = namespace === undefined ? 'any namespace' : `namespace ${namespace}`;
  const unread = [edges.unread.Ingress, edges.unread.HTTPRoute].filter((one) => one !== undefined);
  const because = unread.join(', and ');
  if (unread.length > 1)
    return new UsageError(
      `Which Ingress or HTTPRoute of ${place} takes ${url} is not known: ${because}.`,
      'kubectl auth can-i list ingresses tells whether you may; kdebug service NAME walks from a Service.',
    );
  const none = edges.unread.Ingress ? 'No HTTPRoute' : edges.unread.HTTPRoute ? 'No Ingress' : 'No Ingress or HTTPRoute';
  const end = unread.length > 0 ? `; ${because}` : '';
  const claims = claimsOf(edges, host);
  const where = (one: Claim) => `of ${one.kind} ${one.name}${namespace === undefined ? ` in namespace ${one.namespace}` : ''}`;
  const scheme = url.slice(0, url.indexOf('://') + 3);
  const own = claims.filter(({ isForHost }) => isForHost);
  // One that names the host tells more than one that is for all hosts.
  const named = own.filter((one) => one.host !== '');
  const covering = named.length > 0 ? named : own;
  const near = nearestPath(
    path,
    covering.map((one) => one.path),
  );
  const nearPath = covering.find((one) => one.path === near);
  if (nearPath)
    return new UsageError(
      `${none} of ${place} that is for ${host} covers ${path}; there is ${nearPath.path} ${where(nearPath)}${end}.`,
      `Did you mean kdebug url ${scheme}${host}${nearPath.path} -n ${nearPath.namespace}?`,
    );
  const meant = nearestHost(host, claims.map((one) => one.host).filter(Boolean));
  const nearHost = claims.find((one) => one.host !== '' && one.host === meant);
  if (nearHost)
    return new UsageError(
      `${none} of ${place} is for ${host}; there is ${nearHost.host} ${where(nearHost)}${end}.`,
      nearHost.host.startsWith('*')
        ? `kdebug ${nearHost.kind.toLowerCase()} ${nearHost.name} -n ${nearHost.namespace} walks from there.`
        : `Did you mean kdebug url ${scheme}${nearHost.host}${path} -n ${nearHost.namespace}?`,
    );
  return new UsageError(
    `${none} of ${place} is for ${host}${end || '; there is none at all'}.`,
    'Is it in another namespace (-n) or context (--context)? kubectl get ingress,httproute -A lists them.',
  );
}
