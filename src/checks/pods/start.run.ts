/** Can the process be started? By the words of the runtime, wherever it puts them, and by the kubelet's about the postStart hook. */
import { refOf } from '../../artifacts.ts';
import { CAUSES as ALL, type CauseId } from '../../causes.ts';
import type { Pod } from '../../kinds.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import type { Artifacts, Evidence, ReadRequest, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seenNow } from '../answers.ts';
import { eventReads, podReads } from '../subject.ts';
import { anyContainer, containersOf, eventEvidence, type PodContainer, waitingFor } from './containers.ts';
import { memoryLimit } from './crash-codes.ts';
import { endings } from './endings.ts';
import { keySources, mountsOf } from './mounts.ts';
import { hookFailures, hookStory } from './post-start.ts';
import { debugNotes } from './start.run.debug.ts';
import { managerStory, memoryStory, type RunCause, type RunStory, runStory, unknownStory } from './start.run.stories.ts';
import { type StartError, startError } from './start-errors.ts';
import { isBefore, newestOf, unstartedPods, waitingEvidenceOf } from './unstarted.ts';

const CAUSES = Object.keys(ALL).filter((id): id is RunCause => ALL[id as CauseId].question === 'start.run');

/** A container whose process the runtime could not start, and what it said. */
interface Failure {
  readonly container: PodContainer;
  readonly text: string;
  readonly error: StartError | undefined;
  readonly evidence: readonly Evidence[];
}

/** Reasons of the kubelet's own resource managers (pkg/kubelet/kuberuntime/kuberuntime_container.go). */
const MANAGERS = ['PreCreateHookError', 'PreStartHookError'];

/** Reasons with which the kubelet says that a start has just failed. */
const REASONS = ['RunContainerError', ...MANAGERS];

/**
 * With containerd the reason alternates with CrashLoopBackOff and the text moves to the last state (StartError, exit code 128); cri-dockerd says
 * ContainerCannotRun there. CRI-O starts the process while it creates the container, and says CreateContainerError for good.
 */
function failures(a: Artifacts): Failure[] {
  const failed = (container: PodContainer, { reason, message = '' }: { reason?: string; message?: string }, path: string): Failure => ({
    container,
    text: message,
    error: startError(message),
    evidence: [seenNow(container.ref, `${path}.reason`, reason), ...(message ? [seenNow(container.ref, `${path}.message`, message)] : [])],
  });
  const now = (container: PodContainer) =>
    failed(container, container.status.state?.waiting ?? {}, `${container.statusPath}.state.waiting`);
  const waiting = waitingFor(a, ...REASONS).map(now);
  const created = waitingFor(a, 'CreateContainerError')
    .map(now)
    .filter(({ error }) => error !== undefined);
  const ended = endings(a)
    .filter(({ neverStarted, container }) => neverStarted && !REASONS.includes(container.status.state?.waiting?.reason ?? ''))
    .map(({ container, last, path }) => failed(container, last, path));
  return [...waiting, ...created, ...ended];
}

function report(a: Artifacts, { container, text, error, evidence }: Failure): Report<RunCause> {
  const managers = MANAGERS.includes(container.status.state?.waiting?.reason ?? '');
  const known = managers ? managerStory(container, text) : error && runStory(a, container, error, text);
  return complete(container, known ?? unknownStory(container, text), evidence);
}

const CHAIN_ENDS: readonly RunCause[] = ['exit-128-start-error', 'container-cannot-run', 'run-error-unclassified'];

const complete = (container: PodContainer, story: RunStory, proof: readonly Evidence[]): Report<RunCause> => ({
  severity: 'error',
  confidence: CHAIN_ENDS.includes(story.cause) ? 'likely' : 'certain',
  object: container.ref,
  container: container.name,
  ...story,
  evidence: [...proof, ...(story.evidence ?? [])],
});

// ------------------------------------------------------------------------------------- the limit and the sandbox

/** The container with the smallest memory limit, if the whole Pod is limited: only then can its sandbox run out of memory. */
function smallest(a: Artifacts, pod: Pod): PodContainer | undefined {
  const all = containersOf(a, pod).filter((container) => memoryLimit(container));
  const limited =
    pod.spec?.resources?.limits?.memory !== undefined || (pod.spec?.containers ?? []).every((one) => one.resources?.limits?.memory);
  const bytes = (container: PodContainer) => parseQuantity(memoryLimit(container)?.value) ?? Number.POSITIVE_INFINITY;
  return limited ? all.sort((x, y) => bytes(x) - bytes(y))[0] : undefined;
}

/** A limit so small that not even the sandbox starts: the Pod's limit is the sum of its containers'. */
function sandboxReports(a: Artifacts): Report<RunCause>[] {
  return unstartedPods(a).flatMap((pod): Report<RunCause>[] => {
    const event = newestOf(a, pod, 'FailedCreatePodSandBox');
    const container = smallest(a, pod);
    const later = newestOf(a, pod, 'FailedMount', 'FailedAttachVolume');
    if (!event || !container || isBefore(event, later) || startError(event.message ?? '')?.cause !== 'run-init-oom') return [];
    const story = memoryStory(container, "the Pod's sandbox");
    const { container: _, ...whole } = complete(container, story, [eventEvidence(event), ...waitingEvidenceOf(pod)]);
    return [{ ...whole, object: refOf('Pod', pod) }];
  });
}

/** The ConfigMaps that the failing containers mount: the command or the mounted file may be a key of one. */
function configReads(a: Artifacts): ReadRequest[] {
  const sources = failures(a)
    .filter(({ error }) => error && error.cause !== 'run-init-oom')
    .flatMap(({ container }) => mountsOf(container).flatMap(({ volume }) => keySources(volume)))
    .filter(({ kind, name }) => kind === 'ConfigMap' && name !== 'kube-root-ca.crt');
  return [...new Set(sources.map(({ name }) => name))].map((name) => ({
    verb: 'get',
    kind: 'ConfigMap',
    namespace: a.target.namespace,
    name,
    optional: true,
  }));
}

export const check = defineCheck({
  question: 'start.run',
  causes: CAUSES,
  reads: (a) => [...podReads(a), ...eventReads(a), ...configReads(a)],
  judge: (a) => {
    const reports = [
      ...failures(a).map((failure) => report(a, failure)),
      ...hookFailures(a).map(({ container, evidence }) => complete(container, hookStory(container), evidence)),
      ...sandboxReports(a),
    ];
    if (reports.length === 0 && !anyContainer(a)) return notApplicable('No container has come this far.');
    return answer([...reports, ...debugNotes(a)], 'Every process that was to be started could be.');
  },
});
