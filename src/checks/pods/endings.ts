/** The containers that end again and again, or have ended for good: each with its newest end and its last words. */
import type { Container, ContainerStatus, Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Artifacts, Evidence, Read, ReadRequest } from '../../model.ts';
import { seenNow } from '../answers.ts';
import { podReads, pods, workloadOf } from '../subject.ts';
import { containers, type PodContainer } from './containers.ts';
import { bestMatch, type LogMatch } from './log-patterns.ts';
import { type LogLine, logLines } from './log-text.ts';

type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

export interface Ending {
  readonly container: PodContainer;
  /** waiting: in back-off. terminated: between the end and what follows. running: up again, but not for long enough to count. */
  readonly phase: 'waiting' | 'terminated' | 'running';
  /** The newest end. */
  readonly last: Ended;
  /** Field path of the newest end in the Pod. It moves with the phase, so evidence at it is of the moment. */
  readonly path: string;
  readonly exitCode: number;
  /** How long that run lasted, in seconds; undefined where a time is missing or the process never started. */
  readonly ran: number | undefined;
  /** Whether the kubelet has started it anew, or is about to. */
  readonly restarts: boolean;
  /** The process itself never ran: the runtime could not start it. Belongs to start.run. */
  readonly neverStarted: boolean;
}

/** A container that was up for twice its last run, and this much longer (seconds), has recovered; one whose readiness probe passes, for as long as that run. */
const LONGER = 5;
/** The kubelet forgets a crash after ten minutes of running (MaxContainerBackOff doubled, pkg/kubelet/kubelet.go): a Ready container may too. */
const FORGIVEN = 600;

const restartPolicy = (pod: Pod): string => pod.spec?.restartPolicy ?? 'Always';

/** Reasons with which a runtime says that the process never ran (containerd; cri-dockerd). */
const NEVER_STARTED = ['StartError', 'ContainerCannotRun'];

/** @returns whether the kubelet starts this container again after an end with that code. */
const isRestarted = (one: PodContainer, code: number): boolean =>
  one.sidecar || restartPolicy(one.pod) === 'Always' || (restartPolicy(one.pod) === 'OnFailure' && code !== 0);

/** @returns whether an end with that code is no success: of what should run on, any; of what should end, all but 0. */
const isFailure = (one: PodContainer, code: number): boolean =>
  code !== 0 || (!one.init && (one.sidecar || restartPolicy(one.pod) === 'Always'));

const runTime = (last: Ended): number | undefined =>
  NEVER_STARTED.includes(last.reason ?? '') || last.finishedAt === undefined ? undefined : secondsSince(last.startedAt, last.finishedAt);

function stillEnding(one: PodContainer, last: Ended, now: string): boolean {
  const ran = runTime(last) ?? 0;
  if (one.status.ready && ran > FORGIVEN) return false;
  const proven = one.status.ready && one.place.container.readinessProbe !== undefined;
  return (secondsSince(one.status.state?.running?.startedAt, now) ?? 0) <= (proven ? ran : 2 * ran + LONGER);
}

/** Between two runs the kubelet names CrashLoopBackOff, and for a moment before that what has just failed. */
const isBetween = (reason: string | undefined, before: Ended): boolean =>
  reason === 'CrashLoopBackOff' ||
  reason === 'PostStartHookError' ||
  (reason === 'RunContainerError' && NEVER_STARTED.includes(before.reason ?? ''));

/** @returns the newest end of a container that is in trouble because of it, or undefined. */
function endOf(a: Artifacts, one: PodContainer): Pick<Ending, 'phase' | 'last' | 'path'> | undefined {
  const { state = {}, lastState = {}, restartCount = 0 } = one.status;
  const before = lastState.terminated;
  if (state.terminated) return { phase: 'terminated', last: state.terminated, path: `${one.statusPath}.state.terminated` };
  if (!before) return undefined;
  const path = `${one.statusPath}.lastState.terminated`;
  if (isBetween(state.waiting?.reason, before)) return { phase: 'waiting', last: before, path };
  if (state.running && restartCount >= 1 && stillEnding(one, before, a.now)) return { phase: 'running', last: before, path };
  return undefined;
}

/** The Pod itself is done, or was ended as a whole: that is told at pod.terminal, not here. */
const isPodMatter = (pod: Pod): boolean =>
  pod.status?.phase === 'Succeeded' ||
  (pod.status?.phase === 'Failed' && Boolean(pod.status.reason)) ||
  conditionOf(pod.status?.conditions, 'DisruptionTarget')?.status === 'True';

/** A failed Pod of a Job of which a later try has succeeded, or has come further, is history. */
function isSuperseded(a: Artifacts, pod: Pod): boolean {
  if (pod.status?.phase !== 'Failed' || workloadOf(a, pod)?.ref.kind !== 'Job') return false;
  const index = (one: Pod) =>
    one.metadata?.labels?.['batch.kubernetes.io/job-completion-index'] ??
    one.metadata?.annotations?.['batch.kubernetes.io/job-completion-index'];
  const later = pods(a).filter(
    (other) => index(other) === index(pod) && (other.metadata?.creationTimestamp ?? '') > (pod.metadata?.creationTimestamp ?? ''),
  );
  return later.some(
    (other) => other.status?.phase === 'Succeeded' || (other.status?.phase === 'Running' && ranLongerThan(other, pod, a.now)),
  );
}

function ranLongerThan(running: Pod, failed: Pod, now: string): boolean {
  const longest = Math.max(
    0,
    ...(failed.status?.containerStatuses ?? []).map(({ state }) => (state?.terminated && runTime(state.terminated)) ?? 0),
  );
  return (running.status?.containerStatuses ?? []).every(
    ({ state }) => (secondsSince(state?.running?.startedAt, now) ?? 0) >= 2 * longest + LONGER,
  );
}

