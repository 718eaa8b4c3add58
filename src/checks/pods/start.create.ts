/** Can the container be created? CreateContainerError, by the runtime's own words. */
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, NextCheck, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen, seenNow } from '../answers.ts';
import { podReads } from '../subject.ts';
import { anyContainer, changeContainer, inWords, type PodContainer, setField, waitingFor } from './containers.ts';
import { mountSource, securityOption } from './start.create.settings.ts';
import type { CreateCause, CreateStory } from './start.create.story.ts';
import { isImageVolumeFault } from './start.volumes.images.ts';
import { startError, startWords } from './start-errors.ts';

/** CRI-O starts the process while it creates the container: those faults are told at start.run. */
const failing = (a: Artifacts): PodContainer[] =>
  waitingFor(a, 'CreateContainerError').filter((container) => !startError(said(container)) && !isImageVolumeFault(container));

const said = ({ status }: PodContainer): string => status.state?.waiting?.message ?? '';

/** containerd internal/cri/opts/spec_opts.go, CRI-O internal/factory/container: the words are at the end. */
const NO_COMMAND = /no command specified\s*$/;

/** The runtime is busy with an earlier try, or lost track of it (containerd internal/registrar; CRI-O server/utils.go). */
const RESERVED = /is reserved for "|kubelet may be retrying requests that are timing out|is already in use by/;

/** The kubelet gave the runtime its time (runtimeRequestTimeout), and that was not enough. */
const TOO_SLOW = /context deadline exceeded|DeadlineExceeded/;

const onNode = ({ pod }: PodContainer): string => (pod.spec?.nodeName ? `node ${pod.spec.nodeName}` : 'the node');

const lookAround = ({ ref, pod }: PodContainer): NextCheck[] => [
  look(['describe', 'pod', ref.name, ...namespaceFlag(ref)], 'Shows all that the runtime said.'),
  ...(pod.spec?.nodeName ? [look(['describe', 'node', pod.spec.nodeName], 'Shows how the node is.')] : []),
];

function story(container: PodContainer): CreateStory {
  const { ref, place, specPath } = container;
  const message = said(container);
  const image = place.container.image;
  if (NO_COMMAND.test(message)) {
    return {
      cause: 'no-command',
      message: `image ${image} of ${inWords(container)} names no command, and the Pod names none either`,
      evidence: [seen(ref, `${specPath}.image`, image)],
      remedies: changeContainer(
        container,
        [setField(container.source?.container ?? {}, '', 'command', ['<program>'])],
        `Says what ${inWords(container)} runs; rolls out new Pods.`,
      ),
    };
  }
  if (RESERVED.test(message)) {
    return {
      cause: 'create-name-reserved',
      message: `the runtime on ${onNode(container)} is still busy with an earlier try to create ${inWords(container)}, or has lost track of it`,
      nextChecks: lookAround(container),
    };
  }
  const known = securityOption(container, message) ?? mountSource(container, message);
  if (known) return { nextChecks: known.remedies?.length ? [] : lookAround(container), ...known };
  if (TOO_SLOW.test(message)) {
    return {
      cause: 'create-context-deadline',
      message: `the runtime on ${onNode(container)} did not create ${inWords(container)} in time`,
      nextChecks: lookAround(container),
    };
  }
  return {
    cause: 'create-error-unclassified',
    message: `${inWords(container)} cannot be created: ${startWords(message, ref.name) || 'the runtime gives no reason'}`,
    nextChecks: lookAround(container),
  };
}

function report(container: PodContainer): Report<CreateCause> {
  const { ref, statusPath, status } = container;
  const told = story(container);
  const message = said(container);
  return {
    severity: 'error',
    confidence: told.cause === 'create-error-unclassified' ? 'likely' : 'certain',
    object: ref,
    container: container.name,
    ...told,
    evidence: [
      seenNow(ref, `${statusPath}.state.waiting.reason`, status.state?.waiting?.reason),
      // The text holds the id of the try.
      ...(message ? [seenNow(ref, `${statusPath}.state.waiting.message`, message)] : []),
      ...(told.evidence ?? []),
    ],
  };
}

export const check = defineCheck({
  question: 'start.create',
  causes: [
    'no-command',
    'create-name-reserved',
    'create-context-deadline',
    'create-security-option',
    'create-mount-source',
    'create-error-unclassified',
  ],
  reads: podReads,
  judge: (a) =>
    anyContainer(a)
      ? answer(failing(a).map(report), 'Every container could be created.')
      : notApplicable('No container has come this far.'),
});
