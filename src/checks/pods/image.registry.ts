/** Can the node reach the registry? What the runtime says when it cannot even ask for the image. */
import type { CauseId } from '../../causes.ts';
import { look } from '../../kubernetes/template.ts';
import type { Artifacts, NextCheck, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable } from '../answers.ts';
import { anyContainer, inWords } from './containers.ts';
import { nodesInWords, type PullError, type PullProblem, pullErrors, pullReads, pullReport, setImage } from './pull-errors.ts';

type RegistryCause = Extract<CauseId, `registry-${string}` | 'image-pull-unclassified' | 'image-disk-full' | 'image-signature-invalid'>;

/** @param nodes `node a` or `nodes a and b`, the beginning of a sentence */
type Says = (error: PullError, nodes: string) => string;
const doNot = (nodes: string): string => `${nodes} ${nodes.startsWith('nodes ') ? 'do' : 'does'} not`;

/** The problem, its cause, and what to say of the registry; the host in an image names a port only where it is not 443. */
const CAUSES: Readonly<Partial<Record<PullProblem, readonly [cause: RegistryCause, says: Says]>>> = {
  dns: [
    'registry-dns',
    ({ reference, said }, nodes) =>
      `${nodes} cannot resolve the registry host ${/lookup (\S+?)(?: on \S+)?:/.exec(said)?.[1] ?? reference.host}`,
  ],
  refused: [
    'registry-connection-refused',
    ({ reference, said }) => `nothing listens at the registry ${/dial tcp (\S+?): connect/.exec(said)?.[1] ?? reference.host}`,
  ],
  timeout: [
    'registry-timeout',
    ({ reference, said }, nodes) => `${doNot(nodes)} reach the registry ${reference.host}: ${REACH.exec(said)?.[0] ?? 'no answer'}`,
  ],
  certificate: [
    'registry-x509',
    ({ reference, said }, nodes) =>
      `${doNot(nodes)} trust the certificate of the registry ${reference.host}: ${/x509: ([^:]*)/.exec(said)?.[1]?.trim()}`,
  ],
  plainHttp: [
    'registry-http-not-https',
    ({ reference, said }) =>
      /Client sent an HTTP request/.test(said)
        ? `the registry ${reference.host} speaks HTTPS, and the runtime of the node asks in plain HTTP`
        : `the registry ${reference.host} speaks plain HTTP, and the runtime of the node insists on HTTPS`,
  ],
  rateLimit: ['registry-rate-limit', ({ reference }) => `the registry ${reference.host} limits how often this cluster may pull`],
  serverError: [
    'registry-server-error',
    ({ reference, said }) =>
      `the registry ${reference.host} answers with ${/\b(5\d\d\b(?: [A-Z][A-Za-z]*)*)/.exec(said)?.[1] ?? 'an error'}`,
  ],
  diskFull: [
    'image-disk-full',
    ({ image }, nodes) =>
      `the disk for images of ${nodes} is full: ${nodes.startsWith('nodes ') ? 'they have' : 'it has'} no space for ${image}`,
  ],
  signature: [
    'image-signature-invalid',
    ({ image, said }, nodes) =>
      `the signature policy of ${nodes} rejects image ${image}: ${/Source image rejected: ([\s\S]+)$/.exec(said)?.[1]?.trim() ?? 'its signature is not valid'}`,
  ],
  unknown: [
    'image-pull-unclassified',
    ({ container, image, said }) =>
      `image ${image} of ${inWords(container)} cannot be pulled: ${said || 'neither its status nor an event says why'}`,
  ],
};

const REACH =
  /i\/o timeout|context deadline exceeded|Client\.Timeout exceeded|request canceled|TLS handshake timeout|no route to host|network is unreachable|connection reset by peer|unexpected EOF/;

/** Where other Pods that wait for the same registry say nothing. */
const NEXT: Partial<Record<PullProblem, (node: string) => NextCheck[]>> = {
  diskFull: (node) => [look(['describe', 'node', node], 'whether it reports DiskPressure, and its events about images that were removed')],
  signature: () => [],
};

/** Where the host in the image may simply be the wrong one. */
const MAYBE_NAME: readonly PullProblem[] = ['dns', 'refused', 'timeout'];

function report(error: PullError, all: readonly PullError[]): Report<RegistryCause>[] {
  const found = CAUSES[error.problem];
  if (!found) return [];
  const [cause, says] = found;
  const node = error.container.pod.spec?.nodeName ?? '';
  const alike = all.filter((other) => other.problem === error.problem && says(other, '') === says(error, ''));
  return [
    pullReport(error, {
      cause,
      message: says(error, nodesInWords(alike)),
      remedies: MAYBE_NAME.includes(error.problem)
        ? setImage(error.container, '<image>', 'If the host in the image is wrong: gives the container the right one.')
        : [],
      nextChecks: NEXT[error.problem]?.(node) ?? [
        look(
          ['get', 'pods', '-A', '--field-selector', `spec.nodeName=${node},status.phase!=Running`],
          'whether other Pods of that node wait for the same registry',
        ),
      ],
    }),
  ];
}

export const check = defineCheck<RegistryCause>({
  question: 'image.registry',
  causes: [
    'registry-dns',
    'registry-connection-refused',
    'registry-timeout',
    'registry-x509',
    'registry-http-not-https',
    'registry-rate-limit',
    'registry-server-error',
    'image-disk-full',
    'image-signature-invalid',
    'image-pull-unclassified',
  ],
  reads: (a) => pullReads(a),
  judge: (a: Artifacts) =>
    anyContainer(a)
      ? answer(
          pullErrors(a).flatMap((error, _, all) => report(error, all)),
          'No registry was out of reach.',
        )
      : notApplicable('No container has come this far.'),
});
