/** The containers of the judged Pods, each with all that the checks on containers need. */
import { refOf } from '../../artifacts.ts';
import type { ContainerStatus, Event, Pod } from '../../kinds.ts';
import { type ContainerPlace, type TemplateOwner, containerPath, placeOf } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Ref } from '../../model.ts';
import { eventContainer, eventsOf, ownerOfPod, pods } from '../subject.ts';

export interface PodContainer {
  readonly pod: Pod;
  readonly ref: Ref;
  readonly name: string;
  readonly place: ContainerPlace;
  readonly status: ContainerStatus;
  /** An init container that must end before the Pod goes on (a sidecar is none). */
  readonly init: boolean;
  readonly sidecar: boolean;
  /** Where a fix must go. */
  readonly owner: TemplateOwner;
  /** `spec.containers[name=web]` in the Pod. */
  readonly specPath: string;
  /** `status.containerStatuses[name=web]` in the Pod. */
  readonly statusPath: string;
}

/** @returns every container of the judged Pods that has a status, init containers first. */
export function containers(a: Artifacts): PodContainer[] {
  return pods(a).flatMap((pod) => {
    const owner = ownerOfPod(a, pod);
    const of = (list: 'initContainerStatuses' | 'containerStatuses') =>
      (pod.status?.[list] ?? []).flatMap((status): PodContainer[] => {
        const place = placeOf(pod.spec, status.name);
        if (!place || status.name === undefined) return [];
        const sidecar = place.list === 'initContainers' && place.container.restartPolicy === 'Always';
        return [
          {
            pod,
            ref: refOf('Pod', pod),
            name: status.name,
            place,
            status,
            init: place.list === 'initContainers' && !sidecar,
            sidecar,
            owner,
            specPath: containerPath(place),
            statusPath: `status.${list}[name=${status.name}]`,
          },
        ];
      });
    return [...of('initContainerStatuses'), ...of('containerStatuses')];
  });
}

/** @returns `container web` or `init container migrate`, for messages. */
export const inWords = (container: PodContainer): string => `${container.init ? 'init container' : container.sidecar ? 'sidecar' : 'container'} ${container.name}`;

/** @returns the containers that wait with one of these reasons. */
export const waitingFor = (a: Artifacts, ...reasons: string[]): PodContainer[] =>
  containers(a).filter((one) => reasons.includes(one.status.state?.waiting?.reason ?? ''));

/** @returns the events about one container, oldest first. */
export const containerEvents = (a: Artifacts, container: PodContainer): Event[] =>
  eventsOf(a, container.pod).filter((event) => eventContainer(event) === container.name);

/** Evidence: why the container waits, as the kubelet says it. */
export function waitingEvidence(container: PodContainer): Evidence[] {
  const { reason, message } = container.status.state?.waiting ?? {};
  return [
    { object: container.ref, path: `${container.statusPath}.state.waiting.reason`, value: reason },
    ...(message ? [{ object: container.ref, path: `${container.statusPath}.state.waiting.message`, value: message }] : []),
  ];
}

/** @returns whether any container of the judged Pods has come as far as having a status. */
export const anyContainer = (a: Artifacts): boolean => containers(a).length > 0;
