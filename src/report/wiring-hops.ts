/** The hops of a request as they are told: Gateway, Ingress or route, Service, EndpointSlices, Pods. */
import { isMissing, refOf, sameRef } from '../artifacts.ts';
import { declaredPorts, servingContainers } from '../checks/pods/readiness-ports.ts';
import { gatewayOf, gatewayParents, gatewayText, isGatewayMissing, listenersOf } from '../checks/routes/gateways.ts';
import { fieldPath, type OwnIngress, type OwnRoute } from '../checks/routes/own.ts';
import { listsPorts, type PortName, portNamed } from '../checks/routes/service-ports.ts';
import type { SelectorMiss } from '../checks/services/selector-misses.ts';
import { endpointsOf, hasOwnEndpoints, isServing, selectsPods } from '../checks/services/walk.ts';
import { podsOfWorkload, replicaSets, type Workload, workloads } from '../checks/subject.ts';
import type { PodTemplate, RouteMatch, Service, ServicePort } from '../kinds.ts';
import type { IngressBackend, RouteBackend } from '../kubernetes/backends.ts';
import { isTerminal } from '../kubernetes/pod-status.ts';
import { labelsText, matchesLabels } from '../kubernetes/selectors.ts';
import { kubectlName } from '../kubernetes/template.ts';
import type { Artifacts, Layer, Ref } from '../model.ts';

/** One line of the picture. */
export interface Hop {
  /** `Service cart` */
  readonly name: string;
  /** What it has, and where it leads. */
  readonly says: string;
  /** Where its faults are found. Of `endpoints` those about the endpoints of these Services. */
  readonly at: Layer | 'endpoints';
  /** The objects that this line stands for. */
  readonly refs: readonly Ref[];
  /** Of a route: the fields that this line is about, e.g. `spec.rules[0].http.paths[0]`. */
  readonly fields?: readonly string[];
}

const MOST = 3;

/** @returns `a, b, c and 2 more`. */
function some(all: readonly string[]): string {
  const texts = [...new Set(all)];
  const shown = texts.slice(0, MOST).join(', ');
  return texts.length > MOST ? `${shown} and ${texts.length - MOST} more` : shown;
}

/** @returns the values by their key, keys in the order of their first value. */
export function grouped<T>(all: readonly T[], keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups.values()];
}

// ----------------------------------------------------------------------------------------------------------- routes

const placeText = (host: string | undefined, path: string | undefined): string =>
  host ? `${host}${path ?? '/'}` : `any host, path ${path ?? '/'}`;

/** @returns `Service cart, port 80`, and that the Service has no such port. */
function leadsTo(name: string, service: Service | undefined, port: PortName): string {
  const named = port.name ?? port.number;
  if (named === undefined) return `Service ${name}`;
  const lacks = service && listsPorts(service) && !portNamed(service, port);
  return `Service ${name}, port ${named}${lacks ? ', which it does not have' : ''}`;
}

/** @returns a line for each port of the Service that the Ingress uses. */
export function ingressHops({ name, ref }: OwnIngress, backends: readonly IngressBackend[], service: Service | undefined): Hop[] {
  return grouped(backends, ({ port }) => JSON.stringify(port)).map((same): Hop => {
    const { service: to, port } = same[0]!;
    const places = same.map((one) => (one.pointer === '/spec/defaultBackend' ? 'every other request' : placeText(one.host, one.path)));
    return {
      name: `Ingress ${name}`,
      says: `${some(places)} -> ${leadsTo(to, service, port)}`,
      at: 'routes',
      refs: [ref],
      fields: same.map(({ pointer }) => fieldPath(pointer.replace(/\/backend$/, ''))),
    };
  });
}

/** @returns the Gateways of the route, and a line for each port that it uses. */
export function routeHops(a: Artifacts, own: OwnRoute, backends: readonly RouteBackend[], service: Service | undefined): Hop[] {
  const lines = grouped(backends, ({ port, weight }) => `${port} ${weight}`).map((same): Hop => {
    const { name, namespace, port, weight } = same[0]!;
    const to = leadsTo(name, service, port === undefined ? {} : { number: port });
    const elsewhere = namespace === own.namespace ? '' : ` of namespace ${namespace}`;
    return {
      name: `${own.ref.kind} ${own.name}`,
      says: `${some(same.flatMap((one) => placesOf(own, one)))} -> ${to}${elsewhere}${weight === 0 ? ', weight 0' : ''}`,
      at: 'routes',
      refs: [own.ref],
      fields: same.map(({ path }) => path),
    };
  });
  return [...gatewayHops(a, own), ...lines];
}

