/** What the way a container ended says by itself: killed for memory, exit codes, signals. */

import { memoryQuantity, parseQuantity } from '../../kubernetes/quantity.ts';
import { kubectl, kubectlName, look, namespaceFlag, setResources } from '../../kubernetes/template.ts';
import type { Evidence, NextCheck, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { changeContainer, inWords, type PodContainer } from './containers.ts';
import { type Crash, podArguments, type Story } from './crash-story.ts';
import { quotable, tellingLine } from './log-text.ts';
import { defaultProfile, profileEvidence, profileOf } from './start.create.settings.ts';
import { scriptRemedies } from './start.run.scripts.ts';

// ----------------------------------------------------------------------------------------------------------- memory

/** The memory limit that counts for a container: its own, or the Pod's (spec.resources, since 1.34 by default). */
export function memoryLimit(container: PodContainer): { value: string; path: string } | undefined {
  const own = container.place.container.resources?.limits?.memory;
  if (own !== undefined) return { value: own, path: `${container.specPath}.resources.limits.memory` };
  const pod = container.pod.spec?.resources?.limits?.memory;
  return pod === undefined ? undefined : { value: pod, path: 'spec.resources.limits.memory' };
}

/** @returns the remedy that doubles the memory limit, to at least `atLeast` bytes. */
export function moreMemory(container: PodContainer, atLeast = 0): Remedy[] {
  const limit = memoryLimit(container);
  const bytes = parseQuantity(limit?.value);
  if (!container.source || !limit || bytes === undefined) return [];
  const more = memoryQuantity(Math.max(2 * bytes, atLeast));
  const changes = `Doubles the memory limit of ${inWords(container)} to ${more}; rolls out new Pods.`;
  if (limit.path === 'spec.resources.limits.memory') return [];
  if (container.owner.pointer === undefined)
    return changeContainer(container, [{ op: 'add', path: '/resources/limits/memory', value: more }], changes);
  return [setResources(container.owner, container.name, [`--limits=memory=${more}`], changes)];
}

/** @returns the story of a container that was killed for memory (reason OOMKilled: containerd internal/cri/server/events.go), or undefined. */
export function oomKill({ ending, container }: Crash): Story | undefined {
  if (ending.last.reason !== 'OOMKilled') return undefined;
  const cause = container.init || container.sidecar ? 'init-or-sidecar-oom-killed' : 'oom-killed';
  const limit = memoryLimit(container);
  if (limit) {
    return {
      cause,
      confidence: 'certain',
      message: `${inWords(container)} used more memory than its limit of ${limit.value}`,
      evidence: [seen(container.ref, limit.path, limit.value)],
      remedies: moreMemory(container),
    };
  }
  const node = container.pod.spec?.nodeName;
  return {
    cause,
    confidence: 'certain',
    message: `${inWords(container)} was killed because its node ran out of memory; it has no memory limit of its own`,
    evidence: [absent(container.ref, `${container.specPath}.resources.limits.memory`)],
    remedies: container.owner.pointer
      ? [
          kubectl(
            [
              'set',
              'resources',
              kubectlName(container.owner.ref),
              ...namespaceFlag(container.owner.ref),
              '-c',
              container.name,
              '--requests=memory=<what it needs>',
              '--limits=memory=<what it needs>',
            ],
            'Reserves the memory on the node.',
          ),
        ]
      : [],
    ...(node !== undefined && {
      nextChecks: [look(['describe', 'node', node], 'Shows how much memory the node has and who has asked for it.')],
    }),
  };
}

// ------------------------------------------------------------------------------------------------------- exit codes

/** The last words as evidence, and quoted for the message. */
export function quote({ words, container }: Crash): { text: string; evidence: Evidence[] } {
  const line = tellingLine(words.lines);
  if (!line) return { text: '', evidence: [] };
  const text = quotable(line, container.ref.name);
  return { text: text ? `; its last words: "${text}"` : '', evidence: [words.evidence(line)] };
}

/** @returns `image nginx:1.27`, for messages. */
export const inImage = (container: PodContainer): string => `image ${container.place.container.image}`;

type Coded = (crash: Crash) => Story;

/** Codes that say more than "an error". 129-159 is 128 + the signal that ended the process. */
export const EXIT_CODES: ReadonlyMap<number, Coded> = new Map<number, Coded>([
  [0, completed],
  [126, notExecutable],
  [
    127,
    (crash) => ({
      cause: 'exit-127-command-not-found',
      confidence: 'certain',
      message: `the start script of ${inWords(crash.container)} calls a command that is not in ${inImage(crash.container)}`,
      evidence: quote(crash).evidence,
    }),
  ],
  [129, stopped('SIGHUP')],
  [130, stopped('SIGINT')],
  [132, native('it used an instruction that the CPU of the node does not have (SIGILL)')],
  [
    134,
    (crash) => ({
      cause: 'exit-134-abort',
      confidence: 'certain',
      message: `${inWords(crash.container)} aborted itself (SIGABRT)${quote(crash).text}`,
      evidence: quote(crash).evidence,
    }),
  ],
  [135, native('it had no memory behind an address (SIGBUS); /dev/shm may be too small')],
  [136, native('it divided by zero (SIGFPE)')],
  [137, killed],
  [139, native('it used memory that is not its own (SIGSEGV)')],
  [143, stopped('SIGTERM')],
]);

function native(what: string): Coded {
  return (crash) => ({
    cause: 'exit-139-segfault',
    confidence: 'certain',
    message: `native code in ${inWords(crash.container)} crashed: ${what}`,
    evidence: quote(crash).evidence,
  });
}

function completed({ container, words }: Crash): Story {
  const { ref } = container.owner;
  const owner = ref.kind === 'Pod' ? 'the Pod' : `${ref.kind} ${ref.name}`;
  const what = container.sidecar
    ? `sidecar ${container.name} ends by itself with 0`
    : `the main process of container ${container.name} ends by itself with 0`;
  const last = tellingLine(words.lines);
  const { command, args } = container.place.container;
  return {
    cause: 'exit-0-completed',
    confidence: 'certain',
    message: `${what}, but ${owner} expects it to run on`,
    evidence: [
      ...(last ? [words.evidence(last)] : []),
      command ? seen(container.ref, `${container.specPath}.command`, command) : absent(container.ref, `${container.specPath}.command`),
      ...(args ? [seen(container.ref, `${container.specPath}.args`, args)] : []),
    ],
    remedies: changeContainer(
      container,
      [{ op: 'add', path: '/command', value: ['<a command that stays in the foreground>'] }],
      'Runs something that does not end; work that should end belongs in a Job.',
    ),
  };
}

/** `sh: /scripts/run.sh: Permission denied`, as shells say it. */
const REFUSED = /(?:^|[\s:])(?<file>\.{0,2}\/[^\s:'"]+): Permission denied/;

function notExecutable(crash: Crash): Story {
  const { container, words } = crash;
  const line = words.lines.findLast(({ text }) => REFUSED.test(text));
  const file = line && REFUSED.exec(line.text)?.groups?.file;
  const script = file === undefined ? undefined : scriptRemedies(container, file);
  return {
    cause: 'exit-126-not-executable',
    confidence: 'certain',
    message: `${inWords(container)} calls ${file ?? 'a file'}, which is not executable${script ? `; ${script.words} is mounted without the right to execute` : ''}`,
    evidence: [...(line ? [words.evidence(line)] : quote(crash).evidence), ...(script?.evidence ?? [])],
    remedies: script?.remedies ?? [],
  };
}

/** The run before has last words, too, and they stay where they are while the container starts and ends; after the first end there is only one run. */
const lookAtLog = ({ container, ending: { phase, restarts } }: Crash): NextCheck =>
  look(
    [
      'logs',
      ...podArguments(container),
      ...(restarts && (phase !== 'terminated' || (container.status.restartCount ?? 0) > 0) ? ['--previous'] : []),
      '--tail=200',
    ],
    'Shows what it said before it ended.',
  );

const lookAtEvents = ({ container: { ref } }: Crash): NextCheck =>
  look(
    ['get', 'events', ...namespaceFlag(ref), '--field-selector', `involvedObject.name=${ref.name}`],
    'Shows who stopped the container, while the events are kept (one hour).',
  );

function killed(crash: Crash): Story {
  const { container } = crash;
  const node = container.pod.spec?.nodeName;
  return {
    cause: 'exit-137-not-oom',
    confidence: 'certain',
    message: `${inWords(container)} was killed with SIGKILL, not for its memory limit, and nothing says by whom`,
    nextChecks: [
      lookAtEvents(crash),
      ...(node === undefined ? [] : [look(['describe', 'node', node], 'Shows whether the node ran out of memory or was restarted.')]),
    ],
  };
}

/** @returns the story of a container that the kubelet found gone (pkg/kubelet/kubelet_pods.go): the code 137 is the kubelet's, or undefined. */
export function lost(crash: Crash): Story | undefined {
  const { ending, container } = crash;
  if (ending.last.reason !== 'ContainerStatusUnknown') return undefined;
  const node = container.pod.spec?.nodeName;
  return {
    cause: 'container-status-unknown',
    confidence: 'certain',
    message: `the kubelet${node ? ` of node ${node}` : ''} found ${inWords(container)} gone, and does not know how it ended`,
    nextChecks: [
      lookAtEvents(crash),
      ...(node === undefined ? [] : [look(['describe', 'node', node], 'Shows whether the node evicts Pods, or was restarted.')]),
    ],
  };
}

/** SIGSYS: a system call that the seccomp profile answers with a kill. CRI-O says so (server/container_status.go), others show 128 + 31. */
export function seccompKill({ ending, container }: Crash): Story | undefined {
  const said = ending.last.reason === 'seccomp killed';
  if (!said && ending.exitCode !== 159) return undefined;
  const found = profileOf(container, 'seccompProfile');
  const profile = found?.profile.localhostProfile ?? found?.profile.type;
  return {
    cause: 'seccomp-killed',
    confidence: said || (profile !== undefined && profile !== 'Unconfined') ? 'certain' : 'likely',
    message: `${inWords(container)} was killed for a system call that ${profile ? `its seccomp profile ${profile}` : 'a seccomp filter'} forbids (SIGSYS)`,
    evidence: profileEvidence(container, 'seccompProfile'),
    remedies: defaultProfile(container, 'seccompProfile'),
    nextChecks: [
      look(
        ['get', 'pod', container.ref.name, ...namespaceFlag(container.ref), '-o', 'yaml'],
        'Shows the profile; the audit log of the node names the call.',
      ),
    ],
  };
}

function stopped(signal: string): Coded {
  return (crash) => ({
    cause: 'exit-143-sigterm',
    confidence: 'certain',
    message: `${inWords(crash.container)} was asked to stop (${signal}), and nothing says by whom`,
    nextChecks: [lookAtEvents(crash), lookAtLog(crash)],
  });
}

/** @returns the story of an end with 255 without an error in the log: the runtime lost the container, or the program said -1. */
export function ended255(crash: Crash): Story {
  const { ending, container, words } = crash;
  const node = container.pod.spec?.nodeName;
  const silent = words.readable ? 'it does not say why' : 'its log could not be read';
  return {
    cause: 'exit-255-unknown',
    confidence: 'certain',
    message:
      ending.last.reason === 'Unknown'
        ? `${inWords(container)} ended with 255 because its container runtime or node was restarted`
        : `${inWords(container)} ends with 255, and ${silent}`,
    nextChecks: [
      lookAtLog(crash),
      ...(node === undefined ? [] : [look(['describe', 'node', node], 'Shows whether the node was restarted.')]),
    ],
  };
}

/** @returns the story of an application that ended with an error of its own. */
export function applicationError(crash: Crash): Story {
  const { text, evidence } = quote(crash);
  return {
    cause: 'exit-1-app-error',
    confidence: 'certain',
    message: `${inWords(crash.container)} exits with ${crash.ending.exitCode}${text}`,
    evidence,
    nextChecks: [lookAtLog(crash)],
  };
}

/** @returns the story of an end about which nothing is known but its code. */
export function silentEnd(crash: Crash): Story {
  const { ending, container } = crash;
  const { owner, ref } = container;
  return {
    cause: 'crash-unknown',
    confidence: 'certain',
    message: `${inWords(container)} exits with ${ending.exitCode}, and its log is empty`,
    nextChecks: [
      lookAtLog(crash),
      look(
        ['debug', ref.name, ...namespaceFlag(ref), '-it', `--copy-to=${ref.name}-debug`, `--container=${container.name}`, '--', 'sh'],
        `Starts a copy of the Pod with a shell instead of ${owner.ref.kind === 'Pod' ? 'the program' : 'its program'}.`,
      ),
    ],
  };
}
