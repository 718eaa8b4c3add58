/** What can be told of a TLS Secret by its facts, whoever names it: an Ingress, or a listener of a Gateway. */
import type { CauseId } from '../../causes.ts';
import type { CertificateFacts, SecretFacts } from '../../kinds.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { look, mergePatch, namespaceFlag } from '../../kubernetes/template.ts';
import type { Confidence, Evidence, NextCheck, Ref, Remedy, Severity } from '../../model.ts';
import { absent, seen } from '../answers.ts';

export type TlsFault = Extract<
  CauseId,
  'tls-secret-wrong-type-or-keys' | 'tls-key-mismatch' | 'tls-expired' | 'tls-host-mismatch' | 'tls-chain-incomplete'
>;

/** A fault of a TLS Secret that is there; who names it is for the caller to say: `object`, and evidence of the place that names it. */
export interface TlsSecretFault {
  readonly cause: TlsFault;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** A sentence without full stop, as in a report. */
  readonly message: string;
  readonly evidence: readonly Evidence[];
  readonly remedies: readonly Remedy[];
  readonly nextChecks: readonly NextCheck[];
}

/** @returns whether a certificate for `name` is one for `host`; a wildcard stands for exactly one label. Of a host with a wildcard the certificate must have the same. */
export const covers = (name: string, host: string): boolean =>
  name.toLowerCase() === host.toLowerCase() ||
  (name.startsWith('*.') && !host.startsWith('*.') && host.slice(host.indexOf('.')).toLowerCase() === name.slice(1).toLowerCase());

/** @returns whether the certificate is in date, has its key, and is for all hosts. */
export function isUsable({ certificate }: SecretFacts, hosts: readonly string[], now: string): boolean {
  if (!certificate || certificate.keyFits === false) return false;
  const inDate = Date.parse(certificate.notBefore) <= Date.parse(now) && Date.parse(now) < Date.parse(certificate.notAfter);
  return inDate && hosts.every((host) => certificate.names.some((name) => covers(name, host)));
}

/**
 * @param ref the Secret
 * @param facts what is known of it
 * @param hosts that it must be good for; none: nobody knows
 * @param user who names it, in words: `Ingress cart`, `listener https of Gateway public`
 * @param now RFC 3339
 * @returns the first fault that keeps clients from the hosts, or undefined
 */
export const tlsSecretFault = (
  ref: Ref,
  facts: SecretFacts,
  hosts: readonly string[],
  user: string,
  now: string,
): TlsSecretFault | undefined => {
  const one = { ref, facts, hosts, user, now };
  return wrongKeys(one) ?? unreadable(one) ?? keyMismatch(one) ?? outOfDate(one) ?? hostMismatch(one) ?? chainIncomplete(one);
};

interface Named {
  readonly ref: Ref;
  readonly facts: SecretFacts;
  readonly hosts: readonly string[];
  readonly user: string;
  readonly now: string;
}

/** The type of a Secret cannot be changed, but its keys can; they are what controllers look at. */
const fill = (ref: Ref, changes: string): Remedy =>
  mergePatch(ref, { stringData: { 'tls.crt': '<pem of the certificate>', 'tls.key': '<pem of the key>' } }, changes);

const fault = (
  cause: TlsFault,
  message: string,
  evidence: readonly Evidence[],
  remedies: readonly Remedy[],
  more: Partial<TlsSecretFault> = {},
): TlsSecretFault => ({ cause, severity: 'error', confidence: 'certain', message, evidence, remedies, nextChecks: [], ...more });

/** What a TLS Secret must hold; other keys do not count (core/v1 SecretTypeTLS). */
const KEYS = ['tls.crt', 'tls.key'];

