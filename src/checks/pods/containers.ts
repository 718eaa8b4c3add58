/** The containers of the judged Pods, each with all that the checks on containers need. */
import { refOf } from '../../artifacts.ts';
import type { ContainerStatus, Event, Pod } from '../../kinds.ts';
import {
  type ContainerPlace,
  containerPath,
  containerPointer,
  type PatchOperation,
  patchTemplate,
  placeOf,
  pointerPart,
  type TemplateOwner,
} from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Ref, Remedy } from '../../model.ts';
import { seenNow } from '../answers.ts';
import { eventContainer, eventsOf, eventTime, ownerOfPod, pods } from '../subject.ts';

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
  /**
   * The container in the owner's template, for JSON pointers: a webhook that adds containers or variables to the Pod moves the
   * places in the Pod only. Undefined where the template has no such container (it was added to the Pod).
   */
  readonly source: ContainerPlace | undefined;
  /** `spec.containers[name=web]` in the Pod. */
  readonly specPath: string;
  /** `status.containerStatuses[name=web]` in the Pod. */
  readonly statusPath: string;
}

/** @returns every container of the judged Pods that has a status, init containers first. */
export function containers(a: Artifacts): PodContainer[] {
  return pods(a).flatMap((pod) => containersOf(a, pod));
}

/** @returns the containers of one Pod that have a status, init containers first. */
export function containersOf(a: Artifacts, pod: Pod): PodContainer[] {
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
          source: owner.template?.spec ? placeOf(owner.template.spec, status.name) : place,
          specPath: containerPath(place),
          statusPath: `status.${list}[name=${status.name}]`,
        },
      ];
    });
  return [...of('initContainerStatuses'), ...of('containerStatuses')];
}

/** @returns `container web` or `init container migrate`, for messages. */
export const inWords = (container: PodContainer): string =>
  `${container.init ? 'init container' : container.sidecar ? 'sidecar' : 'container'} ${container.name}`;

/** @returns the containers that wait with one of these reasons. */
export const waitingFor = (a: Artifacts, ...reasons: string[]): PodContainer[] =>
  containers(a).filter((one) => reasons.includes(one.status.state?.waiting?.reason ?? ''));

/** @returns the events about one container, oldest first. */
export const containerEvents = (a: Artifacts, container: PodContainer): Event[] =>
  eventsOf(a, container.pod).filter((event) => eventContainer(event) === container.name);

/** @returns the newest event about a container for which `test` holds. */
export const newestEvent = (a: Artifacts, container: PodContainer, test: (event: Event) => boolean): Event | undefined =>
  containerEvents(a, container).filter(test).at(-1);

/** @returns what a controller says, without the id that every request to a cloud has. */
export const withoutRequestId = (message: string): string => message.replace(/,?\s*\brequest ?id: [\w-]+/gi, '');

/** Evidence: what an event says. Events expire and are dropped, so it is of the moment. */
export const eventEvidence = (event: Event): Evidence => seenNow(refOf('Event', event), 'message', event.message);

/** @returns seconds from an event to `time` (RFC 3339), negative where the event is later; undefined where one has no time. */
export function secondsFromEvent(event: Event, time: string | undefined): number | undefined {
  const span = (Date.parse(time ?? '') - Date.parse(eventTime(event))) / 1000;
  return Number.isFinite(span) ? span : undefined;
}

/** Evidence: why the container waits, as the kubelet says it. */
export function waitingEvidence(container: PodContainer): Evidence[] {
  const { reason, message } = container.status.state?.waiting ?? {};
  return [
    { object: container.ref, path: `${container.statusPath}.state.waiting.reason`, value: reason },
    ...(message ? [{ object: container.ref, path: `${container.statusPath}.state.waiting.message`, value: message }] : []),
  ];
}

/** The same for reasons that alternate with others (ErrImagePull and ImagePullBackOff, RunContainerError and CrashLoopBackOff). */
export const waitingNow = (container: PodContainer): Evidence[] => waitingEvidence(container).map((one) => ({ ...one, volatile: true }));

/** @returns whether any container of the judged Pods has come as far as having a status. */
export const anyContainer = (a: Artifacts): boolean => containers(a).length > 0;

/**
 * Changes a field of the container in the owner's template.
 * @param at JSON pointers below the container, e.g. `/image`; places of list items as in `container.source`
 * @returns no remedy where the template has no such container (a webhook added it)
 */
export function changeContainer(container: PodContainer, at: readonly PatchOperation[], changes: string): Remedy[] {
  const { source } = container;
  if (!source || at.length === 0) return [];
  return patchTemplate(
    container.owner,
    at.map((operation) => ({ ...operation, path: containerPointer(source) + operation.path })),
    changes,
  );
}

/** Changes a field of the Pod spec in the owner's template, e.g. `/volumes/0/configMap/name`. */
export const changeSpec = (container: PodContainer, at: readonly PatchOperation[], changes: string): Remedy[] =>
  patchTemplate(container.owner, at, changes);

/** The Pod spec of the owner's template; of the Pod itself where the template is not known. */
export const sourceSpec = (container: PodContainer): NonNullable<Pod['spec']> => container.owner.template?.spec ?? container.pod.spec ?? {};

/** JSON patch that appends to a list below `pointer`, or makes the list. */
export const append = (list: readonly unknown[] | undefined, pointer: string, value: unknown): PatchOperation =>
  list && list.length > 0 ? { op: 'add', path: `${pointer}/-`, value } : { op: 'add', path: pointer, value: [value] };

/** JSON patch that sets a field of an object below `pointer`, or makes the object. */
export const setField = (object: object | undefined, pointer: string, field: string, value: unknown): PatchOperation =>
  object ? { op: 'add', path: `${pointer}/${pointerPart(field)}`, value } : { op: 'add', path: pointer, value: { [field]: value } };
