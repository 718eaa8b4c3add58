/** Names and addresses that an application speaks of, looked up among the Services of its namespace. */
import { isMissing, refOf, valueOf } from '../../artifacts.ts';
import type { KindMap, Service } from '../../kinds.ts';
import { nearest } from '../../kubernetes/nearest.ts';
import { matchesLabels } from '../../kubernetes/selectors.ts';
import type { Artifacts, Evidence, ReadRequest, Ref } from '../../model.ts';
import { absent, seenNow } from '../answers.ts';
import { namesakes, namespaceServices, workloads } from '../subject.ts';

/** A host as a Pod would resolve it. */
export interface Host {
  /** As written, without port. */
  readonly name: string;
  readonly port: number | undefined;
  /** The Pod itself. */
  readonly local: boolean;
  /** The Service that this name must mean; undefined for addresses and for names outside the cluster. */
  readonly service: string | undefined;
  /** Whether that Service would be in the namespace that is looked at. */
  readonly here: boolean;
  /** Its namespace, where the name says one. */
  readonly namespace: string | undefined;
}

/** Names that are clearly no Service: with a public top-level domain, or an address. */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-f:]*:[0-9a-f:]+\]?)$/i;

/**
 * @param text `orders-db`, `orders-db:5432`, `orders-db.shop.svc.cluster.local`, `10.96.0.7:5432`, `http://orders:80/x`
 * @param namespace of the Pod
 */
