/** What the objects of a namespace refer to outside of it. */
import { isRouteKind, type KindMap, type ParentReference, ROUTE_KINDS } from '../kinds.ts';
import type { ReadRequest } from '../model.ts';
import type { RecordedObject } from './recorded.ts';

type Items = readonly RecordedObject[];

const ofKind = <K extends keyof KindMap>(items: Items, kind: K): KindMap[K][] =>
  items.filter((one) => one.kind === kind) as unknown as KindMap[K][];

/**
 * @param items all objects of `namespace`, and the classes of the cluster
 * @returns the reads for nodes, neighbours on them, Gateways, Services and ReferenceGrants of other namespaces, ingress controllers and kube-proxy
 */
export function references(items: Iterable<RecordedObject>, namespace: string): ReadRequest[] {
  const all = [...items];
  return [...nodeReads(all), ...nodeEventReads(all), ...routeReads(all, namespace), ...controllerReads(all), ...proxyReads()];
}

const unplaced = ({ spec, status }: KindMap['Pod']): boolean => !spec?.nodeName && status?.phase === 'Pending';

const isLocal = ({ spec }: KindMap['Service']): boolean =>
  spec?.internalTrafficPolicy === 'Local' || spec?.externalTrafficPolicy === 'Local';

/** The nodes of the Pods; all nodes where a Pod found none, for a DaemonSet, which asks every node, and for a Service that tells nodes apart. */
function nodeReads(items: Items): ReadRequest[] {
  const pods = ofKind(items, 'Pod');
  if (pods.some(unplaced) || ofKind(items, 'DaemonSet').length > 0 || ofKind(items, 'Service').some(isLocal))
    return [{ verb: 'list', kind: 'Node' }];
  const names = [...new Set(pods.flatMap(({ spec }) => spec?.nodeName ?? []))];
  return names.map((name) => ({ verb: 'get', kind: 'Node', name }));
}

/** Events about nodes stand in the namespace default. */
function nodeEventReads(items: Items): ReadRequest[] {
  const names = [...new Set(ofKind(items, 'Pod').flatMap(({ spec }) => spec?.nodeName ?? []))].slice(0, NODES);
  return names.map((name) => ({
    verb: 'list',
    kind: 'Event',
    namespace: 'default',
    fieldSelector: `involvedObject.kind=Node,involvedObject.name=${name}`,
  }));
}

/** Of a large cluster not every node can be looked into; a diagnosis looks into three. */
const NODES = 10;

/**
 * @param items with the nodes
 * @returns the reads for all Pods of the nodes, if a Pod found no place: then room may be what is short
 */
export function neighbourReads(items: Iterable<RecordedObject>): ReadRequest[] {
  const all = [...items];
  if (!ofKind(all, 'Pod').some(unplaced)) return [];
  const names = ofKind(all, 'Node')
    .map(({ metadata }) => metadata?.name ?? '')
    .sort()
    .slice(0, NODES);
  return names.map((name) => ({ verb: 'list', kind: 'Pod', fieldSelector: `spec.nodeName=${name}` }));
}

/** Gateways that routes name as parents, Services that they name as backends, and the grants for it. */
function routeReads(items: Items, namespace: string): ReadRequest[] {
  const routes = ROUTE_KINDS.flatMap((kind) => ofKind(items, kind));
  const parents = routes
    .flatMap(({ spec }) => spec?.parentRefs ?? [])
    .filter((one: ParentReference) => (one.kind ?? 'Gateway') === 'Gateway');
  const backends = routes.flatMap(({ spec }) => spec?.rules ?? []).flatMap(({ backendRefs }) => backendRefs ?? []);
  const elsewhere = (one: { namespace?: string }): one is { namespace: string; name: string } =>
    one.namespace !== undefined && one.namespace !== namespace;
  return [
    ...parents.filter(elsewhere).map((one): ReadRequest => ({ verb: 'get', kind: 'Gateway', namespace: one.namespace, name: one.name })),
    ...backends.filter(elsewhere).flatMap((one): ReadRequest[] => [
      { verb: 'get', kind: 'Service', namespace: one.namespace, name: one.name },
      { verb: 'list', kind: 'ReferenceGrant', namespace: one.namespace },
    ]),
  ];
}

/** Controller string of an IngressClass or GatewayClass -> labels of its Pods, from the manifests of each project. */
const CONTROLLER_PODS: readonly [controller: RegExp, labels: readonly string[]][] = [
  [/^k8s\.io\/ingress-nginx/, ['app.kubernetes.io/name=ingress-nginx']],
  [/^traefik\.io\//, ['app.kubernetes.io/name=traefik']],
  [/^nginx\.org\/|^gateway\.nginx\.org\//, ['app.kubernetes.io/name=nginx-ingress', 'app=nginx-ingress']],
  [/^haproxy\.org\//, ['app.kubernetes.io/name=kubernetes-ingress', 'run=haproxy-ingress']],
  [/^haproxy-ingress\.github\.io\//, ['app.kubernetes.io/name=haproxy-ingress']],
  [/^ingress\.k8s\.aws\/|^gateway\.k8s\.aws\//, ['app.kubernetes.io/name=aws-load-balancer-controller']],
  [/^projectcontour\.io\//, ['app=contour', 'app=envoy']],
  [/konghq\.com\//, ['app=ingress-kong']],
  [/^istio\.io\//, ['istio=ingressgateway', 'app=istio-ingressgateway']],
];

/** The controllers of all classes of the cluster, if anything here is routed. */
function controllerReads(items: Items): ReadRequest[] {
  if (!items.some(({ kind }) => kind === 'Ingress' || isRouteKind(kind) || kind === 'Gateway')) return [];
  const controllers = [
    ...ofKind(items, 'IngressClass').map(({ spec }) => spec?.controller),
    ...ofKind(items, 'GatewayClass').map(({ spec }) => spec?.controllerName),
  ];
  const labels = CONTROLLER_PODS.filter(([pattern]) => controllers.some((one) => pattern.test(one ?? ''))).flatMap(([, all]) => all);
  return labels.map((labelSelector): ReadRequest => ({ verb: 'list', kind: 'Pod', labelSelector }));
}

const proxyReads = (): ReadRequest[] => [
  { verb: 'get', kind: 'DaemonSet', namespace: 'kube-system', name: 'kube-proxy' },
  { verb: 'list', kind: 'Pod', namespace: 'kube-system', labelSelector: 'k8s-app=kube-proxy' },
];
