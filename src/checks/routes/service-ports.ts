/** Ports of a Service, for those who name one: Ingresses by number or name, routes by number. */
import type { Service, ServicePort } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import type { Artifacts } from '../../model.ts';
import { portNumber, servingContainers } from '../pods/readiness-ports.ts';
import { check as svcEndpoints } from '../services/svc.endpoints.ts';
import { hasReadyEndpoint } from '../services/walk.ts';
import { services, workloads } from '../subject.ts';

/** A port as an Ingress or route names it. */
export interface PortName {
  readonly number?: number;
  readonly name?: string;
}

const portsOf = (service: Service): ServicePort[] => service.spec?.ports ?? [];

/** @returns the port of the Service that is meant; undefined: it has no such port. */
export const portNamed = (service: Service, port: PortName): ServicePort | undefined =>
  portsOf(service).find((one) => (port.name !== undefined ? one.name === port.name : one.port === port.number));

/** @returns whether the Service lists its ports: an alias for an external name need not. */
export const listsPorts = (service: Service): boolean => service.spec?.type !== 'ExternalName' || portsOf(service).length > 0;

/** @returns the number that the targetPort of a Service port leads to in the Pods of the walk; undefined: not known. */
function targetOf(a: Artifacts, { targetPort, port }: ServicePort): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  const containers = workloads(a).flatMap(({ template }) => servingContainers(template?.spec));
  return containers.map((container) => portNumber(container, targetPort ?? port)).find((number) => number !== undefined);
}

/** @returns the Service port behind which the container's port of that number, or of that name, is. */
export const portBehind = (a: Artifacts, service: Service, { number, name }: PortName): ServicePort | undefined =>
  portsOf(service).find((one) => (name !== undefined ? one.targetPort === name : targetOf(a, one) === number));

/** @returns the port that was most likely meant: the only one, the one in front of the container port that was named, or one of nearly the same name. */
export function portMeant(a: Artifacts, service: Service, wanted: PortName): ServicePort | undefined {
  const ports = portsOf(service).filter(({ port, protocol = 'TCP' }) => port !== undefined && protocol === 'TCP');
  if (ports.length === 1) return ports[0];
  const near =
    wanted.name === undefined
      ? undefined
      : nearest(
          wanted.name,
          ports.flatMap(({ name }) => name ?? []),
        );
  return ports.find((one) => one === portBehind(a, service, wanted)) ?? ports.find(({ name }) => near !== undefined && name === near);
}

/** @returns `port 80 only`, `ports 80 (http) and 9090 (metrics)`, `no ports`. */
export function portsText(service: Service): string {
  const all = portsOf(service).map(({ port, name }) => (name === undefined ? String(port) : `${port} (${name})`));
  if (all.length === 0) return 'no ports';
  return all.length === 1 ? `port ${all[0]} only` : `ports ${listText(all)}`;
}

/** @returns `web only`, `http and metrics`, or that none has a name. */
export function portNamesText(service: Service): string {
  const names = portsOf(service).flatMap(({ name }) => name ?? []);
  if (names.length === 0)
    return portsOf(service).length === 1 ? `port ${portsOf(service)[0]?.port}, which has no name` : 'ports without names';
  return names.length === 1 ? `${names[0]} only` : listText(names);
}

/** no: nothing ready stands behind this port. later: not yet, because its Pods are on their way. */
export type Endpoints = 'ready' | 'no' | 'later' | 'unknown';

/** @returns whether something ready stands behind the port of a Service of the walk. */
export function endpointsBehind(a: Artifacts, service: Service, port: ServicePort | undefined): Endpoints {
  const ready = hasReadyEndpoint(a, service, port && (port.name ?? ''));
  if (ready === undefined) return 'unknown';
  if (ready) return 'ready';
  const answer = a.once('routes endpoints', () => svcEndpoints.judge(a));
  const isSelected = services(a).includes(service);
  return isSelected && answer.outcome === 'fine' && answer.inProgress ? 'later' : 'no';
}