export function hostOf(text: string, namespace: string, port?: number): Host {
  const bare = text.replace(/^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?/i, '').replace(/[/?#'",)].*$/, '');
  const split = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(bare);
  const name = (split?.[1] ?? bare).replace(/\.$/, '').toLowerCase();
  const number = split ? Number(split[2]) : port;
  const local = /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|0\.0\.0\.0)$/.test(name);
  const base = { name, port: number, local };
  const labels = name.split('.');
  const isName = labels.every((label) => /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(label) || (labels.length > 1 && /^[a-z0-9-]+$/.test(label)));
  if (local || ADDRESS.test(name) || !isName) return { ...base, service: undefined, here: false, namespace: undefined };
  // service, service.namespace, service.namespace.svc, service.namespace.svc.<cluster domain>
  if (labels.length === 1) return { ...base, service: name, here: true, namespace: undefined };
  if (labels.length === 2 || labels[2] === 'svc')
    return { ...base, service: labels[0], here: labels[1] === namespace, namespace: labels[1] };
  return { ...base, service: undefined, here: false, namespace: undefined };
}

/** What `serviceFor` needs: the Services of the namespace, and which of them have somebody behind them. */
export const hostReads = (a: Artifacts): ReadRequest[] => [
  { verb: 'list', kind: 'Service', namespace: a.target.namespace, optional: true },
  { verb: 'list', kind: 'EndpointSlice', namespace: a.target.namespace, optional: true },
];

/** @returns whether all Services of the namespace are known, so that "there is none" can be said. */
export const servicesKnown = (a: Artifacts): boolean =>
  valueOf(a.list({ kind: 'Service', namespace: a.target.namespace }))?.complete === true;

/** @returns the Service of the namespace that a host name or a cluster IP means, or undefined. */
export function serviceFor(a: Artifacts, host: Host): Service | undefined {
  const all = namespaceServices(a);
  if (host.service !== undefined) return host.here ? all.find(({ metadata }) => metadata?.name === host.service) : undefined;
  return all.find(({ spec }) => spec?.clusterIP === host.name || (spec?.clusterIPs ?? []).includes(host.name));
}

/** @returns the Service whose name is nearest to the host's, or undefined; of two that are as near, one that has the port. Nobody waits for his own Service. */
export function nearService(a: Artifacts, host: Host): string | undefined {
  const all = namespaceServices(a).filter(
    ({ spec }) => !workloads(a).some(({ template }) => matchesLabels(spec?.selector, template?.metadata?.labels)),
  );
  const withPort = all.filter(({ spec }) => host.port !== undefined && spec?.ports?.some(({ port }) => port === host.port));
  const names = (list: readonly Service[]) => list.map(({ metadata }) => metadata?.name ?? '');
  return host.service === undefined ? undefined : (nearest(host.service, names(withPort)) ?? nearest(host.service, names(all)));
}

/** What `namespacesOf` needs: the Services of that name of the whole cluster. Nobody's Role grants it; it is asked for one name, where a log says that it is not known. */
export const elsewhereReads = (a: Artifacts, host: Host): ReadRequest[] =>
  host.service === undefined || !servicesKnown(a) || serviceFor(a, host)
    ? []
    : [
        ...(host.namespace && !host.here
          ? [{ verb: 'get', kind: 'Service', namespace: host.namespace, name: host.service, optional: true, late: true } as const]
          : []),
        { verb: 'list', ...namesakes('Service', host.service), optional: true, late: true } as const,
      ];

/** @returns the other namespaces that have a Service of the host's name, sorted; undefined where nobody could look. */
export function namespacesOf(a: Artifacts, host: Host): string[] | undefined {
  if (host.service === undefined) return undefined;
  const all = valueOf(a.list<'Service'>(namesakes('Service', host.service)))?.items;
  return all
    ?.flatMap(({ metadata }) => metadata?.namespace ?? [])
    .filter((namespace) => namespace !== a.target.namespace)
    .sort();
}

/** @returns whether the namespace that the name says has that Service; undefined: nobody could look, or the name says none. */
export function isInNamedNamespace(a: Artifacts, host: Host): boolean | undefined {
  if (host.here || host.namespace === undefined || host.service === undefined) return undefined;
  const read = a.get('Service', host.namespace, host.service);
  if (read?.ok) return true;
  return isMissing(read) ? false : namespacesOf(a, host)?.includes(host.namespace);
}

export const serviceRef = (a: Artifacts, name: string): Ref => ({ kind: 'Service', namespace: a.target.namespace, name });

/** The EndpointSlices of the namespace, or of one Service; undefined where they were not read, or not all of them. */
function knownSlices(a: Artifacts, service: string): readonly KindMap['EndpointSlice'][] | undefined {
  const all =
    valueOf(a.list({ kind: 'EndpointSlice', namespace: a.target.namespace })) ??
    valueOf(a.list({ kind: 'EndpointSlice', namespace: a.target.namespace, labelSelector: `kubernetes.io/service-name=${service}` }));
  return all?.complete ? all.items.filter(({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === service) : undefined;
}

/** @returns the EndpointSlices of a Service, as far as they are known. */
export const slicesOf = (a: Artifacts, service: string): readonly KindMap['EndpointSlice'][] => knownSlices(a, service) ?? [];

/** Evidence: what the EndpointSlice says. It changes with every Pod behind the Service. */
export function endpointsEvidence(slice: KindMap['EndpointSlice']): Evidence {
  const ref = refOf('EndpointSlice', slice);
  return slice.endpoints?.length
    ? seenNow(
        ref,
        'endpoints',
        slice.endpoints.map(({ conditions }) => conditions),
      )
    : absent(ref, 'endpoints');
}

/**
 * @returns whether anybody is behind a Service: `ready`, `notReady` (Pods are there, none is ready), `none`; undefined where the
 * endpoints were not read, or are nobody's to make (no selector)
 */
export function behind(a: Artifacts, service: Service): 'ready' | 'notReady' | 'none' | undefined {
  if (service.spec?.type === 'ExternalName') return undefined;
  const endpoints = knownSlices(a, service.metadata?.name ?? '')?.flatMap((slice) => slice.endpoints ?? []);
  if (!endpoints) return undefined;
  // A missing condition means ready (discovery/v1 EndpointConditions).
  if (endpoints.some(({ conditions }) => conditions?.ready !== false)) return 'ready';
  return endpoints.length > 0 ? 'notReady' : 'none';
}