/** A TLSRoute sees the name that a client asks for (SNI), and no path. */
function placesOf({ route, ref }: OwnRoute, { pointer }: RouteBackend): string[] {
  const hosts = route.spec?.hostnames ?? [];
  if (ref.kind === 'TLSRoute') return hosts.length > 0 ? hosts : ['any host'];
  const rule = route.spec?.rules?.[Number(/\/rules\/(\d+)/.exec(pointer)?.[1])];
  const paths = (rule?.matches ?? []).map(pathOf);
  return (hosts.length > 0 ? hosts : [undefined]).flatMap((host) =>
    (paths.length > 0 ? paths : ['/']).map((path) => placeText(host, path)),
  );
}

/** @returns the path that a match begins with: of a gRPC method `/shop.Cart/Add`. */
function pathOf({ path, method }: RouteMatch): string {
  if (typeof method !== 'object') return path?.value ?? '/';
  return `/${method.service ?? '*'}${method.method === undefined ? '' : `/${method.method}`}`;
}

const gatewayHops = (a: Artifacts, own: OwnRoute): Hop[] =>
  gatewayParents(a)
    .filter(({ route }) => sameRef(route.ref, own.ref))
    .map((parent): Hop => {
      const gateway = gatewayOf(a, parent);
      const { sectionName } = parent.reference;
      const listeners = gateway ? listenersOf(gateway, parent.reference) : [];
      const ports = listeners.map(({ name, listener }) => `${name} ${listener.port ?? ''}`.trim());
      const lacks = `no listener${sectionName === undefined ? '' : ` ${sectionName}`}, which ${own.ref.kind} ${own.name} asks for`;
      const leads = `listener${ports.length > 1 ? 's' : ''} ${some(ports)} -> ${own.ref.kind} ${own.name}`;
      const unread = `${isGatewayMissing(a, parent) ? 'does not exist' : 'could not be read'}; ${own.ref.kind} ${own.name} names it`;
      const className = gateway?.spec?.gatewayClassName;
      return {
        name: `Gateway ${gatewayText(own, parent.ref)}`,
        says: gateway ? (ports.length > 0 ? leads : lacks) : unread,
        at: 'routes',
        refs: [parent.ref, ...(className === undefined ? [] : [{ kind: 'GatewayClass', name: className } as const])],
      };
    });

// --------------------------------------------------------------------------------------------------------- Services

/** @returns the line of a Service that a route names and that was not read as part of the walk. */
export function absentServiceHop(a: Artifacts, name: string, namespace: string | undefined): Hop {
  const read = a.get('Service', namespace, name);
  const other = namespace !== a.target.namespace;
  const says = isMissing(read) ? 'does not exist' : other ? `in namespace ${namespace}: not looked at` : 'could not be read';
  return {
    name: `Service ${name}`,
    says,
    at: 'services',
    refs: [{ kind: 'Service', ...(namespace !== undefined && { namespace }), name }],
  };
}

/** @returns the line of a Service: its kind where it is an odd one, and where each of its ports leads. */
export function serviceHop(service: Service, behind: readonly Workload[]): Hop {
  const { type, externalName, clusterIP, ports = [] } = service.spec ?? {};
  const kind = clusterIP === 'None' ? 'headless; ' : '';
  const alias = `alias for the host ${externalName ?? '(none)'} (ExternalName)`;
  const bare = hasOwnEndpoints(service) && !selectsPods(service) ? 'no selector; ' : '';
  const templates = behind.flatMap(({ template }) => template ?? []);
  const leads = ports.map((port) => `${portText(port.name, port.port, port.protocol)} -> ${targetText(port, templates)}`);
  const says = type === 'ExternalName' ? alias : `${kind}${bare}${leads.length > 0 ? some(leads) : 'no port'}`;
  return { name: `Service ${service.metadata?.name}`, says, at: 'services', refs: [refOf('Service', service)] };
}

