/** Why cert-manager has not made the TLS Secret of an Ingress: the last link of the chain from its Certificate to the challenge says most. */
import { isMissing, refOf, valueOf } from '../../artifacts.ts';
import type { Certificate, CertificateRequest, Challenge, KindMap } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { kubectlName, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, ReadRequest, Ref, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { controllerOf, newest } from '../subject.ts';
import { isIssued, nameEvidence, secretRead, type TlsSecret } from './ing.tls.secrets.ts';

const KINDS = ['Certificate', 'CertificateRequest', 'Challenge'] as const;
type IssuingKind = (typeof KINDS)[number];

const listOf = <K extends IssuingKind>(a: Artifacts, kind: K) => ({ kind, namespace: a.target.namespace }) as const;
const items = <K extends IssuingKind>(a: Artifacts, kind: K): readonly KindMap[K][] | undefined =>
  valueOf(a.list<K>(listOf(a, kind)))?.items;

/** What everything here needs: only where cert-manager is asked for a Secret that is not there. */
export const issuingReads = (a: Artifacts, secrets: readonly TlsSecret[]): ReadRequest[] =>
  secrets.some((one) => isIssued(one.ingress) && isMissing(secretRead(a, one)))
    ? KINDS.map((kind): ReadRequest => ({ verb: 'list', ...listOf(a, kind), optional: true }))
    : [];

/** @returns why nobody makes the Secret, as far as that is known: for the end of a sentence about it. */
export function nobodyIssues(a: Artifacts, { ref }: TlsSecret): string {
  const read = a.list<'Certificate'>(listOf(a, 'Certificate'));
  if (read && !read.ok && read.reason === 'noSuchApi')
    return 'cert-manager is asked to make it, and this cluster does not have cert-manager';
  if (items(a, 'Certificate') && !certificateFor(a, ref))
    return 'cert-manager is asked to make it, and has made no Certificate for it: does it run?';
  return 'cert-manager is asked to make it and has not';
}

const certificateFor = (a: Artifacts, secret: Ref): Certificate | undefined =>
  items(a, 'Certificate')?.find(({ spec }) => spec?.secretName === secret.name);

/** What keeps a Certificate from being issued. */
interface Obstacle {
  readonly says: string;
  /** Who says it, and in which field. */
  readonly object: Ref;
  readonly path: string;
  readonly said: string;
  /** Nothing changes by itself: the issuer is not there, or the order has failed. */
  readonly isFinal: boolean;
}

/** pkg/controller/certificates/requestmanager/requestmanager_controller.go */
const requestOf = (a: Artifacts, { metadata }: Certificate): CertificateRequest | undefined =>
  newest(
    (items(a, 'CertificateRequest') ?? []).filter(
      (one) => one.metadata?.annotations?.['cert-manager.io/certificate-name'] === metadata?.name,
    ),
  );

/** pkg/controller/certificaterequests/acme/acme.go */
const ORDER = /Waiting on certificate issuance from order [^/\s]+\/(?<order>[^:\s]+): /;

/** @returns the challenge of the order that says why it does not go on (pkg/controller/acmechallenges/sync.go). */
const challengeOf = (a: Artifacts, order: string | undefined): Challenge | undefined =>
  items(a, 'Challenge')?.find(
    (one) => order !== undefined && controllerOf(one)?.name === order && one.status?.state !== 'valid' && one.status?.reason !== undefined,
  );

function obstacleOf(a: Artifacts, certificate: Certificate): Obstacle | undefined {
  const request = requestOf(a, certificate);
  const ready = conditionOf(request?.status?.conditions, 'Ready');
  const challenge = challengeOf(a, ORDER.exec(ready?.message ?? '')?.groups?.order);
  if (challenge) {
    const { spec, status } = challenge;
    return {
      says: `the ${spec?.type ?? 'ACME'} challenge for ${spec?.dnsName ?? 'its host'} is ${status?.state || 'pending'}: ${status?.reason}`,
      object: refOf('Challenge', challenge),
      path: 'status.reason',
      said: status?.reason ?? '',
      isFinal: status?.state === 'invalid',
    };
  }
  if (request && ready?.status === 'False' && ready.message)
    return {
      says: ready.message,
      object: refOf('CertificateRequest', request),
      path: 'status.conditions[type=Ready].message',
      said: ready.message,
      isFinal: ready.reason === 'Failed' || /^Referenced "\w+" not found/.test(ready.message),
    };
  // A request that has failed is deleted before the next one is made; the Certificate keeps its words.
  const [found] = ['Issuing', 'Ready'].flatMap((type) => {
    const { status, message } = conditionOf(certificate.status?.conditions, type) ?? {};
    return status === 'False' && message ? [{ type, message }] : [];
  });
  return (
    found && {
      says: found.message,
      object: refOf('Certificate', certificate),
      path: `status.conditions[type=${found.type}].message`,
      said: found.message,
      isFinal: found.type === 'Issuing',
    }
  );
}

/** @returns what keeps cert-manager from making the missing Secret, with its Certificate. */
function obstacleTo(a: Artifacts, { ingress, ref }: TlsSecret) {
  const certificate = isIssued(ingress) ? certificateFor(a, ref) : undefined;
  const obstacle = certificate && obstacleOf(a, certificate);
  return obstacle && { certificate, obstacle };
}

/** @returns whether it is no use to wait for the missing Secret. */
export const willNotBeIssued = (a: Artifacts, secret: TlsSecret): boolean => obstacleTo(a, secret)?.obstacle.isFinal === true;

/** @returns a report where cert-manager is at work on the missing Secret and says what it waits for. */
export function notIssued(a: Artifacts, secret: TlsSecret): Report<'tls-cert-manager-pending'> | undefined {
  const found = obstacleTo(a, secret);
  if (!found) return undefined;
  const { certificate, obstacle } = found;
  const { ingress, name, ref } = secret;
  const own = refOf('Certificate', certificate);
  const { kind = 'Issuer', name: issuer } = certificate.spec?.issuerRef ?? {};
  const word = kind.toLowerCase();
  return {
    cause: 'tls-cert-manager-pending',
    severity: 'error',
    confidence: 'certain',
    object: ingress.ref,
    message: `cert-manager has not issued Certificate ${own.name}, which makes TLS Secret ${name} of Ingress ${ingress.name}: ${obstacle.says.replace(/[.\s]+$/, '')}`,
    evidence: [...nameEvidence(secret), absent(ref, 'metadata.name'), seen(obstacle.object, obstacle.path, obstacle.said)],
    nextChecks: [
      look(['describe', kubectlName(obstacle.object), ...namespaceFlag(ref)], 'the same with its events'),
      ...(issuer && ['Issuer', 'ClusterIssuer'].includes(kind)
        ? [look(['describe', word, issuer, ...(kind === 'Issuer' ? namespaceFlag(ref) : [])], 'whether the issuer is there and ready')]
        : []),
    ],
  };
}
