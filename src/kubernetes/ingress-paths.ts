/**
 * Which rule of which Ingress takes a request: hosts and path types as https://kubernetes.io/docs/concepts/services-networking/ingress/
 * tells them, and what the controllers make of a path beyond that (ingress-nginx rootfs/etc/nginx/template and
 * internal/ingress/controller/template/template.go, buildLocation; Traefik pkg/provider/kubernetes/ingress/kubernetes.go, loadRouter).
 */
import type { KindMap } from '../kinds.ts';
import { AWS, INGRESS_NGINX, NGINX_ANNOTATION, TRAEFIK } from './ingress-controllers.ts';
import { nearest } from './nearest.ts';

export type Ingress = KindMap['Ingress'];
export type IngressRule = NonNullable<NonNullable<Ingress['spec']>['rules']>[number];
export type IngressPath = NonNullable<NonNullable<IngressRule['http']>['paths']>[number];
export type Backend = NonNullable<IngressPath['backend']>;

/** One host and path of an Ingress. */
export interface Entry {
  readonly ingress: Ingress;
  readonly rule: IngressRule;
  readonly path: IngressPath;
  /** JSON pointer of the path: `/spec/rules/0/http/paths/1`. */
  readonly pointer: string;
}

export interface Match {
  readonly ingress: Ingress;
  /** None: the default backend takes the request. */
  readonly rule?: IngressRule;
  readonly path?: IngressPath;
  readonly backend: Backend;
  /** JSON pointer of the backend: `/spec/rules/0/http/paths/1/backend`, `/spec/defaultBackend`. */
  readonly pointer: string;
}

export interface NoMatch {
  /** `no-rules`: there is nothing to match; `host`: no rule is for this host; `path`: rules are, and none covers the path. */
  readonly none: 'no-rules' | 'host' | 'path';
  /** What the person most likely meant: of the same path for a host, of the same host for a path. */
  readonly nearest: Entry | undefined;
}

/** What sets the controllers apart when they read a path. Chosen by the `spec.controller` of the class. */
interface Dialect {
  readonly controller: RegExp;
  /** A path without a type of its own, or null where it is read as a prefix of whole elements. */
  readonly implementationSpecific: (path: string, asked: string, ingress: Ingress) => boolean;
  /** A Prefix is compared letter by letter: `/foo` takes `/foobar`, `/foo/` does not take `/foo`. */
  readonly prefixByLetters?: true;
  /** A host that has rules of its own never falls to the rules of a wildcard, or of all hosts. */
  readonly hostIsFinal?: true;
  /** The default backend of an Ingress that also has rules is passed over. */
  readonly noDefaultBesideRules?: true;
  /** Of two that claim the same, the last by namespace and name counts (seen of Traefik 3.6); else the older Ingress. */
  readonly lastByName?: true;
}

const byLetters = (path: string, asked: string): boolean => asked.startsWith(path);

/** @returns whether `path`, anchored at the start, matches as a regular expression; one that cannot be read matches nothing. */
function byRegex(path: string, asked: string, flags = ''): boolean {
  try {
    return new RegExp(`^(?:${path})`, flags).test(asked);
  } catch {
    return false;
  }
}

