/** What a failed start means for this container: its command, its working directory, its mounts, its limit. */
import type { CauseId } from '../../causes.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, NextCheck, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { changeContainer, inWords, type PodContainer, setField } from './containers.ts';
import { memoryLimit, moreMemory } from './crash-codes.ts';
import { mountStory } from './start.run.mounts.ts';
import { scriptRemedies, scriptSource } from './start.run.scripts.ts';
import { type StartError, startWords } from './start-errors.ts';

export type RunCause = Extract<
  CauseId,
  | 'run-executable-not-found'
  | 'run-permission-denied'
  | 'run-workdir-missing'
  | 'run-user-not-found'
  | 'run-mount-error'
  | 'mount-readonly-requested-rw'
  | 'run-init-oom'
  | 'run-cgroup-or-device'
  | 'pre-start-hook-error'
  | 'exit-128-start-error'
  | 'container-cannot-run'
  | 'post-start-hook-failed'
  | 'run-error-unclassified'
>;

/** The part of a report that differs from cause to cause; where the runtime said so is added to the evidence. */
export interface RunStory {
  readonly cause: RunCause;
  readonly message: string;
  readonly evidence?: readonly Evidence[];
  readonly remedies?: readonly Remedy[];
  readonly nextChecks?: readonly NextCheck[];
}

/** A limit with which small programs start. Less than 12Mi is too little for the runtime's own part. */
const ENOUGH = 64 * 2 ** 20;

const image = (container: PodContainer): string => `image ${container.place.container.image}`;

/** @returns the story of a known error; undefined where the container's spec contradicts it. */
export function runStory(a: Artifacts, container: PodContainer, error: StartError, text: string): RunStory | undefined {
  switch (error.cause) {
    case 'run-executable-not-found':
      return notFound(a, container, error.what);
    case 'run-permission-denied':
      return notExecutable(container, error.what);
    case 'run-workdir-missing':
      return workdirMissing(container, error);
    case 'run-user-not-found':
      return userNotFound(container, error.what);
    case 'run-mount-error':
      return mountStory(a, container, error);
    case 'run-init-oom':
      return memoryLimit(container) && memoryStory(container, 'it');
    case 'run-cgroup-or-device':
      return nodeStory(container, text);
  }
}

// ----------------------------------------------------------------------------------------------------------- command

/** The program as the Pod names it; without a command the first argument, or what the image says. */
function programEvidence({ ref, specPath, place }: PodContainer): Evidence[] {
  const { command, args } = place.container;
  if (command?.[0] !== undefined) return [seen(ref, `${specPath}.command[0]`, command[0])];
  if (args?.[0] !== undefined) return [seen(ref, `${specPath}.args[0]`, args[0])];
  return [seen(ref, `${specPath}.image`, place.container.image)];
}

/** A command line in one string, without anything that only a shell understands. */
const ONE_STRING = /^[\w./=:@%+,-]+(?: +[\w./=:@%+,-]+)+$/;

function notFound(a: Artifacts, container: PodContainer, program: string): RunStory {
  const { command, args = [] } = container.source?.container ?? {};
  const whole = command?.[0] === program && /\s/.test(program);
  const script = scriptSource(a, container, program);
  const near = script?.keys && nearest(script.file, script.keys);
  const own = command?.[0] === program;
  const place = script ? `${script.words}, mounted at ${script.at}, does not have` : `is not in ${image(container)}`;
  return {
    cause: 'run-executable-not-found',
    message: whole
      ? `${inWords(container)} is told to run '${program}' as one word, and ${image(container)} has no program of that name`
      : `${inWords(container)} is told to run ${program}, which ${place}${script?.keys ? `; it has ${listText(script.keys)}` : ''}`,
    evidence: [...programEvidence(container), ...(script?.keys ? [absent(script.ref, `data.${script.file}`)] : [])],
    remedies: [
      ...(whole && ONE_STRING.test(program) ? splitWords(container, program, command?.slice(1) ?? []) : []),
      ...(near && own
        ? changeContainer(
            container,
            [{ op: 'replace', path: '/command/0', value: program.slice(0, -script.file.length) + near }],
            `Runs ${near} of ${script.words} instead; rolls out new Pods.`,
          )
        : []),
      ...(own && !whole && !near ? ownProgram(container, args) : []),
    ],
  };
}

const splitWords = (container: PodContainer, program: string, rest: readonly string[]): Remedy[] =>
  changeContainer(
    container,
    [{ op: 'replace', path: '/command', value: [...program.split(/ +/), ...rest] }],
    `Makes one word of each, so that ${inWords(container)} runs ${program.split(' ')[0]} with arguments; rolls out new Pods.`,
  );

/** Without a command the image runs its own program; arguments meant for another one would confuse it. */
const ownProgram = (container: PodContainer, args: readonly string[]): Remedy[] => [
  ...(args.length === 0
    ? changeContainer(
        container,
        [{ op: 'remove', path: '/command' }],
        `Lets ${inWords(container)} run the program that its image names; rolls out new Pods.`,
      )
    : []),
  ...changeContainer(
    container,
    [{ op: 'replace', path: '/command/0', value: '<program of the image>' }],
    `Runs a program that ${image(container)} has; rolls out new Pods.`,
  ),
];

