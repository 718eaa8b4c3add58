/** Is the TLS Secret there and usable? A controller that cannot use it shows its own default certificate instead, and goes on. */
import { isMissing, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { jsonPatch, kubectl, look, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, ReadRequest, Remedy, Report } from '../../model.ts';
import { absent, answer, couldNotLook, defineCheck, fine, inProgress, notApplicable, seen } from '../answers.ts';
import { namesakes } from '../subject.ts';
import { issuingReads, nobodyIssues, notIssued, willNotBeIssued } from './ing.tls.issuing.ts';
import { allSecrets, hostsFor, isIssued, nameEvidence, secretRead, type TlsSecret } from './ing.tls.secrets.ts';
import { classReads } from './ingress-class.ts';
import { edgeReads, noIngress, ownIngresses } from './own.ts';
import { isUsable, type TlsFault, tlsSecretFault } from './tls-secrets.ts';

type TlsCause = TlsFault | Extract<CauseId, 'tls-secret-missing' | 'tls-secret-other-namespace' | 'tls-cert-manager-pending'>;

/** Other TLS Secrets of the namespace: only where one is missing, for its near name. */
const otherSecrets = (a: Artifacts) =>
  ({ kind: 'Secret', namespace: a.target.namespace, fieldSelector: 'type=kubernetes.io/tls' }) as const;

function secretReads(a: Artifacts): ReadRequest[] {
  const all = allSecrets(a);
  const gets = all.map(
    ({ ref }): ReadRequest => ({ verb: 'get', kind: 'Secret', namespace: a.target.namespace, name: ref.name, optional: true }),
  );
  return [
    ...gets,
    // In all namespaces: only where one is missing, and nobody's Role grants it.
    ...all
      .filter((one) => isMissing(secretRead(a, one)))
      .map(({ name }): ReadRequest => ({ verb: 'list', ...namesakes('Secret', name), optional: true })),
    ...(all.some((one) => isMissing(secretRead(a, one))) ? [{ verb: 'list', ...otherSecrets(a), optional: true } as const] : []),
  ];
}

function create({ name, ref }: TlsSecret): Remedy {
  return kubectl(
    ['create', 'secret', 'tls', name, ...namespaceFlag(ref), '--cert=<certificate file>', '--key=<key file>'],
    `Makes the Secret ${name}; the controller takes it over by itself.`,
  );
}

/** A controller reads the Secret of the Ingress's own namespace alone. */
function elsewhere(a: Artifacts, secret: TlsSecret): Report<TlsCause> | undefined {
  const { ingress, name, ref } = secret;
  const all = valueOf(a.list<'Secret'>(namesakes('Secret', name)))?.items ?? [];
  const others = all.flatMap(({ metadata, keys = [] }) =>
    metadata?.namespace && metadata.namespace !== ref.namespace && keys.includes('tls.crt') ? [metadata.namespace] : [],
  );
  const [first] = others.sort();
  if (first === undefined) return undefined;
  return {
    cause: 'tls-secret-other-namespace',
    severity: 'error',
    confidence: 'certain',
    object: ingress.ref,
    message: `Ingress ${ingress.name} names TLS Secret ${name}, which is in namespace ${listText(others)} and not in its own, where the controller looks`,
    evidence: [
      ...nameEvidence(secret),
      absent(ref, 'metadata.name'),
      seen({ kind: 'Secret', namespace: first, name }, 'metadata.name', name),
    ],
    remedies: [create(secret)],
    nextChecks: [look(['get', 'secret', name, '-n', first], 'what it holds; a copy must be made again whenever it is renewed')],
  };
}

function missing(a: Artifacts, secret: TlsSecret): Report<TlsCause> {
  const { ingress, name, ref, places, hosts } = secret;
  const others = valueOf(a.list<'Secret'>(otherSecrets(a)))?.items ?? [];
  const near = nearest(
    name,
    others.filter((one) => isUsable(one, hosts, a.now)).map(({ metadata }) => metadata?.name ?? ''),
  );
  const use =
    near === undefined
      ? []
      : [
          jsonPatch(
            ingress.ref,
            places.map((index) => ({ op: 'replace', path: `/spec/tls/${index}/secretName`, value: near })),
            `Lets the Ingress use the Secret ${near}, whose certificate is for these hosts.`,
          ),
        ];
  return {
    cause: 'tls-secret-missing',
    severity: 'error',
    confidence: 'certain',
    object: ingress.ref,
    message: `TLS Secret ${name}, which Ingress ${ingress.name} names, does not exist${near ? `; there is ${near}` : ''}${isIssued(ingress) ? `; ${nobodyIssues(a, secret)}` : ''}`,
    evidence: [...nameEvidence(secret), absent(ref, 'metadata.name')],
    remedies: isIssued(ingress) ? use : [...use, create(secret)],
    nextChecks: isIssued(ingress)
      ? [look(['describe', 'certificates,certificaterequests,orders,challenges', ...namespaceFlag(ref)], 'how far cert-manager has come')]
      : [],
  };
}

function faultOf(a: Artifacts, secret: TlsSecret): Report<TlsCause> | undefined {
  const answer = secretRead(a, secret);
  if (isMissing(answer)) return elsewhere(a, secret) ?? notIssued(a, secret) ?? missing(a, secret);
  const { ingress, ref } = secret;
  const facts = valueOf(answer);
  const found = facts && tlsSecretFault(ref, facts, hostsFor(a, secret), `Ingress ${ingress.name}`, a.now);
  return found && { ...found, object: ingress.ref, evidence: [...nameEvidence(secret), ...found.evidence] };
}

/** cert-manager needs a few minutes: a challenge must pass first. */
const ISSUE_SECONDS = 300;

const isBeingMade = (a: Artifacts, { ingress }: TlsSecret): boolean =>
  isIssued(ingress) && (secondsSince(ingress.ingress.metadata?.creationTimestamp, a.now) ?? ISSUE_SECONDS) < ISSUE_SECONDS;

function judge(a: Artifacts): Answer<TlsCause> {
  if (ownIngresses(a).length === 0) return noIngress(a);
  const all = allSecrets(a);
  if (all.length === 0) return notApplicable('The Ingress names no TLS Secret of its namespace.');
  const waiting = all.filter((secret) => isMissing(secretRead(a, secret)) && isBeingMade(a, secret) && !willNotBeIssued(a, secret));
  const reports = all.filter((secret) => !waiting.includes(secret)).flatMap((secret) => faultOf(a, secret) ?? []);
  if (reports.some(({ severity }) => severity !== 'info')) return answer(reports, '');
  const unread = all.filter((secret) => valueOf(secretRead(a, secret)) === undefined && !waiting.includes(secret));
  if (unread.length > 0) return couldNotLook(`TLS Secret ${listText(unread.map(({ name }) => name))} could not be read.`);
  if (waiting.length > 0) return inProgress(`cert-manager is making TLS Secret ${waiting[0]?.name}.`);
  return fine(`TLS Secret ${listText(all.map(({ name }) => name))} holds a certificate and its key.`, reports);
}

export const check = defineCheck({
  question: 'ing.tls',
  causes: [
    'tls-secret-missing',
    'tls-cert-manager-pending',
    'tls-secret-other-namespace',
    'tls-secret-wrong-type-or-keys',
    'tls-key-mismatch',
    'tls-expired',
    'tls-host-mismatch',
    'tls-chain-incomplete',
  ],
  reads: (a) => [...edgeReads(a), ...classReads(a), ...secretReads(a), ...issuingReads(a, allSecrets(a))],
  judge,
});
