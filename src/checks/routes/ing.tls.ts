/** Is the TLS Secret there and usable? A controller that cannot use it shows its own default certificate instead, and goes on. */
import { isMissing, valueOf } from '../../artifacts.ts';
import type { CauseId } from '../../causes.ts';
import type { SecretFacts } from '../../kinds.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { jsonPatch, kubectl, look, mergePatch, namespaceFlag } from '../../kubernetes/template.ts';
import { secondsSince } from '../../kubernetes/time.ts';
import type { Answer, Artifacts, Evidence, ReadRequest, Remedy, Report } from '../../model.ts';
import { absent, answer, couldNotLook, defineCheck, fine, inProgress, notApplicable, seen } from '../answers.ts';
import { classReads } from './ingress-class.ts';
import { edgeReads, noIngress, ownIngresses } from './own.ts';
import { allSecrets, isIssued, isUsable, secretRead, type TlsSecret } from './tls-secrets.ts';

type TlsCause = Extract<CauseId, 'tls-secret-missing' | 'tls-secret-wrong-type-or-keys' | 'tls-expired'>;

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
    ...(all.some((one) => isMissing(secretRead(a, one))) ? [{ verb: 'list', ...otherSecrets(a), optional: true } as const] : []),
  ];
}

const nameEvidence = ({ ingress, name, places }: TlsSecret): Evidence[] =>
  places.map((index) => seen(ingress.ref, `spec.tls[${index}].secretName`, name));

function create({ name, ref }: TlsSecret): Remedy {
  return kubectl(
    ['create', 'secret', 'tls', name, ...namespaceFlag(ref), '--cert=<certificate file>', '--key=<key file>'],
    `Makes the Secret ${name}; the controller takes it over by itself.`,
  );
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
    message: `TLS Secret ${name}, which Ingress ${ingress.name} names, does not exist${near ? `; there is ${near}` : ''}${isIssued(ingress) ? '; cert-manager is asked to make it and has not' : ''}`,
    evidence: [...nameEvidence(secret), absent(ref, 'metadata.name')],
    remedies: isIssued(ingress) ? use : [...use, create(secret)],
    nextChecks: isIssued(ingress)
      ? [look(['describe', 'certificates,certificaterequests,orders,challenges', ...namespaceFlag(ref)], 'how far cert-manager has come')]
      : [],
  };
}

/** The type of a Secret cannot be changed, but its keys can; they are what controllers look at. */
const fill = ({ ref }: TlsSecret, changes: string): Remedy =>
  mergePatch(ref, { stringData: { 'tls.crt': '<pem of the certificate>', 'tls.key': '<pem of the key>' } }, changes);

/** What a TLS Secret must hold; other keys do not count (core/v1 SecretTypeTLS). */
const KEYS = ['tls.crt', 'tls.key'];

function wrongKeys(secret: TlsSecret, { keys = [], emptyKeys = [] }: SecretFacts): Report<TlsCause> | undefined {
  const { ingress, name, ref } = secret;
  const lacking = KEYS.filter((key) => !keys.includes(key));
  const empty = KEYS.filter((key) => emptyKeys.includes(key));
  if (lacking.length + empty.length === 0) return undefined;
  const others = keys.filter((key) => !KEYS.includes(key));
  const lacks = [
    ...(lacking.length > 0 ? [`has no ${lacking.join(' and no ')}`] : []),
    ...(empty.length > 0 ? [`has nothing in ${empty.join(' and ')}`] : []),
  ].join(' and ');
  return {
    cause: 'tls-secret-wrong-type-or-keys',
    severity: 'error',
    confidence: 'certain',
    object: ingress.ref,
    message: `TLS Secret ${name} of Ingress ${ingress.name} ${lacks}${others.length > 0 ? `; it has ${listText(others)}` : ''}`,
    evidence: [
      ...nameEvidence(secret),
      ...lacking.map((key) => absent(ref, `data.${key}`)),
      ...empty.map((key) => seen(ref, `data.${key}`, 'empty')),
    ],
    remedies: [fill(secret, 'Puts certificate and key where controllers look for them; the other keys stay.')],
  };
}

