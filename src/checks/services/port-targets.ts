/** Where the ports of a Service lead in the Pods that it selects (staging/src/k8s.io/endpointslice/utils.go, FindPort). */
import { refOf } from '../../artifacts.ts';
import type { Container, Pod, Service, ServicePort } from '../../kinds.ts';
import { isReady, isTerminal } from '../../kubernetes/pod-status.ts';
import type { Artifacts, Evidence, Ref } from '../../model.ts';
import { seen } from '../answers.ts';
import { declaredPorts, servingContainers } from '../pods/readiness-ports.ts';
import { doesNotStayUp } from '../pods/readiness-state.ts';
import { selectedPods } from '../subject.ts';
import { selectingServices } from './walk.ts';

/** One port of a Service, with a Pod that shows where it leads: one that has such a port, for Pods of several templates may stand behind it. */
export interface PortTarget {
  readonly service: Service;
  readonly ref: Ref;
  readonly port: ServicePort;
  /** Place in spec.ports, for JSON pointers. */
  readonly index: number;
  readonly pod: Pod;
  /** Of the container port; undefined where the name is not declared. */
  readonly number: number | undefined;
  /** The container that declares it, if one does. */
  readonly container: Container | undefined;
  /** The Service's words for where it leads. */
  readonly evidence: Evidence;
  /** The number by which the Service is asked. */
  readonly portEvidence: Evidence;
}

const protocolOf = ({ protocol = 'TCP' }: ServicePort): string => protocol;

/** @returns where a Service port leads in a Pod: the first container that declares the name and protocol, or the number as it stands. */
function resolve(pod: Pod, port: ServicePort): Pick<PortTarget, 'number' | 'container'> {
  const target = port.targetPort ?? port.port;
  const containers = servingContainers(pod.spec);
  const fits =
    typeof target === 'string' && !/^\d+$/.test(target)
      ? ({ name }: { name?: string }) => name === target
      : ({ containerPort }: { containerPort?: number }) => containerPort === Number(target);
  const container = containers.find((one) => declaredPorts(one, protocolOf(port)).some(fits));
  const declared = container && declaredPorts(container, protocolOf(port)).find(fits);
  const number = declared?.containerPort ?? (Number.isInteger(Number(target)) ? Number(target) : undefined);
  return { number, container };
}

/** @returns the path of a Service port: by name, or by number where it has none. */
const portPath = ({ name, port }: ServicePort): string => (name === undefined ? `spec.ports[port=${port}]` : `spec.ports[name=${name}]`);

/** @returns every port of the Services of the walk that has a live Pod behind it; one that is Ready and stays so where there is one. */
export function portTargets(a: Artifacts): PortTarget[] {
  return selectingServices(a).flatMap((service) => {
    const live = selectedPods(a, service).filter((one) => !isTerminal(one));
    const up = live.filter((one) => isReady(one) && !doesNotStayUp(a, one));
    const candidates = [...up, ...live.filter(isReady), ...live];
    const ref = refOf('Service', service);
    return (service.spec?.ports ?? []).flatMap((port, index) => {
      const pod = candidates.find((one) => resolve(one, port).number !== undefined) ?? candidates[0];
      if (!pod) return [];
      return {
        service,
        ref,
        port,
        index,
        pod,
        ...resolve(pod, port),
        evidence: seen(ref, `${portPath(port)}.targetPort`, port.targetPort),
        portEvidence: seen(ref, `${portPath(port)}.port`, port.port),
      };
    });
  });
}