function wrongKeys({ ref, facts: { keys = [], emptyKeys = [] }, user }: Named): TlsSecretFault | undefined {
  const lacking = KEYS.filter((key) => !keys.includes(key));
  const empty = KEYS.filter((key) => emptyKeys.includes(key));
  if (lacking.length + empty.length === 0) return undefined;
  const others = keys.filter((key) => !KEYS.includes(key));
  const lacks = [
    ...(lacking.length > 0 ? [`has no ${lacking.join(' and no ')}`] : []),
    ...(empty.length > 0 ? [`has nothing in ${empty.join(' and ')}`] : []),
  ].join(' and ');
  return fault(
    'tls-secret-wrong-type-or-keys',
    `TLS Secret ${ref.name} of ${user} ${lacks}${others.length > 0 ? `; it has ${listText(others)}` : ''}`,
    [...lacking.map((key) => absent(ref, `data.${key}`)), ...empty.map((key) => seen(ref, `data.${key}`, 'empty'))],
    [fill(ref, 'Puts certificate and key where controllers look for them; the other keys stay.')],
  );
}

/** Values that are there, and are no PEM of what they should be. */
function unreadable({ ref, facts, user }: Named): TlsSecretFault | undefined {
  const { keys = [], certificate, encodedTwice = [], key } = facts;
  const twice = KEYS.filter((one) => encodedTwice.includes(one));
  const names = `${user} names TLS Secret ${ref.name}`;
  if (twice.length > 0) {
    const verb = twice.length > 1 ? 'are' : 'is';
    const message = `${names}, whose ${twice.join(' and ')} ${verb} encoded in base64 twice, so that no controller can read ${twice.length > 1 ? 'them' : 'it'}`;
    const changes = 'Puts certificate and key there as they are: stringData is encoded by the API server.';
    return fault('tls-secret-wrong-type-or-keys', message, [seen(ref, 'encodedTwice', encodedTwice)], [fill(ref, changes)]);
  }
  if (!certificate) {
    const message = `${names}, whose tls.crt holds no certificate`;
    return fault(
      'tls-secret-wrong-type-or-keys',
      message,
      [seen(ref, 'keys', keys)],
      [fill(ref, 'Puts a certificate and its own key there.')],
    );
  }
  if (key === undefined) return undefined;
  const what = key === 'encrypted' ? 'asks for a passphrase, which no controller has' : 'holds no private key';
  return fault(
    'tls-secret-wrong-type-or-keys',
    `${names}, whose tls.key ${what}`,
    [seen(ref, 'key', key)],
    [fill(ref, 'Puts the certificate and its own key there, without a passphrase.')],
  );
}

function keyMismatch({ ref, facts: { certificate }, user }: Named): TlsSecretFault | undefined {
  if (certificate?.keyFits !== false) return undefined;
  const why = certificate.keyFitsLater
    ? 'whose key belongs to a later certificate of tls.crt, not to the first one'
    : 'whose key does not belong to its certificate';
  return fault(
    'tls-key-mismatch',
    `${user} names TLS Secret ${ref.name}, ${why}`,
    [seen(ref, 'certificate.keyFits', false)],
    [
      fill(
        ref,
        certificate.keyFitsLater
          ? "Puts the server's own certificate first, then those that signed it."
          : 'Puts a certificate and its own key there.',
      ),
    ],
  );
}

const DAY = 86_400;
/** ingress-nginx begins to warn then. */
const SOON = 10 * DAY;

function outOfDate({ ref, facts: { certificate }, user, now: clock }: Named): TlsSecretFault | undefined {
  if (!certificate) return undefined;
  const [now, from, until] = [clock, certificate.notBefore, certificate.notAfter].map((date) => Date.parse(date) / 1000) as [
    number,
    number,
    number,
  ];
  const state = now >= until ? 'expired on' : now < from ? 'is not valid before' : until - now < SOON ? 'expires on' : undefined;
  if (state === undefined) return undefined;
  const [field, date] = now < from ? ['notBefore', certificate.notBefore] : ['notAfter', certificate.notAfter];
  return fault(
    'tls-expired',
    `the certificate in TLS Secret ${ref.name} of ${user} ${state} ${date.slice(0, 10)}`,
    [seen(ref, `certificate.${field}`, date)],
    [fill(ref, 'Puts a new certificate and its key there.')],
    {
      severity: state === 'expires on' ? 'info' : 'error',
      nextChecks: [look(['describe', 'certificates', ...namespaceFlag(ref)], 'whether cert-manager should have renewed it')],
    },
  );
}

