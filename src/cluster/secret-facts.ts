/** What may be known of a Secret. Its values never leave this file. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { SecretFacts } from '../kinds.ts';

/** A Secret as the API server sends it, `data` in base64; no field can be trusted to be there. */
interface RawSecret {
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly type?: string;
  readonly data?: Readonly<Record<string, unknown>> | null;
}

/**
 * @param secret the JSON of the API server
 * @returns name, labels, type, key names, and what a pull Secret or a TLS Secret says of itself. No value, no annotation
 *   (last-applied-configuration holds values), no managedFields (they name what a value was set by).
 */
export function secretFacts(secret: unknown): SecretFacts {
  const { metadata, type, data } = (secret ?? {}) as RawSecret;
  const keys = Object.keys(data ?? {}).sort();
  const value = (key: string) => {
    const base64 = data?.[key];
    return typeof base64 === 'string' ? Buffer.from(base64, 'base64').toString('utf8') : undefined;
  };
  const registries = registriesOf(value('.dockerconfigjson'), value('.dockercfg'));
  const certificate = certificateOf(value('tls.crt'), value('tls.key'), value('ca.crt'));
  const encodedTwice = keys.filter((key) => isEncodedTwice(value(key)));
  const key = keyTrouble(value('tls.key'));
  return {
    metadata: {
      ...(metadata?.name !== undefined && { name: metadata.name }),
      ...(metadata?.namespace !== undefined && { namespace: metadata.namespace }),
      ...(metadata?.labels && { labels: metadata.labels }),
    },
    ...(type !== undefined && { type }),
    keys,
    emptyKeys: keys.filter((key) => value(key) === ''),
    ...(registries && { registries }),
    ...(certificate && { certificate }),
    ...(encodedTwice.length > 0 && { encodedTwice }),
    ...(key && { key }),
  };
}

/** A PEM text of which base64 was made before it was put into `data`, as if that did not do it. */
const isEncodedTwice = (value: string | undefined): boolean =>
  value?.startsWith('LS0tLS1CRUdJTi') === true && Buffer.from(value, 'base64').toString('utf8').startsWith('-----BEGIN ');

/** @returns why a controller cannot use the key: it asks for a passphrase, or it is no key; undefined where it can, or where there is none. */
function keyTrouble(pem: string | undefined): SecretFacts['key'] {
  if (!pem) return undefined;
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) return 'encrypted';
  try {
    createPrivateKey(pem);
    return undefined;
  } catch {
    return 'unreadable';
  }
}

/** Of `.dockerconfigjson` the keys of `auths`, of the old `.dockercfg` the keys themselves; a user name in such a key is cut out. */
function registriesOf(config: string | undefined, oldConfig: string | undefined): string[] | undefined {
  try {
    const auths: unknown = config !== undefined ? JSON.parse(config)?.auths : oldConfig !== undefined ? JSON.parse(oldConfig) : undefined;
    if (typeof auths !== 'object' || auths === null) return undefined;
    return Object.keys(auths).map((host) => host.replace(/^([a-z]+:\/\/)?[^/@]*@/i, '$1'));
  } catch {
    return undefined;
  }
}

/** Each certificate of a PEM text; none where one of them cannot be parsed. */
const certificatesIn = (pem: string | undefined): X509Certificate[] =>
  (pem?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => new X509Certificate(one));

function certificateOf(pem: string | undefined, key: string | undefined, authority: string | undefined): SecretFacts['certificate'] {
  if (!pem) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    const fits = keyFits(certificate, key);
    const chain = certificatesIn(pem);
    return {
      names: namesOf(certificate),
      notBefore: new Date(certificate.validFrom).toISOString(),
      notAfter: new Date(certificate.validTo).toISOString(),
      keyFits: fits,
      ...(!hasAlternativeNames(certificate) && { commonNameOnly: true }),
      ...(fits === false && chain.slice(1).some((later) => keyFits(later, key)) && { keyFitsLater: true }),
      chain: chainOf(certificate, chain, authority),
    };
  } catch {
    return undefined;
  }
}

type Chain = NonNullable<NonNullable<SecretFacts['certificate']>['chain']>;

const isSelfIssued = ({ issuer, subject }: X509Certificate): boolean => issuer === subject;

/** Walks from the certificate to who signed it, as far as the Secret goes. Order does not count: clients sort a chain by themselves. */
function chainOf(certificate: X509Certificate, all: readonly X509Certificate[], authority: string | undefined): Chain {
  let last = certificate;
  let steps = 1;
  for (; steps <= all.length && !isSelfIssued(last); steps++) {
    const next = all.find((other) => !other.raw.equals(last.raw) && last.checkIssued(other));
    if (!next) break;
    last = next;
  }
  const roots = authoritiesIn(authority);
  const isKnown = roots?.some((root) => last.checkIssued(root) || root.raw.equals(last.raw));
  return {
    length: all.length,
    steps,
    ends: isSelfIssued(last),
    issuer: nameIn(last.issuer, 'CN') ?? nameIn(last.issuer, 'O') ?? '',
    ...(nameIn(last.issuer, 'O') !== undefined && { organization: nameIn(last.issuer, 'O')! }),
    ...(isKnown !== undefined && { authorityFits: isKnown }),
  };
}

/** @returns the certificates of ca.crt; undefined where there are none that can be parsed. */
function authoritiesIn(pem: string | undefined): X509Certificate[] | undefined {
  try {
    const all = certificatesIn(pem);
    return all.length > 0 ? all : undefined;
  } catch {
    return undefined;
  }
}

const nameIn = (distinguished: string, field: string): string | undefined => new RegExp(`(?:^|\\n)${field}=(.+)`).exec(distinguished)?.[1];

/** DNS names and addresses of subjectAltName; the common name counts only where there are none, as in older certificates. */
function namesOf(certificate: X509Certificate): string[] {
  const names = alternativeNames(certificate);
  const commonName = nameIn(certificate.subject, 'CN');
  return names.length === 0 && commonName ? [commonName] : names;
}

const alternativeNames = ({ subjectAltName }: X509Certificate): string[] =>
  [...(subjectAltName ?? '').matchAll(/(?:^|, )(?:DNS|IP Address):([^,"]+)/g)].map((match) => match[1] ?? '');

const hasAlternativeNames = (certificate: X509Certificate): boolean => alternativeNames(certificate).length > 0;

/** Null: there is no key that can be read. */
function keyFits(certificate: X509Certificate, key: string | undefined): boolean | null {
  try {
    return key ? certificate.checkPrivateKey(createPrivateKey(key)) : null;
  } catch {
    return null;
  }
}