/** @returns every container of the judged Pods that ends again and again, or has ended for good although it should not have. */
export const endings = (a: Artifacts): Ending[] => a.once('endings', () => findEndings(a));

function findEndings(a: Artifacts): Ending[] {
  return containers(a).flatMap((one): Ending[] => {
    if (isPodMatter(one.pod)) return [];
    const found = endOf(a, one);
    const exitCode = found?.last.exitCode;
    if (!found || exitCode === undefined) return [];
    if (!isFailure(one, exitCode) || isSuperseded(a, one.pod)) return [];
    const ran = runTime(found.last);
    return [
      {
        ...found,
        container: one,
        exitCode,
        ran,
        restarts: isRestarted(one, exitCode),
        neverStarted: NEVER_STARTED.includes(found.last.reason ?? ''),
      },
    ];
  });
}

// ------------------------------------------------------------------------------------------------------------- logs

/** What a container said before it ended. */
export interface LastWords {
  readonly lines: readonly LogLine[];
  /** The line that a pattern knows and that says most. */
  readonly found: LogMatch | undefined;
  /** Whether a log could be read at all. */
  readonly readable: boolean;
  /** Why not. */
  readonly why: string | undefined;
  /** @returns evidence for a line of it. */
  evidence(line: LogLine): Evidence;
}

/** Logs are read of so many Pods of the same template; the others of the same end are taken to say the same. */
const PODS_READ = 3;

const sameEnd = (x: Ending, y: Ending): boolean =>
  x.container.name === y.container.name &&
  x.container.owner.ref.kind === y.container.owner.ref.kind &&
  x.container.owner.ref.name === y.container.owner.ref.name &&
  x.container.place.container.image === y.container.place.container.image &&
  x.exitCode === y.exitCode &&
  x.last.reason === y.last.reason;

/** @returns the ending whose logs are read for this one: itself, or the first of its kind where there are many. */
function speaker(all: readonly Ending[], one: Ending): Ending {
  const same = all.filter((other) => sameEnd(one, other));
  const at = same.findIndex(({ container }) => container.ref.name === one.container.ref.name);
  return at < PODS_READ ? one : same[0]!;
}

/**
 * Which run the words come from, best first; the phase may be over by the time the log is read. A container in back-off still answers with its last run
 * when asked for the current one. Of one that runs, the run before has ended; once it has ended, too, the log of that run is removed (seen on
 * 1.37: the kubelet keeps one dead container), and the current one tells. Of one that has just ended the current one tells, until it is started anew.
 */
function runs({ phase, restarts }: Ending): boolean[] {
  if (phase === 'running' || phase === 'waiting') return [true, false];
  return restarts ? [false, true] : [false];
}

const logRequest = ({ container }: Ending, previous: boolean) => ({
  namespace: container.ref.namespace ?? '',
  pod: container.ref.name,
  container: container.name,
  previous,
});

/** What `endings` and `lastWords` need. */
export function endingReads(a: Artifacts): ReadRequest[] {
  const all = endings(a).filter((one) => !one.neverStarted);
  const read = all.filter((one) => speaker(all, one) === one);
  return [
    ...podReads(a),
    ...read.flatMap((one) => runs(one).map((previous): ReadRequest => ({ verb: 'logs', ...logRequest(one, previous), optional: true }))),
  ];
}

/** @returns the last words of an ended container: its log, then its termination message, which an application writes on purpose. */
export function lastWords(a: Artifacts, one: Ending): LastWords {
  const all = endings(a).filter((other) => !other.neverStarted);
  // Two hundred Pods of one template are one log: it is searched once.
  const words = (from: Ending) => a.once(`lastWords ${from.container.ref.name}/${from.container.name}`, () => wordsOf(a, from));
  const own = words(speaker(all, one));
  if (own.lines.length > 0) return own;
  // The kubelet has no log in the moment in which it replaces a container; what ended alike in another Pod said the same.
  const alike = all.filter((other) => sameEnd(one, other)).slice(0, PODS_READ);
  return alike.map(words).find(({ lines }) => lines.length > 0) ?? own;
}

function wordsOf(a: Artifacts, from: Ending): LastWords {
  const reads = runs(from).map((previous) => ({ previous, read: a.logs(logRequest(from, previous)) }));
  const read = reads.find(({ read: answer }) => answer?.ok && answer.value.trim() !== '') ?? reads.find(({ read: answer }) => answer?.ok);
  const log = read?.read?.ok ? logLines(read.read.value) : [];
  const said = from.last.message ?? '';
  // FallbackToLogsOnError copies the end of the log into the message: the log itself is better.
  const message =
    said && !from.neverStarted && !(log.length > 0 && isCopy(from.container.place.container, from)) ? logLines(said, true) : [];
  const lines = [...log, ...message];
  return {
    lines,
    found: bestMatch(lines),
    readable: read !== undefined || message.length > 0,
    why: read ? undefined : failure(reads[0]?.read),
    evidence: (line) =>
      line.message
        ? seenNow(from.container.ref, `${from.path}.message`, line.raw)
        : { log: logRequest(from, read?.previous ?? false), line: line.raw, volatile: true },
  };
}

const isCopy = (spec: Container, one: Ending): boolean => spec.terminationMessagePolicy === 'FallbackToLogsOnError' && one.exitCode !== 0;

const failure = (read: Read<string> | undefined): string => (read && !read.ok ? read.message : 'it was not read');