const portText = (name: string | undefined, port: number | undefined, protocol = 'TCP'): string =>
  `port ${name ? `${name} ` : ''}${port}${protocol === 'TCP' ? '' : `/${protocol}`}`;

/** @returns `targetPort http (8080)`: the name, and the number that the Pod template gives it. */
function targetText({ port, targetPort, protocol }: ServicePort, templates: readonly PodTemplate[]): string {
  const target = targetPort ?? port;
  if (typeof target !== 'string' || /^\d+$/.test(target) || templates.length === 0) return `targetPort ${target}`;
  const declared = templates.flatMap(({ spec }) => servingContainers(spec)).flatMap((one) => declaredPorts(one, protocol));
  const numbers = declared.filter(({ name }) => name === target).map(({ containerPort }) => String(containerPort));
  return numbers.length > 0 ? `targetPort ${target} (${some(numbers)})` : `targetPort ${target}, which no container declares`;
}

/** @returns the line of the endpoints; undefined: the Service has none of its own. */
export function endpointsHop(a: Artifacts, service: Service, miss: SelectorMiss | undefined): Hop | undefined {
  if (!hasOwnEndpoints(service)) return undefined;
  return { name: 'EndpointSlices', says: endpointsText(a, service, miss), at: 'endpoints', refs: [refOf('Service', service)] };
}

function endpointsText(a: Artifacts, service: Service, miss: SelectorMiss | undefined): string {
  if (miss) return `empty: no Pod has ${labelsText(service.spec?.selector)}`;
  const all = endpointsOf(a, service);
  if (all === undefined) return 'could not be read';
  if (all.length === 0) return selectsPods(service) ? 'empty' : 'empty: nobody has written one';
  // A dual-stack Pod is listed once for each family; a Pod whose ports differ from the others' stands in a slice of its own.
  const each = grouped(all, ({ endpoint }) => endpoint.targetRef?.name ?? endpoint.addresses?.[0] ?? '');
  const ready = each.filter((same) => same.some((one) => isServing(a, one))).length;
  const portless = (service.spec?.ports ?? []).length > 0 && all.every(({ ports }) => ports.length === 0);
  return `${ready} of ${each.length} ready${portless ? ', with no port' : ''}`;
}

/** @returns the workloads whose Pods a Service selects, or was meant to. */
export const behindService = (a: Artifacts, service: Service, miss: SelectorMiss | undefined): Workload[] =>
  miss
    ? miss.workload === undefined
      ? []
      : [miss.workload]
    : workloads(a).filter(({ template }) => selectsPods(service) && matchesLabels(service.spec?.selector, template?.metadata?.labels));

// ------------------------------------------------------------------------------------------------------------- Pods

/** @returns the line of the Pods of a workload; `miss`: a Service was meant for them and selects others. */
export function podsHop(a: Artifacts, one: Workload, miss: SelectorMiss | undefined): Hop {
  const all = podsOfWorkload(a, one);
  const live = all.filter((pod) => !pod.metadata?.deletionTimestamp && !isTerminal(pod));
  // The Pods of a workload that a Service was only meant for are not read.
  const known = workloads(a).some(({ ref }) => sameRef(ref, one.ref));
  const none =
    live.length > 0 || !known ? '' : one.desired === 0 ? 'none (replicas 0); ' : all.length === 0 ? 'there are none; ' : 'none is left; ';
  const labels = miss ? `labels ${labelsText(one.template?.metadata?.labels)}; ` : '';
  return {
    name: one.ref.kind === 'Pod' ? `Pod ${one.ref.name}` : `Pods of ${kubectlName(one.ref)}`,
    says: `${none}${labels}${declaredText(one.template)}`,
    at: 'pods',
    refs: [one.ref, ...replicaSets(a, one).map((set) => refOf('ReplicaSet', set)), ...all.map((pod) => refOf('Pod', pod))],
  };
}

/** @returns `port http 8080 (container web)` */
function declaredText(template: PodTemplate | undefined): string {
  const all = servingContainers(template?.spec).flatMap(({ name, ports }) =>
    (ports ?? []).map((port) => `${portText(port.name, port.containerPort, port.protocol)} (container ${name})`),
  );
  return all.length > 0 ? some(all) : 'no container declares a port';
}
