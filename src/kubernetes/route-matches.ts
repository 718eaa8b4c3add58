/** Which rule of which HTTPRoute takes a request: hostnames, matches and their order as gateway-api apis/v1/httproute_types.go tells them. */
import type { Route } from '../kinds.ts';
import { byElements, plainHost } from './ingress-paths.ts';

type Rule = NonNullable<NonNullable<Route['spec']>['rules']>[number];
type HttpMatch = NonNullable<Rule['matches']>[number];

/** One `matches[]` of a rule that covers host and path. */
export interface Candidate {
  readonly route: Route;
  /** Of the rule: `/spec/rules/0`. */
  readonly pointer: string;
  /** What the request must have besides host and path, which a URL does not tell: `method POST`, `header x-canary`. */
  readonly wants: readonly string[];
}

export interface RouteMatch {
  /** The rule that takes every request for this host and path, unless one of `before` does. */
  readonly taker: Candidate | undefined;
  /** Rules that come first for requests that have what they want. */
  readonly before: readonly Candidate[];
  /** Where nothing covers the request: whether a route is for the host at all. */
  readonly none?: 'host' | 'path';
}

interface Ranked extends Candidate {
  readonly rank: readonly number[];
  readonly age: string;
}

/** @returns how well a route's hostnames cover the host: [letters without the wildcard, by name]; undefined: not at all. A wildcard stands for one label or more. */
export function hostRank(route: Route, asked: string): readonly [number, number] | undefined {
  const host = plainHost(asked);
  const own = route.spec?.hostnames ?? [];
  if (own.length === 0) return [0, 0];
  const names = own.map((name) => name.toLowerCase());
  if (names.includes(host)) return [host.length, 1];
  const below = names.filter((name) => name.startsWith('*.') && host.endsWith(name.slice(1)) && host.length > name.length - 1);
  return below.length > 0 ? [Math.max(...below.map((name) => name.length - 1)), 0] : undefined;
}

/** @returns [exact, length of the path], or undefined where the match does not cover it. A regular expression is the controller's own affair: it may. */
function pathRank({ path }: HttpMatch, asked: string): readonly [number, number] | undefined {
  const { type = 'PathPrefix', value = '/' } = path ?? {};
  if (type === 'RegularExpression') return [0, value.length];
  const covers = type === 'Exact' ? value === asked : byElements(value, asked);
  return covers ? [type === 'Exact' ? 1 : 0, value.replace(/(?<=.)\/$/, '').length] : undefined;
}

/** What a request must have besides host and path. */
export interface Demand {
  /** `method POST`, `header x-canary` */
  readonly what: string;
  readonly value?: string | undefined;
}

/** @returns what the match demands besides host and path. */
export const demandsOf = ({ method, headers = [], queryParams = [] }: HttpMatch): Demand[] => [
  ...(typeof method === 'string' && method ? [{ what: `method ${method}` }] : []),
  ...headers.map(({ name, value }) => ({ what: `header ${name ?? ''}`, value })),
  ...queryParams.map(({ name, value }) => ({ what: `query parameter ${name ?? ''}`, value })),
];

const wantsOf = (match: HttpMatch): string[] => [
  ...(match.path?.type === 'RegularExpression' ? [`a path like ${match.path.value ?? ''}`] : []),
  ...demandsOf(match).map(({ what }) => what),
];

function candidates(route: Route, host: readonly [number, number], asked: string): Ranked[] {
  const { creationTimestamp, namespace, name } = route.metadata ?? {};
  const age = [String(creationTimestamp ?? ''), `${namespace ?? ''}/${name ?? ''}`].join(' ');
  return (route.spec?.rules ?? []).flatMap((rule, r) =>
    (rule.matches?.length ? rule.matches : [{}]).flatMap((match: HttpMatch) => {
      const path = pathRank(match, asked);
      const more = [match.method ? 1 : 0, match.headers?.length ?? 0, match.queryParams?.length ?? 0];
      return path ? [{ route, pointer: `/spec/rules/${r}`, wants: wantsOf(match), rank: [...host, ...path, ...more], age }] : [];
    }),
  );
}

/** The higher rank first, number by number; then the older route, then its name; a stable sort keeps the order of rules. */
function byPrecedence(x: Ranked, y: Ranked): number {
  const index = x.rank.findIndex((number, i) => number !== y.rank[i]);
  if (index >= 0) return (y.rank[index] ?? 0) - (x.rank[index] ?? 0);
  return x.age === y.age ? 0 : x.age < y.age ? -1 : 1;
}

/**
 * @param routes the HTTPRoutes that one listener has accepted
 * @param host of the request; a port after it does not count
 * @param path of the request; what follows `?` or `#` does not count
 * @returns which rule takes the request, and which may take it before; or why none does
 */
export function matchRoutes(routes: readonly Route[], host: string, path: string): RouteMatch {
  const asked = path.replace(/[?#].*$/s, '') || '/';
  const forHost = routes.flatMap((route) => {
    const rank = hostRank(route, host);
    return rank ? [{ route, rank }] : [];
  });
  const sorted = forHost.flatMap(({ route, rank }) => candidates(route, rank, asked)).sort(byPrecedence);
  const index = sorted.findIndex(({ wants }) => wants.length === 0);
  const plain = ({ route, pointer, wants }: Ranked): Candidate => ({ route, pointer, wants });
  const taker = sorted[index];
  return {
    taker: taker && plain(taker),
    before: (index < 0 ? sorted : sorted.slice(0, index)).map(plain),
    ...(sorted.length === 0 && { none: forHost.length === 0 ? 'host' : 'path' }),
  };
}
