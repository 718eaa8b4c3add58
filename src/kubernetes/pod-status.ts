/** What `kubectl get pods` prints, from the API server's own rules (pkg/printers/internalversion/printers.go, printPod). */
import type { ContainerStatus, Pod } from '../kinds.ts';

/** @returns the condition of that type, from any object that has conditions. */
export function conditionOf<T extends { type?: string }>(conditions: readonly T[] | undefined, type: string): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** @returns whether the Pod's condition Ready is True. */
export const isReady = (pod: Pod): boolean => conditionOf(pod.status?.conditions, 'Ready')?.status === 'True';

/** @returns whether the Pod has ended for good. */
export const isTerminal = (pod: Pod): boolean => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';

/** @returns names of the init containers that are sidecars (restartPolicy Always). */
const sidecarsOf = (pod: Pod): Set<string | undefined> =>
  new Set((pod.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always').map((one) => one.name));

const endedWith = (status: ContainerStatus): string | undefined => {
  const ended = status.state?.terminated;
  if (!ended) return undefined;
  return ended.reason || (ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode ?? 0}`);
};

function initStatus(pod: Pod): string | undefined {
  const sidecars = sidecarsOf(pod);
  const total = pod.spec?.initContainers?.length ?? 0;
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const ended = status.state?.terminated;
    if (ended?.exitCode === 0 || (sidecars.has(status.name) && status.started)) continue;
    if (ended) return `Init:${endedWith(status)}`;
    const waiting = status.state?.waiting?.reason;
    return waiting && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${total}`;
  }
  return undefined;
}

/** @returns the STATUS column, e.g. `CrashLoopBackOff`, `Init:0/1`, `Running`. */
export function podStatus(pod: Pod): string {
  let text = pod.status?.reason || pod.status?.phase || 'Unknown';
  if (conditionOf(pod.status?.conditions, 'PodScheduled')?.reason === 'SchedulingGated') text = 'SchedulingGated';
  const init = initStatus(pod);
  if (init !== undefined && conditionOf(pod.status?.conditions, 'Initialized')?.status !== 'True') {
    text = init;
  } else {
    let running = false;
    for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
      text = status.state?.waiting?.reason || endedWith(status) || text;
      running ||= Boolean(status.ready && status.state?.running);
    }
    if (text === 'Completed' && running) text = isReady(pod) ? 'Running' : 'NotReady';
  }
  if (pod.metadata?.deletionTimestamp && !isTerminal(pod)) return pod.status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  return text;
}

/** @returns the READY column: `1/2`. Sidecars count. */
export function podReadyColumn(pod: Pod): string {
  const sidecars = sidecarsOf(pod);
  const counted = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []).filter((one) => sidecars.has(one.name)),
  ];
  return `${counted.filter((one) => one.ready).length}/${(pod.spec?.containers?.length ?? 0) + sidecars.size}`;
}

/** @returns the RESTARTS column, without the time of the last one. */
export const podRestarts = (pod: Pod): number =>
  [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].reduce(
    (sum, one) => sum + (one.restartCount ?? 0),
    0,
  );

/** @returns the addresses of a Pod, each once; none where it has none yet. */
export const ipsOf = (pod: Pod | undefined): string[] => [
  ...new Set([pod?.status?.podIP, ...(pod?.status?.podIPs ?? []).map(({ ip }) => ip)].flatMap((ip) => ip || [])),
];

/** @returns the IP families that a Pod has addresses of. */
export const familiesOf = (pod: Pod): ('IPv4' | 'IPv6')[] => [...new Set(ipsOf(pod).map((ip) => (ip.includes(':') ? 'IPv6' : 'IPv4')))];