/** A wildcard that would cover the host if it stood for any number of labels. */
const isTooDeep = (name: string, host: string): boolean =>
  name.startsWith('*.') && (host.toLowerCase().endsWith(name.slice(1).toLowerCase()) || host.toLowerCase() === name.slice(2).toLowerCase());

function hostMismatch({ ref, facts: { certificate }, hosts, user }: Named): TlsSecretFault | undefined {
  if (!certificate) return undefined;
  const { names, commonNameOnly } = certificate;
  const open = hosts.filter((host) => !names.some((name) => covers(name, host)));
  const evidence = [seen(ref, 'certificate.names', names)];
  const remedies = [fill(ref, `Puts a certificate for ${listText(hosts)} and its key there.`)];
  const of = `the certificate in TLS Secret ${ref.name} of ${user}`;
  if (open.length > 0) {
    const narrow = names.some((name) => open.some((host) => isTooDeep(name, host))) ? ' (a * stands for exactly one label)' : '';
    return fault(
      'tls-host-mismatch',
      `${of} is for ${names.length > 0 ? listText(names) : 'no host'}${narrow}, not for ${listText(open)}`,
      evidence,
      remedies,
    );
  }
  if (!commonNameOnly || hosts.length === 0) return undefined;
  // Go since 1.15, Chrome since 58, and OpenSSL-based clients by and by look at subjectAltName alone.
  return fault(
    'tls-host-mismatch',
    `${of} names ${listText(names)} in its common name alone, where browsers and Go programs do not look: it has no subjectAltName`,
    [...evidence, seen(ref, 'certificate.commonNameOnly', true)],
    remedies,
    { severity: 'warning' },
  );
}

/** Authorities that browsers know: they sign with intermediate certificates only (CA/Browser Forum, Baseline Requirements 6.1.7). */
const PUBLIC =
  /^(?:Let's Encrypt|DigiCert|Sectigo|COMODO|GlobalSign|GoDaddy|Starfield|Google Trust Services|Amazon|ZeroSSL|Entrust|Buypass|SSL Corp|IdenTrust|Actalis|SwissSign|Certum|Asseco|Microsoft Corporation|HARICA|Hellenic Academic|GEANT|QuoVadis|Thawte|GeoTrust|RapidSSL)/i;

type Chain = NonNullable<CertificateFacts['chain']>;

/** @returns why clients that do not fetch certificates by themselves cannot get from the certificate to one that they trust. */
function gap({ length, steps, ends, issuer, organization, authorityFits }: Chain): { says: string; sure: boolean } | undefined {
  if (ends || authorityFits) return undefined;
  const signer = `${issuer}${organization && organization !== issuer ? ` (${organization})` : ''}`;
  if (authorityFits === false)
    return { says: `${signer} signed, and neither tls.crt nor ca.crt holds the certificate of ${issuer}`, sure: true };
  if (length > steps) return { says: `${signer} signed, which is not among the other certificates of tls.crt`, sure: true };
  if (steps === 1 && PUBLIC.test(organization ?? ''))
    return { says: `${signer} signed, without the intermediate certificate of ${issuer}`, sure: false };
  return undefined;
}

/** Browsers fetch what is missing, or know it from other sites; curl, Java, Go and others do not. */
function chainIncomplete({ ref, facts: { certificate }, user }: Named): TlsSecretFault | undefined {
  const chain = certificate?.chain;
  const found = chain && gap(chain);
  if (!found) return undefined;
  const first = chain.steps === 1 ? 'only the certificate that' : 'only a chain that';
  return fault(
    'tls-chain-incomplete',
    `TLS Secret ${ref.name} of ${user} holds ${first} ${found.says}`,
    [seen(ref, 'certificate.chain', chain)],
    [
      mergePatch(
        ref,
        { stringData: { 'tls.crt': '<pem of the whole chain>' } },
        "Puts the server's certificate and then those that signed it there; the key stays.",
      ),
    ],
    { severity: 'warning', confidence: found.sure ? 'certain' : 'likely' },
  );
}
