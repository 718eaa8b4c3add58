/** Why no Ingress or HTTPRoute takes a URL, with the nearest host or path there is. */
import type { HTTPRoute } from '../kinds.ts';
import { coversHost, entriesOf, type Ingress } from '../kubernetes/ingress-paths.ts';
import { nearest } from '../kubernetes/nearest.ts';
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
  readonly routes: readonly HTTPRoute[];
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

const placeOf = ({ metadata }: Ingress | HTTPRoute) => ({ namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' });

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

const domain = (host: string): string => host.split('.').slice(-2).join('.');

/** @returns the claim whose host was most likely meant: the near name, else one of the same domain, else any. */
function nearestHost(claims: readonly Claim[], asked: string): Claim | undefined {
  const hosts = claims.map(({ host }) => host).filter(Boolean);
  const near = nearest(asked, hosts, 0.3) ?? hosts.find((one) => domain(one) === domain(asked)) ?? hosts[0];
  return claims.find(({ host }) => host === near);
}

/** @returns the claim whose path was most likely meant: the near name, else the one with most elements in common. */
function nearestPath(claims: readonly Claim[], asked: string): Claim | undefined {
  const near = nearest(
    asked,
    claims.map(({ path }) => path),
  );
  const shared = ({ path }: Claim) => {
    const [own, want] = [path.split('/').filter(Boolean), asked.split('/').filter(Boolean)];
    const differs = own.findIndex((element, index) => element !== want[index]);
    return differs < 0 ? own.length : differs;
  };
  return claims.find(({ path }) => path === near) ?? [...claims].sort((x, y) => shared(y) - shared(x))[0];
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
  const nearPath = nearestPath(named.length > 0 ? named : own, path);
  if (nearPath)
    return new UsageError(
      `${none} of ${place} that is for ${host} covers ${path}; there is ${nearPath.path} ${where(nearPath)}${end}.`,
      `Did you mean kdebug url ${scheme}${host}${nearPath.path} -n ${nearPath.namespace}?`,
    );
  const near = nearestHost(claims, host);
  if (near)
    return new UsageError(
      `${none} of ${place} is for ${host}; there is ${near.host} ${where(near)}${end}.`,
      near.host.startsWith('*')
        ? `kdebug ${near.kind.toLowerCase()} ${near.name} -n ${near.namespace} walks from there.`
        : `Did you mean kdebug url ${scheme}${near.host}${path} -n ${near.namespace}?`,
    );
  return new UsageError(
    `${none} of ${place} is for ${host}${end || '; there is none at all'}.`,
    'Is it in another namespace (-n) or context (--context)? kubectl get ingress,httproute -A lists them.',
  );
}
