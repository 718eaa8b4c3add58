/** Can the container be created? CreateContainerError, by the runtime's own words. */
import type { CauseId } from '../../causes.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen, seenNow } from '../answers.ts';
import { podReads } from '../subject.ts';
import { anyContainer, changeContainer, inWords, type PodContainer, setField, waitingFor } from './containers.ts';
import { isImageVolumeFault } from './start.volumes.images.ts';
import { startError, startWords } from './start-errors.ts';

type CreateCause = Extract<CauseId, 'no-command' | 'create-error-unclassified'>;

/** PreCreateHookError comes from the kubelet's own resource managers (pkg/kubelet/kuberuntime/kuberuntime_container.go). */
const REASONS = ['CreateContainerError', 'PreCreateHookError'];

/** CRI-O starts the process while it creates the container: those faults are told at start.run. */
const failing = (a: Artifacts): PodContainer[] =>
  waitingFor(a, ...REASONS).filter((container) => !startError(said(container)) && !isImageVolumeFault(container));

const said = ({ status }: PodContainer): string => status.state?.waiting?.message ?? '';

/** containerd internal/cri/opts/spec_opts.go, CRI-O internal/factory/container: the words are at the end. */
const NO_COMMAND = /no command specified\s*$/;

/** The runtime is busy with an earlier try, or lost track of it (containerd internal/registrar; CRI-O server/utils.go). */
const BUSY = /is reserved for "|context deadline exceeded|kubelet may be retrying requests that are timing out|is already in use by/;

function report(container: PodContainer): Report<CreateCause> {
  const { ref, statusPath, status, place, specPath } = container;
  const message = said(container);
  const image = place.container.image;
  const base = { severity: 'error', object: ref, container: container.name } as const;
  const evidence = [
    seenNow(ref, `${statusPath}.state.waiting.reason`, status.state?.waiting?.reason),
    // The text holds the id of the try.
    ...(message ? [seenNow(ref, `${statusPath}.state.waiting.message`, message)] : []),
  ];
  if (NO_COMMAND.test(message)) {
    return {
      ...base,
      cause: 'no-command',
      confidence: 'certain',
      message: `image ${image} of ${inWords(container)} names no command, and the Pod names none either`,
      evidence: [...evidence, seen(ref, `${specPath}.image`, image)],
      remedies: changeContainer(
        container,
        [setField(container.source?.container ?? {}, '', 'command', ['<program>'])],
        `Says what ${inWords(container)} runs; rolls out new Pods.`,
      ),
    };
  }
  const words = BUSY.test(message) ? 'the runtime is still busy with an earlier try' : startWords(message, ref.name);
  return {
    ...base,
    cause: 'create-error-unclassified',
    confidence: 'likely',
    message: `${inWords(container)} cannot be created: ${words || 'the runtime gives no reason'}`,
    evidence,
    nextChecks: [
      look(['describe', 'pod', ref.name, ...namespaceFlag(ref)], 'Shows all that the runtime said.'),
      ...(container.pod.spec?.nodeName ? [look(['describe', 'node', container.pod.spec.nodeName], 'Shows how the node is.')] : []),
    ],
  };
}

export const check = defineCheck({
  question: 'start.create',
  causes: ['no-command', 'create-error-unclassified'],
  reads: podReads,
  judge: (a) =>
    anyContainer(a)
      ? answer(failing(a).map(report), 'Every container could be created.')
      : notApplicable('No container has come this far.'),
});
