/**
 * Words that people bring to `kdebug explain` and that are no cause ids: what kubectl prints, reasons of events and
 * conditions, names that only old guides know, and exit codes. They name a state; beside each stand the causes behind it.
 * Sources: pkg/kubelet/container/sync_result.go, pkg/kubelet/images/types.go, cri-api pkg/errors/errors.go,
 * pkg/printers/internalversion/printers.go, and the guide's own list of 16 errors.
 */
import { CAUSES, type CauseId } from '../causes.ts';
import type { QuestionId } from '../flowchart.ts';

interface Name {
  /** `kdebug explain` has a page for each. */
  readonly causes: readonly CauseId[];
  /** One sentence: what the word means, and what is seen today where the word is no longer in use. */
  readonly says: string;
}

const name = (says: string, ...causes: readonly CauseId[]): Name => ({ says, causes });

/** @returns the causes that these questions can find, as the table has them, with what only names a state at the end. */
function foundBy(...questions: readonly QuestionId[]): CauseId[] {
  const ids = (Object.keys(CAUSES) as CauseId[]).filter((id) => questions.includes(CAUSES[id].question));
  return [...ids.filter((id) => CAUSES[id].role === 'root'), ...ids.filter((id) => CAUSES[id].role !== 'root')];
}
const without = (ids: readonly CauseId[], ...others: readonly CauseId[]): CauseId[] => ids.filter((id) => !others.includes(id));

const PULL = without(foundBy('image.name', 'image.tag', 'image.auth', 'image.registry', 'image.platform'), 'image-invalid-name');
// crash.logs has one cause for each kind of log line; the page of exit-1-app-error leads to them.
const CRASH: readonly CauseId[] = [...foundBy('crash.killed-by', 'crash.exit-code'), 'run-executable-not-found', 'crash-unknown'];
const SCHEDULING = foundBy('sched.capacity', 'sched.constraints', 'sched.volumes');
const MOUNT = foundBy('start.volumes');
const SANDBOX = without(foundBy('start.sandbox'), 'pod-stuck-container-creating');
const RUN = without(foundBy('start.run'), 'post-start-hook-failed');
const CONFIG = foundBy('start.config');
const ADMISSION = without(foundBy('workload.pods-created'), 'daemonset-no-matching-nodes');
const TERMINATING = foundBy('pod.terminating');
const READINESS = without(
  foundBy('ready.why'),
  'startup-probe-pending',
  'readiness-gate-not-ready',
  'ready-false-node-problem',
  'ready-false-container-terminated',
);

