/** Pods that have a node and whose containers wait for volumes or for the sandbox: no container of theirs has been tried yet. */
import { refOf } from '../../artifacts.ts';
import type { Event, Pod } from '../../kinds.ts';
import { conditionOf, isTerminal } from '../../kubernetes/pod-status.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Evidence } from '../../model.ts';
import { seen } from '../answers.ts';
import { byTime, eventsOf, pods } from '../subject.ts';

const LISTS = ['initContainerStatuses', 'containerStatuses'] as const;

/** The kubelet's default reasons, before it has tried anything (pkg/kubelet/kubelet_pods.go, convertToAPIContainerStatuses). */
export const STARTING: readonly string[] = ['ContainerCreating', 'PodInitializing'];
const NOT_TRIED: readonly unknown[] = [...STARTING, undefined];

const statuses = (pod: Pod) => LISTS.flatMap((list) => (pod.status?.[list] ?? []).map((status) => ({ list, status })));

/** @returns whether nothing of the Pod runs, has ended, or fails in a way that has a reason of its own. */
export const isWaiting = (pod: Pod): boolean =>
  Boolean(pod.spec?.nodeName) &&
  !isTerminal(pod) &&
  statuses(pod).every(({ status: { state } }) => !state?.running && !state?.terminated && NOT_TRIED.includes(state?.waiting?.reason));

/**
 * Whether the Pod has its sandbox, which comes after the volumes. The condition is there by default since 1.29; before, the IP tells, but for
 * Pods in the network of their host, which have it at once.
 */
function hasSandbox(pod: Pod): boolean {
  const condition = conditionOf(pod.status?.conditions, 'PodReadyToStartContainers');
  return condition ? condition.status === 'True' : Boolean(pod.status?.podIP) && pod.spec?.hostNetwork !== true;
}

/** @returns the judged Pods that wait for their containers to be made: for a volume, the sandbox, or an image. */
export const waitingPods = (a: Artifacts): Pod[] => pods(a).filter(isWaiting);

/** @returns those of them that have no sandbox yet. */
export const unstartedPods = (a: Artifacts): Pod[] => waitingPods(a).filter((pod) => !hasSandbox(pod));

/** @returns how long ago the Pod got its node, in seconds: one that was made for a node has had it since then. Undefined where nothing tells. */
export const waitedFor = (a: Artifacts, pod: Pod): number | undefined =>
  secondsSince(
    conditionOf(pod.status?.conditions, 'PodScheduled')?.lastTransitionTime ?? pod.status?.startTime ?? pod.metadata?.creationTimestamp,
    a.now,
  );

/** Errors that go away by themselves are held back for so long (seconds): the kubelet tries mounts for two minutes before it gives up. */
export const PATIENCE = 120;

/** @returns whether the Pod is so young that an error may still be of the start itself. */
export const isYoung = (a: Artifacts, pod: Pod): boolean => (waitedFor(a, pod) ?? PATIENCE) < PATIENCE;

/** Evidence: the first container that waits. */
export function waitingEvidenceOf(pod: Pod): Evidence[] {
  const first = statuses(pod).find(({ status }) => status.name !== undefined && status.state?.waiting?.reason);
  if (!first) return [];
  const { list, status } = first;
  return [seen(refOf('Pod', pod), `status.${list}[name=${status.name}].state.waiting.reason`, status.state?.waiting?.reason)];
}

/** The first process of a sandbox was dead before it could be started: why, another try has said. Words of containerd, and of runc (start.go). */
const SAYS_NOTHING = /cannot start a stopped process|cannot start a container that has stopped/;

/** @returns the newest event of a Pod with one of these reasons; one that says nothing only where there is no other. */
export function newestOf(a: Artifacts, pod: Pod, ...reasons: string[]): Event | undefined {
  const found = eventsOf(a, pod).filter(({ reason }) => reasons.includes(reason ?? ''));
  return found.findLast(({ message }) => !SAYS_NOTHING.test(message ?? '')) ?? found.at(-1);
}
/** @returns whether an event is older than another; without another it is not. */
export const isBefore = (event: Event, other: Event | undefined): boolean => other !== undefined && byTime(event, other) < 0;
