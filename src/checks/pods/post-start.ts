/** Containers that the kubelet killed because their postStart hook failed: the process itself may be healthy. */
import type { Event } from '../../kinds.ts';
import type { Artifacts, Evidence } from '../../model.ts';
import { seenNow } from '../answers.ts';
import { containers, eventEvidence, newestEvent, type PodContainer, secondsFromEvent } from './containers.ts';
import { type Ending, endings } from './endings.ts';

/** A container whose postStart hook fails. */
export interface HookFailure {
  readonly container: PodContainer;
  readonly evidence: readonly Evidence[];
}

/** Codes of a process that was asked to stop, or made to; with another one it ended by itself, and the hook found nobody. */
const KILLED = [0, 137, 143];

/** Events outlive their cause by an hour. */
const HOUR = 3600;

const isHookEvent = ({ reason, message = '' }: Event): boolean =>
  reason === 'FailedPostStartHook' || (reason === 'Killing' && message.includes('FailedPostStartHook'));

function failureOf(a: Artifacts, container: PodContainer, ending: Ending | undefined): HookFailure | undefined {
  if (!container.place.container.lifecycle?.postStart) return undefined;
  const { reason, message } = container.status.state?.waiting ?? {};
  const before = container.status.lastState?.terminated;
  const code = ending?.exitCode ?? before?.exitCode;
  if (code !== undefined && !KILLED.includes(code)) return undefined;
  const event = newestEvent(a, container, isHookEvent);
  const ended = ending && event ? secondsFromEvent(event, ending.last.finishedAt) : undefined;
  // The hook fails, then the process is killed: the end comes after, but for the clock of the recorder.
  const hooked = ended !== undefined && ended >= -HOUR && ended <= HOUR;
  if (reason !== 'PostStartHookError' && !hooked) return undefined;
  const at = `${container.statusPath}.state.waiting`;
  return {
    container,
    evidence: [
      ...(reason === 'PostStartHookError' ? [seenNow(container.ref, `${at}.reason`, reason)] : []),
      ...(reason === 'PostStartHookError' && message ? [seenNow(container.ref, `${at}.message`, message)] : []),
      ...(event ? [eventEvidence(event)] : []),
    ],
  };
}

/**
 * @returns the containers that end because their postStart hook fails. The status says so only just after (waiting.reason PostStartHookError,
 * pkg/kubelet/kuberuntime/kuberuntime_container.go); in back-off only events do. Needs `podReads` and `eventReads`.
 */
export function hookFailures(a: Artifacts): HookFailure[] {
  const all = endings(a);
  return containers(a).flatMap((container) => {
    const ending = all.find((one) => one.container.ref.name === container.ref.name && one.container.name === container.name);
    const failure = failureOf(a, container, ending);
    return failure ? [failure] : [];
  });
}

/** @returns whether this container is killed for its hook: then how it ends says nothing about the application. */
export const isHookFailure = (a: Artifacts, container: PodContainer): boolean =>
  hookFailures(a).some((one) => one.container.ref.name === container.ref.name && one.container.name === container.name);
