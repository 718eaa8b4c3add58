/** From a URL to the Ingress or route that takes it: asked before the walk, which starts there. */
import { isDefault, namedClass } from '../checks/routes/ingress-class.ts';
import { reasonWords } from '../judge.ts';
import type { KindMap, RouteKind } from '../kinds.ts';
import { coversHost, type Ingress, matchIngress } from '../kubernetes/ingress-paths.ts';
import { hostRank, matchRoutes } from '../kubernetes/route-matches.ts';
import type { ClusterReader, ListOf, Read, Target } from '../model.ts';
import { UsageError } from './run.ts';
import { failOnNoAnswer } from './target.ts';
import { routesOfScheme } from './url-listeners.ts';
import { type Asked, type Edges, nobodyTakes, placeOf } from './url-nobody.ts';

type EdgeKind = 'Ingress' | 'HTTPRoute';

/** Where a URL leads. */
export interface Taken {
  readonly target: Target;
  /** What the person should know of it before the walk: one sentence. */
  readonly note?: string;
}

const EXAMPLE = 'kdebug url https://shop.example.com/cart -n shop';

/** @returns what `kdebug url URL` asks for; a URL without a scheme is of http. @throws UsageError */
export function parseUrl(words: readonly string[]): Asked {
  const [text, ...more] = words;
  if (!text) throw new UsageError('Which URL?', `${EXAMPLE}, for example.`);
  if (more.length > 0) throw new UsageError('Name one URL.', `${EXAMPLE}, for example.`);
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (!url?.hostname || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`"${text}" is not a URL of http or https.`, 'Write it like https://shop.example.com/cart.');
  return { url: `${url.protocol}//${url.host}${url.pathname}`, host: url.hostname, path: url.pathname };
}

const ONE_PLURAL = { Ingress: 'Ingresses', HTTPRoute: 'HTTPRoutes' } as const;

/** @returns why not all of a kind are known; an API that is not served holds nothing. */
function unreadText(kind: EdgeKind, read: Read<ListOf<EdgeKind>>): string | undefined {
  if (read.ok) return read.value.complete ? undefined : `there are more ${ONE_PLURAL[kind]} than could be listed`;
  return read.reason === 'noSuchApi' ? undefined : `the ${ONE_PLURAL[kind]} could not be read (${reasonWords(read.reason)})`;
}

/** @throws UsageError where the server does not answer at all */
async function edgesOf(reader: ClusterReader, namespace: string | undefined, signal: AbortSignal): Promise<Edges> {
  const where = namespace === undefined ? {} : { namespace };
  const [ingresses, routes] = await Promise.all([
    reader.list({ verb: 'list', kind: 'Ingress', ...where }, signal),
    reader.list({ verb: 'list', kind: 'HTTPRoute', ...where }, signal),
  ]);
  if (!ingresses.ok && !routes.ok) failOnNoAnswer(ingresses);
  const [noIngresses, noRoutes] = [unreadText('Ingress', ingresses), unreadText('HTTPRoute', routes)];
  return {
    ingresses: ingresses.ok ? ingresses.value.items : [],
    routes: routes.ok ? routes.value.items : [],
    unread: { ...(noIngresses !== undefined && { Ingress: noIngresses }), ...(noRoutes !== undefined && { HTTPRoute: noRoutes }) },
  };
}

/** @returns the Ingresses by their class: a controller knows those of its own. */
async function byClass(reader: ClusterReader, ingresses: readonly Ingress[], signal: AbortSignal) {
  const read = ingresses.length > 0 ? await reader.list({ verb: 'list', kind: 'IngressClass' }, signal) : undefined;
  const classes: readonly KindMap['IngressClass'][] = read?.ok ? read.value.items : [];
  const standard = classes.find(isDefault);
  const nameOf = (ingress: Ingress): string => namedClass({ ingress })?.name ?? standard?.metadata?.name ?? '';
  return [...new Set(ingresses.map(nameOf))].map((name) => ({
    ingresses: ingresses.filter((one) => nameOf(one) === name),
    controller: classes.find(({ metadata }) => metadata?.name === name)?.spec?.controller,
  }));
}

/** One that takes the URL. */
interface Taker {
  readonly kind: 'Ingress' | RouteKind;
  readonly namespace: string;
  readonly name: string;
  /** What of it takes the URL, as a JSON pointer; undefined: all of it may. */
  readonly rule?: string;
  /** How it names the host: 3 in full, 2 by a wildcard, 1 not at all, 0 as the default backend. */
  readonly host: number;
  /** What a request must have besides. */
  readonly wants: readonly string[];
}