function notExecutable(container: PodContainer, program: string): RunStory {
  const script = scriptRemedies(container, program);
  return {
    cause: 'run-permission-denied',
    message: script
      ? `${inWords(container)} is told to run ${program}, and ${script.words}, mounted there, makes its files not executable`
      : `${inWords(container)} is told to run ${program}, which is not executable in ${image(container)}`,
    evidence: [...programEvidence(container), ...(script?.evidence ?? [])],
    remedies: script?.remedies ?? [
      ...changeContainer(
        container,
        [{ op: 'replace', path: '/image', value: '<image with an executable program>' }],
        `Uses an image in which ${program} may be executed (chmod 0755 in its Dockerfile); rolls out new Pods.`,
      ),
    ],
  };
}

// ---------------------------------------------------------------------------------------- directory, user, memory

function workdirMissing(container: PodContainer, { what, why }: StartError): RunStory {
  const own = container.place.container.workingDir;
  const inTemplate = container.source?.container.workingDir;
  const { ref, specPath } = container;
  return {
    cause: 'run-workdir-missing',
    message: `the working directory ${what} of ${inWords(container)} cannot be used: ${why || 'the runtime gives no reason'}`,
    evidence: own ? [seen(ref, `${specPath}.workingDir`, own)] : [seen(ref, `${specPath}.image`, container.place.container.image)],
    remedies: inTemplate
      ? [
          ...changeContainer(
            container,
            [{ op: 'remove', path: '/workingDir' }],
            `Lets ${inWords(container)} start in the directory that its image names; rolls out new Pods.`,
          ),
          ...changeContainer(
            container,
            [{ op: 'replace', path: '/workingDir', value: '<directory of the image>' }],
            'Starts it in another directory; rolls out new Pods.',
          ),
        ]
      : changeContainer(
          container,
          [setField(container.source?.container ?? {}, '', 'workingDir', '<directory of the image>')],
          'Starts it in a directory that it may enter; rolls out new Pods.',
        ),
  };
}

const userNotFound = (container: PodContainer, user: string): RunStory => ({
  cause: 'run-user-not-found',
  message: `${image(container)} of ${inWords(container)} runs as user ${user}, which its /etc/passwd does not have`,
  evidence: [seen(container.ref, `${container.specPath}.image`, container.place.container.image)],
  remedies: changeContainer(
    container,
    [setField(container.source?.container.securityContext, '/securityContext', 'runAsUser', '<number of the user>')],
    'Runs it as a user by number, which needs no entry there; take the number that its files belong to.',
  ),
});

/** @param what that cannot be started: `it`, or the sandbox */
export function memoryStory(container: PodContainer, what: string): RunStory {
  const limit = memoryLimit(container);
  return {
    cause: 'run-init-oom',
    message: `the memory limit of ${inWords(container)}, ${limit?.value}, is too small even to start ${what}`,
    evidence: limit ? [seen(container.ref, limit.path, limit.value)] : [],
    remedies: moreMemory(container, ENOUGH).map((remedy) => ({
      ...remedy,
      changes: `Gives ${inWords(container)} enough memory to start; the program itself may need more. Rolls out new Pods.`,
    })),
  };
}

/** What only the node can give: a cgroup, a driver, a device of the Container Device Interface. */
function nodeStory(container: PodContainer, text: string): RunStory {
  const { ref, pod } = container;
  const node = pod.spec?.nodeName ?? '';
  const what = /nvidia-container-cli|CDI|prestart hook|createRuntime hook/.test(text) ? 'a device' : 'cgroups';
  return {
    cause: 'run-cgroup-or-device',
    message: `node ${node} cannot set up ${what} for ${inWords(container)}: ${startWords(text, ref.name)}`,
    evidence: [seen(ref, 'spec.nodeName', node)],
    nextChecks: [
      look(['get', 'pods', '-A', '-o', 'wide', `--field-selector=spec.nodeName=${node}`], 'Shows whether other Pods of the node start.'),
      look(['describe', 'node', node], 'Shows the devices and conditions of the node.'),
    ],
  };
}

/** The kubelet's CPU, memory and device managers have a word in each start (pkg/kubelet/cm/internal_container_lifecycle.go). */
export function managerStory(container: PodContainer, text: string): RunStory {
  const { ref, pod } = container;
  const node = pod.spec?.nodeName ?? '';
  const words = startWords(text, ref.name);
  return {
    cause: 'pre-start-hook-error',
    message: `a resource manager of the kubelet on node ${node} fails for ${inWords(container)}${words ? `: ${words}` : ''}`,
    evidence: [seen(ref, 'spec.nodeName', node)],
    nextChecks: [look(['describe', 'node', node], "Shows what the node can give; the kubelet's log there says more.")],
  };
}

/** The parents of all these faults, by the reason of the last state: the words of the runtime are what there is. */
const PARENTS: Readonly<Record<string, RunCause>> = { StartError: 'exit-128-start-error', ContainerCannotRun: 'container-cannot-run' };

/** @returns where the chain ends: the words of the runtime are what there is. */
export function unknownStory(container: PodContainer, text: string): RunStory {
  const { ref, status } = container;
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  return {
    cause: PARENTS[ended?.reason ?? ''] ?? 'run-error-unclassified',
    message: `the process of ${inWords(container)} cannot be started: ${startWords(text, ref.name) || 'the runtime gives no reason'}`,
    nextChecks: [look(['describe', 'pod', ref.name, ...namespaceFlag(ref)], 'Shows all that the runtime said.')],
  };
}
