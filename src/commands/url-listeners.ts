/** Which HTTPRoutes a request can reach at all: one for https comes in by a listener that speaks TLS. Often one route on the HTTP listener redirects, and its twin on the HTTPS listener serves. */
import { listenersOf, parentsOf } from '../checks/routes/gateways.ts';
import type { Gateway, Route } from '../kinds.ts';
import { hostRank } from '../kubernetes/route-matches.ts';
import type { ClusterReader, Read } from '../model.ts';
import type { Asked } from './url-nobody.ts';

/**
 * Reads the Gateways only where more than one route is for the host.
 * @returns the routes without those that no listener of the URL's scheme leads to; all of them where none would be left: something before the
 * Gateway may speak TLS for it
 */
export async function routesOfScheme(
  reader: ClusterReader,
  routes: readonly Route[],
  { url, host }: Asked,
  signal: AbortSignal,
): Promise<readonly Route[]> {
  const forHost = routes.filter((route) => hostRank(route, host) !== undefined);
  if (forHost.length < 2) return routes;
  const protocols = url.startsWith('https:') ? ['HTTPS', 'TLS'] : ['HTTP'];
  const reads = new Map<string, Promise<Read<Gateway>>>();
  const gateway = (namespace: string, name: string): Promise<Read<Gateway>> => {
    const key = `${namespace}/${name}`;
    const read = reads.get(key) ?? reader.get({ verb: 'get', kind: 'Gateway', namespace, name }, signal);
    reads.set(key, read);
    return read;
  };
  const isReached = async (route: Route): Promise<boolean> => {
    const parents = parentsOf({ route, namespace: route.metadata?.namespace ?? '' }).filter(({ isGateway }) => isGateway);
    const takes = parents.map(async ({ ref, reference }) => {
      const read = await gateway(ref.namespace, ref.name);
      // A Gateway that could not be read decides nothing.
      return !read.ok || listenersOf(read.value, reference).some(({ listener }) => protocols.includes(listener.protocol ?? ''));
    });
    return parents.length === 0 || (await Promise.all(takes)).includes(true);
  };
  const reached = await Promise.all(forHost.map(isReached));
  const left = forHost.filter((_, index) => reached[index]);
  return left.length > 0 ? left : routes;
}
