/** Containers that the kubelet killed because their postStart hook failed: the process itself may be healthy. */
import type { Event } from '../../kinds.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence } from '../../model.ts';
import { seen, seenNow } from '../answers.ts';
import { changeContainer, containers, eventEvidence, inWords, newestEvent, type PodContainer, secondsFromEvent } from './containers.ts';
import { type Ending, endings } from './endings.ts';
import type { RunStory } from './start.run.stories.ts';

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
  const last = ending?.last ?? before;
  if (last && (!KILLED.includes(last.exitCode ?? 0) || last.reason === 'OOMKilled')) return undefined;
  const killing = newestEvent(a, container, (one) => isHookEvent(one) || one.reason === 'Killing');
  // Killed since for another reason, such as its liveness probe: the hook has passed.
  const event = killing && isHookEvent(killing) ? killing : undefined;
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
export const hookFailures = (a: Artifacts): HookFailure[] => a.once('hookFailures', () => findHookFailures(a));

function findHookFailures(a: Artifacts): HookFailure[] {
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

// ------------------------------------------------------------------------------------------------------------- words

/** A script is shown by its beginning. */
function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

/** @returns the story of a container that is killed because its postStart hook fails. */
export function hookStory(container: PodContainer): RunStory {
  const { place, source, ref, specPath } = container;
  const hook = place.container.lifecycle?.postStart ?? {};
  const field = (['exec', 'httpGet', 'tcpSocket', 'sleep'] as const).find((one) => hook[one]);
  const does = hook.exec
    ? `command ${short((hook.exec.command ?? []).join(' '))}`
    : hook.httpGet
      ? `request to ${hook.httpGet.path ?? '/'} on port ${hook.httpGet.port}`
      : 'work';
  const path = `${specPath}.lifecycle.postStart`;
  return {
    cause: 'post-start-hook-failed',
    message: `the ${does} of the postStart hook of ${inWords(container)} fails, and the kubelet kills the container for it`,
    evidence: [seen(ref, field ? `${path}.${field}` : path, field ? hook[field] : hook)],
    remedies: source?.container.lifecycle?.postStart
      ? changeContainer(
          container,
          [{ op: 'remove', path: '/lifecycle/postStart' }],
          'Starts the container without its hook; what the hook did must then be done elsewhere. Rolls out new Pods.',
        )
      : [],
    nextChecks: [look(['describe', 'pod', ref.name, ...namespaceFlag(ref)], 'Shows the events; just after a try also what the hook said.')],
  };
}
