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
  const certificate = certificateOf(value('tls.crt'), value('tls.key'));
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
  };
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

function certificateOf(pem: string | undefined, key: string | undefined): SecretFacts['certificate'] {
  if (!pem) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    return {
      names: namesOf(certificate),
      notBefore: new Date(certificate.validFrom).toISOString(),
      notAfter: new Date(certificate.validTo).toISOString(),
      keyFits: keyFits(certificate, key),
    };
  } catch {
    return undefined;
  }
}

/** DNS names and addresses of subjectAltName; the common name counts only where there are none, as in older certificates. */
function namesOf({ subjectAltName, subject }: X509Certificate): string[] {
  const names = [...(subjectAltName ?? '').matchAll(/(?:^|, )(?:DNS|IP Address):([^,"]+)/g)].map((match) => match[1] ?? '');
  const commonName = /(?:^|\n)CN=(.+)/.exec(subject)?.[1];
  return names.length === 0 && commonName ? [commonName] : names;
}

/** Null: there is no key that can be read. */
function keyFits(certificate: X509Certificate, key: string | undefined): boolean | null {
  try {
    return key ? certificate.checkPrivateKey(createPrivateKey(key)) : null;
  } catch {
    return null;
  }
}