const byGlob = (path: string, asked: string): boolean =>
  byRegex(
    `${path
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    asked,
  );

/** @returns whether ingress-nginx reads the paths of the Ingress as regular expressions. */
export const usesRegex = (ingress: Ingress): boolean => {
  const annotations = ingress.metadata?.annotations ?? {};
  return annotations[`${NGINX_ANNOTATION}use-regex`] === 'true' || annotations[`${NGINX_ANNOTATION}rewrite-target`] !== undefined;
};

const DIALECTS: readonly Dialect[] = [
  {
    controller: INGRESS_NGINX,
    implementationSpecific: (path, asked, ingress) => (usesRegex(ingress) ? byRegex(path, asked, 'i') : byLetters(path, asked)),
    hostIsFinal: true,
  },
  { controller: TRAEFIK, implementationSpecific: byLetters, prefixByLetters: true, noDefaultBesideRules: true, lastByName: true },
  { controller: AWS, implementationSpecific: byGlob },
  {
    controller: /^ingress-controllers\.konghq\.com\//,
    implementationSpecific: (path, asked) => (path.startsWith('/~') ? byRegex(path.slice(2), asked) : byLetters(path, asked)),
  },
  { controller: /^(haproxy\.org|haproxy-ingress\.github\.io|nginx\.org|azure)\//, implementationSpecific: byLetters },
];

const PLAIN: Dialect = { controller: /^/, implementationSpecific: (path, asked) => byElements(path, asked) || byGlob(path, asked) };

const dialectOf = (controller: string | undefined): Dialect => DIALECTS.find((one) => one.controller.test(controller ?? '')) ?? PLAIN;

const elements = (path: string): string[] => path.split('/').filter(Boolean);

/** @returns whether `path` covers `asked` as a prefix of whole elements: `/foo` and `/foo/` take `/foo` and `/foo/bar`, not `/foobar`. */
export function byElements(path: string, asked: string): boolean {
  const [want, have] = [elements(path), elements(asked)];
  return want.every((element, index) => element === have[index]);
}

/**
 * @param entry a path of an Ingress
 * @param asked the path of a request, beginning with `/`
 * @param controller `spec.controller` of the IngressClass; undefined: as Kubernetes describes it
 * @returns whether the path covers the request
 */
export function coversPath({ ingress, path }: Pick<Entry, 'ingress' | 'path'>, asked: string, controller?: string): boolean {
  const dialect = dialectOf(controller);
  const own = path.path || '/';
  if (path.pathType === 'Exact') return own === asked;
  if (path.pathType === 'Prefix') return dialect.prefixByLetters ? byLetters(own, asked) : byElements(own, asked);
  return dialect.implementationSpecific(own, asked, ingress);
}

/** @returns how a rule's host covers the asked one: 2 by name, 1 by a wildcard (exactly one label), 0 because it is for all hosts, undefined not at all. */
export function coversHost(host: string | undefined, asked: string): 0 | 1 | 2 | undefined {
  if (!host) return 0;
  const [own, want] = [host.toLowerCase(), plainHost(asked)];
  if (own === want) return 2;
  const rest = want.indexOf('.');
  return own.startsWith('*.') && rest > 0 && own.slice(1) === want.slice(rest) ? 1 : undefined;
}

/** `Shop.example.com:8443` -> `shop.example.com`. */
export const plainHost = (host: string): string => host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');

/** @returns every host and path of the Ingresses, in order. A rule without paths holds none: the default backend takes what it is asked. */
export const entriesOf = (ingresses: readonly Ingress[]): Entry[] =>
  ingresses.flatMap((ingress) =>
    (ingress.spec?.rules ?? []).flatMap((rule, r) =>
      (rule.http?.paths ?? []).map((path, p) => ({ ingress, rule, path, pointer: `/spec/rules/${r}/http/paths/${p}` })),
    ),
  );

const age = ({ metadata }: Ingress): string =>
  [String(metadata?.creationTimestamp ?? ''), metadata?.namespace ?? '', metadata?.name ?? ''].join(' ');

const place = ({ metadata }: Ingress): string => `${metadata?.namespace ?? ''} ${metadata?.name ?? ''}`;

/** @returns the Ingresses in the order in which they win a host and path that several claim: the oldest (ingress-nginx store.go, ListIngresses), or the last by name. */
export const byClaim = (ingresses: readonly Ingress[], controller?: string): Ingress[] =>
  [...ingresses].sort((x, y) => (dialectOf(controller).lastByName ? (place(x) < place(y) ? 1 : -1) : age(x) < age(y) ? -1 : 1));

/** @returns whether the controller passes over the default backend of an Ingress that also has rules. */
export const passesOverDefault = (controller?: string): boolean => dialectOf(controller).noDefaultBesideRules === true;

/** The longest path first, Exact before others of the same length. */
const byPrecedence = (x: Entry, y: Entry): number =>
  (y.path.path ?? '').length - (x.path.path ?? '').length || Number(y.path.pathType === 'Exact') - Number(x.path.pathType === 'Exact');

function defaultBackend(ingresses: readonly Ingress[], host: string, dialect: Dialect): Match | undefined {
  const withDefault = ingresses.filter(
    ({ spec }) => spec?.defaultBackend && !(dialect.noDefaultBesideRules && (spec.rules ?? []).length > 0),
  );
  const isFor = ({ spec }: Ingress) => (spec?.rules ?? []).some((rule) => coversHost(rule.host, host) !== undefined);
  const ingress = withDefault.find(isFor) ?? withDefault.find(({ spec }) => (spec?.rules ?? []).length === 0) ?? withDefault[0];
  return ingress?.spec?.defaultBackend && { ingress, backend: ingress.spec.defaultBackend, pointer: '/spec/defaultBackend' };
}

/** @returns the path that was most likely meant: the same, the near name, else the one with most elements in common. */
export function nearestPath(asked: string, paths: readonly string[]): string | undefined {
  const shared = (path: string) => {
    const [own, want] = [elements(path), elements(asked)];
    const differs = own.findIndex((element, index) => element !== want[index]);
    return differs < 0 ? own.length : differs;
  };
  return paths.find((path) => path === asked) ?? nearest(asked, paths) ?? [...paths].sort((x, y) => shared(y) - shared(x))[0];
}

const domain = (host: string): string => host.split('.').slice(-2).join('.');

/** @returns the host that was most likely meant: the near name, else one of the same domain, else the first. */
export function nearestHost(asked: string, hosts: readonly string[]): string | undefined {
  const host = plainHost(asked);
  return nearest(host, hosts, 0.3) ?? hosts.find((one) => one !== '' && domain(one) === domain(host)) ?? hosts[0];
}

/**
 * @param ingresses the Ingresses that one controller serves
 * @param host of the request; a port after it does not count
 * @param path of the request; what follows `?` or `#` does not count
 * @param controller `spec.controller` of their IngressClass, where known: controllers differ in how they read a path
 * @returns which rule takes the request, or why none does
 */
export function matchIngress(ingresses: readonly Ingress[], host: string, path: string, controller?: string): Match | NoMatch {
  const dialect = dialectOf(controller);
  const asked = path.replace(/[?#].*$/s, '') || '/';
  const all = byClaim(ingresses, controller);
  const entries = entriesOf(all);
  const forHost = ([2, 1, 0] as const).map((how) => entries.filter(({ rule }) => coversHost(rule.host, host) === how));
  const filled = forHost.filter((one) => one.length > 0);
  for (const group of dialect.hostIsFinal ? filled.slice(0, 1) : filled) {
    const found = group.filter((entry) => coversPath(entry, asked, controller)).sort(byPrecedence)[0];
    if (found) {
      const { ingress, rule } = found;
      return { ingress, rule, path: found.path, backend: found.path.backend ?? {}, pointer: `${found.pointer}/backend` };
    }
  }
  const otherwise = defaultBackend(all, host, dialect);
  if (otherwise) return otherwise;
  if (entries.length === 0) return { none: 'no-rules', nearest: undefined };
  if (filled.length === 0) {
    const near = nearestHost(
      host,
      entries.map(({ rule }) => rule.host ?? ''),
    );
    return { none: 'host', nearest: entries.find(({ rule }) => (rule.host ?? '') === near) };
  }
  const near = nearestPath(
    asked,
    filled.flat().map(({ path: own }) => own.path ?? '/'),
  );
  return { none: 'path', nearest: filled.flat().find(({ path: own }) => (own.path ?? '/') === near) };
}
