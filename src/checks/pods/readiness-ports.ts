/** Where an application listens, as far as its spec and its log tell; and what its probes ask. */
import type { Container, Pod, Probe } from '../../kinds.ts';
import { containerPointer, type PatchOperation, placeOf, type TemplateOwner } from '../../kubernetes/template.ts';
import type { Evidence } from '../../model.ts';
import { seen } from '../answers.ts';
import type { PodContainer } from './containers.ts';
import { listeningIn } from './listening.ts';

type ContainerPort = NonNullable<Container['ports']>[number];
/** A port as probes and Services name it. */
export type PortReference = number | string | undefined;

/** @returns the ports of that protocol that a container declares. An absent protocol is TCP. */
export const declaredPorts = (container: Container | undefined, protocol = 'TCP'): ContainerPort[] =>
  (container?.ports ?? []).filter((port) => port.containerPort !== undefined && (port.protocol ?? 'TCP') === protocol);

/** @returns the number that a probe's port means in this container: a name is looked up among its own ports only (pkg/probe/util.go). */
export function portNumber(container: Container | undefined, port: PortReference): number | undefined {
  if (typeof port === 'number') return port;
  if (port === undefined) return undefined;
  return /^\d+$/.test(port) ? Number(port) : (container?.ports ?? []).find(({ name }) => name === port)?.containerPort;
}

/** What a probe asks over the network, with its place below the probe. */
export interface NetworkProbe {
  readonly field: 'httpGet' | 'tcpSocket' | 'grpc';
  readonly port: PortReference;
}

/** @returns which port a probe asks on, or undefined where it runs a command. */
export function networkProbe(probe: Probe | undefined): NetworkProbe | undefined {
  for (const field of ['httpGet', 'tcpSocket', 'grpc'] as const) {
    const asks = probe?.[field];
    if (asks) return { field, port: asks.port };
  }
  return undefined;
}

/** @returns the containers that serve: main containers, then sidecars. A Service finds its named ports in this order (endpointslice utils.go, FindPort). */
export function servingContainers(spec: Pod['spec']): Container[] {
  return [...(spec?.containers ?? []), ...(spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')];
}

/** A port other than the one that is refused, and what shows it. */
export interface OtherPort {
  /** The port's name where it has one, else its number: what to write into a probe. */
  readonly value: number | string;
  readonly number: number;
  /** The end of a sentence: `its log says that it listens on 3000`. */
  readonly says: string;
  readonly evidence: Evidence;
}

/**
 * @param wrong the port on which nothing listens
 * @param log what the container has logged
 * @returns where it listens instead: by its log, by the only other port that it declares, or by a probe of another kind that passes
 */
export function otherPort(
  { pod, ref, name, place, specPath }: PodContainer,
  wrong: number | undefined,
  log: string | undefined,
): OtherPort | undefined {
  const { container } = place;
  const named = (number: number) => declaredPorts(container).find(({ containerPort }) => containerPort === number)?.name ?? number;
  const logged = listeningIn(log).find(({ port, localhost }) => port !== wrong && !localhost);
  if (logged) {
    const address = { namespace: ref.namespace ?? '', pod: pod.metadata?.name ?? '', container: name, previous: false };
    return {
      value: named(logged.port),
      number: logged.port,
      says: `its log says that it listens on ${logged.port}`,
      evidence: { log: address, line: logged.line },
    };
  }
  const others = declaredPorts(container).filter((port) => port.containerPort !== wrong && !/metric|prom/i.test(port.name ?? ''));
  const only = others[0];
  if (only?.containerPort !== undefined && others.length === 1) {
    const at = only.name === undefined ? `containerPort=${only.containerPort}` : `name=${only.name}`;
    return {
      value: only.name ?? only.containerPort,
      number: only.containerPort,
      says: `it declares port ${only.containerPort}`,
      evidence: seen(ref, `${specPath}.ports[${at}].containerPort`, only.containerPort),
    };
  }
  const asked = networkProbe(container.livenessProbe);
  const number = portNumber(container, asked?.port);
  if (!asked || number === undefined || number === wrong) return undefined;
  return {
    value: asked.port ?? number,
    number,
    says: `its liveness probe asks on ${number}`,
    evidence: seen(ref, `${specPath}.livenessProbe.${asked.field}.port`, asked.port),
  };
}

/** @returns operations below the container, placed where the container stands in the owner's template: an injected sidecar may have moved it in the Pod. */
export function inTemplate(
  container: Pick<PodContainer, 'owner' | 'name' | 'place'>,
  operations: readonly PatchOperation[],
): PatchOperation[] {
  const pointer = containerPointer(templatePlace(container.owner, container.name) ?? container.place);
  return operations.map((operation) => ({ ...operation, path: pointer + operation.path }));
}

const templatePlace = (owner: TemplateOwner, name: string) => placeOf(owner.template?.spec, name);