/** The words, spelt as Kubernetes spells them; `kdebug explain` ignores the case. No word is a cause id. */
export const NAMES: Readonly<Record<string, Name>> = {
  // image
  ImagePullBackOff: name('The image could not be pulled, and the kubelet pauses before it tries again.', ...PULL),
  ErrImagePull: name('The image could not be pulled just now.', ...PULL),
  ImageInspectError: name('The runtime could not say whether the image is on the node.', 'image-inspect-error'),
  ErrImageNeverPull: name('The image is not on the node, and the Pod forbids to pull it.', 'image-never-pull'),
  RegistryUnavailable: name(
    'CRI-O could not connect to the registry; containerd shows ErrImagePull for the same fault.',
    'registry-connection-refused',
    'registry-timeout',
  ),
  InvalidImageName: name('The image reference is malformed, and no registry was asked.', 'image-invalid-name'),
  // start
  ContainerCreating: name(
    'The Pod has a node, and its containers are not made yet: a volume, the network or the image is still missing.',
    ...MOUNT,
    ...SANDBOX,
    'node-not-ready',
    'node-unreachable',
    'pod-stuck-container-creating',
  ),
  PodInitializing: name(
    'The containers wait until the init containers have done their work.',
    'init-container-running',
    'sidecar-not-started',
    ...CRASH,
  ),
  CreateContainerConfigError: name('The configuration of the container cannot be put together.', ...CONFIG),
  CreateContainerError: name(
    'The runtime could not create the container; with CRI-O a bad command ends here too.',
    'no-command',
    ...without(RUN, 'run-error-unclassified'),
    'create-error-unclassified',
  ),
  RunContainerError: name('The container was created, and its process could not be started.', ...RUN),
  StartError: name('With containerd: the process of the container could not be started (exit code 128).', ...RUN),
  ContainerCannotRun: name('With Docker (cri-dockerd): the process of the container could not be started.', ...RUN),
  PostStartHookError: name('The postStart hook failed, and the kubelet killed the container for it.', 'post-start-hook-failed'),
  VerifyNonRootError: name(
    'A name of old kubelets, gone today: the Pod forbids root and the image runs as root; kubectl shows CreateContainerConfigError.',
    'run-as-non-root-root-image',
    'run-as-non-root-non-numeric',
    'run-as-user-zero-non-root',
  ),
  RunInitContainerError: name(
    'A name of old kubelets, gone today: an init container failed; kubectl shows Init:Error or Init:CrashLoopBackOff.',
    ...CRASH,
  ),
  CreatePodSandboxError: name(
    'A name that only the log of the kubelet has: the Pod sandbox could not be built; look for the event FailedCreatePodSandBox.',
    ...SANDBOX,
  ),
  ConfigPodSandboxError: name(
    'A name that only the log of the kubelet has, up to 1.35: the sandbox could not be configured; kubectl shows ContainerCreating without an event.',
    'pod-stuck-container-creating',
    'sandbox-other',
  ),
  FailedCreatePodSandBox: name('An event of the kubelet: the Pod sandbox, which holds the network, could not be built.', ...SANDBOX),
  SetupNetworkError: name(
    'A name of old kubelets, gone today: the network of the Pod could not be set up; look for the event FailedCreatePodSandBox.',
    'sandbox-cni-error',
    'node-not-ready',
  ),
  FailedMount: name('An event of the kubelet: a volume could not be mounted.', ...MOUNT),
  FailedAttachVolume: name(
    'An event of the control plane: a disk could not be attached to the node.',
    'mount-failed',
    'terminating-node-unreachable',
  ),
  // stop
  KillContainerError: name(
    'Today only a part of the event FailedKillPod: a container could not be stopped; kubectl shows Terminating.',
    ...TERMINATING,
    'node-not-ready',
  ),
  KillPodSandboxError: name(
    'Today only a part of the event FailedKillPod: the Pod sandbox could not be stopped; kubectl shows Terminating.',
    ...TERMINATING,
    'node-not-ready',
  ),
  TeardownNetworkError: name(
    'A name of old kubelets, gone today: the network of a Pod could not be taken down; the event FailedKillPod with KillPodSandboxError says so.',
    ...TERMINATING,
    'node-not-ready',
  ),
  Terminating: name('The object is deleted, and it is not gone yet.', ...TERMINATING),
  // crash
  CrashLoopBackOff: name('The container ends again and again, and the kubelet pauses before it starts it once more.', ...CRASH),
  'Init:CrashLoopBackOff': name('An init container ends with an error again and again; the containers after it wait.', ...CRASH),
  'Init:Error': name('An init container ended with an error; the containers after it wait.', ...CRASH),
  OOMKilled: name('The kernel killed the container, because it used more than its memory limit.', 'oom-killed'),
  Error: name('The container ended with a code other than 0.', ...CRASH),
  Completed: name('The container ended with 0, which is right for a Job and wrong for a Deployment.', 'exit-0-completed'),
  ContainerStatusUnknown: name('The kubelet found the container gone and does not know how it ended.', 'container-status-unknown'),
  Unhealthy: name(
    'An event of the kubelet: a probe failed; its text says which one.',
    ...READINESS,
    'liveness-probe-kill',
    'startup-probe-kill',
  ),
  NotReady: name(
    'Said of a Pod: a container of it has ended while others run; said of a node: it cannot run Pods.',
    'ready-false-container-terminated',
    'node-not-ready',
    'node-unreachable',
  ),
  // scheduling and Pods at their end
  Pending: name(
    'The Pod is accepted and does not run: it has no node yet, or its containers are not started.',
    ...SCHEDULING,
    'scheduling-gated',
    'scheduler-name-unknown',
    'scheduler-down',
    ...MOUNT,
    ...SANDBOX,
  ),
  Unschedulable: name('The scheduler has tried and found no node.', ...SCHEDULING),
  FailedScheduling: name('An event of the scheduler: it found no node, and the text counts the reasons.', ...SCHEDULING),
  SchedulingGated: name('A scheduling gate holds the Pod back.', 'scheduling-gated'),
  Evicted: name(
    'The kubelet removed the Pod, because the node ran low or the Pod broke its own limit.',
    'pod-evicted-node-pressure',
    'emptydir-size-or-ephemeral-limit',
  ),
  DeadlineExceeded: name('The time that the Pod or the Job may run is over.', 'pod-deadline-exceeded', 'job-deadline-exceeded'),
  BackoffLimitExceeded: name('The Pods of the Job failed as often as it tolerates.', 'job-backoff-limit-exceeded'),
  OutOfcpu: name('The kubelet refused the Pod on arrival: the node had no CPU left.', 'kubelet-admission-out-of-resource'),
  OutOfmemory: name('The kubelet refused the Pod on arrival: the node had no memory left.', 'kubelet-admission-out-of-resource'),
  OutOfpods: name('The kubelet refused the Pod on arrival: the node runs as many Pods as it may.', 'kubelet-admission-out-of-resource'),
  NodeAffinity: name('The kubelet refused the Pod: it does not fit the labels of its node.', 'kubelet-admission-node-affinity'),
  NodeLost: name(
    'A name of old releases, gone today: the node of the Pod does not answer; kubectl shows Terminating.',
    'terminating-node-unreachable',
    'node-unreachable',
  ),
  // controllers
  FailedCreate: name('An event of a controller: the API server refused a Pod.', ...ADMISSION),
  ProgressDeadlineExceeded: name('The Deployment waited too long for its new Pods.', 'rollout-progress-deadline-exceeded'),
  // exit codes, of `terminated.exitCode`
  '0': name('The process ended by itself, without an error.', 'exit-0-completed'),
  '1': name('The application gave up with an error; its log says why.', 'exit-1-app-error'),
  '126': name('A shell found the program and may not execute it.', 'exit-126-not-executable', 'run-permission-denied'),
  '127': name('A shell did not find the program, or a library of it is missing.', 'exit-127-command-not-found', 'run-executable-not-found'),
  '128': name('With the reason StartError: the process was never started.', ...RUN),
  '134': name('The process aborted itself (SIGABRT).', 'exit-134-abort', 'log-oom'),
  '137': name(
    'The process was killed (SIGKILL): for memory, by a probe, or at the end of its grace period.',
    'oom-killed',
    'liveness-probe-kill',
    'startup-probe-kill',
    'exit-137-not-oom',
    'terminating-slow-shutdown',
  ),
  '139': name('Native code crashed (SIGSEGV).', 'exit-139-segfault'),
  '143': name('The process was asked to stop (SIGTERM).', 'exit-143-sigterm', 'liveness-probe-kill', 'startup-probe-kill'),
  '255': name(
    'The runtime lost the container, the program cannot run on this node, or it returned -1.',
    'exit-255-unknown',
    'exec-format-error',
    'script-interpreter-missing',
  ),
};
