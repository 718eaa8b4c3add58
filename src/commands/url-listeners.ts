/** Which HTTPRoutes a request can reach at all: one for https comes in by a listener that speaks TLS. Often one route on the HTTP listener redirects, and its twin on the HTTPS listener serves. */
import { GROUP } from '../checks/routes/gateways.ts';
import type { Gateway, HTTPRoute, ParentReference } from '../kinds.ts';
import { hostRank } from '../kubernetes/route-matches.ts';
import type { ClusterReader, Read } from '../model.ts';
import type { Asked } from './url-nobody.ts';

const isOfGateway = ({ kind = 'Gateway', group = GROUP }: ParentReference): boolean => kind === 'Gateway' && group === GROUP;

/** Whether the parent has a listener of such a protocol; true where that is not known. */
function takes(read: Read<Gateway> | undefined, { sectionName, port }: ParentReference, protocols: readonly string[]): boolean {
  if (!read?.ok) return true;
  return (read.value.spec?.listeners ?? []).some(
    (one) =>
      (sectionName === undefined || one.name === sectionName) &&
      (port === undefined || one.port === port) &&
      protocols.includes(one.protocol ?? ''),
  );
}

/**
 * Reads the Gateways only where more than one route is for the host.
 * @returns the routes without those that no listener of the URL's scheme leads to; all of them where none would be left: something before the
 * Gateway may speak TLS for it
 */
export async function routesOfScheme(
  reader: ClusterReader,
  routes: readonly HTTPRoute[],
  { url, host }: Asked,
  signal: AbortSignal,
): Promise<readonly HTTPRoute[]> {
  const forHost = routes.filter((route) => hostRank(route, host) !== undefined);
  if (forHost.length < 2) return routes;
  const parents = forHost.flatMap((route) =>
    (route.spec?.parentRefs ?? []).filter(isOfGateway).map((reference) => ({
      route,
      reference,
      namespace: reference.namespace ?? route.metadata?.namespace ?? '',
      name: reference.name ?? '',
    })),
  );
  const keyOf = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`;
  const reads = new Map<string, Promise<Read<Gateway>>>();
  for (const { namespace, name } of parents) {
    const key = keyOf({ namespace, name });
    if (!reads.has(key)) reads.set(key, reader.get({ verb: 'get', kind: 'Gateway', namespace, name }, signal));
  }
  const gateways = new Map(await Promise.all([...reads].map(async ([key, read]) => [key, await read] as const)));
  const protocols = url.startsWith('https:') ? ['HTTPS', 'TLS'] : ['HTTP'];
  const left = forHost.filter((route) => {
    const own = parents.filter((parent) => parent.route === route);
    return own.length === 0 || own.some((parent) => takes(gateways.get(keyOf(parent)), parent.reference, protocols));
  });
  return left.length > 0 ? left : routes;
}