/** @returns what takes the URL, of each class of Ingresses and of the HTTPRoutes one; first what names its host best. */
async function takersOf(reader: ClusterReader, edges: Edges, asked: Asked, signal: AbortSignal): Promise<Taker[]> {
  const { host, path } = asked;
  const takers = (await byClass(reader, edges.ingresses, signal)).flatMap(({ ingresses, controller }): Taker[] => {
    const match = matchIngress(ingresses, host, path, controller);
    if ('none' in match) return [];
    const named = match.rule ? (coversHost(match.rule.host, host) ?? 0) + 1 : 0;
    return [{ kind: 'Ingress', ...placeOf(match.ingress), rule: match.pointer, host: named, wants: [] }];
  });
  const { taker, before } = matchRoutes(await routesOfScheme(reader, edges.routes, asked, signal), host, path);
  const found = taker ?? before[0];
  if (found) {
    const [letters, inFull] = hostRank(found.route, host) ?? [0, 0];
    takers.push({
      kind: 'HTTPRoute',
      ...placeOf(found.route),
      rule: found.pointer,
      host: letters === 0 ? 1 : 2 + inFull,
      wants: found.wants,
    });
  }
  return takers.sort((x, y) => y.host - x.host || x.wants.length - y.wants.length);
}

/** @returns the TLSRoute or GRPCRoute that names the URL's host, asked for where nothing else takes the URL: a URL tells nothing of gRPC methods. */
async function rarerTaker(reader: ClusterReader, namespace: string, { url, host }: Asked, signal: AbortSignal): Promise<Taker[]> {
  const kinds: readonly RouteKind[] = url.startsWith('https:') ? ['TLSRoute', 'GRPCRoute'] : ['GRPCRoute'];
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const read = await reader.list({ verb: 'list', kind, namespace }, signal);
      return (read.ok ? read.value.items : []).flatMap((route) => {
        const [letters, inFull] = hostRank(route, host) ?? [0, 0];
        return letters > 0 ? [{ taker: { kind, ...placeOf(route), host: 2 + inFull, wants: [] }, letters }] : [];
      });
    }),
  );
  return found
    .flat()
    .sort((x, y) => y.taker.host - x.taker.host || y.letters - x.letters)
    .map(({ taker }) => taker);
}

/** @returns what is not certain about the first of them. */
function doubtOf([first, second]: readonly Taker[], { host }: Asked): string | undefined {
  if (!first) return undefined;
  const name = `${first.kind} ${first.name}`;
  if (first.kind === 'TLSRoute')
    return `${name} takes all of TLS for that host and hands it on unread; what path it has only the application sees.`;
  if (first.kind === 'GRPCRoute') return `${name} takes gRPC calls only; the path of the URL is not compared with its methods.`;
  if (first.wants.length > 0) return `${name} takes only requests with ${first.wants.join(' and ')}.`;
  if (second && second.host === first.host && second.wants.length === 0)
    return `${second.kind} ${second.name} of namespace ${second.namespace} takes it as well; this is about ${name}.`;
  return first.kind === 'HTTPRoute' && first.host === 1
    ? `${name} names no host: the listener of its Gateway decides whether it takes ${host}.`
    : undefined;
}

/**
 * @param where the namespace; with `orElsewhere` the others are looked at as well, where nothing in this one takes the URL
 * @returns the Ingress or route that takes the URL, as the target of the walk
 * @throws UsageError: why none does, with the nearest host or path
 */
export async function targetOfUrl(
  reader: ClusterReader,
  asked: Asked,
  { namespace, orElsewhere }: { readonly namespace: string; readonly orElsewhere: boolean },
  signal: AbortSignal,
): Promise<Taken> {
  const here = await edgesOf(reader, namespace, signal);
  const known = await takersOf(reader, here, asked, signal);
  const own = known.length > 0 ? known : await rarerTaker(reader, namespace, asked, signal);
  const elsewhere = own.length === 0 && orElsewhere ? await edgesOf(reader, undefined, signal) : undefined;
  const takers = elsewhere ? await takersOf(reader, elsewhere, asked, signal) : own;
  const [first] = takers;
  if (!first) {
    const there = elsewhere ? undefined : await reader.get({ verb: 'get', kind: 'Namespace', name: namespace }, signal);
    if (there && !there.ok && there.reason === 'notFound')
      throw new UsageError(
        `There is no namespace ${namespace} in this cluster.`,
        'kubectl get namespaces lists them; -n chooses one, --context another cluster.',
      );
    const all = elsewhere && Object.keys(elsewhere.unread).length === 0;
    throw all ? nobodyTakes(elsewhere, asked, undefined) : nobodyTakes(here, asked, namespace);
  }
  const moved =
    elsewhere && `Nothing in namespace ${namespace} takes it; ${first.kind} ${first.name} of namespace ${first.namespace} does.`;
  const note = [moved, doubtOf(takers, asked)].filter((one) => one !== undefined).join(' ');
  return {
    target: {
      kind: first.kind,
      namespace: first.namespace,
      name: first.name,
      url: asked.url,
      ...(first.rule !== undefined && { rule: first.rule }),
    },
    ...(note && { note }),
  };
}
