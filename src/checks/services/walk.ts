/** The Services of the walk, each with its endpoints. */
import { refOf } from '../../artifacts.ts';
import type { KindMap, Service } from '../../kinds.ts';
import type { Artifacts, ReadRequest, Ref } from '../../model.ts';
import { doesNotStayUp } from '../pods/readiness-state.ts';
import { namedServices, routeReads } from '../routes/backends.ts';
import { endpointReads, endpointSlices, podReads, pods, serviceListReads, services } from '../subject.ts';
import { type SelectorMiss, selectorMisses, selectorMissReads } from './selector-misses.ts';

type EndpointSlice = KindMap['EndpointSlice'];
export type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

/** What `misses` needs. */
export const missReads = (a: Artifacts): ReadRequest[] => [
  ...podReads(a),
  ...serviceListReads(a),
  ...routeReads(a),
  ...selectorMissReads(a, namedServices(a)),
];

/** @returns the Services that were meant for Pods of the walk and select none. */
export const misses = (a: Artifacts): SelectorMiss[] => selectorMisses(a, namedServices(a));

/** What the questions about Services need: the Services, the Pods and the endpoints. */
export const walkReads = (a: Artifacts): ReadRequest[] => [...missReads(a), ...endpointReads(a, services(a).filter(hasOwnEndpoints))];

/** @returns whether the Service has endpoints of its own: an ExternalName has none. */
export const hasOwnEndpoints = (service: Service): boolean => service.spec?.type !== 'ExternalName';

/** @returns whether the endpoints of the Service come from the Pods that it selects. */
export const selectsPods = (service: Service): boolean => hasOwnEndpoints(service) && Object.keys(service.spec?.selector ?? {}).length > 0;

/** @returns the Services of the walk whose selector matches its Pods. */
export function selectingServices(a: Artifacts): Service[] {
  const missed = new Set(misses(a).map(({ service }) => service.metadata?.name));
  return services(a).filter((service) => selectsPods(service) && !missed.has(service.metadata?.name));
}

/** An endpoint with its address in the slice. */
export interface SliceEndpoint {
  readonly slice: Ref;
  /** `endpoints[0]` */
  readonly path: string;
  readonly endpoint: Endpoint;
  /** Names of the Service ports that this slice serves; undefined where the slice lists no ports. */
  readonly ports: readonly string[];
}

/** @returns all endpoints of a Service, or undefined where its slices were not read. Of a dual-stack Pod both are listed. */
export function endpointsOf(a: Artifacts, service: Service): SliceEndpoint[] | undefined {
  return endpointSlices(a, service)?.flatMap((slice) =>
    (slice.endpoints ?? []).map((endpoint, index) => ({
      slice: refOf('EndpointSlice', slice),
      path: `endpoints[${index}]`,
      endpoint,
      ports: (slice.ports ?? []).map(({ name }) => name ?? ''),
    })),
  );
}

/**
 * @returns whether traffic that goes to the endpoint arrives: it is ready (a condition that is absent counts as true, discovery/v1 EndpointConditions),
 * and not just for the moment in which a container that ends again and again is up
 */
export function isServing(a: Artifacts, { endpoint }: SliceEndpoint): boolean {
  const pod = pods(a).find(({ metadata }) => metadata?.name === endpoint.targetRef?.name);
  return endpoint.conditions?.ready !== false && !(pod && doesNotStayUp(a, pod));
}

/**
 * @param port name of a Service port ('' where it has none); undefined: any
 * @returns whether something ready stands behind the Service, or undefined where that is not known
 */
export function hasReadyEndpoint(a: Artifacts, service: Service, port?: string): boolean | undefined {
  if (!hasOwnEndpoints(service)) return undefined;
  if (misses(a).some((miss) => miss.service.metadata?.name === service.metadata?.name)) return false;
  return endpointsOf(a, service)?.some((one) => isServing(a, one) && (port === undefined || one.ports.includes(port)));
}

/** @returns `Service cart`, `Services cart and cart-admin`. */
export function servicesText(all: readonly Service[]): string {
  const names = all.map((service) => service.metadata?.name ?? '');
  return names.length === 1 ? `Service ${names[0]}` : `Services ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