function unfit(secret: TlsSecret, { keys = [], certificate }: SecretFacts): Report<TlsCause> | undefined {
  const { ingress, name, ref } = secret;
  if (certificate && certificate.keyFits !== false) return undefined;
  const what = certificate ? 'whose key does not belong to its certificate' : 'whose tls.crt holds no certificate';
  return {
    cause: 'tls-secret-wrong-type-or-keys',
    severity: 'error',
    confidence: 'certain',
    object: ingress.ref,
    message: `Ingress ${ingress.name} names TLS Secret ${name}, ${what}`,
    evidence: [...nameEvidence(secret), certificate ? seen(ref, 'certificate.keyFits', false) : seen(ref, 'keys', keys)],
    remedies: [fill(secret, 'Puts a certificate and its own key there.')],
  };
}

const DAY = 86_400;
/** ingress-nginx begins to warn then. */
const SOON = 10 * DAY;

function outOfDate(a: Artifacts, secret: TlsSecret, { certificate }: SecretFacts): Report<TlsCause> | undefined {
  if (!certificate) return undefined;
  const { ingress, name, ref } = secret;
  const [now, from, until] = [a.now, certificate.notBefore, certificate.notAfter].map((date) => Date.parse(date) / 1000) as [
    number,
    number,
    number,
  ];
  const state = now >= until ? 'expired on' : now < from ? 'is not valid before' : until - now < SOON ? 'expires on' : undefined;
  if (state === undefined) return undefined;
  const [field, date] = now < from ? ['notBefore', certificate.notBefore] : ['notAfter', certificate.notAfter];
  return {
    cause: 'tls-expired',
    severity: state === 'expires on' ? 'info' : 'error',
    confidence: 'certain',
    object: ingress.ref,
    message: `the certificate in TLS Secret ${name} of Ingress ${ingress.name} ${state} ${date.slice(0, 10)}`,
    evidence: [...nameEvidence(secret), seen(ref, `certificate.${field}`, date)],
    remedies: [fill(secret, 'Puts a new certificate and its key there.')],
    nextChecks: [look(['describe', 'certificates', ...namespaceFlag(ref)], 'whether cert-manager should have renewed it')],
  };
}

function faultOf(a: Artifacts, secret: TlsSecret): Report<TlsCause> | undefined {
  const answer = secretRead(a, secret);
  if (isMissing(answer)) return missing(a, secret);
  const facts = valueOf(answer);
  return facts && (wrongKeys(secret, facts) ?? unfit(secret, facts) ?? outOfDate(a, secret, facts));
}

/** cert-manager needs a few minutes: a challenge must pass first. */
const ISSUE_SECONDS = 300;

const isBeingMade = (a: Artifacts, { ingress }: TlsSecret): boolean =>
  isIssued(ingress) && (secondsSince(ingress.ingress.metadata?.creationTimestamp, a.now) ?? ISSUE_SECONDS) < ISSUE_SECONDS;

function judge(a: Artifacts): Answer<TlsCause> {
  if (ownIngresses(a).length === 0) return noIngress(a);
  const all = allSecrets(a);
  if (all.length === 0) return notApplicable('The Ingress names no TLS Secret of its namespace.');
  const waiting = all.filter((secret) => isMissing(secretRead(a, secret)) && isBeingMade(a, secret));
  const reports = all.filter((secret) => !waiting.includes(secret)).flatMap((secret) => faultOf(a, secret) ?? []);
  if (reports.some(({ severity }) => severity !== 'info')) return answer(reports, '');
  const unread = all.filter((secret) => valueOf(secretRead(a, secret)) === undefined && !waiting.includes(secret));
  if (unread.length > 0) return couldNotLook(`TLS Secret ${listText(unread.map(({ name }) => name))} could not be read.`);
  if (waiting.length > 0) return inProgress(`cert-manager is making TLS Secret ${waiting[0]?.name}.`);
  return fine(`TLS Secret ${listText(all.map(({ name }) => name))} holds a certificate and its key.`, reports);
}

export const check = defineCheck({
  question: 'ing.tls',
  causes: ['tls-secret-missing', 'tls-secret-wrong-type-or-keys', 'tls-expired'],
  reads: (a) => [...edgeReads(a), ...classReads(a), ...secretReads(a)],
  judge,
});
