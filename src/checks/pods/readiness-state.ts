/** Which Pods have to be Ready, and what keeps each from it: time, a probe, a gate, its node, or something that other questions answer. */
import { refOf } from '../../artifacts.ts';
import type { Event, Pod, Probe } from '../../kinds.ts';
import { conditionOf, isReady, isTerminal } from '../../kubernetes/pod-status.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts } from '../../model.ts';
import { eventTime, pods, workloadOf } from '../subject.ts';
import { containerEvents, containers, type PodContainer } from './containers.ts';
import { endings } from './endings.ts';

/** @returns the judged Pods that should be Ready: not those that have ended, and not a Job's, which need not be. */
export const readinessPods = (a: Artifacts): Pod[] => pods(a).filter((pod) => !isTerminal(pod) && workloadOf(a, pod)?.ref.kind !== 'Job');

/** @returns whether a container of the Pod ends again and again: in between it may be ready for a moment, which means nothing. */
export const doesNotStayUp = (a: Artifacts, pod: Pod): boolean =>
  endings(a).some(({ container }) => container.pod.metadata?.uid === pod.metadata?.uid);

/** @returns the Pods that are not Ready, or are so only for a moment. */
export const unreadyPods = (a: Artifacts): Pod[] => readinessPods(a).filter((pod) => !isReady(pod) || doesNotStayUp(a, pod));

/** @returns the containers of a Pod that readiness counts: main containers and sidecars. */
export const countedContainers = (a: Artifacts, pod: Pod): PodContainer[] =>
  containers(a).filter(
    (one) => !one.init && one.pod.metadata?.name === pod.metadata?.name && one.pod.metadata?.namespace === pod.metadata?.namespace,
  );

/** @returns whether every container of the Pod runs: only then does readiness have a cause of its own. */
export function allRun(a: Artifacts, pod: Pod): boolean {
  const own = countedContainers(a, pod);
  const wanted =
    (pod.spec?.containers?.length ?? 0) + (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').length;
  return own.length === wanted && own.length > 0 && own.every(({ status }) => status.state?.running !== undefined);
}

/** Seconds that a probe takes to fail for good: the defaults are those of core/v1 (SetDefaults_Probe). Three more for the kubelet's own ways. */
export const probeBudget = (probe: Probe | undefined): number =>
  probe
    ? (probe.initialDelaySeconds ?? 0) + (probe.failureThreshold ?? 3) * (probe.periodSeconds ?? 10) + (probe.timeoutSeconds ?? 1) + 3
    : 3;

const READINESS = /^(?:\(combined from similar events\): )?Readiness probe (?:failed|errored(?: and resulted in \w+ state)?): /;

/** An `Unhealthy` event of this run of the container, and what stands behind `Readiness probe failed: `. */
export interface ProbeEvent {
  readonly event: Event;
  readonly text: string;
}

/** @returns the newest failure of the readiness probe since the container started. Of earlier runs nothing counts. */
export function lastProbeEvent(a: Artifacts, container: PodContainer): ProbeEvent | undefined {
  const since = Date.parse(container.status.state?.running?.startedAt ?? '');
  const event = containerEvents(a, container)
    .filter((one) => one.reason === 'Unhealthy' && READINESS.test(one.message ?? ''))
    // times of events and of containers are cut to seconds
    .findLast((one) => !(Date.parse(eventTime(one)) < since - 1000));
  return event && { event, text: (event.message ?? '').replace(READINESS, '') };
}

/** @returns whether the startup probe has not passed yet: the kubelet does not ask for readiness before. */
export const isStartingUp = ({ status, place }: PodContainer): boolean =>
  status.started === false && place.container.startupProbe !== undefined;

/** @returns whether the container is younger than its readiness probe needs to fail for good. */
export function isYoung(a: Artifacts, container: PodContainer): boolean {
  const { readinessProbe, startupProbe } = container.place.container;
  const age = secondsSince(container.status.state?.running?.startedAt, a.now);
  if (age === undefined) return false;
  if (!startupProbe) return age < probeBudget(readinessProbe);
  // Readiness is first asked for when the startup probe has passed; the first failure tells since when.
  const failing = secondsSince(lastProbeEvent(a, container)?.event.firstTimestamp, a.now);
  return failing === undefined ? age < probeBudget(startupProbe) + probeBudget(readinessProbe) : failing < probeBudget(readinessProbe);
}

/** A readiness gate that is not fulfilled. */
export interface Gate {
  readonly type: string;
  /** The status of its condition; undefined: nobody has set it. */
  readonly status: string | undefined;
}

/** @returns the readiness gates of a Pod whose condition is not True. */
export const openGates = (pod: Pod): Gate[] =>
  (pod.spec?.readinessGates ?? []).flatMap(({ conditionType: type }) => {
    const status = type === undefined ? 'True' : conditionOf(pod.status?.conditions, type)?.status;
    return type === undefined || status === 'True' ? [] : [{ type, status }];
  });

/** @returns whether all containers of the Pod are ready, by their own status. */
export const containersReady = (a: Artifacts, pod: Pod): boolean => {
  const own = countedContainers(a, pod);
  return own.length > 0 && own.every(({ status }) => status.ready === true);
};

export const podRef = (pod: Pod) => refOf('Pod', pod);
