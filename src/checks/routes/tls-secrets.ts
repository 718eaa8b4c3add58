/** The TLS Secrets that Ingresses of the walk name, and what can be told of a certificate. */
import type { SecretFacts } from '../../kinds.ts';
import type { Artifacts, Ref } from '../../model.ts';
import { knownController } from './controllers.ts';
import { classOf } from './ingress-class.ts';
import { type OwnIngress, ownIngresses } from './own.ts';

/** One Secret that an Ingress names, with all places that name it. */
export interface TlsSecret {
  readonly ingress: OwnIngress;
  readonly name: string;
  readonly ref: Ref;
  /** Indexes in spec.tls. */
  readonly places: readonly number[];
  readonly hosts: readonly string[];
}

function secretsOf(ingress: OwnIngress): TlsSecret[] {
  const entries = (ingress.ingress.spec?.tls ?? []).map(({ secretName, hosts = [] }, index) => ({ secretName, hosts, index }));
  const names = [...new Set(entries.flatMap(({ secretName }) => secretName || []))];
  return names.map((name) => {
    const own = entries.filter(({ secretName }) => secretName === name);
    const ref: Ref = { kind: 'Secret', ...(ingress.ref.namespace !== undefined && { namespace: ingress.ref.namespace }), name };
    return { ingress, name, ref, places: own.map(({ index }) => index), hosts: own.flatMap(({ hosts }) => hosts) };
  });
}

/** @returns the Secrets that controllers read from the Ingress's namespace; load balancers of clouds and Istio take certificates from elsewhere. */
export const allSecrets = (a: Artifacts): TlsSecret[] =>
  ownIngresses(a)
    .filter((ingress) => !knownController(classOf(a, ingress)?.spec?.controller)?.certificatesElsewhere)
    .flatMap(secretsOf);

/** @returns the Secret as read. */
export const secretRead = (a: Artifacts, { ref }: TlsSecret) => a.get('Secret', ref.namespace, ref.name);

/** @returns whether a certificate for `name` is one for `host`; a wildcard stands for exactly one label. */
const covers = (name: string, host: string): boolean =>
  name.toLowerCase() === host.toLowerCase() ||
  (name.startsWith('*.') && host.slice(host.indexOf('.')).toLowerCase() === name.slice(1).toLowerCase());

/** @returns whether the certificate is in date, has its key, and is for all hosts. */
export function isUsable({ certificate }: SecretFacts, hosts: readonly string[], now: string): boolean {
  if (!certificate || certificate.keyFits === false) return false;
  const inDate = Date.parse(certificate.notBefore) <= Date.parse(now) && Date.parse(now) < Date.parse(certificate.notAfter);
  return inDate && hosts.every((host) => certificate.names.some((name) => covers(name, host)));
}

const CERT_MANAGER = ['cert-manager.io/cluster-issuer', 'cert-manager.io/issuer', 'kubernetes.io/tls-acme'];

/** @returns whether cert-manager has been asked to make the Secrets of this Ingress. */
export const isIssued = ({ ingress }: OwnIngress): boolean =>
  CERT_MANAGER.some((key) => ingress.metadata?.annotations?.[key] !== undefined);
